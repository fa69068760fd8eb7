"""``napari-refusion compare``, and how the other commands speak of pairs that they do not simply fuse."""

import json
from pathlib import Path

import nibabel
import numpy as np
import pytest
from typer.testing import CliRunner, Result

from napari_refusion.cli.main import app
from tests.dicom_series import series, write

AFFINE = np.diag([2.0, 2.0, 3.0, 1.0])


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "200"})


def words(result: Result) -> str:
    return " ".join(result.output.split())


def told(result: Result) -> str:
    """Return the words of a table, wherever its lines are broken."""
    return " ".join(result.output.replace("\N{BOX DRAWINGS LIGHT VERTICAL}", " ").split())


def save(path: Path, seed: int) -> Path:
    image = nibabel.Nifti1Image(np.random.default_rng(seed).random((9, 8, 5), dtype=np.float32), AFFINE)
    image.set_qform(AFFINE, code=1)
    image.set_sform(AFFINE, code=1)
    path.parent.mkdir(exist_ok=True)
    image.to_filename(path)
    path.with_name(f"{path.name.partition('.')[0]}.json").write_text(json.dumps({"Units": "SUVbw"}))
    return path


@pytest.fixture
def before(tmp_path: Path) -> Path:
    return save(tmp_path / "sub-1_ses-1_pet.nii.gz", 1)


@pytest.fixture
def after(tmp_path: Path) -> Path:
    return save(tmp_path / "sub-1_ses-2_pet.nii.gz", 2)


def test_two_pet_are_not_fused_and_the_refusal_says_how_to_compare_them(
    before: Path, after: Path, tmp_path: Path
) -> None:
    result = run("fuse", before, after, "-o", tmp_path / "fused.nii.gz")
    assert result.exit_code == 2
    assert words(result).count("napari-refusion compare") == 1
    assert not (tmp_path / "fused.nii.gz").exists()
    assert run("check", before, after).exit_code == 2


def test_the_difference_is_written_with_its_record(before: Path, after: Path, tmp_path: Path) -> None:
    output = tmp_path / "difference.nii.gz"
    result = run("compare", before, after, "-o", output)
    assert result.exit_code == 0, result.output
    values = [nibabel.load(path).get_fdata() for path in (before, after, output)]
    np.testing.assert_allclose(values[2], values[1] - values[0], atol=1e-6)
    record = json.loads((tmp_path / "difference.json").read_text())
    assert record["unit"] == "SUVbw"
    assert (record["a"]["name"], record["b"]["name"]) == ("source a, PET", "source b, PET")
    assert "sub-1_ses-2_pet minus sub-1_ses-1_pet" in words(result)
    assert run("compare", before, after, "-o", output, "--overwrite", "--identified").exit_code == 0
    record = json.loads((tmp_path / "difference.json").read_text())
    assert (record["a"]["name"], record["b"]["name"]) == ("sub-1_ses-1_pet", "sub-1_ses-2_pet")


def test_check_tells_whether_a_difference_and_its_record_belong_together(
    before: Path, after: Path, tmp_path: Path
) -> None:
    output, record = tmp_path / "difference.nii.gz", tmp_path / "difference.json"
    assert run("compare", before, after, "-o", output).exit_code == 0
    whole = run("check", output, before, after)
    assert (whole.exit_code, "is source a as it was compared" in told(whole)) == (0, True)
    text = record.read_text()
    record.write_text(text.replace('"SUVbw"', '"Bq/ml"'))
    changed = run("check", output)
    assert (changed.exit_code, "was changed after it was written" in told(changed)) == (2, True)
    record.write_text(text)
    save(after, 3)
    other = run("check", output, before, after)
    assert (other.exit_code, "is none of the sources as they were compared" in told(other)) == (2, True)
    output.write_bytes(after.read_bytes())
    altered = run("check", output)
    assert (altered.exit_code, "this is not the image" in told(altered)) == (2, True)


def test_over_a_fusion_its_coloured_image_does_not_stay_beside_the_difference(
    before: Path, after: Path, tmp_path: Path
) -> None:
    output, colour = tmp_path / "x.nii.gz", tmp_path / "x_colour.nii.gz"
    mri = tmp_path / "mri_T1w.nii.gz"
    image = nibabel.load(before)
    nibabel.save(nibabel.Nifti1Image(image.get_fdata() ** 2, image.affine, image.header), mri)
    fused = run("fuse", before, mri, "-o", output, "--engine", "average", "--modality-b", "MR")
    assert (fused.exit_code, colour.exists()) == (0, True), fused.output
    assert run("compare", before, after, "-o", output, "--overwrite").exit_code == 0
    assert not colour.exists()


def test_nothing_is_written_over_without_being_asked_and_never_a_source(
    before: Path, after: Path, tmp_path: Path
) -> None:
    output = tmp_path / "difference.nii.gz"
    output.write_text("mine")
    assert run("compare", before, after, "-o", output).exit_code == 2
    assert output.read_text() == "mine"
    assert run("compare", before, after, "-o", output, "--overwrite").exit_code == 0
    assert run("compare", before, after, "-o", after, "--overwrite").exit_code == 2
    result = run("compare", before, after, "-o", tmp_path / "difference.png")
    assert "ends in .nii.gz" in words(result)


def test_a_pet_and_an_mri_have_no_difference(before: Path, tmp_path: Path) -> None:
    mri = save(tmp_path / "sub-1_T1w.nii.gz", 3)
    result = run("compare", before, mri, "-o", tmp_path / "difference.nii.gz")
    assert result.exit_code == 2
    assert "one modality in one unit" in words(result)


def test_two_subjects_need_a_reason_for_every_command(before: Path, tmp_path: Path) -> None:
    other = save(tmp_path / "sub-2_pet.nii.gz", 4)
    mri = save(tmp_path / "sub-2_T1w.nii.gz", 5)
    output = tmp_path / "out.nii.gz"
    for command in (
        ("compare", before, other, "-o", output),
        ("check", before, mri),
        ("fuse", before, mri, "-o", output),
    ):
        result = run(*command)
        assert result.exit_code == 2
        assert "two patients" in words(result)
        blank = run(*command, "--two-patients", "  ")
        assert blank.exit_code == 2
        assert "Type why two patients" in words(blank)
    assert run("compare", before, other, "-o", output, "--two-patients", "renamed").exit_code == 0
    assert json.loads((tmp_path / "out.json").read_text())["two_patients"] == "renamed"
    checked = run("check", before, mri, "--two-patients", "renamed")
    assert checked.exit_code == 1
    assert "renamed" in words(checked)
    fused = run("fuse", before, mri, "-o", output, "--two-patients", "renamed", "--overwrite", "--engine", "maximum")
    assert fused.exit_code == 0, fused.output
    record = json.loads((tmp_path / "out.json").read_text())
    assert (record["two_patients"], record["order"]) == ("renamed", "PET before MRI")


def test_two_dicom_patients_are_blocked(tmp_path: Path) -> None:
    for folder, modality, patient in (("a", "MR", "1"), ("b", "PT", "2")):
        images = series(modality)
        for image in images:
            image.PatientID = patient
        write(tmp_path / folder, images)
    result = run("check", tmp_path / "a", tmp_path / "b")
    assert result.exit_code == 2
    assert "Patient ID (0010,0020) differs" in words(result)


@pytest.mark.parametrize("is_same", [True, False])
def test_a_comparison_is_not_told_to_compare_instead(before: Path, after: Path, tmp_path: Path, is_same: bool) -> None:
    result = run("compare", before, before if is_same else after, "-o", tmp_path / "difference.nii.gz")
    assert result.exit_code == 0
    assert "block" not in words(result)
    assert ("are the same file" in words(result)) == is_same


@pytest.mark.parametrize("content", ['{"Modality": "PT"}', "{}", "no JSON"])
def test_the_record_of_a_difference_never_replaces_a_description(
    before: Path, after: Path, tmp_path: Path, content: str
) -> None:
    (tmp_path / "d.json").write_text(content)
    result = run("compare", before, after, "-o", tmp_path / "d.nii", "--overwrite")
    assert (result.exit_code, "is no record of this program" in words(result)) == (2, True)
    assert (tmp_path / "d.json").read_text() == content
