"""All cases together: each once, those to look at first, first."""

import csv
import json
import re
import shutil
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nibabel
import numpy as np
import pytest

from napari_refusion.batch.cases import listed
from napari_refusion.batch.gathered import Cohort, gather
from napari_refusion.batch.group import COLUMNS, write_group
from napari_refusion.batch.group_page import group_html
from napari_refusion.batch.outcome import Measured
from napari_refusion.batch.participants import Participants
from napari_refusion.batch.workers import Workers
from napari_refusion.cohort.bids_tree import BidsChoice
from napari_refusion.cohort.worklist import list_cases
from tests.cohorts import PLAIN, corrupt, write_image, write_subject, write_tree


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two fused cases, one refused, one left out, one that was not run."""
    folder = tmp_path_factory.mktemp("cohort")
    root = write_tree(folder / "in", ["01", "02", "03"])
    write_subject(root, "04", 4, suffixes=("T1w",))
    corrupt(root / "sub-02/pet/sub-02_pet.nii.gz")
    list(Participants.begin(listed(root), PLAIN, root, folder / "out").run(Workers(count=1)))
    write_subject(root, "05", 5)
    write_group(gather(listed(root), folder / "out"), folder / "out")
    return folder / "out"


def cohort(output: Path) -> Cohort:
    return gather(listed(output.parent / "in"), output)


def rows(output: Path) -> list[dict[str, str]]:
    with (output / "group.tsv").open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table, delimiter="\t"))


def test_every_case_is_in_the_table_once(output: Path) -> None:
    assert {row["case"]: row["status"] for row in rows(output)} == {
        "sub-01_desc-pet": "fused",
        "sub-02_desc-pet": "refused",
        "sub-03_desc-pet": "fused",
        "sub-04": "left out",
        "sub-05_desc-pet": "not run",
    }
    assert len(rows(output)) == 5
    assert cohort(output).counts == {"fused": 2, "refused": 1, "failed": 0, "left out": 1, "not run": 1}


def test_every_row_has_all_columns_and_each_column_is_described(output: Path) -> None:
    assert all(list(row) == list(COLUMNS) and None not in row.values() for row in rows(output))
    described = json.loads((output / "group.json").read_text(encoding="utf-8"))
    assert list(described) == list(COLUMNS)


def test_cases_that_were_not_fused_alike_are_not_compared_without_a_word(output: Path) -> None:
    alike = cohort(output)
    assert alike.unlike == ""
    first, *others = alike.shown
    odd = replace(others[0].outcome, recipe=others[0].outcome.recipe | {"engine": "average", "windows": ["0,8", ""]})
    mixed = replace(alike, shown=(first, replace(others[0], outcome=odd), *others[1:]))
    engine = others[-1].outcome.recipe["engine"]
    assert f"engine average (1), {engine} (1)" in mixed.unlike
    assert "windows 0,8 and automatic (1), automatic and automatic (1)" in mixed.unlike
    assert mixed.unlike in unescape(group_html(mixed))
    assert "not fused alike" not in group_html(alike)


def test_what_was_refused_comes_first_and_says_why(output: Path) -> None:
    assert rows(output)[0]["case"] == "sub-02_desc-pet"
    assert "source a" in rows(output)[0]["why"]


@pytest.mark.parametrize(
    "worse",
    [
        {"checks": {"Output": "red"}},
        {"checks": {"Output": "amber", "Model": "amber"}},
        {"flagged": {1: ("x",), 2: ("y",)}},
    ],
)
def test_the_case_with_most_against_it_comes_before_others(worse: dict[str, object], output: Path) -> None:
    measured = cohort(output).fused[0].outcome.measured
    assert measured is not None
    good: Measured = replace(measured, checks={"Output": "green"}, flagged={}, missed=())
    assert replace(good, **worse).badness > good.badness  # type: ignore[arg-type]


def test_a_doubted_registration_comes_before_one_that_nobody_confirmed(output: Path) -> None:
    measured = cohort(output).fused[0].outcome.measured
    assert measured is not None
    doubted, other = (
        replace(measured, checks=measured.checks | {"Registration": colour}) for colour in ("amber", "not confirmed")
    )
    assert doubted.badness > other.badness


def test_the_worklist_opens_the_output_fused_already_and_worst_first(output: Path) -> None:
    found = list_cases(output)
    fused = cohort(output).fused
    assert found.is_ranked
    assert not found.findings
    assert [case.label for case in found.cases] == [one.case.name for one in fused]
    assert [case.fused for case in found.cases] == [
        output / one.case.folder / f"{one.case.name}_fused.nii.gz" for one in fused
    ]
    assert [case.first for case in found.cases] == [one.case.work.first for one in fused]


def test_the_worklist_stays_good_where_input_and_output_move_together(output: Path) -> None:
    text = (output / "worklist.tsv").read_text(encoding="utf-8")
    assert "\tsub-01/pet/sub-01_desc-pet_fused.nii.gz\t" in text


class Tags(HTMLParser):
    """Counts rows and keeps what is loaded."""

    def __init__(self) -> None:
        super().__init__()
        self.rows, self.loaded = 0, []  # type: int, list[str]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.rows += tag == "tr"
        self.loaded += [value or "" for name, value in attrs if name == "src"]


def test_the_page_loads_nothing_and_links_to_the_subjects(output: Path) -> None:
    page = (output / "group.html").read_text(encoding="utf-8")
    tags = Tags()
    tags.feed(page)
    assert tags.loaded
    assert all(one.startswith("data:image/svg+xml") for one in tags.loaded)
    assert "default-src 'none'" in page
    assert all(f'href="sub-0{label}.html"' in page for label in (1, 2, 3))
    assert "sub-04 was left out" in page
    assert "sub-05_desc-pet" in page


def test_an_output_with_nothing_in_it_has_a_page_too(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "in", ["01"])
    (tmp_path / "out").mkdir()
    write_group(gather(listed(root), tmp_path / "out"), tmp_path / "out")
    assert rows(tmp_path / "out")[0]["status"] == "not run"


def test_what_earlier_runs_left_is_kept_and_named_and_counted_nowhere(tmp_path: Path) -> None:
    """As fMRIPrep keeps the output of participants that it is no longer asked for."""
    root, output = write_tree(tmp_path / "in", ["01", "02"]), tmp_path / "out"
    write_subject(root, "01", 5, suffixes=("ct",))
    list(Participants.begin(listed(root), PLAIN, root, output).run(Workers(count=1)))
    before = {path: path.read_bytes() for path in (output / "sub-01").rglob("*") if path.is_file()}
    shutil.rmtree(root / "sub-02")
    (root / "sub-01/ct/sub-01_ct.nii.gz").unlink()
    list(Participants.begin(listed(root), PLAIN, root, output).run(Workers(count=1)))
    found = gather(listed(root), output)
    write_group(found, output)
    assert found.counts == {"fused": 1, "refused": 0, "failed": 0, "left out": 0, "not run": 0}
    assert found.earlier == (("sub-01_desc-ct", "sub-01"), ("sub-02_desc-pet", "sub-02"))
    assert [row["case"] for row in rows(output)] == ["sub-01_desc-pet"]
    assert [case.label for case in list_cases(output).cases] == ["sub-01_desc-pet"]
    page = (output / "group.html").read_text(encoding="utf-8")
    assert "<p>1 case: 1 fused," in page
    _, heading, told = page.partition("<h2>Of earlier runs</h2>")
    assert heading
    assert '<a href="sub-01.html">sub-01_desc-ct</a>, <a href="sub-02.html">sub-02_desc-pet</a>' in told
    assert all(path.read_bytes() == content for path, content in before.items())
    assert (output / "sub-02.html").is_file()


def test_of_a_part_of_a_cohort_the_other_cases_are_named_and_not_counted(output: Path) -> None:
    found = gather(listed(output.parent / "in", BidsChoice(("01",))), output)
    assert found.counts["fused"] == sum(found.counts.values()) == 1
    assert [name for name, _ in found.earlier] == ["sub-02_desc-pet", "sub-03_desc-pet"]
    assert cohort(output).earlier == ()


def test_links_reach_pages_whose_names_hold_what_addresses_part(tmp_path: Path) -> None:
    root, output = write_tree(tmp_path / "in", ["1#2 50%ü"]), tmp_path / "out"
    list(Participants.begin(listed(root), PLAIN, root, output).run(Workers(count=1)))
    write_group(gather(listed(root), output), output)
    (link,) = re.findall('href="(sub-[^"]*)"', (output / "group.html").read_text(encoding="utf-8"))
    assert (output / unquote(urlsplit(link).path)).is_file()


def test_cases_of_the_same_images_under_two_names_are_told_and_shared_sources_alone_are_not(tmp_path: Path) -> None:
    root, output = write_tree(tmp_path / "in", ["01", "02", "03"]), tmp_path / "out"
    for kind, suffix in (("pet", "pet"), ("anat", "T1w")):
        shutil.copyfile(root / f"sub-01/{kind}/sub-01_{suffix}.nii.gz", root / f"sub-03/{kind}/sub-03_{suffix}.nii.gz")
    shutil.copyfile(root / "sub-01/anat/sub-01_T1w.nii.gz", root / "sub-02/anat/sub-02_T1w.nii.gz")
    list(Participants.begin(listed(root), PLAIN, root, output).run(Workers(count=1)))
    found = gather(listed(root), output)
    sentence = "Keep one of them, for numbers and plots count their images 2 times: sub-01_desc-pet, sub-03_desc-pet."
    assert found.same == [sentence]
    assert sentence in unescape(group_html(found))


def test_two_frames_of_one_image_are_two_cases(tmp_path: Path) -> None:
    root, output = tmp_path / "in", tmp_path / "out"
    first = write_image(root / "t1.nii.gz", 1)
    frames = nibabel.load(first)
    data = np.stack([np.asanyarray(frames.dataobj)] * 2, axis=3)
    nibabel.save(nibabel.Nifti1Image(data, frames.affine, frames.header), root / "pet.nii.gz")
    lines = ["case_id a_path b_path a_volume", *(f"P{frame} pet.nii.gz t1.nii.gz {frame}" for frame in (0, 1))]
    table = root / "pairs.tsv"
    table.write_text("\n".join(lines).replace(" ", "\t"), encoding="utf-8")
    list(Participants.begin(listed(table), PLAIN, table, output).run(Workers(count=1)))
    found = gather(listed(table), output)
    assert len(found.fused) == 2
    assert found.same == []
