"""What the command line writes says nothing of what files and headers call the patient."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset
from typer.testing import CliRunner, Result

from napari_refusion.cli.main import app
from napari_refusion.io.open import open_volume
from napari_refusion.io.write import write_nifti
from tests.canaries import CANARY, UID, found_in, plant
from tests.dicom_series import series, write
from tests.registration_file import item, registration, save
from tests.small_pair import small_mri, small_pet

SHIFT = np.array([[1.0, 0.0, 0.0, 2.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0], [0.0, 0.0, 0.0, 1.0]])


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def texts(folder: Path) -> dict[str, str]:
    """Return name of each file -> its name and all that can be read in it."""
    found = {}
    for path in folder.iterdir():
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        found[path.name] = f"{path.name}\n{content.decode('latin-1')}"
    return found


def planted(modality: str, number: int, space: str) -> list[Dataset]:
    images = series(modality, number)
    for image in images:
        image.FrameOfReferenceUID, image.StudyInstanceUID = space, "2.25.5"
        plant(image)
    return images


@pytest.fixture
def dicom(tmp_path: Path) -> tuple[Path, Path, Path]:
    """CT and MRI in folders that carry the name, and a registration between their frames of reference."""
    root = tmp_path / "CANARY^JANE 1971"
    spaces = {"MR": "2.25.71", "CT": "2.25.72"}
    mri, ct = (
        write(root / f"{modality} {CANARY}", planted(modality, n, space), prefix="CANARY")
        for n, (modality, space) in enumerate(spaces.items(), 3)
    )
    file = registration(f"{UID}.71", item(f"{UID}.72", SHIFT))
    file.PatientID = file.IssuerOfPatientID = CANARY
    return mri, ct, save(root / "canary.dcm", file)


@pytest.fixture
def nifti(tmp_path: Path) -> tuple[Path, Path]:
    """Two files that carry the name."""
    root = tmp_path / "canary"
    root.mkdir()
    paths = root / "CANARY_JANE_pet.nii.gz", root / "CANARY_JANE_T1w.nii.gz"
    for path, volume in zip(paths, (small_pet(), small_mri()), strict=True):
        write_nifti(volume, path, description=CANARY)
    return paths


@pytest.mark.parametrize("registered", [False, True], ids=["unmoved", "registered"])
def test_a_fusion_of_dicom_names_nobody(dicom: tuple[Path, Path, Path], registered: bool, tmp_path: Path) -> None:
    mri, ct, moves = dicom
    out = tmp_path / "out"
    out.mkdir()
    more = ("--registration", moves) if registered else ()
    command = ("fuse", ct, mri, "-o", out / "fused.nii.gz", "--engine", "average", *more)
    result = run(*command)
    assert result.exit_code == 0, result.output
    assert {name: found_in(text) for name, text in texts(out).items()} == {"fused.nii.gz": [], "fused.json": []}
    record = json.loads((out / "fused.json").read_text())
    assert (record["a"]["name"], record["b"]["name"]) == ("source a, CT", "source b, MRI")
    assert record["findings"]
    assert (record["a"]["move"] is not None) is registered
    # what was fused is found again by its hash
    assert run("check", out / "fused.nii.gz", ct, mri).exit_code == 0
    assert run(*command, "--overwrite", "--identified").exit_code == 0
    assert "CANARY^JANE" in json.loads((out / "fused.json").read_text())["a"]["name"]


def test_a_fusion_of_nifti_names_nobody(nifti: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    result = run("fuse", *nifti, "-o", out / "fused.nii.gz", "--engine", "average", "--modality-b", "MR")
    assert result.exit_code == 0, result.output
    assert {name: found_in(text) for name, text in texts(out).items()} == {
        "fused.nii.gz": [],
        "fused_colour.nii.gz": [],
        "fused.json": [],
    }
    assert json.loads((out / "fused.json").read_text())["legend"]["source"] == "source a, PET"
    assert run("check", out / "fused.nii.gz", *nifti).exit_code in (0, 1)


def test_a_difference_names_nobody(nifti: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    later = nifti[0].with_name("CANARY_later_pet.nii.gz")
    write_nifti(small_pet().with_data(small_pet().data * 2), later)
    result = run("compare", nifti[0], later, "-o", out / "difference.nii.gz", "--modality", "PT")
    assert result.exit_code == 0, result.output
    assert {name: found_in(text) for name, text in texts(out).items()} == {
        "difference.nii.gz": [],
        "difference.json": [],
    }


def test_the_canary_is_where_it_was_planted(dicom: tuple[Path, Path, Path]) -> None:
    volume = open_volume(dicom[1])
    assert found_in(volume.name) == ["canary", "jane"]
