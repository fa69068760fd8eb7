"""What a timed run leaves in its folder every minute: checkpoint, losses, figures and weights."""

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from napari_refusion.model.tasks import TASKS
from napari_refusion.model.weights import Symmetry, Weights
from napari_refusion.model.weights_files import save_weights
from training.gpu.checkpoint import CHECKPOINT, save_checkpoint
from training.gpu.given import Given
from training.gpu.held_out import figures_of
from training.gpu.recipe import TimedRecipe
from training.gpu.refining import Refiner
from training.gpu.whole_files import append_rows


def write_records(refiner: Refiner, given: Given, output: Path, seconds: float, means: dict[str, float]) -> None:
    """Write the checkpoint, a row of mean losses, a row of held-out figures for each kind of pairs, and the weights.

    Every file is replaced whole, the checkpoint first: a run that is cut off at any moment goes on from it, and its
    tables never tell of steps that it has not made.

    Parameters
    ----------
    seconds
        Since the run began or went on.
    means
        Mean terms of the loss since the last call, by name.

    Raises
    ------
    OSError
        If something cannot be written; the sentence says what is kept.
    """
    try:
        save_checkpoint(refiner, output / CHECKPOINT, given.pack)
        when = {"steps": str(refiner.steps), "seconds": f"{seconds:.0f}"}
        append_rows(output / "losses.csv", [when | _rounded(means)])
        task = refiner.recipe.task
        rows = [when | {"kind": one.kind} | _rounded(figures_of(refiner.fuse, one, task)) for one in given.held_out]
        append_rows(output / "figures.csv", rows)
        export_weights(refiner, output / "fusion.safetensors", given.described)
    except OSError as error:
        raise OSError(
            f"{output}: cannot be written ({error.strerror or error}). Nothing older is lost: put it right and go on "
            f"with --resume."
        ) from error


def _rounded(numbers: dict[str, float]) -> dict[str, str]:
    return {name: f"{value:.5g}" for name, value in numbers.items()}


def export_weights(refiner: Refiner, path: Path, described: str) -> None:
    """Write the running mean of F as a weights file of the package."""
    mean = refiner.network.named(refiner.project(refiner.mean))
    write_network("fusion", mean, refiner.recipe, described, path)


def write_network(
    network: str,
    parameters: Mapping[str, Tensor],
    recipe: TimedRecipe,
    described: str,
    path: Path,
    *,
    metrics: Mapping[str, float] | None = None,
    symmetry: Symmetry = "none",
) -> None:
    """Write the parameters of a network as a weights file of the package.

    Parameters
    ----------
    network, metrics, symmetry
        See `Weights`.
    described
        What it was trained on, in words.
    """
    weights = Weights(
        state={name: value.detach().clone() for name, value in parameters.items()},
        network=network,
        task=recipe.task,
        sources=TASKS[recipe.task].sources,
        recipe=recipe.sha256,
        data=described,
        metrics=dict(metrics or {}),
        licence="BSD-3-Clause",
        symmetry=symmetry,
    )
    save_weights(weights, path)
