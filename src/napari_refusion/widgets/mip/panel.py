"""The view of a rotating projection: its picture, what may be set, and its legend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QLabel, QVBoxLayout, QWidget

from napari_refusion.session.projection import angles
from napari_refusion.volume.probe import position_in_words, sample_at, unit_of
from napari_refusion.volume.projection import Projection
from napari_refusion.widgets.mip.canvas import ProjectionCanvas
from napari_refusion.widgets.mip.controls import SourceBox, TurnRow
from napari_refusion.widgets.mip.frames import MAP, Frames, Mark
from napari_refusion.widgets.mip.source_watch import SourceWatch
from napari_refusion.widgets.review.colour_bar import ColourBar
from napari_refusion.widgets.world import drawn_matrix

if TYPE_CHECKING:
    from napari.viewer import Viewer

    from napari_refusion.numerics.intensity import Window
    from napari_refusion.session.projection import ProjectionSession

_FUSED: Final = "fused colours"
"""Key of what the box offers beside the sources."""

_BAR: Final = 40
"""Pixels, the smallest width of the legend's colours."""

_SOON: Final = 200
"""Milliseconds in which slices that are fused one after the other are drawn together."""


class ProjectionPanel(QWidget):
    """Shows the projections of a session, from `start` to `stop`."""

    def __init__(self, viewer: Viewer, session: ProjectionSession) -> None:
        super().__init__()
        self._viewer, self._session = viewer, session
        self._marks: tuple[Mark, ...] = ()
        self._shows_fused = False
        self._seen: Projection | None = None
        self.row, self.box, self.canvas = TurnRow(), SourceBox(), ProjectionCanvas()
        self.legend, self.words = ColourBar(is_flat=True), QLabel()
        self.words.setWordWrap(True)
        # or the picture jumps under the mouse that clicked it
        self.words.setMinimumHeight(2 * self.words.fontMetrics().lineSpacing())
        self.legend.bar.setMinimumWidth(_BAR)
        self.watch = SourceWatch(viewer, self)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SOON)
        self._soon.timeout.connect(self._show_more)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 2, 4, 2)
        layout.setSpacing(3)
        for part in (self.row, self.box, self.canvas, self.legend, self.words):
            layout.addWidget(part, stretch=part is self.canvas)

    def start(self) -> None:
        """Show what the session has."""
        self.row.turned.connect(self._turn)
        self.box.wanted.connect(self.show_source)
        self.canvas.dragged.connect(self._drag)
        self.canvas.clicked.connect(self.go_to)
        self.watch.window_changed.connect(self._follow_window)
        self.watch.ended.connect(self._session.forget)
        self._viewer.dims.events.point.connect(self._follow_place)
        self._session.changed.connect(self._follow)
        self._session.grew.connect(self._grow)
        self._session.recoloured.connect(self._recolour)
        self._session.open()

    def stop(self) -> None:
        """Let go of the viewer, and of what was prepared."""
        self.row.stop()
        self._session.changed.disconnect(self._follow)
        self._session.grew.disconnect(self._grow)
        self._session.recoloured.disconnect(self._recolour)
        self._soon.stop()
        self._viewer.dims.events.point.disconnect(self._follow_place)
        self.watch.stop()
        self._session.close()

    def set_marks(self, marks: Sequence[Mark]) -> None:
        """Mark lesions by their numbers from now on, at every angle."""
        self._marks = tuple(marks)
        self.draw()

    def go_to(self, row: int, column: int) -> None:
        """Take all planes to the voxel that a pixel shows, and say what its source holds there."""
        partial, volume = self._session.partial, self._session.volume
        point = None if self._seen is None else self._session.point_at(self._seen, row, column)
        if point is None or partial is None or volume is None:
            self.words.setText("Nothing was measured along this line.")
            return
        grid, dims = partial.study.fixed.grid, self._viewer.dims
        drawn = drawn_matrix(grid) @ (*grid.index_at(point), 1.0)
        dims.point = (*dims.point[: dims.ndim - 3], *drawn[:3].tolist())
        self.words.setText(f"{sample_at(volume, point).in_words()} at {position_in_words(point)}")

    def draw(self) -> None:
        """Draw the frame of the current angle."""
        session = self._session
        self._seen = projection = session.picture_at(self.row.angle)
        frames = Frames(session, self._window(), self._shows_fused, self._viewer.dims.point, self._marks)
        drawn = None if projection is None else frames.draw(projection)
        self.canvas.show_frame(drawn, session.reason or "Preparing the first picture ...")

    def _window(self) -> Window | None:
        side = self._session.side
        return self.watch.window or (None if side is None else side.window)

    def _follow(self) -> None:
        """Show another pair, another source, or why there is none."""
        session, side = self._session, self._session.side
        entries = [(one.key, one.source.name or one.word) for one in session.sides]
        if session.colouring is not None and entries:
            entries.append((_FUSED, "Fused colours"))
        self._shows_fused &= session.colouring is not None
        self.box.offer(entries, _FUSED if self._shows_fused else "" if side is None else side.key)
        for part in (self.row, self.box):
            part.setEnabled(not session.reason)
        if session.reason:
            self.row.stop()
            self.watch.stop()
        elif side is not None:
            self.watch.follow(side.key, side.source.title)
        self._show_legend()
        self._say_progress()
        self.draw()

    def _show_legend(self) -> None:
        """Say which colour stands for which value; nothing of colours that are a source's own."""
        side, window, colouring = self._session.side, self._window(), self._session.colouring
        legend = colouring.legend if self._shows_fused and colouring is not None else None
        is_empty = bool(self._session.reason) or (legend is not None and not legend.palette)
        self.legend.setVisible(not is_empty)
        if side is None or window is None or is_empty:
            return
        if legend is None:
            self.legend.show_map(MAP, window, unit_of(side.source), f"Values of {side.source.title}")
        else:
            self.legend.show_uptake(legend.palette, legend.window, legend.unit or "a.u.", legend.in_words())
        self.legend.title.setText(side.word if legend is None else "Fused")

    def _say_progress(self) -> None:
        session, partial = self._session, self._session.partial
        found = len(session.pictures)
        words = []
        if not session.reason and found < len(angles()):
            words.append(f"Preparing: {found} of {len(angles())}")
        if self._shows_fused and partial is not None and not partial.is_complete:
            words.append(f"Fused so far: {int(partial.done.sum())} of {len(partial.done)} slices; the rest is black")
        self.words.setText(". ".join(words))

    def _grow(self) -> None:
        self._say_progress()
        self._turn(self.row.angle)

    def _turn(self, degrees: float) -> None:
        """Draw another frame, if there is one nearer to this angle than the one that is seen."""
        nearest = self._session.picture_at(degrees)
        if nearest is None or self._seen is None or nearest.degrees != self._seen.degrees:
            self.draw()

    def _recolour(self) -> None:
        if self._shows_fused and not self._soon.isActive():
            self._soon.start()

    def _show_more(self) -> None:
        self._say_progress()
        self.draw()

    def _follow_window(self) -> None:
        self._show_legend()
        self.draw()

    def _drag(self, degrees: float) -> None:
        self.row.stop()
        self.row.turn_by(degrees)

    def show_source(self, key: str) -> None:
        """Show the source with this key, or the fused colours."""
        self._shows_fused = key == _FUSED
        if self._shows_fused:
            self._follow()
        else:
            self._session.choose(key)

    def _follow_place(self, _event: Any = None) -> None:  # noqa: ANN401 - napari's events have no common type
        self.draw()
