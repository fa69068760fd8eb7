import json
from pathlib import Path

import nibabel
import numpy as np
import pytest

from training.pack.encoding import PackedImage
from training.pack.reading import decoded
from training.pack.volumes import body_sets, mr_images, patient_slices, shown

SHARED = Path(__file__).parents[4] / "shared/data"


def save(path: Path, voxels: np.ndarray, mm: float) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    affine = np.diag([mm, mm, 4.0, 1.0])
    affine[:2, 3] = mm / 2  # the corner of the first voxel lies at the origin, whatever the voxels' size
    nibabel.save(nibabel.Nifti1Image(voxels.astype(np.float32), affine), path)


@pytest.fixture
def patient(tmp_path: Path) -> Path:
    """A cylinder of muscle (50 HU, SUV 1) in air with a hot quarter (SUV 5), which is the tumour; PET is coarser."""
    folder = tmp_path / "petctmr/train/P_1"
    x, y = np.mgrid[:48, :48] + 0.5
    inside = np.hypot(x - 24, y - 24) < 18
    ct = np.where(inside, 50.0, -1000.0)
    random = np.random.default_rng(0).normal(0, 5, (48, 48, 6))
    save(folder / "P_1_ct.nii.gz", ct[..., None] + random, 2.0)
    save(folder / "P_1_T1w.nii.gz", np.where(inside, 300.0, 0.0)[..., None] + np.abs(random), 2.0)
    coarse = inside.reshape(12, 4, 12, 4).mean(axis=(1, 3))
    hot = np.zeros((12, 12))
    hot[3:6, 3:6] = 1
    save(folder / "P_1_pet.nii.gz", np.repeat((coarse + 4 * hot)[..., None], 6, axis=2), 8.0)
    save(folder / "P_1_label-gtv_pet_mask.nii.gz", np.repeat(hot[..., None], 6, axis=2), 8.0)
    (folder / "P_1_pet.json").write_text(json.dumps({"Units": "SUVbw", "Modality": "PT"}))
    return folder


def channels_of(image: PackedImage) -> list[np.ndarray]:
    return [decoded(content) for _, content in image.files]


def test_values_and_mask_lie_where_they_were(patient: Path, tmp_path: Path) -> None:
    body, _ = body_sets(tmp_path)
    images = [image for image in body.images if isinstance(image, PackedImage)]
    assert len(images) == 6
    pet, ct, tumour = channels_of(images[3])
    assert abs(np.median(ct[tumour > 0]) - 255 * 240 / 500) <= 1  # 50 HU above -190 of 500
    assert abs(int(pet[tumour > 0].max()) - 255 * np.sqrt(5 / 20)) <= 1  # SUV 5, of 20 at the most
    assert pet[tumour == 0].max() <= 255 * np.sqrt(3 / 20) + 1  # halfway between SUV 1 and 5 at the edge of the mask
    assert set(np.unique(tumour)) == {0, 255}
    assert abs((tumour > 0).sum() - 12 * 12) <= 8  # 24 mm square, its corners rounded by interpolation
    assert (ct[:4, :4] == 0).all()


def test_the_grid_of_t1_has_the_window_of_the_whole_volume(patient: Path) -> None:
    _, ct, mri, _ = channels_of(next(patient_slices(patient, "T1w")))
    assert abs(np.median(mri[20:28, 20:28].astype(int)) - 255 * 300 / 315) <= 10
    assert abs(np.median(ct[20:28, 20:28].astype(int)) - 255 * 240 / 500) <= 1


def test_every_second_slice_is_half_of_them(patient: Path) -> None:
    names = [image.name for image in patient_slices(patient, "ct", every=2)]
    assert names == ["P_1_000", "P_1_002", "P_1_004"]


def test_a_missing_volume_is_refused(patient: Path) -> None:
    (patient / "P_1_ct.nii.gz").unlink()
    with pytest.raises(ValueError, match=r"P_1_ct\.nii\.gz"):
        list(patient_slices(patient, "ct"))


def test_values_that_are_no_number_are_refused(patient: Path) -> None:
    voxels = np.zeros((48, 48, 6))
    voxels[3, 3, 3] = np.nan
    save(patient / "P_1_ct.nii.gz", voxels, 2.0)
    with pytest.raises(ValueError, match=r"P_1_ct\.nii\.gz: holds non-finite values"):
        list(patient_slices(patient, "ct"))


def test_pet_that_is_not_in_suv_is_refused(patient: Path) -> None:
    (patient / "P_1_pet.json").write_text(json.dumps({"Units": "BQML", "Modality": "PT"}))
    with pytest.raises(ValueError, match="a pack needs SUVbw"):
        list(patient_slices(patient, "ct"))


def test_three_contrasts_of_a_patient_are_three_pairs(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    for name in ("T1w", "T2w", "FLAIR"):
        save(tmp_path / f"P_1/P_1_{name}.nii.gz", random.uniform(1, 100, (16, 16, 2)), 2.0)
    names = [image.name for image in mr_images(tmp_path) if isinstance(image, PackedImage)]
    expected = ["T1w_T2w_000", "T1w_T2w_001", "T1w_FLAIR_000", "T1w_FLAIR_001", "T2w_FLAIR_000", "T2w_FLAIR_001"]
    assert names == [f"P_1_{name}" for name in expected]


def test_slices_without_foreground_in_one_source_are_left_out() -> None:
    a, b = np.zeros((3, 10, 10), np.float32), np.ones((3, 10, 10), np.float32)
    a[0, 0, :5] = 0.5  # 5 %
    a[1, 0, :4] = 0.5
    assert shown(a, b) == [0]


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared, which is not here")
def test_a_real_tumour_is_hotter_than_the_body_around_it() -> None:
    slices = [channels_of(image) for image in patient_slices(SHARED / "petctmr/train/STS_002", "ct")]
    pet, ct, tumour = (np.concatenate([channels[i].ravel() for channels in slices]) for i in range(3))
    assert pet[tumour > 0].mean() > 1.5 * pet[(tumour == 0) & (ct > 77)].mean()  # above -40 HU: no fat, no air
