"""One numbering: what a viewer shows, in the words that everything else uses."""

from dataclasses import replace

import numpy as np
import pytest
from napari.components import ViewerModel

from napari_refusion.fusion.fuse import fused_volume
from napari_refusion.fusion.partial import new_partial
from napari_refusion.study.pairing import pair
from napari_refusion.volume.grid import Grid
from napari_refusion.volume.probe import slice_in_words
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.layer_marks import KEY
from napari_refusion.widgets.layers import to_layer_data
from napari_refusion.widgets.planes.hanging import shown_plane
from napari_refusion.widgets.shown_slice import drawn_place, missing_in_words, reference_volume, slice_title
from napari_refusion.widgets.world import drawn_matrix
from tests.small_pair import IPL_AFFINE, oblique


def viewer_of(*volumes: Volume) -> ViewerModel:
    viewer = ViewerModel()
    for volume in volumes:
        data, properties, _ = to_layer_data(volume)
        viewer.add_image(data, **properties)
    return viewer


def title(viewer: ViewerModel) -> str:
    return slice_title(viewer.layers, shown_plane(viewer.dims.order), viewer.dims.point)


@pytest.mark.parametrize(
    ("order", "words"),
    [
        # voxel (2, 5, 7) of 6 x 24 x 32 lies at S 30 - 4 * 2, A 20 - 2 * 5, R 10 - 7
        ((0, 1, 2), "Axial slice 3 of 6, S 22.0 mm"),
        ((1, 0, 2), "Coronal slice 6 of 24, A 10.0 mm"),
        ((2, 0, 1), "Sagittal slice 8 of 32, R 3.0 mm"),
    ],
)
def test_a_slice_is_counted_from_one_and_has_its_place(mri: Volume, order: tuple[int, ...], words: str) -> None:
    viewer = viewer_of(mri)
    viewer.dims.point = viewer.layers[0].data_to_world((2, 5, 7))
    viewer.dims.order = order
    assert title(viewer) == words


def test_between_two_slices_the_place_is_that_of_the_slice_that_is_drawn(mri: Volume) -> None:
    """A slider that stops 0.8 mm above a slice of 4 mm shows that slice, and so does its title."""
    viewer = viewer_of(mri)
    viewer.dims.point = np.array(viewer.layers[0].data_to_world((2, 5, 7))) - (0.8, 0, 0)
    assert title(viewer) == "Axial slice 3 of 6, S 22.0 mm"


def test_beyond_the_reference_it_is_said_that_there_is_no_slice() -> None:
    grid = Grid((6, 24, 32), IPL_AFFINE)
    assert slice_in_words(grid, "axial", 6) == "outside the 6 slices, S 6.0 mm"
    assert slice_in_words(grid, "axial", -1) == "outside the 6 slices, S 34.0 mm"


def coarser(volume: Volume) -> Volume:
    """Return every other slice of a volume."""
    affine = volume.affine.copy()
    affine[:3, 0] *= 2
    return replace(volume, data=np.ascontiguousarray(volume.data[::2]), affine=affine)


def test_of_two_grids_it_is_said_whose_slices_are_counted_until_the_pair_has_a_reference(
    mri: Volume, pet: Volume
) -> None:
    viewer = viewer_of(coarser(pet), mri)
    viewer.dims.point = viewer.layers[1].data_to_world((2, 5, 7))
    assert title(viewer) == "Axial slice 2 of 3, S 22.0 mm, of pet"
    study = pair(mri, pet)
    fused = fused_volume(np.zeros(study.grid.shape, np.float32), study)
    data, properties, _ = to_layer_data(fused, "fused", growing=True)
    properties["metadata"][KEY]["fusion"] = {"kind": "grey"}
    viewer.add_image(data, **properties)
    assert title(viewer) == "Axial slice 3 of 6, S 22.0 mm"


def test_a_layer_that_is_hidden_is_counted_only_if_all_are(mri: Volume, pet: Volume) -> None:
    viewer = viewer_of(mri, coarser(pet))
    viewer.layers[0].visible = False
    assert reference_volume(viewer.layers) is viewer.layers[1].metadata[KEY]["volume"]
    viewer.layers[1].visible = False
    assert reference_volume(viewer.layers) is viewer.layers[0].metadata[KEY]["volume"]
    viewer.layers.clear()
    assert reference_volume(viewer.layers) is None


def test_an_oblique_slice_has_the_place_that_its_middle_has_in_the_patient(mri: Volume) -> None:
    """Turned by 20 degrees about the left-right axis, the middle of the first slice lies elsewhere than it is drawn."""
    turned = replace(mri, affine=oblique(20.0))
    viewer = viewer_of(turned)
    viewer.dims.point = viewer.layers[0].data_to_world((0, 5, 7))
    z = (oblique(20.0) @ (0, 11.5, 15.5, 1))[2]
    assert title(viewer) == f"Axial slice 1 of 6, S {z:.1f} mm in its middle (oblique)"
    assert abs(z + viewer.dims.point[0]) > 0.5  # which is not the place that is drawn


def test_a_place_in_the_patient_is_drawn_in_the_voxel_that_holds_it() -> None:
    grid = Grid((6, 24, 32), oblique(20.0))
    index = np.array((4.0, 3.0, 20.0))
    drawn = drawn_place(grid, grid.point_at(index))
    assert np.allclose(np.linalg.inv(drawn_matrix(grid)) @ (*drawn, 1.0), (*index, 1.0))
    assert np.allclose(drawn_place(None, np.array((1.0, 2.0, 3.0))), (-3.0, -2.0, -1.0))


def test_a_layer_from_elsewhere_gets_no_title(mri: Volume) -> None:
    viewer = viewer_of(mri)
    viewer.add_image(np.zeros((4, 8, 8)), name="of unknown orientation")
    assert title(viewer) == ""


def test_what_is_missing_is_said_across_the_direction_that_is_fused(mri: Volume, pet: Volume) -> None:
    viewer, partial = viewer_of(mri, pet), new_partial(pair(mri, pet), "axial")
    partial.put(2, np.full((24, 32), 0.5, np.float32))
    assert missing_in_words(viewer.layers, "coronal") == ""
    data, properties, _ = to_layer_data(fused_volume(partial.fused, partial.study), "fused", growing=True)
    properties["metadata"][KEY] |= {"fusion": {"kind": "grey"}, "partial": partial}
    layer = viewer.add_image(data, **properties)
    assert missing_in_words(viewer.layers, "coronal") == "Fused so far: 1 of 6 axial slices"
    assert missing_in_words(viewer.layers, "axial") == ""
    layer.visible = False
    assert missing_in_words(viewer.layers, "coronal") == ""
    layer.visible = True
    for index in range(6):
        partial.put(index, np.full((24, 32), 0.5, np.float32))
    assert missing_in_words(viewer.layers, "coronal") == ""
