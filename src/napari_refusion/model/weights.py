"""Weights files: safetensors of our own with metadata, and the authors' published ``.pth`` through a key table.

No file is ever executed: safetensors holds numbers only, and ``.pth`` is read with ``weights_only=True``.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeVar

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from napari_refusion.model.authors_weights import AUTHORS_FILES, AUTHORS_KEYS
from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.model.loss_proposal_net import LossProposalNet, Symmetry
from napari_refusion.model.probe import TOLERANCE, answer_of, farthest
from napari_refusion.model.reconstruction_net import ReconstructionNet
from napari_refusion.model.tasks import DEFAULT_TASK, TASKS, find_task, installed_weights
from napari_refusion.replacing import replacing

NETWORKS: dict[str, type[nn.Module]] = {
    "fusion": FusionNet,
    "reconstruction": ReconstructionNet,
    "proposal": LossProposalNet,
}
"""The three networks by the name that a weights file carries."""

Network = TypeVar("Network", bound=nn.Module)

_WRITTEN: Final[Mapping[Symmetry, str]] = MappingProxyType({"none": "false", "weights": "true", "logits": "logits"})
"""Symmetry of a proposal network -> how its file says it; the first two are of files from before the third."""

_READ: Final[Mapping[str, Symmetry]] = MappingProxyType({text: symmetry for symmetry, text in _WRITTEN.items()})

LARGEST_FILE = 16 * 2**20
"""Bytes; the largest weights file of ReFusion has 0.4 MB, so more is another model or a bomb."""


class WeightsError(ValueError):
    """A weights file that cannot be used; the message says which, why and what to do."""


@dataclass(frozen=True, slots=True)
class Weights:
    """The parameters of one network and what is known about them."""

    state: dict[str, Tensor]
    """Parameters by our names, float32 on the CPU."""
    network: str = "fusion"
    """``fusion``, ``reconstruction`` or ``proposal``."""
    task: str = DEFAULT_TASK
    """One of `TASKS`; another one is a `WeightsError`."""
    sources: tuple[str, str] = ("CT, PET or SPECT", "MRI")
    """What the first and the second source must be."""
    recipe: str = ""
    """SHA-256 of the recipe file that the weights were trained with; empty for the authors' files."""
    data: str = ""
    """What the weights were trained on, in words."""
    metrics: dict[str, float] = field(default_factory=dict)
    """Figures on the dev-test split, by name."""
    licence: str = ""
    """SPDX identifier; empty where no licence was given."""
    symmetry: Symmetry = "none"
    """Of a proposal network: what it averages over both orders of the sources; files that do not say so nothing."""
    name: str = ""
    """File name without its folder."""
    sha256: str = ""
    """Hash of the file that was read; empty for weights that were never saved."""

    def __post_init__(self) -> None:
        try:
            find_task(self.task)
        except ValueError as error:
            raise WeightsError(f"{self.name or 'These weights'}: {error}") from error


def load_weights(path: Path) -> Weights:
    """Return the weights in a file, checked against their network name by name and shape by shape.

    ``.safetensors`` files must be our own; ``.pth`` files must be the authors' fusion network.

    Raises
    ------
    WeightsError
        If the file is missing, too large, unreadable, or is not exactly one of the three networks.
    """
    if not path.is_file():
        raise WeightsError(f"{path}: no such weights file. `napari-refusion weights` lists what is installed.")
    if path.stat().st_size > LARGEST_FILE:
        size = path.stat().st_size / 2**20
        raise WeightsError(f"{path}: {size:.0f} MB is too large for ReFusion weights, which are below 1 MB.")
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    if path.suffix == ".safetensors":
        return _load_own(path, sha256)
    if path.suffix == ".pth":
        return _load_authors(path, sha256)
    raise WeightsError(f"{path}: weights are .safetensors or the authors' .pth files, not {path.suffix or 'this'}.")


def save_weights(weights: Weights, path: Path) -> None:
    """Write weights as safetensors with their metadata; the file appears whole or not at all.

    Raises
    ------
    WeightsError
        If the parameters are not exactly those of ``weights.network``.
    """
    check_state(weights.state, weights.network, str(path))
    # safetensors stores plain memory: undo channels-last first
    state = {name: tensor.detach().cpu().contiguous() for name, tensor in weights.state.items()}
    metadata = {
        "network": weights.network,
        "task": weights.task,
        "sources": json.dumps(weights.sources),
        "recipe": weights.recipe,
        "data": weights.data,
        "metrics": json.dumps(weights.metrics),
        "licence": weights.licence,
        "symmetric": _WRITTEN[weights.symmetry],
        "answer": json.dumps(_answer(state, weights.network, weights.symmetry, str(path))),
    }
    with replacing(path) as temporary:
        temporary.write_bytes(save(state, metadata))


def build_fusion_net(weights: Weights, device: str | torch.device = "cpu") -> FusionNet:
    """Return the fusion network with these weights, in evaluation mode, channels-last, on `device`."""
    return _built(FusionNet(), weights, device)


def build_companion(weights: Weights, device: str | torch.device = "cpu") -> ReconstructionNet | LossProposalNet:
    """Return the reconstruction or proposal network with these weights, as `build_fusion_net` does.

    A proposal network is as symmetric as its file says.
    """
    if weights.network == "proposal":
        return _built(LossProposalNet(weights.symmetry), weights, device)
    return _built(ReconstructionNet(), weights, device)


def _built(network: Network, weights: Weights, device: str | torch.device) -> Network:
    network.load_state_dict(weights.state)
    network.eval().requires_grad_(False).to(device)
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def find_weights(name_or_file: str) -> Path:
    """Return the file of installed weights with this name, or the file itself.

    Raises
    ------
    WeightsError
        If it is neither.
    """
    installed = installed_weights()
    if name_or_file in installed:
        return installed[name_or_file]
    if Path(name_or_file).is_file():
        return Path(name_or_file)
    known = ", ".join(installed) or "none"
    raise WeightsError(f"{name_or_file}: neither a weights file nor the name of installed weights ({known}).")


def check_state(state: Mapping[str, Tensor], network: str, origin: str) -> None:
    """Check that `state` holds exactly the parameters of `network`, all finite.

    Raises
    ------
    WeightsError
        Naming `origin` and the missing, unknown or wrongly shaped parameters.
    """
    if network not in NETWORKS:
        raise WeightsError(f"{origin}: unknown network {network!r}; known are {', '.join(NETWORKS)}.")
    with torch.device("meta"):
        expected = NETWORKS[network]().state_dict()
    missing = sorted(expected.keys() - state.keys())
    unknown = sorted(state.keys() - expected.keys())
    if missing or unknown:
        raise WeightsError(f"{origin}: not the {network} network: {_some(missing)} missing, {_some(unknown)} unknown.")
    for name, tensor in state.items():
        if tensor.shape != expected[name].shape:
            shapes = f"{tuple(tensor.shape)} instead of {tuple(expected[name].shape)}"
            raise WeightsError(f"{origin}: parameter {name} has the shape {shapes}.")
        if tensor.dtype != torch.float32:
            kind = str(tensor.dtype).removeprefix("torch.")
            raise WeightsError(f"{origin}: parameter {name} holds {kind} numbers instead of float32.")
        if not bool(torch.isfinite(tensor).all()):
            raise WeightsError(f"{origin}: parameter {name} holds values that are not finite.")


def _answer(state: Mapping[str, Tensor], network: str, symmetry: Symmetry, origin: str) -> tuple[float, ...]:
    """Return what the network answers to the probe image, see `probe.answer_of`.

    Raises
    ------
    WeightsError
        Naming `origin`, if an activation is out of bounds.
    """
    built = LossProposalNet(symmetry) if network == "proposal" else NETWORKS[network]()
    built.load_state_dict(dict(state))
    built.eval()
    try:
        return answer_of(built, takes=1 if network == "reconstruction" else 2)
    except ValueError as error:
        raise WeightsError(f"{origin}: choose other weights, these cannot fuse: {error}.") from error


def _check_answer(answer: Sequence[float], metadata: Mapping[str, str], path: Path) -> None:
    """Compare a network's answer to the probe image with the one in its file; files of before have none.

    Raises
    ------
    WeightsError
        If they differ.
    """
    if "answer" not in metadata:
        return
    try:
        stored = [float(value) for value in json.loads(metadata["answer"])]
    except (ValueError, TypeError, RecursionError, OverflowError) as error:
        raise WeightsError(f"{path}: its stored answer cannot be read ({error}). Copy the file again.") from error
    if not (distance := farthest(answer, stored)) <= TOLERANCE:
        words = f"answers the probe image otherwise than when it was saved (by {distance:.3g})"
        raise WeightsError(f"{path}: {words}: its parameters were changed. Copy the file again.")


def _load_own(path: Path, sha256: str) -> Weights:
    try:
        with safe_open(path, framework="pt") as opened:
            metadata = opened.metadata() or {}
            state = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118 - not a dict
    except (SafetensorError, OSError, ValueError, TypeError, AttributeError, RuntimeError) as error:
        # the last four: number types that this PyTorch lacks, and headers that lie about them
        raise WeightsError(f"{path}: not a readable safetensors file ({error}). Copy it again.") from error
    if not {"network", "task", "sources"} <= metadata.keys():
        raise WeightsError(f"{path}: names neither its network nor its task; it was not written by this project.")
    check_state(state, metadata["network"], str(path))
    sources, metrics = _entries(metadata, path)
    symmetry = _READ.get(metadata.get("symmetric", ""), "none")
    _check_answer(_answer(state, metadata["network"], symmetry, str(path)), metadata, path)
    return Weights(
        state=state,
        network=metadata["network"],
        task=metadata["task"],
        sources=sources,
        recipe=metadata.get("recipe", ""),
        data=metadata.get("data", ""),
        metrics=metrics,
        licence=metadata.get("licence", ""),
        symmetry=symmetry,
        name=path.name,
        sha256=sha256,
    )


def _entries(metadata: Mapping[str, str], path: Path) -> tuple[tuple[str, str], dict[str, float]]:
    """Return the sources and the figures that the metadata name.

    Raises
    ------
    WeightsError
        If they are not two names, and numbers by name.
    """
    try:
        sources, metrics = json.loads(metadata["sources"]), json.loads(metadata.get("metrics", "{}"))
    except (ValueError, RecursionError) as error:
        raise WeightsError(f"{path}: its description cannot be read ({error}). Copy the file again.") from error
    if not (isinstance(sources, list) and len(sources) == 2 and all(isinstance(one, str) for one in sources)):
        raise WeightsError(f"{path}: its description does not name two sources. Copy the file again.")
    if not (isinstance(metrics, dict) and all(type(value) in (int, float) for value in metrics.values())):
        raise WeightsError(f"{path}: its figures are not numbers by name. Copy the file again.")
    try:
        return (sources[0], sources[1]), {name: float(value) for name, value in metrics.items()}
    except OverflowError as error:
        raise WeightsError(f"{path}: one of its figures has too many digits. Copy the file again.") from error


def _load_authors(path: Path, sha256: str) -> Weights:
    try:
        foreign = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises RuntimeError, UnpicklingError, EOFError, KeyError... for a bad file
        raise WeightsError(f"{path}: not a plain PyTorch weights file ({type(error).__name__}).") from error
    if not isinstance(foreign, Mapping) or not all(_is_plain(value) for value in foreign.values()):
        raise WeightsError(f"{path}: holds something other than named tensors of floating-point numbers.")
    state = translate_authors_keys(foreign, str(path))
    check_state(state, "fusion", str(path))
    _answer(state, "fusion", "none", str(path))  # its activations alone: these files hold no answer
    task = next((task for mark, task in AUTHORS_FILES.items() if mark in path.stem.upper()), DEFAULT_TASK)
    return Weights(
        state=state,
        task=task,
        sources=TASKS[task].sources,
        data="published by the authors of ReFusion, no licence stated",
        name=path.name,
        sha256=sha256,
    )


def _is_plain(value: object) -> bool:
    """Return whether a value is a tensor of floating-point numbers in memory: not sparse, quantized or complex."""
    return isinstance(value, Tensor) and value.layout is torch.strided and value.is_floating_point()


def translate_authors_keys(foreign: Mapping[str, Tensor], origin: str) -> dict[str, Tensor]:
    """Return the authors' parameters under our names.

    The authors' files hold every convolution twice, as ``X.weight`` and ``X.conv.weight``; both must be equal.

    Raises
    ------
    WeightsError
        For a key that the table does not know, a missing key, or a twin that differs.
    """
    twins = {key.removesuffix(".weight") + ".conv.weight": key for key in AUTHORS_KEYS if key.endswith(".weight")}
    unknown = sorted(foreign.keys() - AUTHORS_KEYS.keys() - twins.keys())
    missing = sorted(AUTHORS_KEYS.keys() - foreign.keys())
    if unknown or missing:
        raise WeightsError(
            f"{origin}: not the authors' fusion network: {_some(missing)} missing, {_some(unknown)} unknown."
        )
    for twin, key in twins.items():
        if twin in foreign and not torch.equal(foreign[twin], foreign[key]):
            raise WeightsError(f"{origin}: {twin} and {key} should be the same parameter but differ.")
    return {ours: foreign[theirs].float() for theirs, ours in AUTHORS_KEYS.items()}


def _some(names: list[str]) -> str:
    """Return names in words: the first three and how many there are."""
    if not names:
        return "nothing"
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
