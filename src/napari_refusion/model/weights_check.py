"""Whether parameters are those of a network, and still answer as it did when it was saved."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from napari_refusion.model.loss_proposal_net import LossProposalNet, Symmetry
from napari_refusion.model.probe import TOLERANCE, answer_of, farthest
from napari_refusion.model.weights import NETWORKS, unusable


def check_state(state: Mapping[str, Tensor], network: str, origin: str) -> None:
    """Check that `state` holds exactly the parameters of `network`, all finite.

    Raises
    ------
    WeightsError
        Naming `origin` and the missing, unknown or wrongly shaped parameters.
    """
    if network not in NETWORKS:
        raise unusable(origin, f"its network {network!r} is none of {', '.join(NETWORKS)}")
    with torch.device("meta"):
        expected = NETWORKS[network]().state_dict()
    missing = sorted(expected.keys() - state.keys())
    unknown = sorted(state.keys() - expected.keys())
    if missing or unknown:
        raise unusable(
            origin, f"it is not the {network} network ({some_of(missing)} missing, {some_of(unknown)} unknown)"
        )
    for name, tensor in state.items():
        if tensor.shape != expected[name].shape:
            shapes = f"{tuple(tensor.shape)} instead of {tuple(expected[name].shape)}"
            raise unusable(origin, f"its parameter {name} has the shape {shapes}")
        if tensor.dtype != torch.float32:
            kind = str(tensor.dtype).removeprefix("torch.")
            raise unusable(origin, f"its parameter {name} holds {kind} numbers instead of float32")
        if not bool(torch.isfinite(tensor).all()):
            raise unusable(origin, f"its parameter {name} holds values that are not finite")


def probe_answer(state: Mapping[str, Tensor], network: str, symmetry: Symmetry, origin: str) -> tuple[float, ...]:
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
        raise unusable(origin, f"these cannot fuse ({error})") from error


def check_answer(answer: Sequence[float], metadata: Mapping[str, str], path: Path) -> None:
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
        raise unusable(path, f"its stored answer cannot be read ({error})", "Copy the file again") from error
    if not (distance := farthest(answer, stored)) <= TOLERANCE:
        words = f"answers the probe image otherwise than when it was saved (by {distance:.3g})"
        raise unusable(path, f"it {words}, so its parameters were changed", "Copy the file again")


def some_of(names: list[str]) -> str:
    """Return names in words: the first three and how many there are."""
    if not names:
        return "nothing"
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
