"""From an input to cases whose names do not depend on what else is there."""

import json
import sys
from pathlib import Path

import pytest

from napari_refusion.batch.bids_filter import bids_choice
from napari_refusion.batch.cases import listed
from napari_refusion.volume.finding import RefusedError
from tests.cohorts import names, write_tree


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def table(path: Path, *rows: str) -> Path:
    lines = ["case_id a_path b_path", *rows]
    path.write_text("\n".join("\t".join(line.split(" ")) for line in lines) + "\n", encoding="utf-8")
    return path


def test_a_case_of_a_tree_is_named_by_the_entities_of_its_image(tmp_path: Path) -> None:
    session = tmp_path / "sub-01" / "ses-b"
    touch(session / "pet" / "sub-01_ses-b_trc-FDG_pet.nii.gz", session / "anat" / "sub-01_ses-b_T1w.nii.gz")
    (case,) = listed(tmp_path).cases
    assert case.name == "sub-01_ses-b_trc-FDG_desc-pet"
    assert case.folder == Path("sub-01/ses-b/trc-FDG_pet")
    assert case.work.modalities == ("PT", "MR")


def test_a_second_image_leaves_the_name_of_the_first_case_as_it_was(tmp_path: Path) -> None:
    write_tree(tmp_path, ["01"])
    before = names(listed(tmp_path).cases)
    touch(tmp_path / "sub-01" / "ct" / "sub-01_ct.nii.gz")
    assert names(listed(tmp_path).cases) == ["sub-01_desc-ct", *before] == ["sub-01_desc-ct", "sub-01_desc-pet"]


@pytest.mark.parametrize(
    ("label", "name"),
    [("001", "sub-001"), ("sub-7", "sub-7"), ("sub-7_ses-2", "sub-7_ses-2"), ("a_b", "sub-abx648fa9")],
)
def test_a_row_of_a_table_is_named_by_its_label(label: str, name: str, tmp_path: Path) -> None:
    # printf a_b | sha256sum begins with 648fa9b3
    touch(tmp_path / "pet.nii", tmp_path / "t1.nii")
    (case,) = listed(table(tmp_path / "pairs.tsv", f"{label} pet.nii t1.nii")).cases
    assert case.name == name


def test_a_row_is_chosen_by_its_label_as_it_is_typed(tmp_path: Path) -> None:
    touch(tmp_path / "pet.nii", tmp_path / "t1.nii")
    rows = [f"{label} pet.nii t1.nii" for label in ("a_b", "a_c")]
    found = listed(table(tmp_path / "pairs.tsv", *rows), bids_choice(["a_b"]))
    assert (names(found.cases), found.left_out) == (["sub-abx648fa9"], ())


def test_labels_that_differ_in_what_a_name_cannot_hold_stay_two_cases(tmp_path: Path) -> None:
    touch(tmp_path / "pet.nii", tmp_path / "t1.nii")
    rows = [f"{label} pet.nii t1.nii" for label in ("a-b", "a_b", "ab")]
    found = listed(table(tmp_path / "pairs.tsv", *rows))
    assert len(set(names(found.cases))) == 3
    assert "sub-ab" in names(found.cases)


@pytest.mark.parametrize("second", ["P", "p"])
def test_of_two_rows_of_one_name_the_second_is_left_out_and_told(second: str, tmp_path: Path) -> None:
    touch(tmp_path / "pet.nii", tmp_path / "t1.nii")
    found = listed(table(tmp_path / "pairs.tsv", "P pet.nii t1.nii", f"{second} t1.nii pet.nii"))
    (case,), (left,) = found.cases, found.left_out
    assert case.name == "sub-P"
    assert left.sentence.startswith(f"{second} was left out")


def test_a_folder_of_folders_is_a_cohort(tmp_path: Path) -> None:
    touch(*(tmp_path / case / name for case in ("a", "b") for name in ("pet.nii", "t1.nii")), tmp_path / "c" / "x.nii")
    found = listed(tmp_path)
    assert names(found.cases) == ["sub-a", "sub-b"]
    assert found.left_out[0].sentence.startswith("c was left out")


def test_participants_and_sessions_can_be_chosen(tmp_path: Path) -> None:
    tree = write_tree(tmp_path / "tree", ["01", "02", "03"])
    found = listed(tree, bids_choice(["sub-01", "03", "99"]))
    assert names(found.cases) == ["sub-01_desc-pet", "sub-03_desc-pet"]
    assert [one.sentence for one in found.left_out] == [
        "sub-99 was left out: there is no such participant. Correct the label."
    ]
    touch(tmp_path / "pet.nii", tmp_path / "t1.nii")
    rows = [f"{label} pet.nii t1.nii" for label in ("sub-1_ses-a", "sub-1_ses-b", "sub-2_ses-a")]
    found = listed(table(tmp_path / "pairs.tsv", *rows), bids_choice(["1", "9"], ["a"]))
    assert names(found.cases) == ["sub-1_ses-a"]
    assert [one.sentence.partition(":")[0] for one in found.left_out] == ["sub-9 was left out"]


def test_participants_of_a_table_without_the_session_are_told_as_those_of_a_tree_are(tmp_path: Path) -> None:
    touch(tmp_path / "pet.nii", tmp_path / "t1.nii")
    rows = [f"{label} pet.nii t1.nii" for label in ("sub-1_ses-a", "sub-1_ses-b", "sub-2_ses-b", "P3")]
    pairs = table(tmp_path / "pairs.tsv", *rows)
    found = listed(pairs, bids_choice(sessions=["a"]))
    assert names(found.cases) == ["sub-1_ses-a"]
    assert [one.sentence for one in found.left_out] == [
        f"{subject} was left out: it has none of these sessions. Correct the labels." for subject in ("sub-2", "sub-P3")
    ]
    assert [one.sentence.partition(" ")[0] for one in listed(pairs, bids_choice(["2"], ["a"])).left_out] == ["sub-2"]


def test_a_filter_file_chooses_among_the_images_of_a_tree(tmp_path: Path) -> None:
    images = tmp_path / "tree" / "sub-01"
    touch(
        *(images / "pet" / f"sub-01_trc-{tracer}_pet.nii.gz" for tracer in ("FDG", "PIB")),
        *(images / "anat" / f"sub-01{acquired}_T1w.nii.gz" for acquired in ("", "_acq-fast", "_acq-fine")),
    )
    chosen = tmp_path / "filter.json"
    wanted = {"pet": {"tracer": "FDG"}, "t1w": {"acquisition": ["fine", "finest"], "suffix": "T1w"}}
    chosen.write_text(json.dumps(wanted), encoding="utf-8")
    (case,) = listed(tmp_path / "tree", bids_choice(filters=chosen)).cases
    assert (case.work.first.name, case.work.second.name) == ("sub-01_trc-FDG_pet.nii.gz", "sub-01_acq-fine_T1w.nii.gz")
    chosen.write_text(json.dumps({"T1w": {"acquisition": None}}), encoding="utf-8")
    assert {one.work.second.name for one in listed(tmp_path / "tree", bids_choice(filters=chosen)).cases} == {
        "sub-01_T1w.nii.gz"
    }


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[]", "no object of objects"),
        ("{", "cannot be read"),
        ('{"bold": {}}', "there is no image 'bold'"),
        ('{"pet": {"tracre": "FDG"}}', "there is no entity 'tracre'"),
    ],
)
def test_a_filter_file_that_is_none_is_refused(content: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "filter.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(RefusedError, match=words):
        bids_choice(filters=path)


def test_a_filter_file_that_is_not_there_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "filter.json"
    with pytest.raises(RefusedError) as caught:
        bids_choice(filters=path)
    assert "Errno" not in str(caught.value)
    assert str(caught.value).count(str(path)) == 1


def test_a_filter_file_is_refused_for_what_is_no_tree(tmp_path: Path) -> None:
    touch(tmp_path / "a" / "pet.nii", tmp_path / "a" / "t1.nii")
    (tmp_path / "filter.json").write_text('{"pet": {"run": "1"}}', encoding="utf-8")
    with pytest.raises(RefusedError, match="this is no BIDS tree"):
        listed(tmp_path, bids_choice(filters=tmp_path / "filter.json"))


def test_an_input_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="does not exist"):
        listed(tmp_path / "nowhere")


def test_the_output_of_a_cohort_is_a_table_of_its_cases_and_no_tree(tmp_path: Path) -> None:
    write_tree(tmp_path / "in", ["01"])
    (tmp_path / "out/sub-01/pet").mkdir(parents=True)
    pet, t1 = (tmp_path / "in/sub-01" / name for name in ("pet/sub-01_pet.nii.gz", "anat/sub-01_T1w.nii.gz"))
    table(tmp_path / "out/worklist.tsv", f"sub-01_desc-pet {pet} {t1}")
    (case,) = listed(tmp_path / "out").cases
    assert (case.work.first, case.work.second) == (pet, t1)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems take no such name")
@pytest.mark.parametrize("kind", ["tree", "folders"])
def test_a_case_whose_name_is_no_text_is_left_out_and_told_in_text(kind: str, tmp_path: Path) -> None:
    names = {"tree": ("sub-\udcff", "sub-ok"), "folders": ("M\udcfcller", "ok")}[kind]
    for name in names:
        folder = tmp_path / name
        prefix = f"{name}_" if kind == "tree" else ""
        touch(folder / "pet" / f"{prefix}pet.nii.gz", folder / "anat" / f"{prefix}T1w.nii.gz")
        if kind == "folders":
            touch(folder / "pet.nii.gz", folder / "T1w.nii.gz")
    found = listed(tmp_path)
    assert [one.subject for one in found.cases] == ["sub-ok"]
    (told,) = found.left_out
    assert "Rename its files and folders" in told.sentence.encode("utf-8").decode("utf-8")
