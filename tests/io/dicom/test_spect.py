"""SPECT that was stored as PET is called what it is; PET of any radionuclide stays PET."""

from pathlib import Path

import pytest
from pydicom import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import NuclearMedicineImageStorage

from napari_refusion.io.dicom.read import read_dicom
from napari_refusion.io.dicom.spect import modality_of
from tests.dicom_series import series, write


def with_nuclide(
    value: str = "", scheme: str = "", meaning: str = "", radiopharmaceutical: str = "", modality: str = "PT"
) -> Dataset:
    """Return a header with one injection."""
    header, injection = Dataset(), Dataset()
    header.Modality = modality
    if value or meaning:
        code = Dataset()
        code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, scheme, meaning
        injection.RadionuclideCodeSequence = Sequence([code])
    if radiopharmaceutical:
        injection.Radiopharmaceutical = radiopharmaceutical
    header.RadiopharmaceuticalInformationSequence = Sequence([injection])
    return header


@pytest.mark.parametrize(
    ("value", "scheme", "meaning", "expected"),
    [
        # the codes of PS3.16, Context Groups 18 and 4020: SNOMED RT as old files have them, and SNOMED CT
        ("C-163A8", "SRT", "^99m^Technetium", "NM"),
        ("C-114A4", "SRT", "^123^Iodine", "NM"),
        ("C-145A4", "SRT", "^111^Indium", "NM"),
        ("56609000", "SCT", "", "NM"),  # In-111
        ("C-111A1", "SRT", "^18^Fluorine", "PT"),
        ("77004003", "SCT", "^18^Fluorine", "PT"),
        ("C-131A3", "SRT", "^68^Gallium", "PT"),
        ("C-B1038", "SRT", "^82^Rubidium", "PT"),
        # codes of nobody: the words count
        ("Tc", "99ABC", "Tc-99m", "NM"),
        ("", "", "Lu-177", "NM"),
        ("", "", "I-124", "PT"),
        ("", "", "^67^Gallium", "NM"),
        ("", "", "Ga-68", "PT"),
    ],
)
def test_the_radionuclide_tells_spect_from_pet(value: str, scheme: str, meaning: str, expected: str) -> None:
    assert modality_of(with_nuclide(value, scheme, meaning)) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Tc-99m MDP", "NM"),
        ("99mTc-HMPAO", "NM"),
        ("[177Lu]Lu-PSMA-617", "NM"),
        ("I-123 ioflupane", "NM"),
        ("DaTSCAN 123I", "NM"),
        ("Technetium 99m sestamibi", "NM"),
        ("Fluorodeoxyglucose F^18^", "PT"),
        ("Solution", "PT"),
        ("PSMA-1007", "PT"),
        ("68Ga-DOTATOC", "PT"),
        ("F-18 FDG in 111 ml", "PT"),
        ("", "PT"),
    ],
)
def test_where_no_code_is_given_the_name_of_the_tracer_tells_it(words: str, expected: str) -> None:
    assert modality_of(with_nuclide(radiopharmaceutical=words)) == expected


def test_the_class_and_the_type_of_a_nuclear_medicine_image_tell_it_too() -> None:
    header = Dataset()
    header.Modality, header.SOPClassUID = "PT", NuclearMedicineImageStorage
    assert modality_of(header) == "NM"
    header = Dataset()
    header.Modality, header.ImageType = "PT", ["ORIGINAL", "PRIMARY", "RECON TOMO", "EMISSION"]
    assert modality_of(header) == "NM"


@pytest.mark.parametrize("modality", ["CT", "MR", "NM", ""])
def test_other_modalities_are_what_they_say(modality: str) -> None:
    assert modality_of(with_nuclide("C-163A8", "SRT", "Tc99m", modality=modality)) == modality


def test_a_spect_series_stored_as_pet_is_opened_as_spect_in_its_unit_and_it_is_said(tmp_path: Path) -> None:
    images = series("PT")
    for image in images:
        code = Dataset()
        code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "C-163A8", "SRT", "^99m^Technetium"
        image.RadiopharmaceuticalInformationSequence[0].RadionuclideCodeSequence = Sequence([code])
    write(tmp_path, images)
    volume = read_dicom(tmp_path)
    assert (volume.modality, volume.word, volume.unit) == ("NM", "SPECT", "SUVbw")
    said = [one for one in volume.findings if one.rule == "modality"]
    assert [one.level for one in said] == ["ok"]
    assert "stored as PET" in said[0].sentence


def test_a_pet_series_is_opened_as_before(tmp_path: Path) -> None:
    write(tmp_path, series("PT"))
    volume = read_dicom(tmp_path)
    assert (volume.modality, volume.unit) == ("PT", "SUVbw")
    assert not [one for one in volume.findings if one.rule == "modality"]
