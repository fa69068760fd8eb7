"""Layers go without a collection of garbage by napari, and it collects again afterwards."""

import gc
import sys
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from napari import Viewer
from napari.components import ViewerModel

from napari_refusion.widgets.removing import nothing_collected, remove_layer

pytestmark = pytest.mark.usefixtures("unfrozen")


@pytest.fixture
def collections() -> Iterator[list[int]]:
    """The generations that are looked through while a test runs."""
    found: list[int] = []

    def note(phase: str, details: dict[str, int]) -> None:
        if phase == "start":
            found.append(details["generation"])

    gc.callbacks.append(note)
    yield found
    gc.callbacks.remove(note)


@pytest.mark.skipif(sys.platform == "win32", reason="there napari's collection is needed")
def test_napari_looks_through_everything_for_a_layer_that_it_removes_but_not_for_one_of_ours(
    make_napari_viewer: Callable[..., Viewer], collections: list[int]
) -> None:
    viewer = make_napari_viewer()
    ours, theirs = (viewer.add_image(np.zeros((4, 5)), name=name) for name in ("ours", "theirs"))
    gc.disable()  # Python's own, which come at any time
    try:
        collections.clear()
        remove_layer(viewer, ours)
        assert (ours in viewer.layers, collections) == (False, [])
        viewer.layers.remove(theirs)
        assert collections == [2]  # else the plugin guards against what napari does no more
    finally:
        gc.enable()


@pytest.mark.skipif(sys.platform == "win32", reason="there napari's collection is needed")
def test_napari_collects_again_after_a_failure_and_only_after_the_outermost_of_several(
    collections: list[int],
) -> None:
    from napari._vispy import canvas

    def fail() -> None:
        with nothing_collected():
            with nothing_collected():
                pass
            canvas.gc.collect()
            raise ValueError("fails")

    with pytest.raises(ValueError, match="fails"):
        fail()
    assert canvas.gc is gc
    assert 2 not in collections


def test_a_layer_goes_where_there_is_no_canvas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "napari._vispy.canvas", raising=False)
    viewer = ViewerModel()
    remove_layer(viewer, viewer.add_image(np.zeros((4, 5))))
    assert not viewer.layers
