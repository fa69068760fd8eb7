"""The series that an export refers to: the right ones, of one patient, in the order of their slices."""

from dataclasses import replace
from pathlib import Path

import pytest
from pydicom import Dataset

from napari_refusion.io.dicom.export.objects import read_reference
from napari_refusion.io.dicom.read import read_dicom
from napari_refusion.io.nifti.read import read_nifti
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.origin import Origin
from napari_refusion.volume.rigid import RigidMove
from tests.dicom_series import series, write
from tests.fused_from_dicom import STAYS, case, dicom_object
from tests.nifti_files import RAS_2_3_4, save


def test_headers_come_in_the_order_of_the_slices_and_without_pixels(tmp_path: Path) -> None:
    images = series("MR")
    reference = read_reference(read_dicom(write(tmp_path, images)).origin)
    assert [header.SOPInstanceUID for header in reference.headers] == [image.SOPInstanceUID for image in images]
    assert not any("PixelData" in header for header in reference.headers)
    assert (reference.modality, reference.study) == ("MR", images[0].StudyInstanceUID)


def test_the_series_of_a_folder_with_several_is_the_one_that_was_read(tmp_path: Path) -> None:
    one, other = series("MR", 3), series("CT", 4)
    write(tmp_path, one, "A")
    write(tmp_path, other, "B")
    for number, modality in (("3", "MR"), ("4", "CT")):
        assert read_reference(read_dicom(tmp_path, number).origin).modality == modality


def test_a_series_that_was_moved_since_it_was_opened_is_not_guessed(tmp_path: Path) -> None:
    origin = read_dicom(write(tmp_path, series("MR"))).origin
    origin.paths[0].unlink()
    with pytest.raises(RefusedError, match="moved or changed since it was opened: open it again"):
        read_reference(origin)


def test_a_volume_from_no_file_has_no_series() -> None:
    with pytest.raises(RefusedError, match="not opened from a file is not DICOM"):
        read_reference(Origin())


def test_nifti_sources_are_sent_to_nifti(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=r"brain\.nii is not DICOM\. Export the fused volume as NIfTI"):
        read_reference(read_nifti(save(tmp_path / "brain.nii", RAS_2_3_4)).origin)


def test_two_patients_are_refused(tmp_path: Path) -> None:
    def other_patient(image: Dataset) -> None:
        if image.Modality == "PT":
            image.PatientID = "CANARY-2"

    given = case(tmp_path, change=other_patient)
    with pytest.raises(RefusedError, match="different patients") as caught:
        dicom_object("parametric_map", given.fused, given.references)
    assert "CANARY" not in str(caught.value)


@pytest.mark.parametrize("number", ["canary_id", "CANARY^ID", ""])
def test_one_patient_written_in_two_ways_is_sent_to_nifti(tmp_path: Path, number: str) -> None:
    def other_spelling(image: Dataset) -> None:
        if image.Modality == "PT":
            image.PatientID = number

    given = case(tmp_path, change=other_spelling)
    with pytest.raises(RefusedError, match=r"nothing says that they are of two patients.*NIfTI") as caught:
        dicom_object("parametric_map", given.fused, given.references)
    assert "canary" not in str(caught.value).lower()


def test_series_in_the_wrong_order_are_refused(tmp_path: Path) -> None:
    given = case(tmp_path)
    with pytest.raises(RefusedError, match="in the order in which they were fused"):
        dicom_object("parametric_map", given.fused, (given.references[1], given.references[0]))


def test_a_series_that_was_not_fused_is_refused(tmp_path: Path) -> None:
    given, other = case(tmp_path / "one"), case(tmp_path / "other")
    with pytest.raises(RefusedError, match="not the one that was fused"):
        dicom_object("parametric_map", given.fused, (given.references[0], other.references[1]))


def test_a_reference_that_registration_moved_lies_in_the_other_ones_space(tmp_path: Path) -> None:
    given = case(tmp_path)
    move = RigidMove("b", "a", STAYS, 3.0, 0.0, "shifted by 3.0 mm", 0.1, 0.2, "2.25.99")
    made = replace(given.fused.provenance, b=replace(given.fused.provenance.b, move=move))
    volume = replace(given.fused.volume, frame_of_reference="2.25.99")
    dataset = dicom_object("parametric_map", replace(given.fused, volume=volume, provenance=made), given.references)
    assert dataset.FrameOfReferenceUID == "2.25.99"
    assert "shifted by 3.0 mm" in dataset.DerivationDescription
