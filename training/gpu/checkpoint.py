"""The state of a timed run on disk."""

import io
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor

from training.gpu.refining import Refiner
from training.gpu.whole_files import replace_file

CHECKPOINT: Final = "checkpoint.pt"
"""Name of the file in a run's folder that it goes on from."""

MOMENTS: Final = frozenset({"step", "exp_avg", "exp_avg_sq"})
"""What Adam keeps for a vector of parameters."""


def saved(refiner: Refiner, pack: str = "") -> dict[str, Any]:
    """Return the state of a run as plain values and tensors on the CPU, so that any device can go on with it.

    Parameters
    ----------
    pack
        Hash of the data that it is trained on.
    """
    moments = refiner.optimizer.state_dict()["state"].get(0, {})
    return {
        "recipe": refiner.recipe.sha256,
        "pack": pack,
        "steps": refiner.steps,
        "vector": refiner.vector.detach().cpu(),
        "mean": refiner.mean.cpu(),
        "moments": {name: value.detach().cpu() for name, value in moments.items()},
    }


def save_checkpoint(refiner: Refiner, path: Path, pack: str = "") -> None:
    """Write the state of a run; the file is replaced whole or not at all.

    Raises
    ------
    OSError
        If it cannot be written; the former checkpoint is then still there.
    """
    # torch.save reports a full disk as a RuntimeError about zip archives; a plain write says what is wrong
    archive = io.BytesIO()
    torch.save(saved(refiner, pack), archive)
    replace_file(path, archive.getvalue())


def resumed(refiner: Refiner, path: Path, pack: str = "") -> None:
    """Put the state of a checkpoint into a run.

    Parameters
    ----------
    pack
        Hash of the data that the run goes on with; a checkpoint that does not name its own is taken as it is.

    Raises
    ------
    ValueError
        If the file is no checkpoint, or one of another recipe or other data.
    """
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
        recipe, steps, vector, mean = (content[name] for name in ("recipe", "steps", "vector", "mean"))
        moments, of_pack = content["moments"], content.get("pack", "")
    except Exception as error:  # torch raises many kinds for a file that is not its own
        raise ValueError(f"{path}: not a readable checkpoint ({type(error).__name__}: {error}).") from error
    if recipe != refiner.recipe.sha256:
        raise ValueError(f"{path}: belongs to another recipe; start afresh in another folder, or use that recipe.")
    if pack and of_pack and pack != of_pack:
        raise ValueError(
            f"{path}: was trained on the pack {of_pack[:12]}, not {pack[:12]}; start afresh in another folder, or "
            f"use that pack."
        )
    if not _fits(refiner, vector, mean, moments):
        raise ValueError(f"{path}: holds other parameters than this program's F; start afresh in another folder.")
    with torch.no_grad():
        refiner.vector.copy_(vector)
        refiner.mean.copy_(mean)
    refiner.restore_moments(moments)
    refiner.steps = steps


def _fits(refiner: Refiner, vector: Tensor, mean: Tensor, moments: dict[str, Tensor]) -> bool:
    """Return whether the tensors of a checkpoint have the shapes of the run's own, and are finite."""
    if moments and moments.keys() != MOMENTS:
        return False
    long = [vector, mean, *(value for name, value in moments.items() if name != "step")]
    return all(part.shape == refiner.vector.shape and bool(part.isfinite().all()) for part in long)
