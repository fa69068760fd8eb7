"""The slider stops at slices, wherever another layer begins."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from napari import Viewer
from pytestqt.qtbot import QtBot

from napari_refusion.fusion.canvas import empty_canvas
from napari_refusion.numerics.intensity import Window
from napari_refusion.volume.origin import Origin
from napari_refusion.volume.pair import pair_volumes
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.compare.slider_grid import SliderGrid, stepped
from napari_refusion.widgets.layers import KEY, to_layer_data
from napari_refusion.widgets.review.slice_watch import SliceWatch
from tests.widgets.made import blob


@pytest.fixture
def viewer(make_napari_viewer: Callable[..., Viewer], mri: Volume) -> Viewer:
    """MRI with slices 4 mm apart, and a PET whose slices lie 2 mm, half a slice, higher."""
    viewer = make_napari_viewer()
    for volume in (mri, shifted(mri)):
        data, properties, _ = to_layer_data(volume)
        viewer.add_image(data, **properties)
    return viewer


def shifted(mri: Volume) -> Volume:
    affine = mri.affine.copy()
    affine[2, 3] += 2.0
    return replace(
        mri, data=blob(mri.shape, 2), affine=affine, modality="PT", name="pet", origin=Origin(sha256="2" * 64)
    )


def placed(volume: Volume) -> dict[str, Any]:
    """Return where a layer of a volume lies."""
    _, properties, _ = to_layer_data(volume)
    return {name: properties[name] for name in ("scale", "translate", "units", "axis_labels")}


def reached(viewer: Viewer, watch: SliceWatch) -> set[int]:
    """Return the slices at which the slider stops, from one end to the other."""
    found = set()
    for step in range(viewer.dims.nsteps[0]):
        viewer.dims.set_current_step(0, step)
        found.add(watch.index())
    return found - {-1}


def test_every_slice_of_the_reference_is_reached_and_without_the_grid_only_every_other_one(
    viewer: Viewer, mri: Volume, qtbot: QtBot
) -> None:
    canvas = empty_canvas(pair_volumes(mri, shifted(mri)), (Window(0, 1), Window(0, 1)), "axial")
    watch = SliceWatch(viewer, viewer.window._qt_viewer)
    watch.follow(canvas)
    every = set(range(mri.shape[0]))
    assert reached(viewer, watch) < every
    sliders = SliderGrid(viewer)
    sliders.start()
    sliders.follow(canvas)
    assert reached(viewer, watch) < every  # nothing of this pair is shown
    fused = viewer.add_image(canvas.fused, metadata={KEY: {"fusion": {}}}, **placed(mri))
    sliders.follow(canvas)
    assert reached(viewer, watch) == every
    for index in every:
        watch.go_to(index)
        assert watch.index() == index
    viewer.add_image(np.zeros((3, 4, 5)), translate=(-33.0, 0, 0), scale=(4, 2, 1))  # napari counts anew
    assert reached(viewer, watch) == every
    viewer.layers.pop()
    assert reached(viewer, watch) == every
    viewer.layers.remove(fused)
    assert reached(viewer, watch) < every
    sliders.stop()


def test_positions_are_whole_steps_from_a_slice() -> None:
    assert stepped(10.0, 4.0, 8.0, 31.0) == (10.0, 30.0, 4.0)
    assert stepped(10.0, 4.0, 1.9, 30.0) == (2.0, 30.0, 4.0)
    assert stepped(10.0, 4.0, 2.0 + 1e-9, 30.0 - 1e-9) == (2.0, 30.0, 4.0)
