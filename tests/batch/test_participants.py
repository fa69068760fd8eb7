"""All cases of an input: a bad one takes no other with it, and each is accounted for once."""

import errno
import json
import os
from pathlib import Path

import pytest

from napari_refusion.batch.cases import listed
from napari_refusion.batch.derivative import begin_derivative
from napari_refusion.batch.outcome import Outcome
from napari_refusion.batch.pages import write_pages
from napari_refusion.batch.participants import Participants
from napari_refusion.batch.workers import Workers
from napari_refusion.cohort.bids_tree import BidsChoice
from napari_refusion.io.whole_files import atomic
from napari_refusion.notice import LOUD
from napari_refusion.volume.finding import Finding, RefusedError
from tests.cohorts import PLAIN, corrupt, write_image, write_subject, write_tree

ALONE = Workers(count=1)


def run(root: Path, output: Path) -> list[Outcome]:
    ended, unwritten = run_all(root, output)
    assert not unwritten
    return ended


def run_all(root: Path, output: Path) -> tuple[list[Outcome], list[Finding]]:
    """Return how the cases of a run ended, and what pages could not be written."""
    found = list(Participants.begin(listed(root), PLAIN, root, output).run(ALONE))
    return [one for one in found if isinstance(one, Outcome)], [one for one in found if isinstance(one, Finding)]


def test_a_bad_case_is_reported_and_the_others_are_fused(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "in", ["01", "02", "03"])
    corrupt(root / "sub-02/pet/sub-02_pet.nii.gz")
    ended = {one.case: one.status for one in run(root, tmp_path / "out")}
    assert ended == {"sub-01_desc-pet": "fused", "sub-02_desc-pet": "refused", "sub-03_desc-pet": "fused"}


def test_a_second_run_runs_nothing_and_writes_nothing(tmp_path: Path) -> None:
    root, output = write_tree(tmp_path / "in", ["01", "02"]), tmp_path / "out"
    corrupt(root / "sub-02/pet/sub-02_pet.nii.gz")
    run(root, output)
    before = {path: path.stat().st_mtime_ns for path in output.rglob("*")}
    again = Participants.begin(listed(root), PLAIN, root, output)
    assert not again.jobs
    assert len(again.known) == 2
    assert not list(again.run(ALONE))
    assert {path: path.stat().st_mtime_ns for path in output.rglob("*")} == before


def test_a_run_that_was_stopped_goes_on_where_it_was(tmp_path: Path) -> None:
    root, output = write_tree(tmp_path / "in", ["01", "02", "03"]), tmp_path / "out"
    stopped = Participants.begin(listed(root), PLAIN, root, output).run(ALONE)
    first = next(stopped)
    stopped.close()
    rest = [one.case for one in run(root, output)]
    assert sorted([first.case, *rest]) == ["sub-01_desc-pet", "sub-02_desc-pet", "sub-03_desc-pet"]


def test_a_page_for_which_the_disk_has_no_room_takes_no_case_with_it_and_comes_with_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_text: str, page: Path, **_: object) -> None:
        with atomic(page, overwrite=True):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    root, output = write_tree(tmp_path / "in", ["01", "02"]), tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr("napari_refusion.batch.pages.write_page", full)
        ended, unwritten = run_all(root, output)
    assert [one.status for one in ended] == ["fused", "fused"]
    assert [one.sentence for one in unwritten] == [
        f"Make room or choose another place: the disk is full, so this cannot be written: {output / page}"
        for page in ("sub-01.html", "sub-02.html")
    ]
    assert not run(root, output)
    assert sorted(page.name for page in output.glob("*.html")) == ["sub-01.html", "sub-02.html"]


def test_a_picture_that_was_removed_leaves_a_page_unwritten_and_is_drawn_by_the_next_run(tmp_path: Path) -> None:
    root, output = write_tree(tmp_path / "in", ["01"]), tmp_path / "out"
    run(root, output)
    lost = next(output.rglob("*_slice-*.png"))
    lost.unlink()
    (unwritten,) = write_pages(listed(root).cases, output, anew=True).unwritten
    assert unwritten.sentence.startswith("Run the level participant again: ")
    assert unwritten.sentence.endswith(str(lost))
    assert [one.status for one in run(root, output)] == ["fused"]
    assert lost.is_file()


def test_a_subject_has_a_page_that_needs_nothing_else(tmp_path: Path) -> None:
    root, output = write_subject(tmp_path / "in", "01", suffixes=("pet", "T1w")).parent, tmp_path / "out"
    write_subject(root, "01", 5, suffixes=("ct",))
    run(root, output)
    page = (output / "sub-01.html").read_text(encoding="utf-8")
    assert "sub-01_desc-ct" in page
    assert "sub-01_desc-pet" in page
    assert page.count("data:image/png;base64,") >= 2
    assert 'src="http' not in page
    assert LOUD in page


def test_the_output_says_what_made_it(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "in", ["01"])
    (root / "dataset_description.json").write_text('{"Name": "x", "DatasetDOI": "10.1/x"}', encoding="utf-8")
    begin_derivative(tmp_path / "out", root)
    found = json.loads((tmp_path / "out/dataset_description.json").read_text(encoding="utf-8"))
    assert (found["DatasetType"], found["GeneratedBy"][0]["Name"]) == ("derivative", "napari-refusion")
    assert found["SourceDatasets"] == [{"DOI": "10.1/x"}]


def test_results_never_lie_among_the_cases(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "in", ["01"])
    for output in (root, root / "results", root / "sub-01", root / "derivatives"):
        with pytest.raises(RefusedError, match="outside the input"):
            begin_derivative(output, root)
    begin_derivative(root / "derivatives" / "refusion", root)


@pytest.mark.parametrize("content", ['{"GeneratedBy": [{"Name": "fMRIPrep"}]}', "{}", "[]", "junk"])
def test_an_output_of_another_program_is_left_alone(content: str, tmp_path: Path) -> None:
    root, output = write_tree(tmp_path / "in", ["01"]), tmp_path / "out"
    output.mkdir()
    (output / "dataset_description.json").write_text(content, encoding="utf-8")
    with pytest.raises(RefusedError, match="not of this program"):
        begin_derivative(output, root)


def test_subjects_without_a_description_are_left_alone(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "in", ["01"])
    with pytest.raises(RefusedError, match="another dataset"):
        begin_derivative(write_tree(tmp_path / "other", ["07"]), root)


def test_sessions_that_are_run_one_by_one_are_all_on_the_page_of_their_subject(tmp_path: Path) -> None:
    root, output = tmp_path / "in", tmp_path / "out"
    for seed, session in enumerate(("1", "2")):
        folder = root / f"sub-01/ses-{session}"
        write_image(folder / f"pet/sub-01_ses-{session}_pet.nii.gz", 2 * seed)
        write_image(folder / f"anat/sub-01_ses-{session}_T1w.nii.gz", 2 * seed + 1)
    for session in ("1", "2"):
        found = listed(root, BidsChoice(sessions=(session,)))
        list(Participants.begin(found, PLAIN, root, output).run(ALONE))
    page = (output / "sub-01.html").read_text(encoding="utf-8")
    assert [page.count(f"<h2>sub-01_ses-{session}_desc-pet</h2>") for session in ("1", "2")] == [1, 1]


def test_a_case_of_an_earlier_run_without_its_pictures_keeps_no_page_from_being_written(tmp_path: Path) -> None:
    root, output = write_tree(tmp_path / "in", ["01"]), tmp_path / "out"
    write_subject(root, "01", 5, suffixes=("ct",))
    run(root, output)
    (root / "sub-01/ct/sub-01_ct.nii.gz").unlink()
    for picture in (output / "sub-01/ct").glob("*.png"):
        picture.unlink()
    pages = write_pages(listed(root).cases, output, anew=True)
    assert not pages.unwritten
    page = (output / "sub-01.html").read_text(encoding="utf-8")
    assert "sub-01_desc-pet" in page
    assert "sub-01_desc-ct" not in page
