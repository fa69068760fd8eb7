"""What must be settled before slices can be fused: the engine, and a direction that has slices."""

from dataclasses import dataclass

from napari_refusion.fusion.engine import Engine
from napari_refusion.fusion.engines import DEFAULT_ENGINE, start_engine
from napari_refusion.study.study import Study
from napari_refusion.volume.affine import AXES
from napari_refusion.volume.finding import Finding, check_name


@dataclass(frozen=True, slots=True)
class Plan:
    """How a study will be fused."""

    engine: Engine
    axis: str
    """``axial``, ``coronal`` or ``sagittal``."""
    findings: tuple[Finding, ...]
    """What was noticed about engine and axis."""


def plan_fusion(
    study: Study, weights: str = "", axis: str = "axial", device: str = "auto", engine: str = DEFAULT_ENGINE
) -> Plan:
    """Return how to fuse a study, with the engine ready.

    Parameters
    ----------
    weights, device, engine
        See `engines.start_engine`.

    Raises
    ------
    RefusedError
        If a finding of the study forbids fusing, or there are no such engine, weights, device or axis.
    """
    study.check()
    return plan_with(start_engine(study.task.name, weights, device, engine), study, axis)


def plan_with(engine: Engine, study: Study, axis: str) -> Plan:
    """Return how to fuse a study with an engine that is ready; see `plan_fusion`."""
    direction, about_axis = usable_axis(study, axis)
    return Plan(engine, direction, (*engine.findings, *about_axis))


def usable_axis(study: Study, axis: str) -> tuple[str, tuple[Finding, ...]]:
    """Return the direction to fuse along, and a finding if it is not the chosen one.

    A grid that is one slice thick has only that slice; cut the other way it would be fused line by line.

    Raises
    ------
    RefusedError
        For an unknown direction.
    """
    check_name("axis", axis, AXES, "direction")
    shape = study.grid.shape
    if 1 not in shape or study.grid.count(axis) == 1:
        return axis, ()
    only = next(name for name, index in AXES.items() if shape[index] == 1)
    sentence = f"The reference grid has a single {only} slice, so that slice is fused instead of {axis} ones."
    return only, (Finding("ok", "axis", sentence, only),)
