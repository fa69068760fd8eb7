"""The choices that hold for the whole fusion: task, weights, slices, grid, device, colours."""

from pathlib import Path
from typing import Final

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QCheckBox, QComboBox, QFileDialog, QFormLayout, QHBoxLayout, QWidget

from napari_refusion.fusion.engines import DEFAULT_ENGINE, ENGINES
from napari_refusion.model.tasks import TASKS, installed_weights
from napari_refusion.numerics.colour import PALETTES
from napari_refusion.session.source import FuseSettings
from napari_refusion.volume.affine import AXES
from napari_refusion.widgets.fuse.source_row import choice_box, choose
from napari_refusion.widgets.preferences import preferred, remember

DEVICES: Final = {"auto": "automatic", "cpu": "CPU", "cuda": "NVIDIA GPU", "mps": "Apple GPU"}
"""As `fusion.device.choose_device` takes them -> what to call them."""

VIEWED: Final = "viewed"
"""Slices as the viewer shows them, whichever way it is rolled."""

_FILE: Final = "file"


class FuseForm(QWidget):
    """The controls below the two sources; napari's plugin preferences remember what is chosen by habit."""

    changed = Signal()
    """Emitted when another choice leads to another result."""
    coloured_changed = Signal(bool)
    """Emitted when the result shall be shown with or without colours."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.task = choice_box({name: task.title for name, task in TASKS.items()}, "What kind of images is fused")
        self.weights = choice_box(
            {"": "trained for this task"} | {name: name for name in installed_weights()} | {_FILE: "file ..."},
            "The network's weights: installed ones, your own safetensors or the authors' .pth; "
            "below them what fuses without this network, to compare with",
        )
        self.weights.insertSeparator(self.weights.count())
        for name, engine in ENGINES.items():
            if name != DEFAULT_ENGINE:
                self.weights.addItem(engine.title, name)
        self.axis = choice_box(
            {VIEWED: "as viewed"} | {axis: axis for axis in AXES}, "Direction of the slices that are fused one by one"
        )
        self.reference = choice_box(
            {"": "automatic", "first": "of the first source", "second": "of the second source"},
            "The source whose voxels the result has; the other one is resampled to it",
        )
        self.device = choice_box(DEVICES, "Where the network runs; automatic takes a GPU where there is one")
        self.coloured = QCheckBox("in colour:")
        self.coloured.setToolTip("Add the result with the hue of PET, SPECT or a coloured source")
        self.palette_name = choice_box({name: name.replace("_", " ") for name in PALETTES}, "Hues of PET and SPECT")
        self._lay_out()
        self._prefer()
        self._connect()

    def _lay_out(self) -> None:
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
        layout.addRow("Device", self.device)
        layout.addRow("Result", colours)

    def _prefer(self) -> None:
        preferences = preferred("fusion")
        choose(self.axis, preferences["slices"])
        choose(self.device, preferences["device"])
        choose(self.palette_name, preferences["palette"])
        self.coloured.setChecked(preferences["coloured"])
        self.palette_name.setEnabled(preferences["coloured"])

    def _connect(self) -> None:
        self.weights.activated.connect(self._ask_for_file)
        for box in (self.task, self.weights, self.axis, self.reference, self.device, self.palette_name):
            box.currentIndexChanged.connect(self._tell)
        for box in (self.axis, self.device, self.palette_name):
            box.activated.connect(self._remember)
        self.coloured.toggled.connect(self.palette_name.setEnabled)
        self.coloured.toggled.connect(self._remember)
        self.coloured.toggled.connect(self.coloured_changed)

    def settings(self, viewed: str) -> FuseSettings:
        """Return what was chosen, where the viewer shows slices of the direction `viewed`."""
        axis, weights = self.axis.currentData(), self.weights.currentData()
        return FuseSettings(
            task=self.task.currentData(),
            weights="" if weights in ENGINES else weights,
            engine=weights if weights in ENGINES else DEFAULT_ENGINE,
            axis=viewed if axis == VIEWED else axis,
            reference=self.reference.currentData(),
            palette=self.palette_name.currentData(),
            device=self.device.currentData(),
        )

    def state(self) -> dict[str, str]:
        """Return every choice, to `bring_back` later."""
        return {name: box.currentData() for name, box in self._boxes().items()}

    def bring_back(self, state: dict[str, str]) -> None:
        """Choose what was chosen at an earlier moment."""
        for name, box in self._boxes().items():
            choose(box, state[name])

    def add_weights(self, path: Path) -> None:
        """Offer a weights file and choose it."""
        if (index := self.weights.findData(str(path))) < 0:
            index = self.weights.findData(_FILE)
            self.weights.insertItem(index, path.name, str(path))
        self.weights.setCurrentIndex(index)

    def _boxes(self) -> dict[str, QComboBox]:
        names = ("task", "weights", "axis", "reference", "device", "palette_name")
        return {name: getattr(self, name) for name in names}

    def _tell(self) -> None:
        if self.weights.currentData() != _FILE:
            self.changed.emit()

    def _remember(self) -> None:
        remember(
            "fusion",
            slices=self.axis.currentData(),
            device=self.device.currentData(),
            palette=self.palette_name.currentData(),
            coloured=self.coloured.isChecked(),
        )

    def _ask_for_file(self) -> None:
        if self.weights.currentData() != _FILE:
            return
        self.weights.setCurrentIndex(0)
        chosen, _ = QFileDialog.getOpenFileName(self, "Weights of a fusion network", "", "*.safetensors *.pth")
        if chosen:
            self.add_weights(Path(chosen))
