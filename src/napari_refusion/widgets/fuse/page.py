"""The page of the Fuse widget with which a fusion is chosen and begun."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from qtpy.QtCore import Signal
from qtpy.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from napari_refusion.model.tasks import TASKS
from napari_refusion.widgets.fuse.form import FuseForm
from napari_refusion.widgets.fuse.picture_line import PictureLine
from napari_refusion.widgets.fuse.source_row import SourceRow
from napari_refusion.widgets.preferences import SCALES, preferred, remember
from napari_refusion.widgets.scrolled import Scrolled

_TITLES: Final = ("First source", "Second source")

_DRAWN: Final = ("shown", "limits", "unit")
"""What a source's choices say about how its layer is drawn."""


@dataclass(frozen=True, slots=True)
class Choices:
    """Everything that was chosen on the page at one moment."""

    first: dict[str, str]
    second: dict[str, str]
    form: dict[str, str]
    coloured: bool
    live: bool

    @property
    def keys(self) -> frozenset[str]:
        """Return the ids of the layers that are chosen."""
        return frozenset(key for row in (self.first, self.second) if (key := row["layer"]))

    def is_same_as(self, other: Choices) -> bool:
        """Return whether the same is chosen; how the layers are drawn meanwhile is no choice."""
        return self.is_same_but_for_drag(other) and all(
            one["shown"] == before["shown"] for one, before in ((self.first, other.first), (self.second, other.second))
        )

    def is_same_but_for_drag(self, other: Choices) -> bool:
        """Return whether no more has changed than how far a window was dragged."""
        rows = [
            [{name: value for name, value in row.items() if name not in _DRAWN} for row in (one.first, one.second)]
            for one in (self, other)
        ]
        rests = [(one.form, one.coloured, one.live) for one in (self, other)]
        return rows[0] == rows[1] and rests[0] == rests[1]


class FusePage(QWidget):
    """Two sources, the form, and the buttons."""

    changed = Signal()
    """Emitted when a choice leads to another result."""
    live_toggled = Signal(bool)
    """Emitted when Live is switched on or off by hand, before `changed`."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = SourceRow(_TITLES[0]), SourceRow(_TITLES[1])
        self.form = FuseForm()
        self.live = QCheckBox("Live")
        self.live.setToolTip("Fuse the current slice whenever slice, window or weights change")
        self.live.setChecked(preferred("fusion")["live"])
        self.fuse_slice = QPushButton("Fuse slice")
        self.fuse_slice.setToolTip("Fuse the slice shown in the viewer")
        self.fuse_volume = QPushButton("Fuse volume")
        self.fuse_volume.setToolTip("Fuse all slices that are still missing, starting with the current one")
        self.undo = QPushButton("Undo")
        self.undo.setToolTip("Take the last choice or the last fusion back")
        self.undo.setEnabled(False)
        self.picture = PictureLine()
        self.progress = QProgressBar()
        self.progress.setFormat("%v of %m")
        self.cancel = QPushButton("Cancel")
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self._running_row = QWidget()
        running = QHBoxLayout(self._running_row)
        running.setContentsMargins(0, 0, 0, 0)
        running.addWidget(self.progress, stretch=1)
        running.addWidget(self.cancel)
        # one in place of the other: a window of 720 pixels has no room for both
        self._state_row = QStackedWidget()
        for part in (self.picture, self._running_row):
            self._state_row.addWidget(part)
        self._state_row.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        buttons = QHBoxLayout()
        buttons.addWidget(self.live)
        for button in (self.fuse_slice, self.fuse_volume, self.undo):
            buttons.addWidget(button, stretch=1)
        choices = QWidget()
        rows = QVBoxLayout(choices)
        rows.setContentsMargins(0, 0, 0, 0)
        for part in (self.first, self.second, self.form):
            rows.addWidget(part)
        rows.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        # the buttons stay where they are seen, however low the window
        layout.addWidget(Scrolled(choices))
        layout.addLayout(buttons)
        layout.addWidget(self._state_row)

    def _connect(self) -> None:
        self.form.task.currentIndexChanged.connect(self._name_sources)
        self.form.changed.connect(self.changed)
        for row in (self.first, self.second):
            row.changed.connect(self.changed)
            row.window_changed.connect(self.changed)
        self.live.toggled.connect(lambda on: remember("fusion", live=on))
        self.live.toggled.connect(self.live_toggled)
        self.live.toggled.connect(self.changed)

    @property
    def has_pair(self) -> bool:
        """Whether there are two layers to choose from."""
        return self.first.layer.count() > 1

    def choices(self) -> Choices:
        """Return what is chosen now, to `restore` later."""
        form = self.form
        return Choices(
            self.first.state(), self.second.state(), form.state(), form.coloured.isChecked(), self.live.isChecked()
        )

    def restore(self, choices: Choices) -> None:
        """Choose what was chosen at an earlier moment."""
        self.form.restore(choices.form)
        self.first.restore(choices.first)
        self.second.restore(choices.second)
        self.form.coloured.setChecked(choices.coloured)
        self.live.setChecked(choices.live)

    def prefer(self, preferences: Mapping[str, Any]) -> None:
        """Choose what is preferred, by name; what is not named stays as it was chosen."""
        self.form.prefer(preferences)
        if "live" in preferences:
            self.live.setChecked(preferences["live"])
        if not preferences.keys().isdisjoint(SCALES.values()):
            self.changed.emit()  # "automatic" means another window now

    def show_live(self, is_live: bool) -> None:
        """Show that Live was switched on or off for now, without making that the user's habit."""
        self.live.blockSignals(True)
        self.live.setChecked(is_live)
        self.live.blockSignals(False)

    def allow(self, *, ready: bool, filling: bool) -> None:
        """Enable what can be done now, and show how far it is while a volume is being filled."""
        for button in (self.fuse_slice, self.fuse_volume):
            button.setEnabled(ready and not filling)
        self._state_row.setCurrentWidget(self._running_row if filling else self.picture)

    def begin_progress(self, done: int, count: int) -> None:
        """Show that `done` of `count` slices are there; a count of 0 means that it is not known yet."""
        self.progress.setRange(0, count)
        self.progress.setValue(done)
        self.cancel.setEnabled(True)

    def _name_sources(self) -> None:
        task = self.form.task.currentData()
        # either order will do for medical sources: their modality tells which is which
        titles = _TITLES if TASKS[task].is_medical else TASKS[task].sources
        for row, title in zip((self.first, self.second), titles, strict=True):
            row.setTitle(title[0].upper() + title[1:])
            row.modality.setVisible(TASKS[task].is_medical)
        self.form.show_task(TASKS[task])
        self.fuse_slice.setText("Fuse slice" if TASKS[task].is_medical else "Fuse")
        self.fuse_volume.setVisible(TASKS[task].is_medical)
