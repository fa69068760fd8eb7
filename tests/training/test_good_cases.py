from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from napari_refusion.volume.finding import RefusedError
from training.good_cases import FOLDS, VOLUMES, good_cases


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two slices of a known patient and one of another, each as bright as the last digit of its name."""
    rows = [("devtest", "MRI-CT", "12", "P21"), ("devtest", "MRI-CT", "11", "P21"), ("train", "MRI-CT", "13", "other")]
    (tmp_path / "mif").mkdir()
    lines = ["split,task,name,patient", *(",".join(row) for row in rows)]
    (tmp_path / "mif" / "manifest.csv").write_text("\n".join(lines), encoding="utf-8")
    for split, task, name, _ in rows:
        for side in ("CT", "MRI"):
            folder = tmp_path / "mif" / split / task / side
            folder.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.full((20, 30), 51 * int(name[-1]), np.uint8)).save(folder / f"{name}.png")
    return tmp_path


def test_single_slices_of_a_known_patient_are_one_case(data: Path) -> None:
    (case,) = islice(good_cases(data), 1)

    assert (case.name, case.fold, case.modality, case.slices) == ("P21", FOLDS["P21"], "CT", ("11", "12"))
    assert case.a.shape == case.b.shape == (2, 20, 30)
    assert case.a[:, 0, 0] == pytest.approx([0.2, 0.4])  # 51/255 and 102/255
    assert case.body() == [0, 1]
    assert case.study is None


def test_a_single_slice_is_a_photograph_with_one_plane(data: Path) -> None:
    (case,) = islice(good_cases(data), 1)

    first, second = case.single(1)

    assert (first.modality, second.modality, first.shape) == ("CT", "MR", (1, 20, 30))
    assert first.is_photograph
    assert first.data[0, 0, 0] == pytest.approx(0.4)


def test_a_missing_manifest_and_a_missing_volume_are_told(data: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no such list of image pairs"):
        next(good_cases(tmp_path / "elsewhere"))
    with pytest.raises(RefusedError, match=r"alzT1_pet_scalar\.nii\.gz does not exist"):
        list(good_cases(data))


def test_no_patient_of_a_stack_is_in_another_fold_than_his_slices() -> None:
    assert {"alzT1": FOLDS["Palz"], "c16": FOLDS["CT16"]} == {
        name.removeprefix("aanlib/").split("_")[0]: fold for name, _, _, fold, _ in VOLUMES if name.startswith("aanlib")
    }
