"""Marks of patients: what tells two of them apart, and what does not."""

from pathlib import Path

import pytest

from napari_refusion.volume.origin import Origin, bids_mark, patient_mark, what_differs


@pytest.mark.parametrize(
    ("one", "other", "what"),
    [
        (("4711",), ("4712",), "Patient ID"),
        # the number of one hospital given twice, or a mistyped number: the birth date tells
        (("4711", "", "19500211"), ("4711", "", "19710305"), "Birth Date"),
        (("4711", "", "19500211"), ("4712", "", "19500211"), "Patient ID"),
        (("4711", "North"), ("4711", "South"), "Issuer"),
        # anonymised, but the birth dates were left in
        (("ANONYMOUS", "", "19500211"), ("ANONYMOUS", "", "19710305"), "Birth Date"),
        (("", "", "19500211"), ("4711", "", "19710305"), "Birth Date"),
        (("ANON01",), ("ANON02",), "Patient ID"),
    ],
)
def test_two_patients_are_told_apart_by_the_first_thing_that_both_files_say(
    one: tuple[str, ...], other: tuple[str, ...], what: str
) -> None:
    assert what in what_differs(patient_mark(*one), patient_mark(*other))
    assert what in what_differs(patient_mark(*other), patient_mark(*one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("4711", "North", "19500211"), ("4711",)),
        ((" 4711 ",), ("4711",)),
        (("ab12",), ("AB12\0",)),
        (("4711", "", "1950.02.11"), ("4711", "", "19500211")),
        # a first day of a calendar, or no date at all, is no birth date
        (("4711", "", "19000101"), ("4711", "", "19500211")),
        (("4711", "", "1950"), ("4711", "", "19500211")),
        (("",), ("4711",)),
        # one number as an archive, a scanner and a program that anonymises spell it
        (("00004711",), ("4711",)),
        (("PAT_001",), ("pat-001",)),
        (("PAT^001",), ("PAT 001",)),
        # one person whom two systems name: the birth date says more than the name of a system
        (("4711", "North", "19500211"), ("4711", "South", "1950-02-11")),
    ],
)
def test_what_one_file_does_not_say_makes_no_other_patient(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert what_differs(patient_mark(*one), patient_mark(*other)) == ""


@pytest.mark.parametrize(
    "word",
    ["ANONYMOUS", "anon", "Anonymized", "anonymised patient", "0", "000000", "", " ", "UNKNOWN", "PATIENT",
     "Patient ID", "NONE", "N/A", "XXXX", "----", "No^Name", "DEIDENTIFIED", "de-identified", "REMOVED",
     "Anonymous^Patient", "(none)", "[removed]", "<REDACTED>", "not_applicable", "No_ID", "NONAME", "hidden",
     "CONFIDENTIAL", "private", "Test^Patient", "dummy", "default"],
)  # fmt: skip
def test_a_word_of_a_program_that_anonymises_is_no_identity(word: str) -> None:
    assert patient_mark(word) == ""
    assert what_differs(patient_mark(word, "", "19500211"), patient_mark("4711", "", "19500211")) == ""


@pytest.mark.parametrize("word", ["1", "10", "P0", "PATIENT1", "ANON-7", "STS_001", "sub-01", "1-11"])
def test_a_pseudonym_is_an_identity(word: str) -> None:
    assert what_differs(patient_mark(word), patient_mark("another")) != ""


@pytest.mark.parametrize(("one", "other"), [("1-11", "11-1"), ("100", "1"), ("P01", "P1"), ("0-7", "7")])
def test_numbers_that_only_look_alike_are_of_two_patients(one: str, other: str) -> None:
    assert what_differs(patient_mark(one), patient_mark(other)) != ""


def test_a_mark_says_nothing_about_the_patient() -> None:
    mark = patient_mark("4711", "North", "19500211")
    assert not any(word in mark for word in ("4711", "north", "North", "1950"))


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        ("sub-01/anat/sub-01_T1w.nii.gz", "sub-02/pet/sub-02_pet.nii.gz", True),
        ("sub-01_T1w.nii.gz", "sub-02_pet.nii.gz", True),
        ("sub-01/t1.nii", "sub-02/pet.nii", True),
        ("derivatives/spm/sub-01/anat/sub-01_space-MNI_T1w.nii", "sub-01/pet/sub-01_pet.nii.gz", False),
        ("sub-01/t1.nii", "sub-01/ses-2/pet.nii", False),
        ("t1.nii", "sub-02_pet.nii", False),
        ("tpl-MNI152_T1w.nii", "sub-02_pet.nii", False),
        ("half_sub-mm_pet.nii", "T1w.nii", False),
        ("a-sub-01_pet.nii", "sub-02_T1w.nii", False),  # not a BIDS name: entities are parted by _
        ("SUB-A1_T1w.nii", "sub-a1_pet.nii", False),
        ("sub-01.nii.gz", "sub-03.mgz", True),
        # SPM and CAT put letters before the name of what they make
        ("wsub-01_T1w.nii", "swsub-02_pet.nii", True),
        ("mwp1sub-01_T1w.nii", "sub-01_pet.nii", False),
        ("sub-01/../t1.nii", "sub-02/pet.nii", False),
        ("resub-2023/t1.nii", "sub-02/pet.nii", False),  # no folder of SPM
    ],
)
def test_bids_labels_tell_subjects_apart(one: str, other: str, differ: bool) -> None:
    assert bool(what_differs(bids_mark(Path("/data") / one), bids_mark(Path("/data") / other))) is differ


def test_a_folder_in_which_one_works_names_the_subject(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sub-01").mkdir()
    monkeypatch.chdir(tmp_path / "sub-01")

    assert what_differs(bids_mark(Path("T1w.nii")), bids_mark(Path("../sub-02/pet.nii"))) != ""
    assert what_differs(bids_mark(Path("T1w.nii")), bids_mark(tmp_path / "sub-01" / "pet.nii")) == ""


def _named(patient: str, path: str) -> str:
    return Origin((Path("/data") / path,), patient=patient).mark


def test_labels_count_where_headers_cannot_be_compared() -> None:
    known = patient_mark("4711", "", "19500211")

    assert what_differs(_named(known, "sub-01/ct.dcm"), _named("", "sub-02/pet.nii")) == "the BIDS label sub-"
    assert what_differs(_named(known, "sub-01/ct.dcm"), _named("", "sub-01/pet.nii")) == ""
    only_born = patient_mark("", "", "19500211")
    assert what_differs(_named(known, "sub-01/ct.dcm"), _named(only_born, "sub-02/pet.dcm")) == "the BIDS label sub-"


def test_one_patient_id_is_one_patient_whatever_the_folders_are_called() -> None:
    known = patient_mark("4711", "", "19500211")

    assert what_differs(_named(known, "sub-4711ct/1.dcm"), _named(known, "sub-4711pet/1.dcm")) == ""
    assert what_differs(_named(known, "sub-01/1.dcm"), _named(patient_mark("4712"), "sub-01/1.dcm")) != ""


def test_a_dicom_patient_and_a_bids_subject_cannot_be_compared() -> None:
    assert what_differs(patient_mark("01"), bids_mark(Path("sub-02_pet.nii"))) == ""
