"""Volume to layer: the place in the patient survives, nothing about the orientation is guessed silently."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from napari.layers import Image

from napari_refusion.volume.affine import IPL_TO_RAS, spacing
from napari_refusion.volume.grid import Grid
from napari_refusion.volume.origin import Origin, patient_mark
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.layer_look import was_rewindowed
from napari_refusion.widgets.layer_marks import KEY
from napari_refusion.widgets.layers import oblique_notice, to_layer_data
from napari_refusion.widgets.world import drawn_matrix, slice_index
from tests.widgets.made import layer_of, oblique


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


@pytest.mark.parametrize(
    ("corrected", "name", "shown"),
    [
        (("ATTN",), "PET WB FDG AC (series 5)", "PET AC WB FDG (series 5)"),
        (("DECY",), "PET WB NAC (series 6)", "PET no AC WB (series 6)"),
        (("DECY",), "PET WB AC (series 7)", "PET no AC WB AC (series 7)"),
        (("ATTN",), "PT ac", "PET AC"),
        (("ATTN",), "PETRA WB", "PET AC PETRA WB"),
        ((), "PET WB AC", "PET WB AC"),
    ],
)
def test_a_name_of_pet_says_no_word_twice_and_keeps_one_that_contradicts(
    pet: Volume, corrected: tuple[str, ...], name: str, shown: str
) -> None:
    volume = replace(pet, name=name, acquisition=replace(pet.acquisition, corrected=corrected))
    assert layer_of(volume).name == shown
