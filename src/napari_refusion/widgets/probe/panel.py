"""What is under the cursor, and inside a drawn region: places, values with units, and the fused brightness."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import QEvent, QTimer
from qtpy.QtWidgets import (
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from napari_refusion.fusion.reading import read_at
from napari_refusion.session.present_names import PresentNames
from napari_refusion.volume.affine import Affine
from napari_refusion.volume.region_statistics import Statistics, region_statistics, statistics_table
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.copied_table import copy_table
from napari_refusion.widgets.probe.drawn_regions import DrawnRegions
from napari_refusion.widgets.world import drawn_matrix, slice_index

if TYPE_CHECKING:
    from napari.layers import Shapes
    from napari.viewer import Viewer

    from napari_refusion.fusion.partial import PartialFusion
    from napari_refusion.study.study import Study

_NO_NAMES: Final = ("First source", "Second source")
_NO_PAIR: Final = "Choose two sources first."
_SETTLE: Final = 50
"""Milliseconds without a further change after which a region is measured."""


class ProbePanel(QWidget):
    """The values under the cursor, and the statistics of the region that is selected or was drawn last."""

    def __init__(self, viewer: Viewer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._partial: PartialFusion | None = None
        self._names = PresentNames()
        self._to_index: Affine = np.eye(4)
        self._drawn = DrawnRegions(viewer, self._change, self)
        self._statistics: tuple[Statistics, ...] = ()
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE)
        self._settle.timeout.connect(self.measure)
        self._lay_out()
        self.start()

    def _lay_out(self) -> None:
        self.position, self.fused, self.share = QLabel(_NO_PAIR), QLabel(), QLabel()
        self.values = QLabel(), QLabel()
        self.names = QLabel(_NO_NAMES[0]), QLabel(_NO_NAMES[1])
        self.share.setToolTip("Where the fused brightness lies between those of the two windowed sources")
        form = QFormLayout()
        form.addRow("Position", self.position)
        for name, value in zip(self.names, self.values, strict=True):
            form.addRow(name, value)
        form.addRow("Fused", self.fused)
        form.addRow("Share", self.share)
        for label in (self.position, self.share):
            label.setWordWrap(True)
        self.share.setMinimumHeight(2 * self.share.fontMetrics().lineSpacing())  # or the panel jumps while it is read
        self.regions = QPushButton("Regions")
        self.regions.setToolTip(
            "Draw ellipses on the slices and measure the sources in them; several that are selected, or the selected "
            "label of a layer of labels, are measured together in space"
        )
        self.regions.clicked.connect(self.draw_regions)
        self.copy = QPushButton("Copy")
        self.copy.setToolTip("Copy the statistics as tab-separated text, to paste into a spreadsheet")
        self.copy.clicked.connect(self._copy)
        buttons = QHBoxLayout()
        buttons.addWidget(self.regions)
        buttons.addWidget(self.copy)
        self.message = QLabel(_NO_PAIR)
        self.message.setWordWrap(True)
        self.table = QTableWidget(0, 2)
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        heading = self.table.horizontalHeader()
        assert heading is not None
        heading.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 4)
        layout.addLayout(form)
        layout.addLayout(buttons)
        layout.addWidget(self.message)
        layout.addWidget(self.table, stretch=1)
        layout.addStretch()  # for the time without a table
        self._show_statistics(_NO_PAIR)

    def start(self) -> None:
        """Follow the mouse."""
        if self._on_move not in self._viewer.mouse_move_callbacks:
            self._viewer.mouse_move_callbacks.append(self._on_move)
            self._drawn.start()

    def stop(self) -> None:
        """Let go of the viewer; a drawn region stays."""
        if self._on_move in self._viewer.mouse_move_callbacks:
            self._viewer.mouse_move_callbacks.remove(self._on_move)
            self._drawn.stop()
            self._settle.stop()

    def event(self, event: QEvent | None) -> bool:
        """Let go of the viewer when the panel is taken out of its dock, and come back when it is docked again."""
        if event is not None and event.type() == QEvent.Type.ParentChange and hasattr(self, "table"):
            (self.stop if self.parent() is None else self.start)()
        return bool(super().event(event))

    def show_partial(self, partial: PartialFusion | None) -> None:
        """Read from a partial fusion from now on, and from its sources on their own grids."""
        self._partial = partial
        for label in (self.fused, self.share, *self.values):
            label.clear()
        self.position.setText("Move the mouse over an image." if partial is not None else _NO_PAIR)
        self._show_names()
        if partial is not None:
            fixed = partial.study.fixed
            self._to_index = np.linalg.inv(drawn_matrix(fixed.grid)).astype(np.float64)
        sides = () if partial is None else partial.study.sides
        self._drawn.layers.show_pair(frozenset(side.key for side in sides))
        self.measure()

    def call(self, names: PresentNames) -> None:
        """Call the sources by these names from now on."""
        if names != self._names:
            self._names = names
            self._show_names()
            self._show_statistics(self.message.text())

    def _show_names(self) -> None:
        called = _NO_NAMES if self._partial is None else self._names.study(self._partial.study).names
        for label, name in zip(self.names, called, strict=True):
            label.setText(name)

    def _on_move(self, viewer: Viewer, event: Any) -> None:  # noqa: ANN401 - a read-only wrapper
        if self._partial is None:
            return
        if viewer.dims.ndisplay != 2:
            self.position.setText("Values are read in a 2-D view.")
            return
        place = np.array([0.0, 0.0, 0.0, *event.position])[-3:]  # two axes where only 2-D pictures are open
        stepped = [axis - viewer.dims.ndim + 3 for axis in viewer.dims.not_displayed]
        reading = read_at(self._names.partial(self._partial), self._index_of(place[None], stepped)[0])
        self.position.setText(reading.position)
        for label, sample in zip(self.values, reading.sources, strict=True):
            label.setText(sample.in_words())
        self.fused.setText(reading.fused)
        self.share.setText(reading.share)

    def _index_of(self, places: NDArray[np.float64], stepped: Sequence[int]) -> NDArray[np.float64]:
        """Return indices of the pair's grid, (N, 3), where it is drawn at places in napari's world.

        They are continuous, and along the axes that are `stepped` through those of the slice that napari draws there.
        """
        indices: NDArray[np.float64] = places @ self._to_index[:3, :3].T + self._to_index[:3, 3]
        if self._partial is not None:
            fixed = self._partial.study.fixed
            for axis in (axis for axis in stepped if axis >= 0):
                indices[:, axis] = [slice_index(tuple(place), axis, fixed.grid) for place in places]
        return indices

    def draw_regions(self) -> None:
        """Let the user draw: on the layer of regions, which is made if there is none."""
        if self._partial is not None:
            self._drawn.draw(self._partial.study.fixed)
            self.measure()

    def take_regions(self, layer: Shapes, keys: frozenset[str]) -> None:
        """Measure in the shapes of this layer from now on, which were drawn earlier on images with these ids."""
        self._drawn.layers.take(layer, keys)

    def _change(self, _event: Any = None) -> None:  # noqa: ANN401 - napari's events have no common type
        self._settle.start()

    def measure(self) -> None:
        """Measure the sources in the selected region, or the newest, and show what was found."""
        self._statistics = ()
        self._show_statistics(self._measured())

    def _measured(self) -> str:
        """Fill `_statistics`, and return in words what was measured or why nothing was."""
        if self._partial is None:
            return _NO_PAIR
        study = self._partial.study
        drawn = self._drawn.drawn(study.fixed)
        if drawn.region is None:
            return drawn.words
        found = tuple(region_statistics(source, study.grid, drawn.region) for source in _own(study))
        if not any(one.voxels for one in found):
            return "No voxel of the sources lies inside: draw it larger, and on the images."
        self._statistics = found
        return f"{drawn.words}: each source in its own voxels"

    def _copy(self) -> None:
        copy_table(statistics_table(self._statistics), ("Source", "Unit"))

    def _show_statistics(self, message: str) -> None:
        self.message.setText(message)
        self.copy.setEnabled(bool(self._statistics))
        self.table.setVisible(bool(self._statistics))
        self.regions.setEnabled(self._partial is not None)
        if self._partial is None or not self._statistics:
            return
        names = self._names.study(self._partial.study).names
        columns = [found.rows() for found in self._statistics]
        self.table.setRowCount(len(columns[0]))
        self.table.setVerticalHeaderLabels(list(columns[0]))
        units = [found.unit for found in self._statistics]
        self.table.setHorizontalHeaderLabels([f"{name} ({unit})" for name, unit in zip(names, units, strict=True)])
        for column, rows in enumerate(columns):
            for row, text in enumerate(rows.values()):
                self.table.setItem(row, column, QTableWidgetItem(text))


def _own(study: Study) -> tuple[Volume, Volume]:
    """Return the sources on their own grids; photographs, which have no place in the patient, on the common one."""
    placed = study.a.placed(), study.b.placed()
    return (study.a.volume, study.b.volume) if any(one.is_photograph for one in placed) else placed
