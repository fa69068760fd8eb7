from pathlib import Path

import nibabel
import numpy as np
import pytest

from training.volumes import volume_slices

SHARED = Path(__file__).parents[3] / "shared/data/volumes/aanlib"


def volume_file(path: Path, data: np.ndarray, offset: float = 0.0) -> Path:
    """Return a NIfTI file of 2 mm voxels, stored as (R, A, S), so that slices run from foot to head."""
    affine = np.diag([2.0, 2.0, 2.0, 1.0])
    affine[:3, 3] = offset
    nibabel.save(nibabel.Nifti1Image(data.astype(np.float32), affine), path)
    return path


@pytest.fixture
def ramp() -> np.ndarray:
    """A volume of 40 x 40 x 8 voxels, brighter towards the left, empty but for the slices 3 and 4 from below."""
    data = np.zeros((40, 40, 8))
    data[..., 3:5] = np.linspace(100, 0, 40)[:, None, None]
    return data


def test_slices_in_which_a_source_shows_nothing_are_left_out(tmp_path: Path, ramp: np.ndarray) -> None:
    pet, mri = volume_file(tmp_path / "p_pet.nii", ramp), volume_file(tmp_path / "p_T1w.nii", ramp[::-1] + 5)
    slices = list(volume_slices(pet, mri))
    assert [name for name, _ in slices] == ["p_T1w_003", "p_T1w_004"]  # counted from the head: 7 - 4, 7 - 3
    assert all(pair.shape == (2, 40, 40) for _, pair in slices)


def test_pet_comes_first_whichever_was_given_first(tmp_path: Path, ramp: np.ndarray) -> None:
    pet, mri = volume_file(tmp_path / "p_pet.nii", ramp), volume_file(tmp_path / "p_T1w.nii", ramp[::-1] + 5)
    for order in ((pet, mri), (mri, pet)):
        _, (first, second) = next(volume_slices(*order))
        # columns run from the patient's right to the left: PET gets brighter, MRI darker
        assert (np.diff(first, axis=1) >= 0).all()
        assert (np.diff(second, axis=1) <= 0).all()
        assert np.ptp(first) > 0.9


def test_volumes_that_do_not_overlap_are_refused_and_their_files_named(tmp_path: Path, ramp: np.ndarray) -> None:
    pet, mri = volume_file(tmp_path / "p_pet.nii", ramp), volume_file(tmp_path / "p_T1w.nii", ramp, offset=500)
    with pytest.raises(ValueError, match=r"p_pet\.nii with .*p_T1w\.nii: .* overlap"):
        next(volume_slices(pet, mri))


def test_volumes_without_a_common_slice_are_refused(tmp_path: Path, ramp: np.ndarray) -> None:
    pet = volume_file(tmp_path / "p_pet.nii", ramp)
    mri = volume_file(tmp_path / "p_T1w.nii", np.roll(ramp, 3, axis=2))
    with pytest.raises(ValueError, match="have no slice in which both show something"):
        next(volume_slices(pet, mri))


@pytest.mark.skipif(not SHARED.is_dir(), reason="stacks of the Whole Brain Atlas are not part of the project")
@pytest.mark.parametrize("name", ["alzT1_pet", "c10_spect"])
def test_a_coloured_volume_becomes_the_scalar_one_that_it_was_made_from(name: str) -> None:
    mri = SHARED / f"{name.split('_')[0]}_mr.nii.gz"
    coloured = [pair[0] for _, pair in volume_slices(SHARED / f"{name}_rgb.nii.gz", mri, "palette")]
    scalar = [pair[0] for _, pair in volume_slices(SHARED / f"{name}_scalar.nii.gz", mri)]
    for ours, truth in zip(coloured[::8], scalar[::8], strict=False):
        assert np.corrcoef(ours.ravel(), truth.ravel())[0, 1] > 0.999
