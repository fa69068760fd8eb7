"""Weights files: safetensors of our own with metadata, and the authors' published ``.pth``.

No file is ever executed: safetensors holds numbers only, and ``.pth`` is read with ``weights_only=True``.
"""

import hashlib
import json
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import Final

from safetensors import SafetensorError
from safetensors.torch import load, save

from napari_refusion.model.authors_files import load_authors
from napari_refusion.model.loss_proposal_net import Symmetry
from napari_refusion.model.tasks import installed_weights
from napari_refusion.model.weights import Weights, unusable
from napari_refusion.model.weights_check import check_answer, check_state, probe_answer
from napari_refusion.replacing import replacing

_WRITTEN: Final[Mapping[Symmetry, str]] = MappingProxyType({"none": "false", "weights": "true", "logits": "logits"})
"""Symmetry of a proposal network -> how its file says it; the first two are of files from before the third."""

_READ: Final[Mapping[str, Symmetry]] = MappingProxyType({text: symmetry for symmetry, text in _WRITTEN.items()})

_AGAIN: Final = "Copy the file again"

LARGEST_FILE = 16 * 2**20
"""Bytes; the largest weights file of ReFusion has 0.4 MB, so more is another model or a bomb."""


def load_weights(path: str | PathLike[str]) -> Weights:
    """Return the weights in a file, checked against their network name by name and shape by shape.

    ``.safetensors`` files must be our own; ``.pth`` files must be the authors' fusion network.

    Raises
    ------
    WeightsError
        If the file is missing, too large, unreadable, or is not exactly one of the three networks.
    """
    path = Path(path)
    if not path.is_file():
        raise unusable(path, "there is no such weights file", "Take one that `napari-refusion weights` lists")
    if path.stat().st_size > LARGEST_FILE:
        size = path.stat().st_size / 2**20
        raise unusable(path, f"{size:.0f} MB is too large for ReFusion weights, which are below 1 MB")
    loaders = {".safetensors": _load_own, ".pth": load_authors}
    if path.suffix not in loaders:
        raise unusable(path, f"weights are .safetensors or the authors' .pth files, not {path.suffix or 'this'}")
    # read once: a file that is replaced meanwhile must not fuse under the hash of another one
    return loaders[path.suffix](path, _content(path))


def save_weights(weights: Weights, path: str | PathLike[str]) -> None:
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
        "answer": json.dumps(probe_answer(state, weights.network, weights.symmetry, str(path))),
    }
    with replacing(Path(path)) as temporary:
        temporary.write_bytes(save(state, metadata))


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
    raise unusable(name_or_file, f"this is neither a weights file nor the name of installed weights ({known})")


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise unusable(path, f"it cannot be read ({error.strerror or error})", "Check your permission") from error


def _load_own(path: Path, content: bytes) -> Weights:
    try:
        state, metadata = load(content), _metadata(content)
    except (SafetensorError, ValueError, TypeError, KeyError, AttributeError, RuntimeError) as error:
        # all but the first: number types that this PyTorch lacks, and headers that lie about them
        raise unusable(path, f"it is no readable safetensors file ({error})", "Copy it again") from error
    if not {"network", "task", "sources"} <= metadata.keys():
        raise unusable(path, "it names neither its network nor its task, and was not written by this project")
    check_state(state, metadata["network"], str(path))
    sources, metrics = _entries(metadata, path)
    symmetry = _READ.get(metadata.get("symmetric", ""), "none")
    check_answer(probe_answer(state, metadata["network"], symmetry, str(path)), metadata, path)
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
        sha256=hashlib.sha256(content).hexdigest(),
    )


def _metadata(content: bytes) -> dict[str, str]:
    """Return what the header of a readable safetensors file says: its length in 8 bytes, then JSON."""
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    return dict(header.get("__metadata__") or {})


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
        raise unusable(path, f"its description cannot be read ({error})", _AGAIN) from error
    if not (isinstance(sources, list) and len(sources) == 2 and all(isinstance(one, str) for one in sources)):
        raise unusable(path, "its description does not name two sources", _AGAIN)
    if not (isinstance(metrics, dict) and all(type(value) in (int, float) for value in metrics.values())):
        raise unusable(path, "its figures are not numbers by name", _AGAIN)
    try:
        return (sources[0], sources[1]), {name: float(value) for name, value in metrics.items()}
    except OverflowError as error:
        raise unusable(path, "one of its figures has too many digits", _AGAIN) from error
