"""What stays for good is left out of collections of garbage; what goes is freed all the same."""

import gc
import weakref
from collections.abc import Iterator

import numpy as np
import pytest
from napari.components import ViewerModel
from pytestqt.qtbot import QtBot
from qtpy.QtCore import QCoreApplication, QEvent, QObject

from napari_refusion.widgets import collecting
from napari_refusion.widgets.collecting import LongLived, uncollected

pytestmark = pytest.mark.usefixtures("unfrozen", "qapp")


class Ring:
    """Refers to itself, so that only a collection frees it."""

    def __init__(self) -> None:
        self.own = self


@pytest.fixture
def viewer() -> ViewerModel:
    """A viewer with an image."""
    viewer = ViewerModel()
    viewer.add_image(np.zeros((2, 3)))
    return viewer


@pytest.fixture
def never_by_itself() -> Iterator[None]:
    """Let Python begin no collection, which it does at any time."""
    gc.disable()
    yield
    gc.enable()


@pytest.fixture
def parent() -> Iterator[QObject]:
    parent = QObject()
    yield parent
    parent.deleteLater()
    QCoreApplication.sendPostedEvents(parent, QEvent.Type.DeferredDelete)
    assert gc.get_freeze_count() == 0  # else layers of later tests would be kept


def test_importing_leaves_the_collector_as_it_was() -> None:
    with uncollected():
        assert not gc.isenabled()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_what_is_kept_is_not_looked_through_and_what_comes_later_is(viewer: ViewerModel, parent: QObject) -> None:
    before = weakref.ref(Ring())
    LongLived(viewer, parent).keep()
    after = weakref.ref(Ring())
    gc.collect()
    assert before() is not None
    assert after() is None


@pytest.mark.usefixtures("never_by_itself")
def test_when_a_viewer_is_empty_what_came_later_is_looked_through_and_kept_out_then(
    viewer: ViewerModel, parent: QObject, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting, "AFTER", 0)
    before = weakref.ref(Ring())
    LongLived(viewer, parent).keep()
    garbage, used = weakref.ref(Ring()), [Ring()]
    viewer.layers.clear()
    qtbot.waitUntil(lambda: garbage() is None)
    kept_out = weakref.ref(used.pop())
    gc.collect()
    assert before() is not None
    assert kept_out() is not None


@pytest.mark.usefixtures("never_by_itself")
def test_after_layers_were_removed_rings_are_looked_for_once_and_what_is_left_is_not_kept_out(
    viewer: ViewerModel, parent: QObject, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting, "AFTER", 50)
    LongLived(viewer, parent).keep()
    garbage, used = weakref.ref(Ring()), [Ring()]
    layers = [viewer.add_image(np.zeros((2, 3))) for _ in range(2)]
    for layer in layers:
        viewer.layers.remove(layer)
        assert garbage() is not None
    qtbot.waitUntil(lambda: garbage() is None)
    as_before = weakref.ref(used.pop())  # as the layer that is there still, which may go, too
    gc.collect()
    assert as_before() is None


def test_layers_that_were_there_before_are_freed_when_they_have_gone_if_they_were_large(
    viewer: ViewerModel, parent: QObject, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting, "AFTER", 0)
    for much, is_found in ((collecting.MUCH, False), (collecting.OF_A_LAYER, True)):
        monkeypatch.setattr(collecting, "MUCH", much)
        before, keeper = weakref.ref(Ring()), QObject(parent)
        LongLived(viewer, keeper).keep()
        viewer.layers.clear()
        qtbot.wait(20)
        assert (before() is None) == is_found
        assert gc.get_freeze_count() > 0
        with qtbot.waitSignal(keeper.destroyed):
            keeper.deleteLater()
        viewer.add_image(np.zeros((2, 3)))


def test_with_the_window_that_kept_it_everything_is_looked_through_again(viewer: ViewerModel, qtbot: QtBot) -> None:
    parent = QObject()
    LongLived(viewer, parent).keep()
    assert gc.get_freeze_count() > 0
    with qtbot.waitSignal(parent.destroyed):
        parent.deleteLater()
    viewer.layers.clear()
    assert gc.get_freeze_count() == 0


def test_what_somebody_else_keeps_out_is_left_to_them(viewer: ViewerModel, qtbot: QtBot) -> None:
    gc.freeze()
    try:
        parent = QObject()
        LongLived(viewer, parent).keep()
        viewer.layers.clear()
        with qtbot.waitSignal(parent.destroyed):
            parent.deleteLater()
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()
