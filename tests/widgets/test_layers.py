"""Volume to layer and back: the place in the patient survives, nothing about the orientation is guessed silently."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from napari.layers import Image

from napari_refusion.volume.affine import IPL_TO_RAS, spacing
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.grid import Grid
from napari_refusion.volume.origin import Origin, patient_mark
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.layers import KEY, from_layer, look_at, oblique_notice, to_layer_data, was_rewindowed
from napari_refusion.widgets.world import drawn_matrix, slice_index
from tests.widgets.made import IPL_AFFINE, layer_of, oblique


@pytest.mark.parametrize("affine", [IPL_AFFINE, oblique(20.0)], ids=["straight", "oblique"])
def test_a_volume_comes_back_from_its_layer_exactly_as_it_was(pet: Volume, affine: np.ndarray) -> None:
    volume = replace(pet, affine=affine, frame_of_reference="1.2.3", stored_axes=("R", "A", "S"))
    assert from_layer(layer_of(volume)) is volume


def test_a_colour_volume_comes_back_too(mri: Volume) -> None:
    rgb = replace(mri, data=np.random.default_rng(0).random((6, 24, 32, 3), dtype=np.float32))
    again = from_layer(layer_of(rgb))
    assert np.array_equal(again.data, rgb.data)
    assert replace(again, data=rgb.data) == rgb


def test_dark_colours_are_drawn_as_dark_as_they_are(mri: Volume) -> None:
    dark = replace(mri, data=np.full((6, 24, 32, 3), 0.2, np.float32))
    dark.data[0, 0, 0] = 0.4
    assert tuple(layer_of(dark).contrast_limits) == (0.0, 1.0)


def test_a_window_that_is_given_is_the_one_that_the_layer_was_set_to(mri: Volume) -> None:
    data, properties, _ = to_layer_data(mri, contrast_limits=(0.0, 7.0))
    layer = Image(data, **properties)
    assert tuple(layer.contrast_limits) == layer.metadata[KEY]["window"] == (0.0, 7.0)
    assert not was_rewindowed(layer)


def test_the_world_of_a_voxel_is_minus_s_minus_a_minus_r(mri: Volume) -> None:
    # voxel (1, 2, 3) lies at R = 10 - 3*1 = 7, A = 20 - 2*2 = 16, S = 30 - 1*4 = 26
    assert layer_of(mri).data_to_world((1, 2, 3)) == pytest.approx((-26, -16, -7))


def test_a_marker_in_the_patients_right_stays_right(mri: Volume) -> None:
    data = np.zeros_like(mri.data)
    data[3, 10, 2] = 1.0  # index 2 runs from the patient's right to left: R = 10 - 2
    layer = layer_of(replace(mri, data=data))
    marker = np.argwhere(layer.data == 1.0)[0]
    world = layer.data_to_world(marker)
    assert world[2] == pytest.approx(-8)
    assert world[2] < layer.data_to_world(np.array(data.shape) / 2)[2]


def test_volumes_of_one_patient_lie_on_each_other_whatever_their_grids(mri: Volume) -> None:
    coarse = np.diag([2.0, 2.0, 2.0, 1.0])
    other = replace(mri, affine=mri.affine @ coarse)
    assert layer_of(other).data_to_world((1, 1, 1)) == pytest.approx(layer_of(mri).data_to_world((2, 2, 2)))


def test_a_layer_has_positive_scale_millimetres_and_fixed_contrast(pet: Volume) -> None:
    layer = layer_of(pet)
    assert tuple(layer.scale) == (4.0, 2.0, 1.0)
    assert [str(unit) for unit in layer.units] == ["millimeter"] * 3
    assert layer.axis_labels == ("inferior", "posterior", "left")
    assert layer.contrast_limits[0] == 0.0
    assert layer.blending == "additive"
    assert np.array_equal(layer.rotate, np.eye(3))


def test_an_oblique_volume_is_drawn_on_its_own_grid_about_its_centre(mri: Volume) -> None:
    tilted = replace(mri, affine=oblique(20.0))
    drawn = drawn_matrix(tilted.grid)
    centre = np.append((np.array(tilted.shape) - 1) / 2, 1.0)
    assert np.diag(drawn)[:3] == pytest.approx(spacing(tilted.affine))
    assert drawn @ centre == pytest.approx(IPL_TO_RAS @ tilted.affine @ centre)
    assert "oblique" in oblique_notice(tilted)
    assert oblique_notice(mri) == ""


def test_a_layer_that_was_moved_is_fused_where_it_is_now(mri: Volume) -> None:
    layer = layer_of(replace(mri, affine=oblique(20.0)))
    layer.translate = np.add(layer.translate, (0.0, 0.0, 5.0))  # 5 mm to the patient's left
    moved = from_layer(layer)
    expected = oblique(20.0)
    expected[0, 3] -= 5.0
    assert moved.affine == pytest.approx(expected)
    assert [finding.rule for finding in moved.findings] == ["moved"]
    assert moved.findings[0].value == "5.0 mm"


def test_changed_voxels_no_longer_carry_the_hash_of_their_file(mri: Volume) -> None:
    layer = layer_of(mri)
    layer.data = layer.data + 1.0
    changed = from_layer(layer)
    assert changed.origin == Origin()
    assert changed.findings[0].level == "warn"


def test_a_layer_from_elsewhere_is_taken_as_it_is_seen_and_says_so() -> None:
    layer = Image(np.zeros((3, 4, 5)), name="my T1w", scale=(3.0, 2.0, 1.0), translate=(7.0, 0.0, 0.0), units="mm")
    volume = from_layer(layer)
    assert volume.affine == pytest.approx(
        np.array([[0, 0, -1, 0], [0, -2, 0, 0], [-3, 0, 0, -7], [0, 0, 0, 1]], dtype=np.float64)
    )
    assert volume.modality == "MR"
    assert "orientation" in [finding.rule for finding in volume.findings if finding.level == "warn"]


def test_a_rotated_layer_from_elsewhere_keeps_its_rotation() -> None:
    turn = np.array([[1, 0, 0], [0, 0.8, -0.6], [0, 0.6, 0.8]])
    layer = Image(np.zeros((3, 4, 5)), name="ct", scale=(3.0, 2.0, 1.0), rotate=turn, units="mm")
    matrix = np.eye(4)
    matrix[:3, :3] = turn @ np.diag([3.0, 2.0, 1.0])
    assert from_layer(layer).affine == pytest.approx(IPL_TO_RAS @ matrix)


def test_a_mirrored_layer_from_elsewhere_is_turned_into_our_order_in_the_same_place() -> None:
    data = np.arange(60, dtype=np.float32).reshape(3, 4, 5)
    volume = from_layer(Image(data, name="ct", scale=(1, 1, -1), units="mm"))
    assert np.array_equal(volume.data, data[:, :, ::-1])
    assert volume.affine[0, 3] == pytest.approx(4.0)


def test_micrometres_become_millimetres() -> None:
    layer = Image(np.zeros((3, 4, 5)), name="ct", scale=(500, 250, 250), units="um")
    assert from_layer(layer).spacing == pytest.approx((0.5, 0.25, 0.25))


def test_a_2d_picture_is_a_volume_of_one_slice_with_brightness_from_0_to_1() -> None:
    volume = from_layer(Image(np.full((4, 5), 255, np.uint8), name="photo"))
    assert volume.shape == (1, 4, 5)
    assert volume.is_photograph
    assert volume.data.max() == 1.0


def test_more_than_four_dimensions_and_a_frame_that_nobody_chose_are_refused() -> None:
    with pytest.raises(RefusedError, match="5 dimensions"):
        from_layer(Image(np.zeros((2, 2, 3, 4, 5))))
    with pytest.raises(RefusedError, match="one of the 2 volumes"):
        from_layer(Image(np.zeros((2, 3, 4, 5))))


def test_nan_and_constant_volumes_can_be_shown(mri: Volume) -> None:
    assert layer_of(replace(mri, data=np.full_like(mri.data, np.nan))).data.shape == mri.shape
    assert layer_of(replace(mri, data=np.zeros_like(mri.data))).data.shape == mri.shape


def test_what_is_printed_of_the_metadata_tells_nothing_about_the_patient(mri: Volume) -> None:
    folder = Path("archive/DOE^JANE")
    origin = Origin((folder / "1.dcm",), "1.2.840.1", "1" * 64, patient_mark("DOE-1971"), folder)
    _, properties, _ = to_layer_data(replace(mri, origin=origin))
    printed = repr(properties["metadata"][KEY])
    assert "1" * 64 in printed
    assert not [secret for secret in ("DOE", "1.2.840.1", origin.patient) if secret in printed]


def test_the_slice_at_a_place_in_the_world(mri: Volume) -> None:
    # slice i lies at -S = 4 i - 30: -21.9 is nearer to slice 2 (at -22) than to 3 (at -18)
    assert slice_index((-21.9, 0.0, 0.0), 0, mri.grid) == 2
    assert slice_index((-100.0, 0.0, 0.0), 0, mri.grid) < 0


@pytest.mark.parametrize("step", [0.7, 0.9375, 1.5, 2.4, 3.0])
@pytest.mark.parametrize("start", [0.0, -89.25, 12.3])
def test_the_slice_at_a_point_is_the_one_that_napari_draws_also_halfway_between_two(step: float, start: float) -> None:
    """A slider over two grids stops halfway between slices of one of them; there the wrong one was fused."""
    from napari.components import ViewerModel

    world = np.diag([step, 1.0, 1.0, 1.0])
    world[0, 3] = start
    viewer = ViewerModel()
    data = np.broadcast_to(np.arange(12, dtype=np.float32)[:, None, None], (12, 2, 2))
    layer = viewer.add_image(data, scale=(step, 1, 1), translate=(start, 0, 0), contrast_limits=(0, 12))
    viewer.dims.range = ((start, start + 11 * step, step / 2), *viewer.dims.range[1:])
    for half in range(23):
        viewer.dims.point = (start + half * step / 2, 0.0, 0.0)
        drawn = float(layer._slice.image.view[0, 0])
        assert slice_index(viewer.dims.point, 0, Grid((12, 2, 2), IPL_TO_RAS @ world)) == drawn


def test_a_renamed_layer_of_a_volume_shows_the_same_and_one_from_elsewhere_does_not(mri: Volume) -> None:
    layer = layer_of(mri)
    before = look_at(layer)
    layer.name = "MRI of today"
    assert look_at(layer).shows_the_same(before)
    stranger = Image(mri.data)
    before = look_at(stranger)
    stranger.name = "another"
    assert not look_at(stranger).shows_the_same(before)


@pytest.mark.parametrize(
    ("corrected", "name"),
    [(("ATTN", "DECY"), "PET AC "), (("DECY",), "PET no AC "), ((), "")],
    ids=["AC", "no AC", "?"],
)
def test_the_name_of_pet_begins_with_whether_it_was_corrected_for_attenuation(
    pet: Volume, corrected: tuple[str, ...], name: str
) -> None:
    volume = replace(pet, acquisition=replace(pet.acquisition, corrected=corrected))
    assert layer_of(volume).name == f"{name}{pet.name}"
