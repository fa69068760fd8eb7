"""The slider stops at slices, wherever another layer begins."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from napari import Viewer
from napari.components import ViewerModel
from qtpy.QtWidgets import QApplication

from napari_refusion.fusion.partial import new_partial
from napari_refusion.study.pairing import pair
from napari_refusion.volume.origin import Origin
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.layer_marks import KEY
from napari_refusion.widgets.layers import to_layer_data
from napari_refusion.widgets.review.slice_watch import SliceWatch
from napari_refusion.widgets.slider_grid import SliderGrid
from tests.widgets.made import blob


@pytest.fixture
def viewer(mri: Volume) -> ViewerModel:
    """MRI with slices 4 mm apart, and a PET whose slices lie 2 mm, half a slice, higher."""
    viewer = ViewerModel()
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


def reached(viewer: ViewerModel, watch: SliceWatch) -> set[int]:
    """Return the slices at which the slider stops, from one end to the other."""
    found = set()
    for step in range(viewer.dims.nsteps[0]):
        viewer.dims.set_current_step(0, step)
        found.add(watch.index())
    return found - {-1}


def test_every_slice_of_the_reference_is_reached_and_without_the_grid_only_every_other_one(
    viewer: ViewerModel, mri: Volume, qapp: QApplication
) -> None:
    partial = new_partial(pair(mri, shifted(mri)), "axial")
    watch = SliceWatch(viewer, qapp)
    watch.follow(partial)
    every = set(range(mri.shape[0]))
    assert reached(viewer, watch) < every
    sliders = SliderGrid(viewer)
    sliders.start()
    sliders.follow(partial)
    assert reached(viewer, watch) < every  # nothing of this pair is shown
    fused = viewer.add_image(partial.fused, metadata={KEY: {"fusion": {}}}, **placed(mri))
    sliders.follow(partial)
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


def test_the_viewer_stays_at_its_place_when_a_pair_with_fewer_slices_is_followed(
    make_napari_viewer: Callable[..., Viewer], mri: Volume
) -> None:
    viewer = make_napari_viewer()
    low, high = -30.0, -30.0 + 4.0 * (mri.shape[0] - 1)
    viewer.add_image(np.zeros((round(high - low) + 1, 4, 5)), translate=(low, 0, 0))
    partial = new_partial(pair(mri, shifted(mri)), "axial")
    sliders = SliderGrid(viewer)
    sliders.start()
    viewer.dims.set_point(0, high - 8.0)
    viewer.add_image(partial.fused, metadata={KEY: {"fusion": {}}}, **placed(mri))
    sliders.follow(partial)
    assert viewer.dims.range[0].step == 4.0
    assert viewer.dims.point[0] == high - 8.0
    sliders.stop()


def test_no_layer_that_comes_or_goes_moves_the_viewer_by_half_a_slice(
    make_napari_viewer: Callable[..., Viewer], mri: Volume
) -> None:
    viewer = make_napari_viewer()
    low, count = -30.0, mri.shape[0]
    for first in (low, low - 2.0):
        viewer.add_image(np.zeros((count, 4, 5)), translate=(first, 0, 0), scale=(4, 2, 1))
    partial = new_partial(pair(mri, shifted(mri)), "axial")
    sliders = SliderGrid(viewer)
    sliders.start()
    viewer.add_image(partial.fused, metadata={KEY: {"fusion": {}}}, **placed(mri))
    sliders.follow(partial)
    for index in range(1, count - 1):
        viewer.dims.set_current_step(0, index)
        place = viewer.dims.point
        picture = viewer.add_image(np.zeros(mri.shape), **placed(mri))
        assert viewer.dims.point == place
        viewer.layers.remove(picture)
        assert viewer.dims.point == place
    sliders.stop()
