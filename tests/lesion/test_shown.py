"""What a fused image shows of a lesion is the share that was built into it."""

import numpy as np
import pytest

from napari_refusion.lesion.held import carried
from napari_refusion.lesion.shown import levelled, shown_share
from napari_refusion.lesion.voi import voi_of
from tests.lesion.uptake import affine_of, blob, distances

STEPS = (2.0, 2.0, 2.0)
SHAPE = (30, 30, 30)
SPOT = (0.2 + blob(SHAPE, STEPS, (15, 15, 15), height=0.7, width=4.0)).astype(np.float32)
LESION = SPOT > 0.2 + 0.41 * 0.7


@pytest.mark.parametrize("axis", ["axial", "coronal", "sagittal"])
def test_a_levelled_lesion_is_what_surrounds_it_and_the_rest_is_untouched(axis: str) -> None:
    flat = levelled(SPOT, LESION, axis, affine_of(*STEPS))
    assert flat[LESION] == pytest.approx(0.2, abs=0.02)
    far = distances(SHAPE, STEPS, (15, 15, 15)) > 16
    assert np.array_equal(flat[far], SPOT[far])
    assert (flat <= SPOT).all()


@pytest.mark.parametrize("share", [1.0, 0.42, 0.0, -0.3])
def test_the_share_is_what_the_fused_image_takes_over(share: float) -> None:
    flat = levelled(SPOT, LESION, "axial", affine_of(*STEPS))
    other = np.random.default_rng(0).random(SHAPE, np.float32)
    fused, without = (0.5 * other + np.float32(share) * one for one in (SPOT, flat))
    found = shown_share(SPOT, flat, fused, without, LESION)
    assert found.share == pytest.approx(share, abs=1e-5)
    assert found.contrast > 0.4


@pytest.mark.parametrize("axis", ["axial", "coronal", "sagittal"])
def test_a_lesion_colder_than_its_surroundings_is_filled_up_to_them_and_the_rest_is_untouched(axis: str) -> None:
    cold = 1 - SPOT
    flat = levelled(cold, LESION, axis, affine_of(*STEPS))
    assert flat[LESION] == pytest.approx(0.8, abs=0.02)
    far = distances(SHAPE, STEPS, (15, 15, 15)) > 16
    assert np.array_equal(flat[far], cold[far])
    assert (flat >= cold).all()


@pytest.mark.parametrize("share", [1.0, 0.42, 0.0, -0.3])
def test_of_a_cold_lesion_the_share_is_what_the_fused_image_takes_over_too(share: float) -> None:
    cold = 1 - SPOT
    flat = levelled(cold, LESION, "axial", affine_of(*STEPS))
    other = np.random.default_rng(0).random(SHAPE, np.float32)
    fused, without = (0.5 * other + np.float32(share) * one for one in (cold, flat))
    found = shown_share(cold, flat, fused, without, LESION)
    assert found.share == pytest.approx(share, abs=1e-5)
    assert found.contrast < -0.4


def test_a_noisy_cold_lesion_is_judged_by_its_darkness_and_not_by_the_brightest_voxels_in_it() -> None:
    noisy = (1 - SPOT + 0.05 * np.random.default_rng(1).standard_normal(SHAPE)).astype(np.float32)
    flat = levelled(noisy, LESION, "axial", affine_of(*STEPS))
    found = shown_share(noisy, flat, noisy, flat, LESION)
    assert found.share == pytest.approx(1.0, abs=1e-5)
    assert found.contrast < -0.4


def test_a_lesion_that_the_window_cuts_off_has_no_share() -> None:
    flat = np.full(SHAPE, 1.0, np.float32)
    found = shown_share(flat, levelled(flat, LESION, "axial", affine_of(*STEPS)), flat, flat, LESION)
    assert (found.share, found.contrast) == (None, 0.0)
    assert "no contrast" in found.words


def test_a_mask_of_another_size_or_without_a_voxel_is_an_error() -> None:
    for mask in (LESION[1:], np.zeros(SHAPE, np.bool_)):
        with pytest.raises(ValueError, match="mask with a voxel"):
            shown_share(SPOT, SPOT, SPOT, SPOT, mask)


def test_a_lesion_is_carried_to_another_grid_by_the_centres_of_its_voxels() -> None:
    voi = voi_of(LESION, affine_of(*STEPS))
    mask = carried(voi, (60, 60, 60), affine_of(1.0, 1.0, 1.0))
    nearest = np.floor(np.arange(60) / 2 + 0.5).astype(int).clip(0, 29)
    assert np.array_equal(mask, LESION[np.ix_(nearest, nearest, nearest)])


def test_a_lesion_smaller_than_the_voxels_is_carried_to_the_one_that_it_lies_in() -> None:
    small = np.zeros(SHAPE, np.bool_)
    small[11, 12, 13] = True
    mask = carried(voi_of(small, affine_of(*STEPS)), (4, 4, 4), affine_of(20.0, 20.0, 20.0))
    assert np.argwhere(mask).tolist() == [[1, 1, 1]]


def test_a_lesion_outside_is_carried_nowhere() -> None:
    assert not carried(voi_of(LESION, affine_of(*STEPS)), (3, 3, 3), affine_of(1.0, 1.0, 1.0)).any()
