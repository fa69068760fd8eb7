import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from napari_refusion.cohort.bids_tree import BidsChoice
from napari_refusion.cohort.work_case import WorkCase
from napari_refusion.cohort.worklist import list_cases, next_case, shuffled
from tests.dicom_series import series, write


def touch(folder: Path, *names: str) -> Path:
    """Empty files: a worklist does not open images."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder


def table(path: Path, *rows: str) -> Path:
    path.write_text("\n".join(row.replace(" ", "\t") for row in rows), encoding="utf-8")
    return path


def sources(case: WorkCase, folder: Path) -> tuple[str, str]:
    return str(case.first.relative_to(folder)), str(case.second.relative_to(folder))


def test_every_functional_image_of_a_bids_session_is_a_case_with_the_best_anatomy(tmp_path: Path) -> None:
    touch(tmp_path, "sub-01/ses-1/anat/sub-01_ses-1_T2w.nii.gz", "sub-01/ses-1/anat/sub-01_ses-1_FLAIR.nii.gz")
    touch(tmp_path, "sub-01/ses-1/anat/sub-01_ses-1_T1w.nii.gz", "sub-01/ses-1/pet/sub-01_ses-1_trc-fdg_pet.nii.gz")
    touch(tmp_path, "sub-01/ses-2/anat/sub-01_ses-2_FLAIR.nii", "sub-01/ses-2/ct/sub-01_ses-2_ct.nii")
    touch(tmp_path, "sub-02/anat/sub-02_T1w.nii", "sub-02/pet/sub-02_trc-a_pet.nii", "sub-02/pet/sub-02_trc-b_pet.nii")
    touch(tmp_path, "derivatives/fused/sub-01/anat/sub-01_T1w.nii", "dataset_description.json")

    found = list_cases(tmp_path)

    assert found.findings == ()
    assert {
        case.label: (*(path.name for path in (case.first, case.second)), case.modalities) for case in found.cases
    } == {
        "sub-01_ses-1": ("sub-01_ses-1_trc-fdg_pet.nii.gz", "sub-01_ses-1_T1w.nii.gz", ("PT", "MR")),
        "sub-01_ses-2": ("sub-01_ses-2_ct.nii", "sub-01_ses-2_FLAIR.nii", ("CT", "MR")),
        "sub-02_trc-a_pet": ("sub-02_trc-a_pet.nii", "sub-02_T1w.nii", ("PT", "MR")),
        "sub-02_trc-b_pet": ("sub-02_trc-b_pet.nii", "sub-02_T1w.nii", ("PT", "MR")),
    }


def test_a_bids_session_without_a_partner_is_told(tmp_path: Path) -> None:
    touch(tmp_path, "sub-01/ses-1/anat/sub-01_ses-1_T1w.nii", "sub-01/ses-2/pet/sub-01_ses-2_pet.nii")

    found = list_cases(tmp_path)

    assert found.cases == ()
    assert [finding.level for finding in found.findings] == ["warn", "warn"]
    assert "sub-01_ses-1 was left out: it has no PET, SPECT or CT" in found.findings[0].sentence
    assert "sub-01_ses-2 was left out: it has no anatomical image" in found.findings[1].sentence
    assert "There is one in ses-1" in found.findings[1].sentence


def test_of_two_files_of_one_name_in_a_bids_session_one_is_taken_and_the_other_told(tmp_path: Path) -> None:
    """Of images that are never paired nothing is said."""
    images = ("pet/sub-1_pet.nii", "pet/sub-1_pet.nii.gz", "anat/sub-1_T1w.nii.gz", "anat/sub-1_T1w.nii")
    touch(tmp_path / "sub-1", *images, "dwi/sub-1_dwi.nii", "dwi/sub-1_dwi.nii.gz")

    found = list_cases(tmp_path)

    (case,) = found.cases
    assert sources(case, tmp_path / "sub-1") == ("pet/sub-1_pet.nii", "anat/sub-1_T1w.nii")
    assert [one.sentence for one in found.findings] == [
        f"{name}.nii.gz was left out: {name}.nii beside it has the same name and is taken. Remove one of both."
        for name in ("sub-1_T1w", "sub-1_pet")
    ]


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[Callable[[Path], None]]:
    """What makes a folder one that nobody may look into."""
    done: list[Path] = []

    def close(folder: Path) -> None:
        folder.chmod(0)
        done.append(folder)
        if os.access(folder, os.R_OK):
            pytest.skip("this user, such as root, may look into every folder")

    yield close
    for folder in done:
        folder.chmod(0o700)


@pytest.mark.skipif(os.sep != "/", reason="Windows has other permissions")
@pytest.mark.parametrize(
    ("place", "others"),
    [("sub-1", ["sub-2_ses-1"]), ("sub-1/ses-2", ["sub-1_ses-1", "sub-2_ses-1"]), ("sub-2/ses-1/pet", ["sub-1_ses-1"])],
)
def test_a_bids_folder_that_may_not_be_read_is_told_as_that(
    tmp_path: Path, place: str, others: list[str], closed: Callable[[Path], None]
) -> None:
    for subject in ("sub-1", "sub-2"):
        touch(tmp_path / subject / "ses-1", f"pet/{subject}_ses-1_pet.nii", f"anat/{subject}_ses-1_T1w.nii")
    (tmp_path / "sub-1/ses-2").mkdir()
    closed(tmp_path / place)
    found = list_cases(tmp_path, BidsChoice(sessions=("1", "2") if place.endswith("2") else ("1",)))
    assert [case.label for case in found.cases] == others
    (finding,) = found.findings
    assert f"{Path(place).name} cannot be read (Permission denied). Check your permission" in finding.sentence


@pytest.mark.skipif(os.sep != "/", reason="Windows has other permissions")
def test_a_case_folder_that_may_not_be_read_takes_no_other_with_it(
    tmp_path: Path, closed: Callable[[Path], None]
) -> None:
    for name in ("one", "two"):
        touch(tmp_path / name, "pet.nii", "t1.nii")
    closed(tmp_path / "one")
    found = list_cases(tmp_path)
    assert [case.label for case in found.cases] == ["two"]
    assert "one was left out: one cannot be read (Permission denied)" in found.findings[0].sentence


def test_a_sub_folder_with_two_images_is_a_case_and_function_comes_first(tmp_path: Path) -> None:
    touch(tmp_path, "case7/a_MRI.nii.gz", "case7/b_PET.nii.gz", "case7/a_MRI.json", "case7/.hidden.nii")
    touch(tmp_path, "case8/scan.hdr", "case8/scan.img", "case8/ct.nrrd")

    found = list_cases(tmp_path)

    assert found.findings == ()
    assert [(case.label, sources(case, tmp_path), case.modalities) for case in found.cases] == [
        ("case7", ("case7/b_PET.nii.gz", "case7/a_MRI.nii.gz"), ("PT", "MR")),
        ("case8", ("case8/ct.nrrd", "case8/scan.hdr"), ("CT", "")),
    ]


def test_a_sub_folder_with_one_or_three_images_is_told(tmp_path: Path) -> None:
    touch(tmp_path, "good/a.nii", "good/b.nii", "one/a.nii", "three/a.nii", "three/b.nii", "three/c.nii", "none/x.txt")

    found = list_cases(tmp_path)

    assert [case.label for case in found.cases] == ["good"]
    told = " ".join(finding.sentence for finding in found.findings)
    assert "none was left out: it has no images" in told
    assert "one was left out: it has 1 image or DICOM series" in told
    assert "three was left out: it has 3 images" in told


def test_a_folder_with_two_images_is_a_case_by_itself(tmp_path: Path) -> None:
    (case,) = list_cases(touch(tmp_path / "patient", "pet.nii", "t1.nii")).cases

    assert (case.label, case.modalities) == ("patient", ("PT", "MR"))


def test_dicom_folders_and_loose_files_of_two_series_are_cases(tmp_path: Path) -> None:
    write(tmp_path / "folders/mri", series("MR", count=3))
    write(tmp_path / "folders/pet", series("PT", count=3))
    write(tmp_path / "loose", [*series("MR", count=3), *series("CT", count=3)])
    write(tmp_path / "single", series("MR", count=3))

    found = list_cases(tmp_path)

    assert [(case.label, sources(case, tmp_path), case.modalities) for case in found.cases] == [
        ("folders", ("folders/pet", "folders/mri"), ("PT", "MR")),
        ("loose", ("loose", "loose"), ("CT", "MR")),
    ]
    (finding,) = found.findings
    assert "single was left out: its DICOM files are 1 series (MR)" in finding.sentence
    assert "Put the case's other series beside it" in finding.sentence


def test_a_folder_of_one_case_is_answered_with_the_folder_to_name_instead(tmp_path: Path) -> None:
    write(tmp_path / "exam/mri", series("MR", count=3))
    write(tmp_path / "exam/pet", series("PT", count=3))
    assert all("name the folder above" in finding.sentence for finding in list_cases(tmp_path / "exam").findings)
    assert [case.label for case in list_cases(tmp_path).cases] == ["exam"]


def test_a_manifest_names_sources_and_modalities(tmp_path: Path) -> None:
    touch(tmp_path, "x/one.nii", "x/two.nii", "three_pet.nii", "four_t1.nii")
    path = table(
        tmp_path / "cases.tsv",
        "case_id a_path b_path a_role b_role",
        "P2 x/one.nii x/two.nii MRI spect",
        "P1 three_pet.nii x/../four_t1.nii  ",
    )

    found = list_cases(path)

    assert found.findings == ()
    assert [(case.label, sources(case, tmp_path), case.modalities) for case in found.cases] == [
        ("P2", ("x/two.nii", "x/one.nii"), ("NM", "MR")),
        ("P1", ("three_pet.nii", "four_t1.nii"), ("PT", "MR")),
    ]


@pytest.mark.parametrize("parted", ["\t", ";", ","])
@pytest.mark.parametrize("suffix", [".tsv", ".csv"])
def test_a_table_may_come_from_any_spreadsheet(tmp_path: Path, parted: str, suffix: str) -> None:
    """With a byte order mark, Windows' ends of lines, quoted cells, and empty rows behind the last."""
    touch(tmp_path, "Bild, 1; Kopf/Müller PET.nii", "b.nii")
    header = parted.join(("case_id", "a_path", " b_path ", "a_role", "b_role"))
    row = parted.join(("7", '"Bild, 1; Kopf/Müller PET.nii"', "b.nii", "PET", "MRI"))
    path = tmp_path / f"Fälle{suffix}"
    path.write_bytes(f"\ufeff{header}\r\n{row}\r\n{4 * parted}\r\n{4 * parted}\r\n".encode())

    found = list_cases(path)

    assert found.findings == ()
    (case,) = found.cases
    assert (case.label, sources(case, tmp_path)) == ("7", ("Bild, 1; Kopf/Müller PET.nii", "b.nii"))
    assert case.modalities == ("PT", "MR")


@pytest.mark.skipif(os.sep != "/", reason="Windows takes both")
def test_a_path_that_was_written_on_windows_is_told(tmp_path: Path) -> None:
    touch(tmp_path, "x/a.nii", "b.nii")
    found = list_cases(table(tmp_path / "cases.tsv", "case_id a_path b_path", "P x\\a.nii b.nii"))
    assert "Write / between folders" in found.findings[0].sentence


@pytest.mark.parametrize("wrapped", [True, False])
def test_a_manifest_may_be_json(tmp_path: Path, wrapped: bool) -> None:
    touch(tmp_path, "a.nii", "b.nii")
    rows = [{"case_id": 7, "a_path": "a.nii", "b_path": str(tmp_path / "b.nii"), "a_modality": "PT", "b_role": None}]
    path = tmp_path / "cases.json"
    path.write_text(json.dumps({"cases": rows} if wrapped else rows), encoding="utf-8")

    (case,) = list_cases(path).cases

    assert (case.label, case.first, case.second) == ("7", tmp_path / "a.nii", tmp_path / "b.nii")
    assert case.modalities == ("PT", "")


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("P a.nii ../outside.nii  ", "its b_path leads out of the folder of the manifest. Write the absolute path"),
        ("P a.nii x/../../outside.nii  ", "leads out of the folder"),
        ("P a.nii gone.nii  ", "what its b_path names does not exist"),
        ("P a.nii   ", "its b_path is empty"),
        ("P a.nii b.nii MRI ultrasound", "'ultrasound' is not a known modality"),
        ("P a.nii nul\0.nii  ", "does not exist"),
        (f"P a.nii {5000 * 'x'}.nii  ", "b_path is not a path"),
        ("P", "its a_path is empty"),
        (" a.nii gone.nii  ", "Row 2 was left out"),
    ],
)
def test_a_row_with_a_fault_is_told_and_the_others_are_kept(tmp_path: Path, row: str, sentence: str) -> None:
    folder = touch(tmp_path / "study", "a.nii", "b.nii", "../outside.nii")
    header, good = "case_id a_path b_path a_role b_role", "good a.nii b.nii PET MRI"

    found = list_cases(table(folder / "cases.tsv", header, good, row))

    assert [case.label for case in found.cases] == ["good"]
    (finding,) = found.findings
    assert finding.level == "warn"
    assert sentence in finding.sentence
    assert ".nii" not in finding.sentence  # pages of a cohort hold it


def test_a_column_that_says_nothing_here_may_stand_twice(tmp_path: Path) -> None:
    touch(tmp_path, "a.nii", "b.nii")
    path = table(tmp_path / "cases.tsv", "case_id\ta_path\tb_path\tnote\tnote", "P\ta.nii\tb.nii\tx\ty")
    assert [case.label for case in list_cases(path).cases] == ["P"]


def test_a_case_that_is_named_twice_is_taken_once(tmp_path: Path) -> None:
    touch(tmp_path, "a.nii", "b.nii")

    found = list_cases(table(tmp_path / "cases.tsv", "case_id a_path b_path", "P a.nii b.nii", "P b.nii a.nii"))

    assert len(found.cases) == 1
    assert "P was left out: row 2 repeats it" in found.findings[0].sentence


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("cases.tsv", b"name\tfirst\tsecond\nP\ta\tb\n", "no column case_id, a_path, b_path"),
        ("cases.tsv", b"", "no column case_id"),
        ("cases.tsv", b"case_id|a_path|b_path\nP|a|b\n", "parted by tabs, semicolons or commas"),
        ("cases.csv", b"case_id,a_path\n", "there is no case in it"),
        ("cases.csv", "case_id;a_path;b_path\r\nMüller;a;b\r\n".encode("cp1252"), "save it again as UTF-8"),
        ("cases.csv", b'case_id,a_path,b_path\n"P,a,b\n', "neither a table nor a JSON list"),
        ("cases.tsv", b"case_id\ta_path\tb_path\n", "there is no case in it"),
        ("cases.tsv", b"case_id\ta_path\tb_path\tb_path\nP\ta\tb\tc\n", "its column b_path stands there twice"),
        ("cases.json", b"[]", "there is no case in it"),
        ("cases.tsv", b"\xff\xfe\x00", "save it again as UTF-8"),
        ("cases.json", b"{not json", "neither a table nor a JSON list"),
        ("cases.json", b"[" * 100_000, "neither a table nor a JSON list"),
        ("cases.json", b'{"cases": 3}', "no list of objects"),
        ("cases.txt", b"", r"a manifest (.tsv, .csv, .json)"),
        ("folder/readme.txt", b"", "no sub-folders and no images"),
    ],
)
def test_what_is_no_worklist_is_told_and_not_raised(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)

    found = list_cases(path.parent if "/" in name else path)

    assert found.cases == ()
    assert [finding.level for finding in found.findings] == ["block"]
    assert reason in found.findings[0].sentence
    assert found.findings[0].sentence.endswith(f": {path.parent if '/' in name else path}")


def test_a_place_that_does_not_exist_is_told() -> None:
    for path in (Path("nowhere/at/all"), Path("nul\0")):
        (finding,) = list_cases(path).findings
        assert finding.level == "block"


def cases(count: int) -> tuple[WorkCase, ...]:
    return tuple(WorkCase(f"P{number}", Path("a"), Path("b"), ("PT", "MR")) for number in range(count))


def test_readers_get_orders_of_their_own_and_each_always_the_same() -> None:
    given = cases(20)
    orders = [shuffled(given, 5, reader) for reader in ("R1", "R2")]

    assert all(sorted(order, key=lambda case: given.index(case)) == list(given) for order in orders)
    assert len({given, *orders, shuffled(given, 6, "R1")}) == 4
    assert shuffled(reversed(given), 5, "R1") == orders[0]


def test_a_case_that_is_added_leaves_the_order_of_the_others() -> None:
    before, after = (shuffled(cases(count), 5, "R1") for count in (9, 10))

    assert [case for case in after if case.label != "P9"] == list(before)


def test_the_next_case_is_the_first_after_the_current_one_that_is_not_done() -> None:
    given = cases(5)

    assert next_case(given, done={"P2"}, current="P1") == given[3]
    assert next_case(given, done={"P3", "P4"}, current="P2") == given[0]
    assert next_case(given, done={"P0"}) == given[1]


def test_there_is_no_next_case_where_all_are_done_or_only_the_current_one_is_left() -> None:
    given = cases(3)

    assert next_case(given, done={"P0", "P1", "P2"}) is None
    assert next_case(given, done={"P0", "P1"}, current="P2") is None
    assert next_case((), done=()) is None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_no_manifest_and_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "cases.tsv")
    assert "it is no file" in list_cases(tmp_path / "cases.tsv").findings[0].sentence
