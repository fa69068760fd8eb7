"""What must be settled before slices can be fused: the engine, windows, and a direction that has slices."""

from dataclasses import dataclass

from napari_refusion.fusion.engine import Engine
from napari_refusion.fusion.engines import DEFAULT_ENGINE, start_engine
from napari_refusion.numerics.intensity import Window
from napari_refusion.volume.affine import AXES
from napari_refusion.volume.finding import Finding, RefusedError, blocking
from napari_refusion.volume.pair import Pair


@dataclass(frozen=True, slots=True)
class Plan:
    """How a pair will be fused."""

    engine: Engine
    windows: tuple[Window, Window]
    """Of the pair's a and b, in their units."""
    axis: str
    """``axial``, ``coronal`` or ``sagittal``."""
    findings: tuple[Finding, ...]
    """What was noticed about engine and axis."""


def plan_fusion(
    pair: Pair,
    windows: tuple[Window, Window],
    task: str = "medical",
    weights: str = "",
    axis: str = "axial",
    device: str = "auto",
    engine: str = DEFAULT_ENGINE,
) -> Plan:
    """Return how to fuse a pair, with the engine ready.

    Parameters
    ----------
    windows
        Of the two volumes in the order in which they were given, which is not always the pair's.
    task, weights, device, engine
        See `engines.start_engine`.

    Raises
    ------
    RefusedError
        If a finding of the pair forbids fusing, or there are no such engine, weights or device.
    """
    if blocking(pair.findings):
        raise RefusedError(pair.findings)
    return plan_with(start_engine(task, weights, device, engine), pair, windows, axis)


def plan_with(engine: Engine, pair: Pair, windows: tuple[Window, Window], axis: str) -> Plan:
    """Return how to fuse a pair with an engine that is ready; see `plan_fusion`."""
    direction, about_axis = usable_axis(pair, axis)
    return Plan(engine, pair.as_paired(windows), direction, (*engine.findings, *about_axis))


def usable_axis(pair: Pair, axis: str) -> tuple[str, tuple[Finding, ...]]:
    """Return the direction to fuse along, and a finding if it is not the chosen one.

    A grid that is one slice thick has only that slice; cut the other way it would be fused line by line.
    """
    grid = pair.a.shape
    if 1 not in grid or grid[AXES[axis]] == 1:
        return axis, ()
    only = next(name for name, index in AXES.items() if grid[index] == 1)
    sentence = f"The reference grid has a single {only} slice, so that slice is fused instead of {axis} ones."
    return only, (Finding("ok", "axis", sentence, only),)
