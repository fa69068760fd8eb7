"""The command line as a user types it; fusing uses small volumes and random weights."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import nibabel
import numpy as np
import pytest
import torch
from PIL import Image
from pydicom import dcmread
from typer.testing import CliRunner, Result

from napari_refusion.cli.main import app
from napari_refusion.fusion.torch_engine import TorchEngine
from napari_refusion.io.open import open_volume
from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.model.weights import Weights
from napari_refusion.model.weights_files import load_weights, save_weights
from napari_refusion.volume.finding import refuse
from tests.dicom_series import series, write
from tests.registration_file import item, registration
from tests.registration_file import save as save_registration

AFFINE = np.diag([2.0, 2.0, 3.0, 1.0])


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "200"})


def words(result: Result) -> str:
    """All that was printed, in one line."""
    return " ".join(result.output.split())


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "random.safetensors"
    save_weights(Weights(state=FusionNet().state_dict()), path)
    return path


def save(path: Path, data: np.ndarray, affine: np.ndarray = AFFINE) -> Path:
    image = nibabel.Nifti1Image(data, affine)
    image.set_qform(affine, code=1)
    image.set_sform(affine, code=1)
    image.to_filename(path)
    return path


@pytest.fixture
def mri(tmp_path: Path) -> Path:
    return save(tmp_path / "sub-1_T1w.nii.gz", np.random.default_rng(0).random((9, 8, 5), dtype=np.float32))


@pytest.fixture
def pet(tmp_path: Path) -> Path:
    return save(tmp_path / "sub-1_pet.nii.gz", np.random.default_rng(1).random((9, 8, 5), dtype=np.float32))


def test_it_says_which_version_it_is() -> None:
    result = run("--version")
    assert (result.exit_code, result.output) == (0, f"napari-refusion {version('napari-refusion')}\n")


def test_two_volumes_become_a_fused_one_a_coloured_one_and_their_record(
    mri: Path, pet: Path, weights: Path, tmp_path: Path
) -> None:
    result = run("fuse", pet, mri, "-o", tmp_path / "out.nii.gz", "--weights", weights)
    assert result.exit_code == 0, result.output
    assert "Fusing 5 axial slices on " in result.output
    fused = nibabel.load(tmp_path / "out.nii.gz")
    assert fused.get_data_dtype() == np.float32
    assert fused.shape == (9, 8, 5)
    np.testing.assert_allclose(fused.affine, AFFINE)
    assert nibabel.load(tmp_path / "out_colour.nii.gz").shape == (9, 8, 5)
    record = json.loads((tmp_path / "out.json").read_text())
    assert (record["a"]["modality"], record["b"]["modality"]) == ("PT", "MR")


def test_the_order_of_the_sources_and_of_their_windows_does_not_matter(
    mri: Path, pet: Path, weights: Path, tmp_path: Path
) -> None:
    common = ("--weights", weights, "--colour", "none")
    run("fuse", pet, mri, "-o", tmp_path / "1.nii", "--window-a", "0,1", "--window-b", "0.2,0.9", *common)
    run("fuse", mri, pet, "-o", tmp_path / "2.nii", "--window-b", "0,1", "--window-a", "0.2,0.9", *common)
    one, two = (nibabel.load(tmp_path / name).get_fdata() for name in ("1.nii", "2.nii"))
    np.testing.assert_array_equal(one, two)
    assert not (tmp_path / "1_colour.nii").exists()


def test_the_reference_grid_can_be_chosen(mri: Path, weights: Path, tmp_path: Path) -> None:
    coarse = save(tmp_path / "x_pet.nii", np.random.default_rng(2).random((5, 4, 4), dtype=np.float32), AFFINE * 1.9)
    run("fuse", mri, coarse, "-o", tmp_path / "a.nii", "--reference", "a", "--weights", weights)
    run("fuse", mri, coarse, "-o", tmp_path / "b.nii", "--reference", "b", "--weights", weights)
    assert nibabel.load(tmp_path / "a.nii").shape == (9, 8, 5)
    assert nibabel.load(tmp_path / "b.nii").shape == (5, 4, 4)


def test_a_baseline_fuses_without_a_network(mri: Path, pet: Path, tmp_path: Path) -> None:
    windows = ("--window-a", "0,1", "--window-b", "0,1")
    result = run("fuse", pet, mri, "-o", tmp_path / "out.nii", "--engine", "average", *windows)
    assert result.exit_code == 0, result.output
    sources = [nibabel.load(path).get_fdata() for path in (pet, mri)]
    np.testing.assert_allclose(nibabel.load(tmp_path / "out.nii").get_fdata(), sum(sources) / 2, atol=1e-6)
    assert json.loads((tmp_path / "out.json").read_text())["weights"] == "average"


DARKER = """
import numpy as np
from napari_refusion.fusion.baselines import Baseline

def start(name, task, weights, device):
    return Baseline(name, np.minimum, task)
"""

WITH_DARKER = """
from napari_refusion.fusion import engines
entry = engines.EngineEntry("darker", "darker one", "the darker source of the two")
engines.ENGINES = {**engines.ENGINES, "darker": entry}
from napari_refusion.cli.main import app
app(["fuse", "--help"], standalone_mode=False)
app()
"""


def test_another_engine_is_one_file_and_one_entry(mri: Path, pet: Path, tmp_path: Path) -> None:
    (tmp_path / "darker.py").write_text(DARKER)

    target = tmp_path / "out.nii"
    fuse = ("fuse", pet, mri, "-o", target, "--engine", "darker", "--window-a", "0,1", "--window-b", "0,1")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path]), "COLUMNS": "200"}
    command = [sys.executable, "-c", WITH_DARKER, *map(str, fuse)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300, env=environment)
    listed = " ".join(done.stdout.split())
    assert "|darker" in listed
    assert "darker (the darker source of the two)" in listed.replace(" │ │ ", " ")
    darker = np.minimum(*(nibabel.load(path).get_fdata() for path in (pet, mri)))
    np.testing.assert_allclose(nibabel.load(target).get_fdata(), darker, atol=1e-6)


def test_two_images_become_a_png(weights: Path, tmp_path: Path) -> None:
    grey = np.random.default_rng(3).integers(0, 256, (12, 10), dtype=np.uint8)
    colour = np.random.default_rng(4).integers(0, 256, (12, 10, 3), dtype=np.uint8)
    Image.fromarray(grey).save(tmp_path / "ir.png")
    Image.fromarray(colour).save(tmp_path / "vi.png")
    options = ("--task", "infrared_visible", "--weights", weights)
    result = run("fuse", tmp_path / "ir.png", tmp_path / "vi.png", "-o", tmp_path / "out.png", *options)
    assert result.exit_code == 0, result.output
    assert "Fusing a picture on " in result.output
    assert Image.open(tmp_path / "out.png").size == (10, 12)
    assert Image.open(tmp_path / "out_colour.png").mode == "RGB"


def test_a_volume_is_refused_as_a_picture_before_a_slice_is_fused(pet: Path, mri: Path, tmp_path: Path) -> None:
    result = run("fuse", pet, mri, "-o", tmp_path / "out.png")
    assert result.exit_code == 2
    assert "Write a volume as .nii.gz" in " ".join(result.output.split())
    assert "Fusing" not in result.output


def test_two_dicom_series_become_dicom_as_well_in_whatever_order(weights: Path, tmp_path: Path) -> None:
    pair = series("CT", 3), series("MR", 4)
    for image in pair[1]:
        image.FrameOfReferenceUID = pair[0][0].FrameOfReferenceUID
    ct, mr = (write(tmp_path / name, images) for name, images in zip(("ct", "mr"), pair, strict=True))
    folder = tmp_path / "objects"
    result = run("fuse", mr, ct, "-o", tmp_path / "fused.nii", "--weights", weights, "--dicom", folder)
    assert result.exit_code == 0, result.output
    assert {path.name for path in folder.iterdir()} == {"parametric_map.dcm", "secondary_capture.dcm", "blending.dcm"}
    assert "not written" not in words(result)
    again = run("fuse", mr, ct, "-o", tmp_path / "other.nii", "--weights", weights, "--dicom", folder)
    assert again.exit_code == 2
    assert "already exists" in words(again)
    assert not (tmp_path / "other.nii").exists()


def test_a_registration_file_moves_one_source_and_is_written_again(tmp_path: Path) -> None:
    images = {"ct": series("CT", 3), "pet": series("PT", 4)}
    ct, pet = (write(tmp_path / name, one) for name, one in images.items())
    spaces = {name: one[0].FrameOfReferenceUID for name, one in images.items()}
    shift = np.eye(4)
    shift[:3, 3] = (3, 2, 4)  # one voxel along each axis
    file = save_registration(tmp_path / "reg.dcm", registration(spaces["ct"], item(spaces["pet"], shift)))
    given = ("--engine", "average", "--dicom", tmp_path / "objects", "--registration", file)

    result = run("fuse", pet, ct, "-o", tmp_path / "out.nii", *given)

    assert result.exit_code == 0, result.output
    assert "as a DICOM registration says" in words(result)
    record = json.loads((tmp_path / "out.json").read_text())
    assert record["b"]["move"] is None
    move = record["a"]["move"]
    # LPS of the file, RAS of the record
    np.testing.assert_allclose(np.array(move["matrix"])[:3, 3], [-3, -2, 4], atol=1e-9)
    assert move["read_from"] == "DICOM registration"
    written = dcmread(tmp_path / "objects" / "registration.dcm").RegistrationSequence[0].MatrixRegistrationSequence[0]
    stored = written.MatrixSequence[0].FrameOfReferenceTransformationMatrix
    np.testing.assert_allclose(np.reshape(stored, (4, 4)).astype(float), shift)
    assert not written.RegistrationTypeCodeSequence


def test_a_registration_of_other_images_is_refused_before_the_work(mri: Path, pet: Path, tmp_path: Path) -> None:
    file = save_registration(tmp_path / "reg.dcm", registration("1.2", item("1.3", np.eye(4))))
    result = run("fuse", mri, pet, "-o", tmp_path / "o.nii", "--engine", "average", "--registration", file)
    assert result.exit_code == 2
    assert "its file names no frame of reference" in words(result)
    assert not (tmp_path / "o.nii").exists()


def test_dicom_of_two_patients_is_refused_before_anything_is_written(weights: Path, tmp_path: Path) -> None:
    pair = series("CT", 3), series("MR", 4)
    for image in pair[1]:
        image.FrameOfReferenceUID, image.PatientID = pair[0][0].FrameOfReferenceUID, "ANOTHER-ID"
    ct, mr = (write(tmp_path / name, images) for name, images in zip(("ct", "mr"), pair, strict=True))
    result = run("fuse", ct, mr, "-o", tmp_path / "f.nii", "--weights", weights, "--dicom", tmp_path / "objects")
    assert result.exit_code == 2
    assert "belong to different patients" in words(result)
    assert {path.name for path in tmp_path.iterdir()} == {"ct", "mr"}


def test_why_there_is_no_overlay_is_said(tmp_path: Path) -> None:
    ct, mr = (write(tmp_path / name, series(name.upper(), number)) for number, name in enumerate(("ct", "mr"), 3))
    result = run("fuse", ct, mr, "-o", tmp_path / "f.nii", "--engine", "average", "--dicom", tmp_path / "objects")
    assert result.exit_code == 0, result.output
    assert not (tmp_path / "objects" / "blending.dcm").exists()
    assert "blending.dcm is not written. The sources are not in one frame of reference" in words(result)


def one_folder(tmp_path: Path, *modalities: str) -> Path:
    """A folder with one series of each modality, numbered from 3, of one patient and study."""
    both = [series(modality, number) for number, modality in enumerate(modalities, 3)]
    for number, images in enumerate(both):
        for image in images:
            image.StudyInstanceUID = both[0][0].StudyInstanceUID
            image.FrameOfReferenceUID = both[0][0].FrameOfReferenceUID
        write(tmp_path / "examination", images, f"s{number}")
    return tmp_path / "examination"


def test_two_series_of_one_folder_are_chosen_by_modality_or_number_and_exported(weights: Path, tmp_path: Path) -> None:
    folder = one_folder(tmp_path, "CT", "MR")
    by_modality = ("--modality-a", "CT", "--modality-b", "MR")
    for name, choice in (("modality", by_modality), ("number", ("--series-a", "4", "--series-b", "3"))):
        objects = tmp_path / f"objects_{name}"
        result = run(
            "fuse", folder, folder, "-o", tmp_path / f"{name}.nii", "--engine", "average", *choice, "--dicom", objects
        )
        assert result.exit_code == 0, result.output
        assert (objects / "parametric_map.dcm").is_file()
    records = [json.loads((tmp_path / f"{name}.json").read_text()) for name in ("modality", "number")]
    assert [[record[side]["modality"] for side in "ab"] for record in records] == [["CT", "MR"]] * 2
    assert records[0]["a"]["sha256"] == records[1]["a"]["sha256"]


def test_objects_are_not_written_into_a_source(tmp_path: Path) -> None:
    folder = one_folder(tmp_path, "CT", "MR")
    inside = folder / "objects"
    choice = ("--engine", "average", "--modality-a", "CT", "--modality-b", "MR")
    result = run("fuse", folder, folder, "-o", tmp_path / "f.nii", *choice, "--dicom", inside)
    assert (result.exit_code, inside.exists(), (tmp_path / "f.nii").exists()) == (2, False, False)
    assert "outside the source" in result.output


@pytest.mark.parametrize("name", ["f.nii", "f.json", "f_colour.nii", "sub/../f.nii"])
def test_objects_are_not_called_what_the_result_is_called(tmp_path: Path, name: str) -> None:
    folder = one_folder(tmp_path, "CT", "MR")
    (tmp_path / "sub").mkdir()
    choice = ("--engine", "average", "--modality-a", "CT", "--modality-b", "MR")
    result = run("fuse", folder, folder, "-o", tmp_path / "f.nii", *choice, "--dicom", tmp_path / name)
    assert result.exit_code == 2
    assert "Name another folder for the DICOM objects" in words(result)
    assert {path.name for path in tmp_path.iterdir()} == {"examination", "sub"}


def test_a_result_whose_objects_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise refuse("output", "The disk is full.")

    folder = one_folder(tmp_path, "CT", "MR")
    choice = ("--engine", "average", "--modality-a", "CT", "--modality-b", "MR", "--dicom", tmp_path / "objects")
    monkeypatch.setattr("napari_refusion.io.dicom.export.objects.export_dicom", full)
    result = run("fuse", folder, folder, "-o", tmp_path / "f.nii", *choice)
    assert result.exit_code == 2
    assert (tmp_path / "f.nii").exists()
    assert "f.nii" in words(result).split("The disk is full.")[0].split("wrote")[1]


def test_dicom_is_written_from_dicom_only(mri: Path, pet: Path, weights: Path, tmp_path: Path) -> None:
    result = run("fuse", mri, pet, "-o", tmp_path / "f.nii", "--weights", weights, "--dicom", tmp_path / "objects")
    assert result.exit_code == 2
    assert "DICOM is written from DICOM sources only" in words(result)
    assert not (tmp_path / "f.nii").exists()


def test_existing_results_stay_without_overwrite_and_are_refused_before_any_work(
    mri: Path, pet: Path, weights: Path, tmp_path: Path
) -> None:
    (tmp_path / "out_colour.nii.gz").write_text("precious")
    arguments = ("fuse", pet, mri, "-o", tmp_path / "out.nii.gz", "--weights", weights)
    result = run(*arguments)
    assert result.exit_code == 2
    assert "replace it with --overwrite" in words(result)
    assert (tmp_path / "out_colour.nii.gz").read_text() == "precious"
    assert not (tmp_path / "out.nii.gz").exists()
    assert run(*arguments, "--overwrite").exit_code == 0
    assert open_volume(tmp_path / "out_colour.nii.gz").is_rgb


def test_what_describes_another_image_is_never_replaced_by_a_record(
    mri: Path, pet: Path, weights: Path, tmp_path: Path
) -> None:
    sidecar = tmp_path / "sub-1_ses-2_pet.json"
    sidecar.write_text('{"Modality": "PT"}')
    result = run("fuse", pet, mri, "-o", tmp_path / "sub-1_ses-2_pet.nii", "--weights", weights, "--overwrite")
    assert result.exit_code == 2
    assert "remove the file that stands where the record would be" in words(result)
    assert sidecar.read_text() == '{"Modality": "PT"}'
    assert not (tmp_path / "sub-1_ses-2_pet.nii").exists()


def test_check_tells_whether_image_record_and_sources_belong_together(
    mri: Path, pet: Path, weights: Path, tmp_path: Path
) -> None:
    fused = tmp_path / "out.nii.gz"
    assert run("fuse", pet, mri, "-o", fused, "--weights", weights).exit_code == 0
    whole = run("check", fused, mri, pet)
    assert (whole.exit_code, "is source a as it was fused" in words(whole)) == (0, True)
    assert run("check", tmp_path / "out_colour.nii.gz").exit_code == 0
    nibabel.save(nibabel.Nifti1Image(np.zeros((4, 5, 6), np.float32), np.eye(4)), mri)
    changed = run("check", fused, pet, mri)
    assert (changed.exit_code, "none of the sources as they were fused" in words(changed)) == (2, True)
    fused.write_bytes((tmp_path / "out_colour.nii.gz").read_bytes())
    mixed = run("check", fused)
    assert (mixed.exit_code, "is not the image that its record belongs to" in words(mixed)) == (2, True)
    (tmp_path / "out.json").unlink()
    alone = run("check", fused)
    assert (alone.exit_code, "no record of a result stands beside it" in words(alone)) == (2, True)
    lost = run("check", fused, pet, mri)
    assert (lost.exit_code, "no record of a result stands beside" in words(lost)) == (2, True)
    assert run("check", fused, mri, pet, mri).exit_code == 2


def test_a_source_is_never_overwritten(mri: Path, pet: Path, weights: Path) -> None:
    before = pet.read_bytes()
    result = run("fuse", pet, mri, "-o", pet, "--weights", weights, "--overwrite")
    assert result.exit_code == 2
    assert "one of the sources" in words(result)
    assert pet.read_bytes() == before


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        (("--window-a", "brian"), "brian"),
        (("--window-a", "brain"), "in HU"),
        (("--modality-a", "XX"), "XX"),
        (("--device", "abacus"), "abacus"),
        (("--weights", "nowhere.pth"), "nowhere.pth"),
        (("--engine", "abacus"), "refusion, average, maximum, laplacian: there is no engine 'abacus'"),
        (("--engine", "average"), "average takes no weights"),
        (("-o", "out.jpg"), ".jpg"),
        (("-o", "no/such/folder/out.nii"), "folder does not exist"),
    ],
)
def test_a_wrong_option_is_refused_in_one_sentence(
    mri: Path, pet: Path, weights: Path, tmp_path: Path, extra: tuple[str, str], said: str
) -> None:
    arguments = ["fuse", pet, mri, "-o", tmp_path / "out.nii", "--weights", weights, *extra]
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in words(result)
    assert "Traceback" not in result.output


def test_a_missing_file_is_named(mri: Path, tmp_path: Path) -> None:
    result = run("fuse", mri, tmp_path / "gone.nii", "-o", tmp_path / "out.nii")
    assert result.exit_code == 2
    assert "gone.nii does not exist" in words(result)


def test_check_ends_with_0_for_a_good_pair(tmp_path: Path) -> None:
    """A head-like pair that fits: both show the same ellipsoid with the same off-centre mark."""
    i, j, k = np.mgrid[:40, :40, :20]
    inside = ((i - 20) / 17) ** 2 + ((j - 20) / 14) ** 2 + ((k - 10) / 8) ** 2 < 1
    mark = ((i - 27) ** 2 + (j - 14) ** 2 + (k - 8) ** 2) < 16
    texture = np.random.default_rng(0).normal(0, 4, inside.shape)
    save(tmp_path / "a_T1w.nii", np.where(inside, 100 + 60 * mark + texture, 0).astype(np.float32))
    save(tmp_path / "a_pet.nii", np.where(inside, 5 + 3 * mark + texture / 20, 0).astype(np.float32))
    result = run("check", tmp_path / "a_T1w.nii", tmp_path / "a_pet.nii")
    assert result.exit_code == 0, result.output
    assert "ok" in result.output


def test_check_ends_with_1_when_something_must_be_looked_at(mri: Path, tmp_path: Path) -> None:
    unknown = save(tmp_path / "something.nii", np.random.default_rng(1).random((9, 8, 5), dtype=np.float32))
    result = run("check", mri, unknown)
    assert result.exit_code == 1
    assert "something" in words(result)


def test_check_ends_with_2_when_the_pair_must_not_be_fused(mri: Path, tmp_path: Path) -> None:
    far = AFFINE.copy()
    far[:3, 3] = 4000
    elsewhere = save(tmp_path / "far_pet.nii", np.random.default_rng(1).random((9, 8, 5), dtype=np.float32), far)
    result = run("check", mri, elsewhere)
    assert result.exit_code == 2
    assert "do not overlap" in words(result)


def test_check_ends_with_2_for_a_file_that_is_refused(mri: Path, tmp_path: Path) -> None:
    (tmp_path / "broken_pet.nii").write_bytes(b"not an image")
    assert run("check", mri, tmp_path / "broken_pet.nii").exit_code == 2


def test_weights_lists_what_is_installed() -> None:
    result = run("weights")
    assert result.exit_code == 0
    assert "SHA-256" in result.output


def test_a_figure_that_a_weights_file_does_not_carry_is_a_dash(monkeypatch: pytest.MonkeyPatch) -> None:
    def loaded(path: Path) -> Weights:
        return replace(load_weights(path), metrics={"devtest vif": 0.5})

    monkeypatch.setattr("napari_refusion.model.weights_files.load_weights", loaded)
    result = run("weights")
    assert result.exit_code == 0
    assert "devtest: - 0.500 -" in result.output


def test_ctrl_c_leaves_neither_a_result_nor_a_part_of_one(
    mri: Path, pet: Path, weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fused: list[np.ndarray] = []
    fuse = TorchEngine.fuse

    def stopped_at_the_third_slice(engine: TorchEngine, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        if len(fused) == 2:
            raise KeyboardInterrupt
        fused.append(fuse(engine, a, b))
        return fused[-1]

    monkeypatch.setattr("napari_refusion.fusion.torch_engine.TorchEngine.fuse", stopped_at_the_third_slice)
    target = tmp_path / "results"
    target.mkdir()
    result = run("fuse", pet, mri, "-o", target / "out.nii.gz", "--weights", weights)
    assert result.exit_code == 130
    assert "no partly written file" in words(result)
    assert len(fused) == 2
    assert list(target.iterdir()) == []


def test_a_name_that_a_file_on_windows_has_no_code_for_is_escaped_and_the_table_is_whole(tmp_path: Path) -> None:
    """Output that goes into a file there is in the code page of one alphabet, here that of Western Europe."""
    command = [sys.executable, "-m", "napari_refusion.cli", "check", str(tmp_path / "π.nii"), str(tmp_path / "a.nii")]
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252", "COLUMNS": "200"}
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert done.returncode == 2, done.stderr
    assert b"\\u03c0.nii" in done.stdout
    assert b"does not exist" in done.stdout


def test_two_images_of_one_name_are_told_apart_in_what_is_said_of_them(tmp_path: Path) -> None:
    shape, generator = (9, 8, 5), np.random.default_rng(0)
    for folder in ("before", "after"):
        (tmp_path / folder).mkdir()
    first = save(tmp_path / "before" / "scan.nii.gz", generator.random(shape, dtype=np.float32))
    second = save(tmp_path / "after" / "scan.nii.gz", generator.random(shape, dtype=np.float32))
    said = words(run("check", first, second, "--modality-a", "PT", "--modality-b", "MR"))
    assert "scan (A) and scan (B) are on the same grid" in said
    assert "scan and scan" not in said
    assert "scan (A) has data in 100% of scan (B)" in said
