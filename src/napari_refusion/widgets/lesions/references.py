"""Two buttons for the reference regions: a click in healthy liver or blood pool places a sphere, and scores lesions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from napari.layers import Labels
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QWidget

from napari_refusion.lesion.reference import TISSUES
from napari_refusion.session.lesions.references import ReferenceSession
from napari_refusion.widgets.lesions.clicking import Clicking
from napari_refusion.widgets.lesions.contour_layer import add_contours
from napari_refusion.widgets.lesions.places import clicked_place
from napari_refusion.widgets.removing import remove_layer
from napari_refusion.widgets.review.buttons import button, column, row, show_text, wrapped_label

if TYPE_CHECKING:
    from napari.viewer import Viewer

    from napari_refusion.fusion.partial import PartialFusion
    from napari_refusion.lesion.deauville import Score
    from napari_refusion.volume.finding import Finding
    from napari_refusion.widgets.planes.click import Click

_COLOURS: Final = {"liver": "#00e5ff", "blood pool": "#ff4fd8"}
"""Of the outlines, ``#rrggbb``: in no lesion's colour."""

_SHORT: Final = {"liver": "Liver", "blood pool": "Blood pool"}


class References(QWidget):
    """Binds a `ReferenceSession` to buttons, mouse and viewer."""

    taking = Signal()
    """Emitted when clicks are to place a region from now on, and nothing else."""

    def __init__(self, viewer: Viewer) -> None:
        super().__init__()
        self._viewer = viewer
        self._partial: PartialFusion | None = None
        self._wanted = ""
        self._layer: Labels | None = None
        self.session = ReferenceSession()
        self.clicking = Clicking(viewer, self)
        self.buttons = {tissue: button(_SHORT[tissue], "") for tissue in TISSUES}
        self.remove = button("Clear", "Take the reference regions away")
        self.words, self.score, self.said = wrapped_label(), wrapped_label(), wrapped_label()
        layout = column(self)
        self.row = row(*self.buttons.values(), self.remove)
        layout.addLayout(self.row)
        for label in (self.words, self.score, self.said):
            layout.addWidget(label)
        for tissue, one in self.buttons.items():
            one.setCheckable(True)
            one.clicked.connect(lambda on, tissue=tissue: self._want(tissue if on else ""))
        self.remove.clicked.connect(self._remove)
        self.clicking.clicked.connect(self._place)
        self.clicking.switched.connect(self._show_clicking)
        self.session.changed.connect(self._show)
        self.session.said.connect(self._say)
        self._show()

    def show_partial(self, partial: PartialFusion | None) -> None:
        """Know the pair that is clicked on."""
        self._partial = partial

    def show_score(self, title: str, score: Score | None) -> None:
        """Say what a lesion scores, and by which numbers; nothing without a score."""
        words = "" if score is None else f"{title}: Deauville {score.score} would follow, {score.words}."
        show_text(self.score, words if score is None or not score.findings else f"{words} {score.findings[0].sentence}")

    def start(self) -> None:
        """Begin to follow the viewer."""
        self._viewer.canvas.grid.events.enabled.connect(self._make_way)
        self._draw()

    def stop(self) -> None:
        """Let go of the viewer; the regions are kept."""
        self.clicking.switch(on=False)
        self._viewer.canvas.grid.events.enabled.disconnect(self._make_way)
        self._drop_layer()

    def _want(self, tissue: str) -> None:
        """Let the next click place the region of a tissue; none for an empty name."""
        self._wanted = tissue
        if tissue:
            self.taking.emit()
        self.clicking.switch(on=bool(tissue))
        self._show_clicking(bool(tissue))

    def _show_clicking(self, on: bool) -> None:
        if not on:
            self._wanted = ""
        for tissue, one in self.buttons.items():
            one.setChecked(tissue == self._wanted)
        where = f"Click in healthy {self._wanted}, away from lesions and edges; Escape ends it." if on else ""
        show_text(self.said, where)

    def _place(self, click: Click) -> None:
        tissue = self._wanted
        if self._partial is None or not tissue:
            return
        self._want("")
        self.session.place(tissue, clicked_place(click, self._partial))

    def _say(self, finding: Finding) -> None:
        """Say all that was noticed about a region, which begins with the click that places it."""
        before = self.said.text().replace("\u200b", "")  # see `show_text`
        if finding.sentence not in before:
            show_text(self.said, f"{before} {finding.sentence}".strip())

    def _remove(self) -> None:
        for tissue in tuple(self.session.regions):
            self.session.remove(tissue)

    def _show(self) -> None:
        """Show regions, what they hold, and what cannot be done."""
        session, why_not = self.session, self.session.why_not
        for tissue, one in self.buttons.items():
            one.setEnabled(not why_not)
            sphere = f"A sphere of {TISSUES[tissue].diameter / 10:g} cm, {TISSUES[tissue].source}"
            one.setToolTip(why_not or f"Place the reference region with a click. {sphere}")
        if why_not:
            self._want("")
        self.remove.setEnabled(bool(session.regions))
        lines = [one.words for one in session.regions.values()]
        if lines and session.missing() and not why_not:
            lines.append(f"Deauville needs {' and '.join(session.missing())}, too.")
        show_text(self.words, "\n".join(lines))
        self._draw()

    def _draw(self) -> None:
        """Outline the regions where they lie."""
        session = self.session
        self._drop_layer()
        if not session.regions:
            return
        places = {tissue: session.placed(tissue) for tissue in session.regions}
        grid = next(iter(places.values())).grid
        labels = np.zeros(grid.shape, np.uint8)
        for number, voi in enumerate(places.values(), 1):
            labels[voi.box][voi.mask] = number
        colours: dict[int | None, str] = {number: _COLOURS[tissue] for number, tissue in enumerate(places, 1)}
        self._layer = add_contours(self._viewer, "Reference regions", labels, grid, colours, "references", opacity=1.0)
        self._layer.editable = False  # a brush would move it, and what was measured would be of another place

    def _make_way(self, _event: Any = None) -> None:  # noqa: ANN401 - napari's events have no common type
        """Take no cell of a grid, whose cells belong to the images that are compared."""
        if self._layer is not None:
            self._layer.visible = not self._viewer.canvas.grid.enabled

    def _drop_layer(self) -> None:
        layer, self._layer = self._layer, None
        if layer is not None and layer in self._viewer.layers:
            remove_layer(self._viewer, layer)
