"""What must be settled before slices can be fused: weights, device, windows, and a direction that has slices."""

from dataclasses import dataclass

import torch

from napari_refusion.fusion.device import choose_device, prepare_cpu
from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.model.weights import Weights, WeightsError, build_fusion_net, find_weights, load_weights
from napari_refusion.numerics.intensity import Window
from napari_refusion.volume.affine import AXES
from napari_refusion.volume.finding import Finding, RefusedError, blocking, refuse
from napari_refusion.volume.pair import Pair


@dataclass(frozen=True, slots=True)
class Engine:
    """A network that is ready to run."""

    network: FusionNet
    """On `device`, with the parameters of `weights`."""
    weights: Weights
    device: torch.device
    findings: tuple[Finding, ...]
    """What was noticed about the weights."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a pair will be fused."""

    engine: Engine
    windows: tuple[Window, Window]
    """Of the pair's a and b, in their units."""
    axis: str
    """``axial``, ``coronal`` or ``sagittal``."""
    findings: tuple[Finding, ...]
    """What was noticed about weights and axis."""


def plan_fusion(
    pair: Pair,
    windows: tuple[Window, Window],
    task: str = "medical",
    weights: str = "",
    axis: str = "axial",
    device: str = "auto",
) -> Plan:
    """Return how to fuse a pair, with the network ready.

    Parameters
    ----------
    windows
        Of the two volumes in the order in which they were given, which is not always the pair's.
    task
        One of `model.tasks.TASKS`; its own weights are taken without a choice.
    weights
        Name of installed weights, or a file.
    device
        See `device.choose_device`.

    Raises
    ------
    RefusedError
        If a finding of the pair forbids fusing, or there are no such weights or device.
    """
    if blocking(pair.findings):
        raise RefusedError(pair.findings)
    return plan_with(start_engine(task, weights, device), pair, windows, axis)


def plan_with(engine: Engine, pair: Pair, windows: tuple[Window, Window], axis: str) -> Plan:
    """Return how to fuse a pair with a network that is ready; see `plan_fusion`."""
    direction, about_axis = usable_axis(pair, axis)
    return Plan(engine, pair.as_paired(windows), direction, (*engine.findings, *about_axis))


def start_engine(task: str = "medical", weights: str = "", device: str = "auto") -> Engine:
    """Return the network with weights on a device; see `plan_fusion`.

    Raises
    ------
    RefusedError
        If there are no such weights or device.
    """
    loaded, about_weights = _load(task, weights)
    try:
        chosen = choose_device(device)
    except ValueError as error:
        raise refuse("device", str(error), device) from error
    if chosen.type == "cpu":
        prepare_cpu()
    return Engine(build_fusion_net(loaded, chosen), loaded, chosen, about_weights)


def _load(task: str, choice: str) -> tuple[Weights, tuple[Finding, ...]]:
    """Return fusion weights, and a finding if they were trained for another task."""
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
    grid = pair.a.shape
    if 1 not in grid or grid[AXES[axis]] == 1:
        return axis, ()
    only = next(name for name, index in AXES.items() if grid[index] == 1)
    sentence = f"The reference grid has a single {only} slice, so that slice is fused instead of {axis} ones."
    return only, (Finding("ok", "axis", sentence, only),)
