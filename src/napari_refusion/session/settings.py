"""What is chosen for a fusion as a whole: one field for each choice, with the words and the table of its menu.

The window builds its boxes from these fields, so another choice is one more field.
"""

from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field
from typing import Any, Final

from napari_refusion.fusion.colouring import check_palette
from napari_refusion.fusion.engines import DEFAULT_ENGINE, ENGINES, PYTORCH
from napari_refusion.model.tasks import DEFAULT_TASK, TASKS, installed_weights
from napari_refusion.numerics.colour import DEFAULT_PALETTE
from napari_refusion.numerics.colour_maps import COLOUR_MAPS, FUSED_MAPS
from napari_refusion.volume.affine import AXES
from napari_refusion.volume.finding import check_name

DEVICES: Final = {
    "auto": "automatic",
    "cpu": "CPU",
    PYTORCH: "CPU, PyTorch alone",
    "cuda": "NVIDIA GPU",
    "mps": "Apple GPU",
}
"""As `fusion.engines.start_engine` takes them -> what to call them."""

REFERENCES: Final = {"": "automatic", "first": "of the first source", "second": "of the second source"}
"""Whose grid -> what to call it."""


def _setting(default: str, label: str, tip: str, choices: Callable[[], Mapping[str, str]]) -> Any:  # noqa: ANN401
    """Return a field that is chosen from a table: value -> what to call it."""
    return field(default=default, metadata={"label": label, "tip": tip, "choices": choices})


@dataclass(frozen=True, slots=True)
class FuseSettings:
    """What the user chose for the fusion as a whole."""

    task: str = _setting(
        DEFAULT_TASK,
        "Task",
        "What kind of images is fused",
        lambda: {name: one.title for name, one in TASKS.items()},
    )
    """One of `model.tasks.TASKS`."""
    weights: str = _setting(
        "",
        "Weights",
        "The network's weights: installed ones, your own safetensors or the authors' .pth; below them, "
        "fusion without this network for comparison",
        lambda: {"": "trained for this task"} | {name: name for name in installed_weights()},
    )
    """Name of installed weights or a file; empty for those of the task."""
    axis: str = _setting(
        "axial",
        "Slices",
        "Direction of the slices that are fused one by one",
        lambda: {axis: axis for axis in AXES},
    )
    """One of `volume.affine.AXES`."""
    reference: str = _setting(
        "",
        "Grid",
        "The source on whose grid the result lies; the other one is resampled to it",
        lambda: REFERENCES,
    )
    """``first``, ``second``, or empty for automatic."""
    palette: str = _setting(
        DEFAULT_PALETTE,
        "Result",
        "Hues of PET and SPECT",
        lambda: {name: COLOUR_MAPS[name].title for name in FUSED_MAPS},
    )
    """One of `numerics.colour_maps.FUSED_MAPS`."""
    device: str = _setting(
        "auto",
        "Device",
        "Where the network runs; automatic uses a GPU if there is one. On the CPU it runs compiled where that is "
        "faster, or in PyTorch alone, to the same result",
        lambda: DEVICES,
    )
    """As `fusion.engines.start_engine` takes it."""
    engine: str = _setting(
        DEFAULT_ENGINE,
        "Engine",
        "What fuses: the network, or a plain rule for comparison",
        lambda: {name: one.title for name, one in ENGINES.items()},
    )
    """One of `fusion.engines.ENGINES`."""

    def __post_init__(self) -> None:
        """Raise `RefusedError` for a name that no table has; weights and device are looked for when they are needed."""
        for rule, name, known in (
            ("task", self.task, TASKS),
            ("axis", self.axis, AXES),
            ("engine", self.engine, ENGINES),
        ):
            check_name(rule, name, known)
        check_palette(self.palette)
        if self.reference:
            check_name("grid", self.reference, [one for one in REFERENCES if one], "reference")


def choices_of(setting: "Field[Any]") -> Mapping[str, str]:
    """Return what a setting can be: value -> what a menu calls it."""
    choices: Mapping[str, str] = setting.metadata["choices"]()
    return choices
