"""The choices that hold for the whole fusion: task, weights, slices, grid, colours."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from qtpy.QtWidgets import QCheckBox, QFileDialog, QFormLayout, QHBoxLayout, QWidget

from napari_refusion.model.tasks import TASKS, installed_weights
from napari_refusion.numerics.colour import PALETTES
from napari_refusion.volume.affine import AXES
from napari_refusion.widgets.fuse_job import FuseSettings
from napari_refusion.widgets.source_row import choice_box

TASK_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "medical": "MRI with CT, PET or SPECT",
        "infrared_visible": "infrared and visible light",
        "multi_focus": "near and far focus",
        "multi_exposure": "under- and over-exposed",
    }
)
"""Key of `model.tasks.TASKS` -> what to call it."""

_FILE: Final = "file"


class FuseForm(QWidget):
    """The controls below the two sources."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.task = choice_box({task: TASK_NAMES.get(task, task) for task in TASKS}, "What kind of images is fused")
        self.weights = choice_box(
            {"": "trained for this task"} | {name: name for name in installed_weights()} | {_FILE: "file ..."},
            "The network's weights",
        )
        self.axis = choice_box({axis: axis for axis in AXES}, "Direction of the slices that are fused one by one")
        self.reference = choice_box(
            {"": "automatic", "first": "of the first source", "second": "of the second source"},
            "The source whose voxels the result has; the other one is resampled to it",
        )
        self.coloured = QCheckBox("in colour:")
        self.coloured.setChecked(True)
        self.coloured.setToolTip("Add the result with the hue of PET, SPECT or a coloured source")
        self.palette_name = choice_box({name: name.replace("_", " ") for name in PALETTES}, "Hues of PET and SPECT")
        colours = QHBoxLayout()
        colours.addWidget(self.coloured)
        colours.addWidget(self.palette_name, stretch=1)
        layout = QFormLayout(self)
        layout.setContentsMargins(6, 2, 6, 2)
        layout.setVerticalSpacing(4)
        layout.addRow("Task", self.task)
        layout.addRow("Weights", self.weights)
        layout.addRow("Slices", self.axis)
        layout.addRow("Grid", self.reference)
        layout.addRow("Result", colours)
        self.weights.activated.connect(self._ask_for_file)
        self.coloured.toggled.connect(self.palette_name.setEnabled)

    def settings(self, point: tuple[float, float, float] | None) -> FuseSettings:
        """Return what was chosen, for the slice at `point` or, for None, the volume."""
        return FuseSettings(
            task=self.task.currentData(),
            weights=self.weights.currentData(),
            axis=self.axis.currentData(),
            reference=self.reference.currentData(),
            palette=self.palette_name.currentData(),
            point=point,
        )

    def add_weights(self, path: Path) -> None:
        """Offer a weights file and choose it."""
        if (index := self.weights.findData(str(path))) < 0:
            index = self.weights.count() - 1
            self.weights.insertItem(index, path.name, str(path))
        self.weights.setCurrentIndex(index)

    def _ask_for_file(self) -> None:
        if self.weights.currentData() != _FILE:
            return
        self.weights.setCurrentIndex(0)
        chosen, _ = QFileDialog.getOpenFileName(self, "Weights of a fusion network", "", "*.safetensors *.pth")
        if chosen:
            self.add_weights(Path(chosen))
