"""What napari's sliders say: the slice as it is counted everywhere, and where it lies, in place of steps from 0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

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
            words = slice_words(self._viewer.layers, plane, dims.point) if dims.ndim >= 3 else ""
            if words:
                _say(row, words)
            else:
                _give_back(row)


def _say(row: QWidget, text: str) -> None:
    """Write a text beside a slider, in place of napari's numbers."""
    label = row.findChild(QLabel, _NAME)
    layout = row.layout()
    if label is None and layout is not None:
        label = QLabel(row)
        label.setObjectName(_NAME)
        label.setToolTip("Write the number of a slice, or a place in mm, into the line beside All to go there")
        layout.addWidget(label)
        _show_theirs(row, is_shown=False)
    if label is not None:
        label.setText(text)
        # it grows, but never shrinks: the slider must not jump while it is dragged
        label.setMinimumWidth(max(label.minimumWidth(), label.sizeHint().width()))


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
