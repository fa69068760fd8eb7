"""What must be settled before slices can be fused: the weights for the task and a direction that has slices."""

from napari_refusion.model.weights import Weights, WeightsError, find_weights, load_weights
from napari_refusion.volume.affine import AXES
from napari_refusion.volume.finding import Finding, refuse
from napari_refusion.volume.pair import Pair


def weights_for(task: str, choice: str = "") -> tuple[Weights, tuple[Finding, ...]]:
    """Return fusion weights, and a finding if they were trained for another task.

    Parameters
    ----------
    task
        One of `model.tasks.TASKS`; its own weights are taken without a choice.
    choice
        Name of installed weights, or a file.

    Raises
    ------
    RefusedError
        If there are none, or they are not those of a fusion network.
    """
    try:
        weights = load_weights(find_weights(choice or task))
    except WeightsError as error:
        raise refuse("weights", str(error), choice) from error
    if weights.network != "fusion":
        sentence = f"{weights.name} holds the {weights.network} network, which fuses nothing: choose fusion weights."
        raise refuse("weights", sentence, weights.network)
    if weights.task != task:
        sentence = f"{weights.name} was trained for the task {weights.task}, not for {task}: look twice."
        return weights, (Finding("warn", "weights", sentence, weights.task),)
    return weights, ()


def usable_axis(pair: Pair, axis: str) -> tuple[str, tuple[Finding, ...]]:
    """Return the direction to fuse along, and a finding if it is not the chosen one.

    A grid that is one slice thick has only that slice; cut the other way it would be fused line by line.
    """
    grid = pair.a.grid
    if 1 not in grid or grid[AXES[axis]] == 1:
        return axis, ()
    only = next(name for name, index in AXES.items() if grid[index] == 1)
    sentence = f"The reference grid has a single {only} slice, so that slice is fused instead of {axis} ones."
    return only, (Finding("ok", "axis", sentence, only),)
