"""Slices of another patient, study or contrast in a series are refused by name."""

from pathlib import Path

import pytest
from pydicom import Dataset

from napari_refusion.io.dicom.read import check_series
from napari_refusion.io.dicom.scan import list_series
from napari_refusion.volume.finding import blocking
from tests import dicom_series as phantom
from tests.dicom_parts import setting

ODD = (2, 5)


def refused(folder: Path, images: list[Dataset]) -> str:
    (series,) = list_series(phantom.write(folder, images))
    return " ".join(finding.sentence for finding in blocking(check_series(series)))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"PatientID": "ANOTHER"}, "another patient"),
        ({"PatientBirthDate": "19820304"}, "another patient"),
        ({"IssuerOfPatientID": "Other hospital", "PatientBirthDate": ""}, "another patient"),
        ({"StudyInstanceUID": "1.2.840.99"}, "another study"),
    ],
)
def test_slices_of_another_patient_or_study_are_refused_without_their_names(
    tmp_path: Path, values: dict[str, str], words: str
) -> None:
    images = phantom.series()
    for k, image in enumerate(images):
        image.PatientBirthDate, image.IssuerOfPatientID = "19710101", "This hospital"
        if k in ODD:
            setting(**values)(image, k)
    message = refused(tmp_path, images)
    assert words in message
    assert phantom.name_of(ODD[0]) in message
    for secret in ("CANARY", "ANOTHER", "Canary", "19820304", "19710101", "hospital"):
        assert secret not in message


def test_names_tell_patients_apart_where_numbers_were_taken_out(tmp_path: Path) -> None:
    images = phantom.series()
    for k, image in enumerate(images):
        image.PatientID, image.PatientName = "", f"Canary^{'Two' if k in ODD else 'One'}"
    message = refused(tmp_path, images)
    assert "another patient" in message
    assert "Two" not in message


@pytest.mark.parametrize(
    "values",
    [
        {"PatientName": "CANARY^NAME"},
        {"PatientName": "Married^Name"},
        {"PatientBirthDate": ""},
        {"PatientID": "canary-id "},
        {"IssuerOfPatientID": "Other system"},
    ],
)
def test_one_patient_may_be_spelt_in_two_ways(tmp_path: Path, values: dict[str, str]) -> None:
    images = phantom.series()
    for k, image in enumerate(images):
        image.PatientBirthDate, image.IssuerOfPatientID = "19710101", "This hospital"
        if k in ODD:
            setting(**values)(image, k)
    assert refused(tmp_path, images) == ""


@pytest.mark.parametrize(
    ("usual", "odd", "words"),
    [
        ({"EchoTime": 20}, {"EchoTime": 90}, "echo time 90 ms"),
        ({"EchoNumbers": 1}, {"EchoNumbers": 2}, "echo 2"),
        ({"EchoTime": 2.3}, {"EchoTime": 4.6}, "echo time 4.6 ms"),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "M"]}, {"ImageType": ["ORIGINAL", "PRIMARY", "P"]}, "phase"),
        ({"ImageType": ["DERIVED", "PRIMARY", "W"]}, {"ImageType": ["DERIVED", "PRIMARY", "F"]}, "fat"),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"]}, {"ImageType": ["DERIVED", "SECONDARY", "MPR"]}, "derived"),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"]}, {"ImageType": ["DERIVED", "PRIMARY", "MIP"]}, "mip"),
        ({"InversionTime": 150}, {"InversionTime": 2500}, "inversion time 2500 ms"),
        ({"RepetitionTime": 3000}, {"RepetitionTime": 500}, "repetition time 500 ms"),
        ({"DiffusionBValue": 0.0}, {"DiffusionBValue": 1000.0}, "b-value 1000"),
        ({"ContrastBolusAgent": ""}, {"ContrastBolusAgent": "Gadovist"}, "contrast agent GADOVIST"),
        ({"TriggerTime": 0}, {"TriggerTime": 500}, "trigger time 500 ms"),
        ({"FlipAngle": 90}, {"FlipAngle": 5}, "flip angle 5 degrees"),
    ],
)
def test_a_few_slices_of_another_contrast_are_refused_by_name_and_value(
    tmp_path: Path, usual: dict[str, object], odd: dict[str, object], words: str
) -> None:
    images = phantom.series()
    for k, image in enumerate(images):
        setting(**(odd if k in ODD else usual))(image, k)
    message = refused(tmp_path, images)
    assert words in message
    assert phantom.name_of(2) in message
    assert phantom.name_of(5) in message


@pytest.mark.parametrize(
    ("usual", "odd"),
    [({"ConvolutionKernel": "B30f"}, {"ConvolutionKernel": "B70f"}), ({"KVP": 80}, {"KVP": 140})],
)
def test_a_few_ct_slices_of_another_reconstruction_are_refused(
    tmp_path: Path, usual: dict[str, object], odd: dict[str, object]
) -> None:
    images = phantom.series("CT")
    for k, image in enumerate(images):
        setting(**(odd if k in ODD else usual))(image, k)
    assert phantom.name_of(2) in refused(tmp_path, images)


def test_slices_that_an_archive_compressed_are_no_other_kind(tmp_path: Path) -> None:
    images = phantom.series()
    for k, image in enumerate(images):
        image.ImageType = ["DERIVED" if k in ODD else "ORIGINAL", "PRIMARY", "M"]
        image.LossyImageCompression = "01" if k in ODD else "00"
    assert refused(tmp_path, images) == ""


def test_the_half_of_a_series_that_is_of_another_echo_is_refused_too(tmp_path: Path) -> None:
    images = phantom.series()
    for k, image in enumerate(images):
        image.EchoTime = 20 if k < 4 else 90
    assert "echo time" in refused(tmp_path, images)
