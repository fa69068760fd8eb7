"""When Live asks for a slice: once for what comes together, and before the window paints."""

from collections.abc import Iterator

import numpy as np
import pytest
from napari.components import ViewerModel
from pytestqt.qtbot import QtBot
from qtpy.QtCore import QEvent, QObject
from qtpy.QtGui import QPaintEvent
from qtpy.QtWidgets import QApplication, QWidget

from napari_refusion.widgets.fuse.live import Live


class Painted(QWidget):
    """A part of the window that notes when it is drawn."""

    def __init__(self, noted: list[str]) -> None:
        super().__init__()
        self._noted = noted

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Note it."""
        self._noted.append("painted")
        super().paintEvent(event)


@pytest.fixture
def viewer() -> ViewerModel:
    model = ViewerModel()
    model.add_image(np.zeros((9, 4, 4)))
    return model


@pytest.fixture
def live(viewer: ViewerModel, qtbot: QtBot) -> Iterator[Live]:
    parent = QObject()
    live = Live(viewer, parent)
    live.start()
    yield live
    live.stop()
    parent.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def noted(live: Live) -> list[str]:
    words: list[str] = []
    live.wanted.connect(lambda: words.append("wanted"))
    return words


def test_a_slice_is_asked_for_before_the_window_paints_so_that_a_worker_fuses_meanwhile(
    viewer: ViewerModel, noted: list[str], qtbot: QtBot
) -> None:
    window = Painted(noted)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(lambda: "painted" in noted)
    QApplication.processEvents()
    noted.clear()
    window.update()
    viewer.dims.set_current_step(0, 3)
    qtbot.waitUntil(lambda: "painted" in noted)
    assert noted == ["wanted", "painted"]


def test_changes_that_come_together_are_asked_for_once_and_later_ones_again(
    viewer: ViewerModel, noted: list[str]
) -> None:
    for index in (2, 3, 4):
        viewer.dims.set_current_step(0, index)
    QApplication.processEvents()
    assert noted == ["wanted"]
    viewer.dims.set_current_step(0, 5)
    QApplication.processEvents()
    assert noted == ["wanted", "wanted"]


@pytest.mark.parametrize("source", range(2))
def test_a_source_in_another_unit_lies_elsewhere_and_is_fused_anew(
    viewer: ViewerModel, live: Live, noted: list[str], source: int
) -> None:
    images = [viewer.layers[0], viewer.add_image(np.zeros((9, 4, 4)))]
    live.follow(*images)
    QApplication.processEvents()
    noted.clear()
    images[source].units = ("um",) * 3
    QApplication.processEvents()
    assert noted == ["wanted"]


def test_nothing_is_asked_for_once_live_has_stopped(viewer: ViewerModel, qtbot: QtBot) -> None:
    parent = QObject()
    live = Live(viewer, parent)
    words: list[str] = []
    live.wanted.connect(lambda: words.append("wanted"))
    live.start()
    viewer.dims.set_current_step(0, 3)
    live.stop()
    QApplication.processEvents()
    assert words == []
