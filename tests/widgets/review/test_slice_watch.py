"""How long a slice of a review is looked at."""

import numpy as np
import pytest
from napari import Viewer
from napari.layers import Image
from qtpy.QtWidgets import QApplication

from napari_refusion.fusion.partial import new_partial
from napari_refusion.study.pairing import pair
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.layer_marks import KEY
from napari_refusion.widgets.layers import to_layer_data
from napari_refusion.widgets.review import slice_watch
from napari_refusion.widgets.review.slice_watch import SliceWatch


class Clock:
    """A clock that goes on when it is told to."""

    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(slice_watch, "time", clock)
    return clock


@pytest.fixture
def watch(viewer: Viewer, mri: Volume, qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> SliceWatch:
    """Return a watch of the fused volume that the viewer shows, in a window that is in front."""
    partial = new_partial(pair(mri, mri), "axial")
    _, properties, _ = to_layer_data(mri)
    placed = {name: properties[name] for name in ("scale", "translate", "units", "axis_labels")}
    viewer.add_image(partial.fused, metadata={KEY: {"fusion": {"pair": []}}}, name="fused", **placed)
    monkeypatch.setattr(slice_watch.QApplication, "activeWindow", staticmethod(lambda: qapp))
    watch = SliceWatch(viewer, qapp)
    watch.start()
    watch.follow(partial)
    watch.go_to(2)
    return watch


def image_over(viewer: Viewer, *, visible: bool = True) -> Image:
    """Add an image that lies over everything, as one that is opened during a review does."""
    return viewer.add_image(np.ones((400, 400)), translate=(-200, -200), name="other", visible=visible)


def seconds(watch: SliceWatch, said: list[tuple[int, float]]) -> float:
    """Return for how long slice 2 was seen, all that is still to be said included."""
    watch.leave()
    return sum(longer for index, longer in said if index == 2)


@pytest.mark.parametrize("how", ["opened", "shown", "not at all"])
def test_a_look_ends_when_an_image_comes_to_lie_over_the_fused_slice(
    viewer: Viewer, watch: SliceWatch, clock: Clock, how: str
) -> None:
    other = image_over(viewer, visible=False) if how == "shown" else None
    said: list[tuple[int, float]] = []
    watch.seen.connect(lambda index, longer: said.append((index, longer)))
    watch._look_long_enough()
    watch._timer.stop()  # as after the time has passed
    clock.now += 10
    if how == "opened":
        image_over(viewer)
    elif other is not None:
        other.visible = True
    clock.now += 50
    assert seconds(watch, said) == pytest.approx(slice_watch.LOOK + (60 if how == "not at all" else 10))


def test_after_the_image_over_it_is_hidden_the_slice_is_looked_at_again(
    viewer: Viewer, watch: SliceWatch, clock: Clock
) -> None:
    said: list[tuple[int, float]] = []
    hidden: list[str] = []
    watch.seen.connect(lambda index, longer: said.append((index, longer)))
    watch.hidden.connect(hidden.append)
    other = image_over(viewer)
    watch._look_long_enough()
    assert (said, hidden) == ([], ["other"])
    other.visible = False
    watch._look_long_enough()
    assert said == [(2, slice_watch.LOOK)]
