"""A pseudonym hides the patient everywhere and keeps the objects of a project together."""

import hashlib
import hmac
import logging
from pathlib import Path

import pytest
from highdicom._standard_utils import get_iod_module_map, get_module_attribute_map
from pydicom import Dataset, config, dcmread
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.uid import UID

from napari_refusion.io.dicom.export.identity import NO_DATE, Pseudonym
from napari_refusion.io.dicom.export.objects import export_dicom
from napari_refusion.volume.finding import RefusedError
from tests.fused_from_dicom import Case, case, dicom_object

KEY = b"0123456789abcdef0123456789abcdef"
CANARIES = {
    "PN": "Canary^Bird",
    "LO": "Canary LO",
    "SH": "Canary SH",
    "LT": "Canary LT",
    "ST": "Canary ST",
    "UT": "Canary UT",
    "UC": "Canary UC",
    "DA": "19630712",
    "TM": "070717.123",
    "DT": "19630712070717",
    "AS": "057Y",
    "UI": "2.25.77777777777",
}
NEEDED = ("PatientID", "SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID", "FrameOfReferenceUID")
SCANNER = ("SeriesDate", "SeriesTime", "AcquisitionDate", "AcquisitionTime", "Units", "DecayCorrection")
"""Read by the gates of the import, so their own values stay."""


def sing(image: Dataset) -> None:
    """Put a canary into every text, date and UID of the modules that say whose and what an image is."""
    modules = {
        module["key"]
        for iod in ("mr-image", "positron-emission-tomography-image", "secondary-capture-image")
        for module in get_iod_module_map()[iod]
        if module["ie"] in ("Patient", "Study", "Series", "Equipment", "Acquisition", "Image")
    }
    for rule in (rule for module in modules for rule in get_module_attribute_map()[module]):
        keyword = rule["keyword"]
        tag = tag_for_keyword(keyword)
        if rule["path"] or tag is None or keyword in (*NEEDED, *SCANNER):
            continue
        if dictionary_VR(tag) in CANARIES:
            setattr(image, keyword, CANARIES[dictionary_VR(tag)])
    other = Dataset()
    other.PatientID, other.TypeOfPatientID = "Canary other", "TEXT"
    block = other.private_block(0x0011, "Canary nested", create=True)
    block.add_new(1, "LO", "Canary nested")
    image.OtherPatientIDsSequence = [other]
    image.private_block(0x0009, "Canary private", create=True).add_new(1, "LO", "Canary private")
    image.PatientName = "Canary"


@pytest.fixture
def singing(tmp_path: Path) -> Case:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(config.settings, "writing_validation_mode", config.IGNORE)
        return case(tmp_path / "canary", change=sing)


def test_no_canary_of_the_sources_is_in_a_pseudonymised_object(
    singing: Case, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.clear()
    files = export_dicom(singing.fused, singing.references, tmp_path / "out", pseudonym=Pseudonym("CANARY-ID", KEY))
    uids = {getattr(image, word) for images in singing.headers for image in images for word in NEEDED[2:]}
    songs = [*CANARIES.values(), "CANARY", "Canary", "canar", *uids]
    sources = b"".join(file.read_bytes() for file in (tmp_path / "canary").rglob("IM*"))
    assert [song for song in CANARIES.values() if song.encode() not in sources] == []
    for file in files:
        content = file.read_bytes()
        assert [song for song in songs if song.encode() in content] == []
        assert not any(element.tag.is_private for element in dcmread(file).iterall())
    assert [song for song in songs if song in caplog.text] == []
    assert "2024" not in str(dcmread(files[0]).get("StudyDate"))


def test_an_identified_export_leaves_private_attributes_out_and_the_name_out_of_the_logs(
    singing: Case, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.clear()
    for file in export_dicom(singing.fused, singing.references, tmp_path / "out"):
        dataset = dcmread(file)
        assert dataset.PatientName == "Canary"
        assert dataset.StudyID == CANARIES["SH"]  # in group 0020, with how an image lies
        assert dataset.OtherPatientIDsSequence[0].PatientID == "Canary other"
        assert not any(element.tag.is_private for element in dataset.iterall())
    assert "anary" not in caplog.text


def test_the_pseudonym_is_the_keyed_hash_of_the_patient_id(singing: Case, tmp_path: Path) -> None:
    expected = hmac.new(KEY, b"CANARY-ID", hashlib.sha256).hexdigest()[:16]
    for file in export_dicom(
        singing.fused, singing.references, tmp_path / "out", pseudonym=Pseudonym("CANARY-ID", KEY)
    ):
        dataset = dcmread(file)
        assert dataset.PatientID == dataset.PatientName == expected
        assert dataset.PatientIdentityRemoved == "YES"
        assert "HMAC" in dataset.DeidentificationMethod
        for keyword in ("PatientBirthDate", "PatientSex", "AccessionNumber", "StudyID", "StudyDate", "StudyTime"):
            assert dataset[keyword].value in ("", None)
        for keyword in ("ContentDate", "PresentationCreationDate"):
            assert dataset.get(keyword, NO_DATE) == NO_DATE
        for keyword in ("InstitutionName", "StudyDescription", "OtherPatientIDs", "OtherPatientIDsSequence"):
            assert keyword not in dataset


def test_one_key_gives_one_set_of_uids_and_another_key_another_one(singing: Case) -> None:
    def uids(key: bytes) -> tuple[object, ...]:
        dataset = dicom_object(
            "parametric_map", singing.fused, singing.references, pseudonym=Pseudonym("CANARY-ID", key)
        )
        sources = tuple(item.ReferencedSOPInstanceUID for item in dataset.SourceImageSequence)
        return dataset.StudyInstanceUID, dataset.FrameOfReferenceUID, *sources

    first, again, other = uids(KEY), uids(KEY), uids(KEY[::-1])
    assert first == again
    assert not set(first) & set(other)
    assert len(set(first)) == 2 + 16
    assert all(UID(str(one)).is_valid and str(one).startswith("2.25.") for one in first)


def test_a_pseudonym_of_another_patient_is_refused(singing: Case) -> None:
    with pytest.raises(RefusedError, match="not made from the Patient ID"):
        dicom_object("parametric_map", singing.fused, singing.references, pseudonym=Pseudonym("other", KEY))


def test_a_short_key_and_an_empty_patient_are_refused() -> None:
    with pytest.raises(RefusedError, match="6 bytes"):
        Pseudonym("1", b"secret")
    with pytest.raises(RefusedError, match="needs a patient identifier"):
        Pseudonym(" ", KEY)


def test_neither_patient_nor_key_is_in_the_text_form_of_a_pseudonym_or_a_reference(singing: Case) -> None:
    assert repr(Pseudonym("CANARY-ID", KEY)) == "Pseudonym()"
    assert "anary" not in repr(singing.references)


@pytest.mark.parametrize(
    ("stated", "written"),
    [("M", "M"), ("F", "F"), ("O", "O"), ("", ""), ("W", ""), ("FEMALE", ""), ("U", ""), ("f", "")],
)
@pytest.mark.filterwarnings("ignore:Invalid value for VR CS")
def test_a_sex_that_is_none_of_the_three_of_the_standard_is_written_as_unknown(
    stated: str, written: str, tmp_path: Path
) -> None:
    """Patient's Sex (0010,0040) is M, F or O, and empty where it is unknown (PS3.3, C.7.1.1)."""

    def say(image: Dataset) -> None:
        image.PatientSex = stated

    given = case(tmp_path / "sources", change=say)
    for file in export_dicom(given.fused, given.references, tmp_path / "out"):
        assert (dcmread(file).PatientSex or "") == written, file.name


@pytest.mark.parametrize(
    ("keyword", "stated", "written"),
    [
        ("PatientBirthDate", "19500229", ""),  # 1950 had no leap day
        ("PatientBirthDate", "19520229", "19520229"),
        ("StudyDate", "2024-02-29", ""),
        ("StudyTime", "250000", ""),
        ("StudyTime", "235959", "235959"),
    ],
)
@pytest.mark.filterwarnings("ignore:Invalid value for VR")
def test_a_date_or_time_that_is_none_is_written_as_unknown(
    keyword: str, stated: str, written: str, tmp_path: Path
) -> None:
    def say(image: Dataset) -> None:
        setattr(image, keyword, stated)

    given = case(tmp_path / "sources", change=say)
    for file in export_dicom(given.fused, given.references, tmp_path / "out"):
        assert (dcmread(file).get(keyword) or "") == written, file.name


@pytest.mark.parametrize("length", [15, 16])
def test_a_key_has_sixteen_bytes_at_least(length: int) -> None:
    if length < 16:
        with pytest.raises(RefusedError, match="15 bytes"):
            Pseudonym("1", bytes(length))
    else:
        assert len(Pseudonym("1", bytes(length)).word) == 16
