"""Comparing the sources: each alone, blended, in fields, swiped, as edges, in turn, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from napari.layers import Image
from qtpy.QtCore import QEvent, QTimer

from napari_refusion.volume.modality import modality_name
from napari_refusion.widgets.compare.form import CompareForm
from napari_refusion.widgets.compare.grid_view import GridView
from napari_refusion.widgets.compare.lazy_volume import LazyVolume, Mode, field_edge, functional_source
from napari_refusion.widgets.compare.orthogonal_planes import OrthogonalPlanes
from napari_refusion.widgets.compare.picture_layer import Look, PictureLayer

if TYPE_CHECKING:
    from napari.viewer import Viewer

    from napari_refusion.fusion.canvas import Canvas

_SOURCES: Final = (Mode.FIRST, Mode.SECOND)


class ComparePanel(CompareForm):
    """Shows both sources of a pair in one picture, above all other layers, without changing these.

    What is seen follows from three things, the first that is set: a source that is peeked at, the source whose turn it
    is while they flicker, the chosen mode.
    """

    def __init__(self, viewer: Viewer) -> None:
        super().__init__()
        self._viewer = viewer
        self._canvas: Canvas | None = None
        self._picture = PictureLayer(viewer)
        self._grid = GridView(viewer, self)
        self._planes = OrthogonalPlanes(viewer)
        self._peeked: int | None = None
        self._turn: int | None = None
        self._before: Look | None = None
        self._last_mode = self.mode.findData(Mode.OVERLAY)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._take_turns)
        self.mode.currentIndexChanged.connect(self._follow_mode)
        self.slider.valueChanged.connect(self._follow_slider)
        self.colours.currentIndexChanged.connect(self._show)
        self.rate.valueChanged.connect(lambda: self._timer.setInterval(self.interval()))
        self.flicker.toggled.connect(self._flicker)
        self.side_by_side.toggled.connect(self._stand_side_by_side)
        self.planes.clicked.connect(self._show_planes)
        self._is_connected = False
        self.start()
        self.show_canvas(None)

    def start(self) -> None:
        """Begin to follow the viewer."""
        if not self._is_connected:
            self._is_connected = True
            self._viewer.layers.events.inserted.connect(self._follow_insertion)
            self._viewer.layers.events.removed.connect(self._follow_removal)
            self._viewer.dims.events.order.connect(self._follow_axes)
            self._viewer.canvas.grid.events.enabled.connect(self._follow_grid)

    def stop(self) -> None:
        """Take everything back that was added to the viewer, and let go of it."""
        self.show_canvas(None)
        if self._is_connected:
            self._is_connected = False
            self._viewer.layers.events.inserted.disconnect(self._follow_insertion)
            self._viewer.layers.events.removed.disconnect(self._follow_removal)
            self._viewer.dims.events.order.disconnect(self._follow_axes)
            self._viewer.canvas.grid.events.enabled.disconnect(self._follow_grid)

    def event(self, event: QEvent | None) -> bool:
        """Let go of the viewer when the panel is taken out of its dock, and come back when it is docked again."""
        if event is not None and event.type() == QEvent.Type.ParentChange and hasattr(self, "_is_connected"):
            if self.parent() is None:
                self.stop()
            else:
                self.start()
        return bool(super().event(event))

    def show_canvas(self, canvas: Canvas | None) -> None:
        """Compare the sources of a canvas, with its windows; None where there is no pair. The mode stays."""
        self._canvas = canvas
        if canvas is None:
            self.unpeek()
            self.flicker.setChecked(False)
            self.side_by_side.setChecked(False)
        else:
            self.name_sources(source_names(canvas), functional_source(canvas.pair))
        self.setEnabled(canvas is not None)
        self._show()

    def peek(self, which: int) -> None:
        """Show only the first (0) or second (1) source until `unpeek`; side by side, both are seen anyway."""
        if self._canvas is None or self._grid.is_shown or self._peeked == which:
            return
        self._interrupt()
        self._peeked = which
        self._show()

    def unpeek(self) -> None:
        """Show again what was shown before `peek`."""
        if self._peeked is not None:
            self._peeked = None
            self._resume()

    def next_mode(self) -> None:
        """Choose the next mode, after the last one Off."""
        if self._canvas is not None:
            self.mode.setCurrentIndex((self.mode.currentIndex() + 1) % self.mode.count())

    def toggle_mode(self) -> None:
        """Go between Off and the mode that was chosen last."""
        if self._canvas is not None:
            self.mode.setCurrentIndex(self._last_mode if self.mode.currentIndex() == 0 else 0)

    def show_edges(self) -> None:
        """Show the edges of the first source over the second: the best view to judge whether they fit."""
        if self._canvas is not None:
            self.mode.setCurrentIndex(self.mode.findData(Mode.EDGES_OF_FIRST))

    def toggle_flicker(self) -> None:
        """Show the sources in turn, or stop it."""
        if self._canvas is not None:
            self.flicker.toggle()

    def toggle_side_by_side(self) -> None:
        """Put the sources beside each other, or back."""
        if self._canvas is not None:
            self.side_by_side.toggle()

    def _wanted(self) -> Mode | None:
        """Return what is to be seen; None for the layers as they are."""
        which = self._turn if self._peeked is None else self._peeked
        return self.chosen() if which is None else _SOURCES[which]

    def _show(self) -> None:
        """Show what is wanted."""
        mode = self._wanted() if self._canvas is not None and not self._grid.is_shown else None
        if self._canvas is None or mode is None:
            self._picture.remove()
        else:
            picture = LazyVolume(self._canvas, mode, self.amount(mode), self.colours.currentData(), self._swiped_axis())
            is_new = self._picture.layer is None
            self._picture.show(picture, f"Compare: {self.title(mode)}")
            if not is_new and (self._peeked is not None or self._turn is not None):
                self._picture.raise_to_top()
        self._describe()

    def _describe(self) -> None:
        """Say what slider and colours mean for what is seen, and keep the cells up to date."""
        if self._canvas is None:
            return
        pair = self._canvas.pair
        if self._grid.is_shown:
            self._grid.update(self._canvas, self.colours.currentData(), source_names(self._canvas))
        unit = "pixels" if pair.fixed.is_photograph else "mm"
        self.tell_slider(self.chosen(), f"{field_edge(pair, self.amount(Mode.CHECKERBOARD)):.3g} {unit}")
        source = functional_source(pair)
        seen = Mode.FIRST if self._grid.is_shown or self._turn is not None else self._wanted()
        self.tell_colours((pair.a, pair.b)[source], self._canvas.windows[source], seen)

    def _swiped_axis(self) -> int:
        """Return the axis of the volume that runs from left to right on the screen."""
        axis = self._viewer.dims.displayed[-1] - (self._viewer.dims.ndim - 3)
        return axis if 0 <= axis < 3 else 2

    def _follow_mode(self) -> None:
        if self.mode.currentIndex() != 0:
            self._last_mode = self.mode.currentIndex()
        self.flicker.setChecked(False)
        self.side_by_side.setChecked(False)
        self.set_slider(self.chosen())
        self._show()
        if self._peeked is None:
            self._picture.raise_to_top()

    def _follow_slider(self, value: int) -> None:
        self.keep_slider(self.chosen(), value)
        self._show()

    def _follow_axes(self, _event: Any = None) -> None:  # noqa: ANN401 - napari's events have no common type
        if self._wanted() == Mode.SWIPE:
            self._show()

    def _follow_grid(self, _event: Any = None) -> None:  # noqa: ANN401
        if self._grid.is_shown and not self._viewer.canvas.grid.enabled:
            self.side_by_side.setChecked(False)

    def _follow_insertion(self, event: Any) -> None:  # noqa: ANN401
        """Keep the picture above images that come later, such as a result."""
        if isinstance(event.value, Image) and str(event.value.unique_id) != self._picture.key:
            # napari is not done with the new layer before this event is over
            QTimer.singleShot(0, self._picture.move_above_images)

    def _follow_removal(self, event: Any) -> None:  # noqa: ANN401
        """Take the user's deleting the picture for choosing Off."""
        if self._picture.key is not None and str(event.value.unique_id) == self._picture.key:
            self._picture.key = self._before = self._peeked = None
            self.flicker.setChecked(False)
            self.mode.setCurrentIndex(0)

    def _flicker(self, on: bool) -> None:
        if on:
            self.side_by_side.setChecked(False)
            self._interrupt()
            self._turn = 0
            self._timer.start(self.interval())
            self._show()
        else:
            self._timer.stop()
            self._turn = None
            self._resume()

    def _take_turns(self) -> None:
        if self._peeked is None and self._turn is not None:
            self._turn = 1 - self._turn
            self._show()

    def _interrupt(self) -> None:
        """Note how the chosen mode is shown, before something else is shown for a while."""
        if self._peeked is None and self._turn is None:
            self._before = self._picture.look()

    def _resume(self) -> None:
        """Show what is wanted now; the chosen mode as it was before it was interrupted."""
        self._show()
        if self._peeked is None and self._turn is None and not self._grid.is_shown:
            self._picture.wear(self._before)
            self._before = None

    def _stand_side_by_side(self, on: bool) -> None:
        if on and self._canvas is not None:
            self.unpeek()
            self.flicker.setChecked(False)
            self._before = self._picture.look()
            self._picture.remove()
            self._grid.show(self._canvas, self.colours.currentData(), source_names(self._canvas))
        else:
            self._grid.hide()
        self._resume()

    def _show_planes(self) -> None:
        """Toggle the two other planes."""
        try:
            self._planes.toggle()
        except ImportError:
            self.tell("Orthogonal planes need one more package: pip install napari-orthogonal-views")


def source_names(canvas: Canvas) -> tuple[str, str]:
    """Return short names of both sources, different from each other."""
    volumes = canvas.pair.a, canvas.pair.b
    first, second = (_shortened(v.name or modality_name(v.modality, "")) for v in volumes)
    first, second = first or "first source", second or "second source"
    return (first, second) if first != second else (f"{first} (1)", f"{second} (2)")


def _shortened(name: str, most: int = 18) -> str:
    """Return a name with its middle left out where it is long: both its ends tell what it is."""
    half = (most - 1) // 2
    return name if len(name) <= most else f"{name[:half]}…{name[-half:]}"
