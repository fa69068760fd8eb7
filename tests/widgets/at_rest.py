"""A window in which nothing is left to be done: a reader clicks on what is drawn, and not on what moves meanwhile."""

from typing import Final

from qtpy.QtCore import QDeadlineTimer
from qtpy.QtWidgets import QApplication, QOpenGLWidget, QWidget

from napari_refusion.widgets.turns import Turns

_LONGEST: Final = 30_000
"""Milliseconds that are waited at most."""


def draw_to_the_end(canvas: QWidget) -> None:
    """Wait until a window takes no more turns and moves nothing, and a canvas of it is drawn as it lies there.

    Raises
    ------
    AssertionError
        If the window is not at rest after half a minute.
    """
    deadline, before = QDeadlineTimer(_LONGEST), None
    while before != (now := _state(canvas)) or now[0]:
        assert not deadline.hasExpired(), f"{now[0]} works go on, and the canvas lies at {now[1]}"
        before = now
        QApplication.processEvents()
    for one in canvas.window().findChildren(QOpenGLWidget):
        if one.isVisible():
            one.grabFramebuffer()  # vispy learns of a canvas's size when it is drawn


def _state(canvas: QWidget) -> tuple[int, object]:
    """Return how many works go on in the window of a canvas, and where the canvas lies."""
    going_on = sum(one.is_running for one in canvas.window().findChildren(Turns))
    return going_on, (canvas.mapTo(canvas.window(), canvas.rect().topLeft()), canvas.size())
