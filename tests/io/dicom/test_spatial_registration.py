"""DICOM Spatial Registration objects: which way they point, what they concern, and which of them are refused."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import SimpleITK
from pydicom import Dataset
from pydicom.uid import DeformableSpatialRegistrationStorage

from napari_refusion.io.dicom.read import read_dicom, read_volumes
from napari_refusion.io.dicom.spatial_registration import READ_FROM, SpatialRegistration, read_registration
from napari_refusion.volume.affine import LPS_TO_RAS
from napari_refusion.volume.finding import Finding, RefusedError
from napari_refusion.volume.origin import Origin, patient_mark
from napari_refusion.volume.rigid import moved
from napari_refusion.volume.volume import Volume
from tests.dicom_series import series, write
from tests.registration_file import TURN, item, registration, save

CT, PET = "1.2.1", "1.2.2"
"""Frames of reference."""

MARK = np.array([-12.0, 8.0, 41.0])
"""LPS mm in the PET's space; `TURN` takes it to (5 - 8, -12 - 7, 41 + 30)."""

THERE = np.array([-3.0, -19.0, 71.0])


def volume(space: str, name: str = "pet", uid: str = "") -> Volume:
    data = np.zeros((4, 4, 4), np.float32)
    return Volume(data, np.eye(4), "PT", name=name, origin=Origin(series_uid=uid), frame_of_reference=space)


def said(folder: Path, *items: Dataset, into: str = CT) -> SpatialRegistration:
    return read_registration(save(folder / "reg.dcm", registration(into, *items)))


def lps(matrix: object) -> np.ndarray:
    return LPS_TO_RAS @ np.array(matrix) @ LPS_TO_RAS


def test_a_point_of_the_source_goes_where_the_matrix_says(tmp_path: Path) -> None:
    move = said(tmp_path, item(CT, np.eye(4)), item(PET, TURN)).move(volume(CT, "ct"), volume(PET))
    assert lps(move.matrix) @ [*MARK, 1] == pytest.approx([*THERE, 1])
    assert (move.moving, move.fixed, move.frame_of_reference, move.read_from) == ("pet", "ct", CT, READ_FROM)
    assert move.degrees == pytest.approx(90)


def test_the_registered_space_needs_no_item_of_its_own(tmp_path: Path) -> None:
    move = said(tmp_path, item(PET, TURN)).move(volume(CT, "ct"), volume(PET))
    assert lps(move.matrix) == pytest.approx(TURN)


def test_the_other_one_moves_the_other_way(tmp_path: Path) -> None:
    move = said(tmp_path, item(PET, TURN)).move(volume(PET), volume(CT, "ct"))
    assert lps(move.matrix) @ [*THERE, 1] == pytest.approx([*MARK, 1])
    assert move.frame_of_reference == PET


def test_two_sources_that_both_go_into_a_third_space_meet_there(tmp_path: Path) -> None:
    lift = np.eye(4)
    lift[:3, 3] = (0, 0, 100)
    move = said(tmp_path, item(CT, lift), item(PET, TURN), into="1.2.3").move(volume(CT, "ct"), volume(PET))
    # the CT is 100 mm below the third space
    assert lps(move.matrix) @ [*MARK, 1] == pytest.approx([*(THERE - (0, 0, 100)), 1])


def test_simpleitk_resamples_a_marked_voxel_to_where_the_moved_volume_has_it(tmp_path: Path) -> None:
    """ITK's transform takes points of the fixed image to the moving one: the inverse of the matrix in the object."""
    image = SimpleITK.GetImageFromArray(np.zeros((60, 60, 60), np.float32))
    image.SetOrigin([-30.0, -25.0, 20.0])
    image[image.TransformPhysicalPointToIndex(MARK.tolist())] = 100.0
    transform = SimpleITK.AffineTransform(3)
    transform.SetMatrix(TURN[:3, :3].ravel().tolist())
    transform.SetTranslation(TURN[:3, 3].tolist())
    grid = SimpleITK.Image([60, 60, 60], SimpleITK.sitkFloat32)
    grid.SetOrigin([-35.0, -50.0, 40.0])
    there = SimpleITK.GetArrayFromImage(SimpleITK.Resample(image, grid, transform.GetInverse()))
    place = grid.TransformIndexToPhysicalPoint([int(k) for k in np.unravel_index(there.argmax(), there.shape)[::-1]])

    affine = LPS_TO_RAS @ np.array([[0, 0, 1.0, -30], [0, 1, 0, -25], [1, 0, 0, 20], [0, 0, 0, 1]])
    pet = replace(volume(PET), data=SimpleITK.GetArrayFromImage(image), affine=affine)
    gone = moved(pet, said(tmp_path, item(PET, TURN)).move(volume(CT, "ct"), pet))
    peak = np.unravel_index(gone.data.argmax(), gone.shape)

    assert place == pytest.approx(THERE, abs=1e-6)
    assert LPS_TO_RAS @ gone.affine @ [*peak, 1] == pytest.approx([*THERE, 1])
    assert "DICOM registration" in gone.findings[-1].sentence


def test_in_one_frame_of_reference_the_images_say_which_series_moves(tmp_path: Path) -> None:
    ct, pet = series("CT", 3), series("PT", 4)
    made = registration(CT, item("", np.eye(4), images=ct), item("", TURN, images=pet), series=(ct, pet))
    found = read_registration(save(tmp_path / "reg.dcm", made))
    both = volume(CT, "ct", ct[0].SeriesInstanceUID), volume(CT, "pet", pet[0].SeriesInstanceUID)
    assert lps(found.move(*both).matrix) == pytest.approx(TURN)
    assert lps(found.move(*both[::-1]).matrix) == pytest.approx(np.linalg.inv(TURN))


def test_the_images_of_another_study_are_known_too(tmp_path: Path) -> None:
    pet = series("PT", 4)
    made = registration(CT, item("", TURN, images=pet), series=(pet,))
    other = Dataset()
    other.StudyInstanceUID, other.ReferencedSeriesSequence = "1.2.9", made.ReferencedSeriesSequence
    del made.ReferencedSeriesSequence
    made.StudiesContainingOtherReferencedInstancesSequence = [other]
    found = read_registration(save(tmp_path / "reg.dcm", made))
    assert found.move(volume(CT, "ct"), volume(PET, "pet", pet[0].SeriesInstanceUID)).degrees == pytest.approx(90)


def test_rounded_cosines_are_a_rotation_again(tmp_path: Path) -> None:
    rounded = np.eye(4)
    rounded[:2, :2] = [[0.996, -0.087], [0.087, 0.996]]
    matrix = np.array(said(tmp_path, item(PET, rounded)).move(volume(CT, "ct"), volume(PET)).matrix)
    assert matrix[:3, :3] @ matrix[:3, :3].T == pytest.approx(np.eye(3), abs=1e-12)


def test_several_matrices_are_taken_where_their_order_does_not_matter(tmp_path: Path) -> None:
    found = said(tmp_path, item(PET, np.eye(4), TURN))
    assert lps(found.move(volume(CT, "ct"), volume(PET)).matrix) == pytest.approx(TURN)


def shear() -> np.ndarray:
    matrix = np.eye(4)
    matrix[0, 1] = 0.1
    return matrix


def deformable(made: Dataset) -> None:
    made.SOPClassUID = DeformableSpatialRegistrationStorage


def no_matrix(made: Dataset) -> None:
    made.RegistrationSequence[0].MatrixRegistrationSequence[0].MatrixSequence = []


def fifteen(made: Dataset) -> None:
    one = made.RegistrationSequence[0].MatrixRegistrationSequence[0].MatrixSequence[0]
    one.FrameOfReferenceTransformationMatrix = ["1"] * 15


def cut_exponent(made: Dataset) -> None:
    """A writer that cut 1.23456789012E-05 to 16 characters."""
    one = made.RegistrationSequence[0].MatrixRegistrationSequence[0].MatrixSequence[0]
    one.FrameOfReferenceTransformationMatrix = [
        "1",
        "1.23456789012E-0",
        *["0"] * 3,
        "1",
        *["0"] * 4,
        "1",
        *["0"] * 4,
        1,
    ]


def nothing(made: Dataset) -> None:
    made.RegistrationSequence = []


def replaced(*matrices: np.ndarray) -> Callable[[Dataset], None]:
    def change(made: Dataset) -> None:
        made.RegistrationSequence = [item(PET, *matrices)]

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (deformable, "deforms the images"),
        (no_matrix, "no matrix"),
        (fifteen, "not 16 numbers"),
        (cut_exponent, "not 16 numbers"),
        (nothing, "is none"),
        (replaced(shear()), "scales, shears or mirrors"),
        (replaced(np.diag([2.0, 2, 2, 1])), "scales, shears or mirrors"),
        (replaced(np.diag([-1.0, 1, 1, 1])), "scales, shears or mirrors"),
        (replaced(TURN + 0.5 * np.eye(4)[3, :, None] * np.eye(4)[2]), "scales, shears or mirrors"),
        (replaced(TURN, np.array([[1, 0, 0, 9.0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])), "as one matrix"),
    ],
)
def test_what_is_not_one_rigid_move_is_refused(tmp_path: Path, change: Callable[[Dataset], None], words: str) -> None:
    made = registration(CT, item(PET, TURN))
    change(made)
    with pytest.raises(RefusedError, match=words):
        read_registration(save(tmp_path / "reg.dcm", made))


@pytest.mark.parametrize("content", [b"", b"no DICOM", b"\0" * 128 + b"DICM" + b"\xff" * 40])
def test_a_file_that_is_no_registration_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "reg.dcm"
    path.write_bytes(content)
    with pytest.raises(RefusedError, match=r"reg\.dcm"):
        read_registration(path)


@pytest.mark.parametrize(
    ("fixed", "moving", "words"),
    [
        (volume("1.2.8", "ct"), volume(PET), "does not concern ct, its frame of reference is none of those"),
        (volume(CT, "ct"), volume(""), "does not concern pet, its file names no frame of reference"),
        (volume(CT, "ct"), volume(CT, "other"), "Nothing to move"),
    ],
)
def test_a_registration_of_other_images_is_refused(tmp_path: Path, fixed: Volume, moving: Volume, words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        said(tmp_path, item(CT, np.eye(4)), item(PET, TURN)).move(fixed, moving)


def test_two_places_for_one_volume_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="puts pet in two places"):
        said(tmp_path, item(PET, TURN), item(PET, np.eye(4))).move(volume(CT, "ct"), volume(PET))


def test_a_registration_of_another_patient_is_refused_without_a_name(tmp_path: Path) -> None:
    other = replace(volume(PET), origin=Origin(patient=patient_mark("SOMEBODY-2")))
    with pytest.raises(RefusedError, match="is of another one") as caught:
        said(tmp_path, item(PET, TURN)).move(volume(CT, "ct"), other)
    assert "CANARY" not in str(caught.value)
    assert "SOMEBODY" not in str(caught.value)


def test_a_registration_in_the_folder_is_remembered_and_no_slice(tmp_path: Path) -> None:
    write(tmp_path / "study", series("CT", 3))
    file = save(tmp_path / "study" / "reg.dcm", registration(CT, item(PET, TURN)))
    ct = read_dicom(tmp_path / "study")
    assert ct.origin.registrations == (file,)
    assert file not in ct.origin.paths
    assert [one.level for one in ct.findings if "reg.dcm" in one.sentence] == ["ok"]
    assert [one.origin.registrations for one in read_volumes(tmp_path / "study")] == [(file,)]


def test_a_folder_of_nothing_but_a_registration_is_no_examination(tmp_path: Path) -> None:
    save(tmp_path / "reg.dcm", registration(CT, item(PET, TURN)))
    with pytest.raises(RefusedError, match="holds no DICOM images"):
        read_dicom(tmp_path)


def test_a_volume_that_was_moved_by_hand_is_not_moved_on(tmp_path: Path) -> None:
    by_hand = replace(volume(PET), findings=(Finding("warn", "moved", "The layer pet was moved by 5 mm."),))
    with pytest.raises(RefusedError, match="Open pet again"):
        said(tmp_path, item(PET, TURN)).move(volume(CT, "ct"), by_hand)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_no_registration_and_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "moved.dcm")
    with pytest.raises(RefusedError, match="Choose a file"):
        read_registration(tmp_path / "moved.dcm")
