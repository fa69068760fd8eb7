"""What was drawn on one case of the worklist is neither seen nor measured on the next."""

import numpy as np
from pytestqt.qtbot import QtBot

from napari_refusion.widgets.probe.drawn_regions import NO_SHAPE
from napari_refusion.widgets.worklist.panel import WorklistPanel
from tests.widgets.worklist.test_panel import cases, panel

__all__ = ["cases", "panel"]


def open_next(panel: WorklistPanel, qtbot: QtBot) -> None:
    review, before = panel._window.fuse_widget().panels.review, panel.current
    panel.open_next()
    qtbot.waitUntil(lambda: panel.current != before and review.session is not None, timeout=120_000)
    qtbot.waitUntil(lambda: panel._window.fuse_widget().is_idle, timeout=15_000)


def test_ellipses_and_painted_labels_stay_with_their_case(panel: WorklistPanel, qtbot: QtBot) -> None:
    viewer, probe = panel._window._viewer, panel._window.fuse_widget().panels.probe
    open_next(panel, qtbot)
    painted = viewer.add_labels(np.ones((6, 24, 32), np.uint8), name="painted")
    probe.draw_regions()
    drawn = viewer.layers.selection.active
    drawn.add_rectangles(np.array([(1, 2, 2), (1, 2, 9), (1, 9, 9), (1, 9, 2)], float))
    open_next(panel, qtbot)
    assert not painted.visible
    assert painted in viewer.layers  # it may not be saved
    qtbot.waitUntil(lambda: drawn not in viewer.layers)
    assert probe.message.text() == NO_SHAPE
