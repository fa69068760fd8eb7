from pathlib import Path

import nibabel
import numpy as np
import pytest
from PIL import Image

from training.figures.sets import find_image_sets, folder_set, spread


def write_images(folder: Path, *sides: str) -> Path:
    for side in sides:
        (folder / side).mkdir(parents=True)
        for index in range(5):
            Image.fromarray(np.full((16, 20), 50 * index, dtype=np.uint8)).save(folder / side / f"{index}.png")
    return folder


def write_volume(path: Path, data: np.ndarray, step: float = 2.0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    nibabel.save(nibabel.Nifti1Image(data.astype(np.float32), np.diag([step, step, 4.0, 1.0])), path)
    return path


def write_patient(folder: Path, name: str = "STS_001") -> Path:
    """A cube of tissue with a hot cube in it; PET and mask on a grid half as fine."""
    patient = folder / name
    fine = np.zeros((40, 36, 12))
    fine[4:36, 4:32] = 1
    texture = np.random.default_rng(0).random(fine.shape)
    mask = np.zeros((20, 18, 12))
    mask[7:13, 6:12, 3:9] = 1
    write_volume(patient / f"{name}_ct.nii.gz", np.where(fine, 40 + 60 * texture, -1000))
    write_volume(patient / f"{name}_T1w.nii.gz", fine * (200 + 100 * texture))
    pet = np.where(fine[::2, ::2] > 0, 1 + texture[::2, ::2] / 4, 0) + 6 * mask
    write_volume(patient / f"{name}_pet.nii.gz", pet, 4.0)
    (patient / f"{name}_pet.json").write_text('{"Modality": "PT", "Units": "SUVbw"}')
    write_volume(patient / f"{name}_label-gtv_pet_mask.nii.gz", mask, 4.0)
    return patient


def test_a_folder_of_images_is_one_set_whose_task_follows_from_its_name(tmp_path: Path) -> None:
    images = folder_set(write_images(tmp_path / "scenes", "ir", "vi"))
    assert images.name == "scenes"
    assert [name for name, _ in images.readers] == [f"{index}.png" for index in range(5)]
    pair = images.readers[2][1]()
    assert pair.task == "infrared_visible"
    assert pair.a == pytest.approx(np.full((16, 20), 100 / 255))
    assert len(images.files) == 10


def test_a_thinned_set_has_pairs_from_all_over_it(tmp_path: Path) -> None:
    images = folder_set(write_images(tmp_path / "scenes", "ir", "vi"))
    assert [name for name, _ in images.thinned(2).readers] == ["1.png", "3.png"]
    assert images.thinned(9).readers == images.readers


@pytest.mark.parametrize(("length", "count", "expected"), [(10, 2, [2, 7]), (3, 8, [0, 1, 2]), (1, 4, [0])])
def test_indices_are_spread_evenly(length: int, count: int, expected: list[int]) -> None:
    assert spread(length, count) == expected


def test_patients_are_two_sets_of_slices_through_their_tumour(tmp_path: Path) -> None:
    write_patient(tmp_path / "patients")
    with_ct, with_mri = find_image_sets([str(tmp_path / "patients")], slices=3)
    assert (with_ct.name, with_mri.name) == ("PET-CT", "PET-MRI")
    for images in (with_ct, with_mri):
        assert len(images.readers) == 3
        for _, read in images.readers:
            pair = read()
            assert pair.task == "medical"
            assert pair.tumour is not None
            assert pair.tumour.sum() >= 40
            assert pair.a[pair.tumour].mean() > 3 * pair.a[~pair.tumour].mean()
    assert find_image_sets([str(tmp_path / "patients" / "STS_001")], slices=3)[0].name == "PET-CT"


def test_the_ct_of_a_body_is_seen_in_the_window_of_soft_tissue(tmp_path: Path) -> None:
    write_patient(tmp_path / "patients")
    pair = find_image_sets([str(tmp_path / "patients")], slices=1)[0].readers[0][1]()
    tissue = pair.b[pair.b > 0]
    assert (40 + 135) / 350 <= tissue.min() < tissue.max() <= (100 + 135) / 350  # HU between -135 and 215


def test_a_patient_without_mri_is_refused(tmp_path: Path) -> None:
    patient = write_patient(tmp_path / "patients")
    (patient / "STS_001_T1w.nii.gz").unlink()
    with pytest.raises(ValueError, match=r"STS_001: holds 0 volumes \*_T1w"):
        find_image_sets([str(tmp_path / "patients")], slices=3)


def test_two_volumes_are_a_set_of_slices_around_their_middle(tmp_path: Path) -> None:
    patient = write_patient(tmp_path)
    files = [patient / f"STS_001_{end}.nii.gz" for end in ("T1w", "pet")]
    (images,) = find_image_sets([",".join(map(str, files))], slices=2)
    assert [name[-3:] for name, _ in images.readers] == ["004", "007"]  # of 3 to 8, the middle half of twelve
    pair = images.readers[0][1]()
    assert pair.a.shape == pair.b.shape == (36, 40)
    assert pair.tumour is None
    assert images.files == tuple(files)


def test_what_is_no_set_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nothing: no such folder"):
        find_image_sets([str(tmp_path / "nothing")], slices=3)
    with pytest.raises(ValueError, match="give two volumes as FIRST,SECOND"):
        find_image_sets(["a.nii,b.nii,c.nii"], slices=3)
    with pytest.raises(ValueError, match="--slices 0: take at least one"):
        find_image_sets([], slices=0)
    folder = write_images(tmp_path / "scenes", "ir", "vi")
    with pytest.raises(ValueError, match="two sets are called scenes"):
        find_image_sets([str(folder), str(folder)], slices=3)
