"""Lines that are typed into beside the viewer, and the keys that are the viewer's again afterwards."""

from functools import partial

from qtpy.QtWidgets import QAbstractSpinBox, QLineEdit, QWidget

from napari_refusion.widgets.probe.cursor_cross import find_canvas


def give_back_keys(widget: QWidget) -> None:
    """Give the keys to the canvas of the widget's window, from a line in which Alt+T is a t, and Q a q."""
    (find_canvas(widget) or widget).setFocus()


def end_by_enter(box: QLineEdit | QAbstractSpinBox) -> None:
    """Give the keys back whenever what is typed into a line, or into a box of numbers, ends with Enter."""
    line = box if isinstance(box, QLineEdit) else box.lineEdit()
    if line is not None:
        # of the box: PyQt collects a line that only its own slot knows, and the slot with it
        line.returnPressed.connect(partial(give_back_keys, box))
