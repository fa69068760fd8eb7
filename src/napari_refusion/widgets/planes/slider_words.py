"""What napari's sliders say: the slice as it is counted everywhere, and where it lies, in place of steps from 0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from qtpy.QtCore import QSize
from qtpy.QtGui import QResizeEvent
from qtpy.QtWidgets import QLabel, QLineEdit, QWidget

from napari_refusion.volume.affine import AXES
from napari_refusion.widgets.probe.cursor_cross import find_window
from napari_refusion.widgets.shown_slice import slice_words

if TYPE_CHECKING:
    from napari.viewer import Viewer

_NAME: Final = "refusion_slice"
"""Object name of the label that this adds to a slider."""

_THEIRS: Final = ("axis_label", "slice_label", "slice_label_sep")
"""Object names of what napari shows beside a slider: the axis, and steps that count from 0 and from its first layer."""


class SliderWords:
    """Keeps the words beside the sliders of a window right, from `start` to `stop`."""

    def __init__(self, viewer: Viewer, panel: QWidget) -> None:
        self._viewer, self._panel = viewer, panel

    def start(self) -> None:
        """Begin to follow the viewer."""
        for event in self._events():
            event.connect(self.write)
        self.write()

    def stop(self) -> None:
        """Give napari's own words back, and let go of the viewer."""
        for event in self._events():
            event.disconnect(self.write)
        for row in self._rows():
            _give_back(row)

    def _events(self) -> tuple[Any, ...]:
        dims, layers = self._viewer.dims.events, self._viewer.layers.events
        return dims.point, dims.range, dims.ndim, dims.ndisplay, dims.order, layers.inserted, layers.removed

    def _rows(self) -> list[Any]:
        """Return the sliders of the window's own canvas; none before the panel is in a window."""
        window = find_window(self._panel)
        centre = None if window is None else window.centralWidget()
        found = [] if centre is None else centre.findChildren(QLineEdit, "slice_label")
        return [row for edit in found if (row := edit.parentWidget()) is not None and hasattr(row, "axis")]

    def write(self, _event: Any = None) -> None:  # noqa: ANN401 - napari's events have no common type
        """Write where the sliders are now."""
        dims = self._viewer.dims
        for row in self._rows():
            if row.axis in dims.displayed:
                continue  # not seen, see `Dims.order`
            axis = row.axis - (dims.ndim - 3)
            plane = next((name for name, number in AXES.items() if number == axis), None)
            say_slice(row, slice_words(self._viewer.layers, plane, dims.point) if dims.ndim >= 3 else "")


class _Place(QLabel):
    """Says which slice it is, without its plane and its place where the slider would have no room for them."""

    def __init__(self, row: QWidget) -> None:
        super().__init__(row)
        self.setObjectName(_NAME)
        self.setToolTip("Write the number of a slice, or a place in mm, into the line beside All to go there")
        self._words = ""
        self._wide = self._narrow = 0
        self._room: int | None = None  # as long as nothing is laid out

    def say(self, words: str) -> None:
        """Write words such as ``Axial slice 46 of 91, S 10.0 mm``."""
        self._words = words
        self._fit()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the room of all words. It grows, but never shrinks: the slider must not jump while it is dragged."""
        self._wide = max(self._wide, self._width(self._words))
        return QSize(self._wide, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Return the room of the number."""
        self._narrow = max(self._narrow, self._width(_number(self._words)))
        return QSize(self._narrow, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Write what there is room for."""
        super().resizeEvent(event)
        self._room = self.width()
        self._fit()

    def _fit(self) -> None:
        shorter = self._words, self._words.partition(" slice ")[2], _number(self._words)
        fits = (words for words in shorter if words and (self._room is None or self._room >= self._width(words)))
        self.setText(next(fits, shorter[-1]))
        self.updateGeometry()

    def _width(self, text: str) -> int:
        letters = self.fontMetrics().horizontalAdvance
        around = super().sizeHint().width() - letters(self.text())
        return letters(text) + max(0, around)


def _number(words: str) -> str:
    """Return ``46 of 91`` of ``Axial slice 46 of 91, S 10.0 mm``, and other words as they are."""
    return words.split(",")[0].partition(" slice ")[2] or words


def say_slice(row: QWidget, words: str) -> None:
    """Write which slice it is beside a slider of napari's, in place of its numbers; give these back without words."""
    if not words:
        _give_back(row)
        return
    place = row.findChild(_Place, _NAME)
    layout = row.layout()
    if place is None and layout is not None:
        place = _Place(row)
        layout.addWidget(place)
        _show_theirs(row, is_shown=False)
    if place is not None:
        place.say(words)


def _give_back(row: QWidget) -> None:
    label = row.findChild(QLabel, _NAME)
    if label is not None:
        label.setParent(None)
        label.deleteLater()
        _show_theirs(row, is_shown=True)


def _show_theirs(row: QWidget, *, is_shown: bool) -> None:
    for name in _THEIRS:
        for part in row.findChildren(QWidget, name):
            part.setVisible(is_shown)
