"""A registration that was accepted, as a DICOM Spatial Registration: valid, and read back as it was."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset, dcmread

from napari_refusion.io.dicom.export.identity import Pseudonym
from napari_refusion.io.dicom.export.objects import KINDS, export_dicom, possible_kinds
from napari_refusion.io.dicom.read import read_dicom
from napari_refusion.io.dicom.spatial_registration import read_registration
from napari_refusion.volume.affine import LPS_TO_RAS
from napari_refusion.volume.finding import Finding
from napari_refusion.volume.rigid import RigidMove, move_of
from napari_refusion.volume.volume import Volume
from tests.fused_from_dicom import Case, case

ANGLE = np.radians(7.0)

MATRIX = np.array(
    [
        [np.cos(ANGLE), -np.sin(ANGLE), 0.0, 12.3456789],
        [np.sin(ANGLE), np.cos(ANGLE), 0.0, -4.5],
        [0.0, 0.0, 1.0, 123.25],
        [0.0, 0.0, 0.0, 1.0],
    ]
)
"""RAS+ mm."""

SPACES = {"PT": "2.25.11", "MR": "2.25.12"}


def two_spaces(image: Dataset) -> None:
    image.FrameOfReferenceUID = SPACES[image.Modality]


def written(folder: Path, *, one_space: bool = False, pseudonym: Pseudonym | None = None) -> tuple[Path, Case]:
    """Export a fusion of a PET that was moved by `MATRIX` to an MRI."""
    given = case(folder, change=None if one_space else two_spaces)
    pet, mri = volumes(folder)
    move = move_of(mri, pet, MATRIX, (0.1, 0.2))
    made = replace(given.fused.provenance, a=replace(given.fused.provenance.a, move=move))
    fused = replace(given.fused, provenance=made)
    kinds = possible_kinds(fused, given.references)
    *_, file = export_dicom(fused, given.references, folder / "out", pseudonym=pseudonym, kinds=kinds)
    return file, given


def volumes(folder: Path) -> tuple[Volume, Volume]:
    return read_dicom(folder / "a"), read_dicom(folder / "b")


@pytest.mark.parametrize("one_space", [False, True], ids=["two frames of reference", "one frame of reference"])
def test_the_move_is_read_back_as_it_was(tmp_path: Path, one_space: bool) -> None:
    file, _ = written(tmp_path, one_space=one_space)
    pet, mri = volumes(tmp_path)
    found = read_registration(file)
    assert np.array(found.move(mri, pet).matrix) == pytest.approx(MATRIX, abs=1e-9)
    assert np.array(found.move(pet, mri).matrix) == pytest.approx(np.linalg.inv(MATRIX), abs=1e-9)


def test_the_matrix_takes_points_of_the_moved_series_to_the_registered_space(tmp_path: Path) -> None:
    file, _ = written(tmp_path)
    dataset = dcmread(file)
    pet, mri = dataset.RegistrationSequence
    assert dataset.FrameOfReferenceUID == mri.FrameOfReferenceUID == SPACES["MR"]
    assert pet.FrameOfReferenceUID == SPACES["PT"]
    stored = pet.MatrixRegistrationSequence[0].MatrixSequence[0].FrameOfReferenceTransformationMatrix
    assert all(len(str(value)) <= 16 for value in stored)
    point = LPS_TO_RAS @ MATRIX @ LPS_TO_RAS @ [10.0, -20.0, 30.0, 1.0]
    assert np.reshape(stored, (4, 4)).astype(float) @ [10.0, -20.0, 30.0, 1.0] == pytest.approx(point, abs=1e-9)
    stays = mri.MatrixRegistrationSequence[0].MatrixSequence[0].FrameOfReferenceTransformationMatrix
    assert np.reshape(stays, (4, 4)).astype(float) == pytest.approx(np.eye(4))


def test_sources_that_were_not_moved_have_no_registration(tmp_path: Path) -> None:
    given = case(tmp_path)
    files = export_dicom(given.fused, given.references, tmp_path / "out")
    assert "registration.dcm" not in [file.name for file in files]


def test_a_source_that_was_moved_by_hand_before_has_no_registration(tmp_path: Path) -> None:
    given = case(tmp_path)
    pet, mri = volumes(tmp_path)
    by_hand = replace(pet, findings=(Finding("warn", "moved", "The layer was moved by 5 mm."),))
    made = replace(given.fused.provenance, a=replace(given.fused.provenance.a, move=move_of(mri, by_hand, MATRIX)))
    files = export_dicom(replace(given.fused, provenance=made), given.references, tmp_path / "out", kinds=KINDS[:1])
    assert [file.name for file in files] == ["parametric_map.dcm"]


@pytest.mark.parametrize("hidden", [False, True], ids=["identified", "pseudonymised"])
@pytest.mark.parametrize("one_space", [False, True], ids=["two frames of reference", "one frame of reference"])
def test_the_object_passes_dciodvfy(tmp_path: Path, hidden: bool, one_space: bool) -> None:
    if shutil.which("dciodvfy") is None:
        pytest.skip("needs dciodvfy of the package dicom3tools")
    pseudonym = Pseudonym("CANARY-ID", b"a key of sixteen and more bytes") if hidden else None
    file, _ = written(tmp_path, one_space=one_space, pseudonym=pseudonym)
    command = [str(shutil.which("dciodvfy")), "-new", str(file)]
    told = subprocess.run(command, capture_output=True, text=True, check=False).stderr.splitlines()
    assert [line for line in told if line.startswith("Error")] == []
    assert "SpatialRegistration" in told
    assert ("CANARY" in str(dcmread(file))) is not hidden


def test_how_it_was_found_is_said_only_where_it_was_searched_here(tmp_path: Path) -> None:
    how = [one.MatrixRegistrationSequence[0] for one in dcmread(written(tmp_path)[0]).RegistrationSequence]
    assert [[code.CodeValue for code in one.RegistrationTypeCodeSequence] for one in how] == [["125024"], []]
    assert how[0].FrameOfReferenceTransformationComment.startswith("shifted by")


def test_old_moves_without_the_new_fields_are_moves() -> None:
    move = RigidMove("a", "b", tuple(map(tuple, MATRIX.tolist())), 1.0, 2.0, "words", 0.1, 0.2, "1.2")
    assert (move.coarse_metrics, move.read_from) == ((), "")
