"""The choices that hold for the whole fusion: task, weights, slices, grid, device, colours."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QCheckBox, QComboBox, QFileDialog, QFormLayout, QHBoxLayout, QWidget

from napari_refusion.fusion.engines import DEFAULT_ENGINE, ENGINES
from napari_refusion.model.tasks import Task
from napari_refusion.session.settings import REFERENCES, FuseSettings
from napari_refusion.widgets.fuse.choice_box import choose
from napari_refusion.widgets.fuse.settings_boxes import settings_boxes
from napari_refusion.widgets.preferences import preferred, remember

VIEWED: Final = "viewed"
"""Slices as the viewer shows them, whichever way it is rolled."""

_FILE: Final = "file"


class FuseForm(QWidget):
    """The controls below the two sources; napari's plugin preferences remember what is chosen by habit."""

    changed = Signal()
    """Emitted when another choice leads to another result."""
    coloured_changed = Signal(bool)
    """Emitted when the result is to be shown with or without colours."""

    def __init__(self) -> None:
        super().__init__()
        self._settings = settings_boxes(FuseSettings)
        self.task, self.weights, self.axis = (self._settings[name].native for name in ("task", "weights", "axis"))
        self.reference, self.device = self._settings["reference"].native, self._settings["device"].native
        self.palette_name = self._settings["palette"].native
        self._offer_more()
        self.coloured = QCheckBox("in colour:")
        self.coloured.setToolTip("Add the result with the hue of PET, SPECT or a coloured source")
        self._lay_out()
        self._prefer()
        self._connect()

    def _offer_more(self) -> None:
        """Offer what only a window has: slices as they are viewed, a file, and engines among the weights."""
        self.axis.insertItem(0, "as viewed", VIEWED)
        self.weights.addItem("file ...", _FILE)
        self.weights.insertSeparator(self.weights.count())
        for name, engine in ENGINES.items():
            if name != DEFAULT_ENGINE:
                self.weights.addItem(engine.title, name)

    def _lay_out(self) -> None:
        colours = QHBoxLayout()
        colours.addWidget(self.coloured)
        colours.addWidget(self.palette_name, stretch=1)
        layout = self._layout = QFormLayout(self)
        layout.setContentsMargins(0, 2, 0, 2)
        layout.setVerticalSpacing(4)
        for name in self._boxes():
            if name != "palette":
                layout.addRow(self._settings[name].label, self._settings[name].native)
        layout.addRow(self._settings["palette"].label, colours)

    def _prefer(self) -> None:
        preferences = preferred("fusion")
        self.prefer(preferences)
        self.palette_name.setEnabled(preferences["coloured"])

    def _connect(self) -> None:
        self.weights.activated.connect(self._ask_for_file)
        for box in self._boxes().values():
            box.currentIndexChanged.connect(self._emit_change)
        for box in (self.axis, self.device, self.palette_name):
            box.activated.connect(self.remember)
        self.coloured.toggled.connect(self.palette_name.setEnabled)
        self.coloured.toggled.connect(self.remember)
        self.coloured.toggled.connect(self.coloured_changed)

    def prefer(self, preferences: Mapping[str, Any]) -> None:
        """Choose what is preferred, by name; what is not named stays as it was chosen."""
        for name, box in {"slices": self.axis, "device": self.device, "palette": self.palette_name}.items():
            if name in preferences:
                choose(box, preferences[name])
        if "coloured" in preferences:  # last: it makes everything that is chosen the habit
            self.coloured.setChecked(preferences["coloured"])

    def show_task(self, task: Task) -> None:
        """Offer what the sources of a task have: photographs have no slices and no palette, and names of their own."""
        self._layout.setRowVisible(self.axis, task.is_medical)
        self.palette_name.setVisible(task.is_medical)
        self.coloured.setText("in colour:" if task.is_medical else "in colour")
        for index, value in enumerate(REFERENCES):
            source = dict(zip(("first", "second"), task.sources, strict=True)).get(value)
            is_named = source is not None and not task.is_medical
            self.reference.setItemText(index, f"of {source}" if is_named else REFERENCES[value])

    def settings(self, viewed: str) -> FuseSettings:
        """Return what was chosen, where the viewer shows slices of the direction `viewed`."""
        chosen = self.state()
        if chosen["weights"] in ENGINES:
            chosen |= {"weights": "", "engine": chosen["weights"]}
        if chosen["axis"] == VIEWED:
            chosen["axis"] = viewed
        return FuseSettings(**chosen)

    def state(self) -> dict[str, str]:
        """Return every choice, to `restore` later."""
        return {name: box.currentData() for name, box in self._boxes().items()}

    def restore(self, state: dict[str, str]) -> None:
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
        """Return the box of each setting by its name; engines stand among the weights."""
        return {name: box.native for name, box in self._settings.items() if name != "engine"}

    def _emit_change(self) -> None:
        if self.weights.currentData() != _FILE:
            self.changed.emit()

    def remember(self) -> None:
        """Make what is chosen now the habit."""
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
