"""The portable copy of a review says what was said, harms no spreadsheet, and replaces nobody else's file."""

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_refusion.record.case import CaseReview
from napari_refusion.record.coverage import coverage
from napari_refusion.record.events import Kind
from napari_refusion.record.export import export_review
from napari_refusion.record.replay import replay
from napari_refusion.record.run import Run
from napari_refusion.volume.finding import RefusedError
from tests.recorded import RUN, at, examples, judged, said, seen

WORDS: list[tuple[Kind, dict[str, Any]]] = [
    ("registration", {"answer": "slight"}),
    seen(3, 4.04),
    seen(2, 2.0),
    judged(3, "flag", "uptake_lost", "step"),
    ("comment", at(3, text="cold spot\tbeside\nthe ventricle")),
    judged(2, "accept"),
    ("key", at(3, is_key=True, caption="=HYPERLINK(1)")),
    ("verdict", {"value": "usable_with_flags", "confidence": 3.0, "comment": "fine", "seconds": 6.0}),
]


def review(*more: tuple[Kind, dict[str, Any]]) -> CaseReview:
    return replay(said(*WORDS, *more), "run-1")


def write(
    folder: Path, one: CaseReview | None = None, run: Run = RUN, reader: str = "R1", label: str = "sub-003"
) -> tuple[dict[str, Any], list[list[str]]]:
    """Return what a JSON reader and what a reader of tables find in the mirror."""
    one = one or review()
    summary, table = export_review(folder, run, one, coverage(one, (1, 2, 3), (3,)), reader, "c0ffee", 8, label)
    with table.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines, delimiter="\t", strict=True))
    return json.loads(summary.read_text(encoding="utf-8")), rows


def test_the_summary_says_what_was_said(tmp_path: Path) -> None:
    found, _ = write(tmp_path)
    utc = found["verdict"].pop("utc")
    assert utc.startswith("20")
    assert found == {
        "schema": "refusion-review/1",
        "case": "sub-003",
        "case_id": RUN.case_id,
        "run": RUN.run_id,
        "reader": "R1",
        "sources": "PET + MRI",
        "axis": "axial",
        "model_sha256": "feed" * 16,
        "research_use_only": True,
        "registration": {"answer": "slight"},
        "slices": [
            {"k": 2, "mm": 96.0, "state": "accept", "reasons": [], "comment": ""}
            | {"dwell_s": 2.0, "key": False, "caption": ""},
            {"k": 3, "mm": 94.0, "state": "flag", "reasons": ["uptake_lost", "step"]}
            | {"comment": "cold spot\tbeside\nthe ventricle", "dwell_s": 4.0, "key": True, "caption": "=HYPERLINK(1)"},
        ],
        "verdict": {"value": "usable_with_flags", "confidence": 3.0, "comment": "fine"},
        "overrides": {},
        "locked": False,
        "coverage": {"body_slices": 3, "seen": 2, "qc_flagged": 1, "qc_seen": 1, "seconds": 6.0},
        "events": 8,
        "chain_head": "c0ffee",
    }


def test_the_table_says_the_same_of_the_slices(tmp_path: Path) -> None:
    _, rows = write(tmp_path)
    assert rows == [
        ["k", "mm", "state", "reasons", "comment", "dwell_s", "key", "caption"],
        ["2", "96.0", "accept", "", "", "2.0", "0", ""],
        ["3", "94.0", "flag", "uptake_lost,step", "cold spot beside the ventricle", "4.0", "1", "'=HYPERLINK(1)"],
    ]


def test_a_case_without_a_word_has_an_empty_mirror(tmp_path: Path) -> None:
    found, rows = write(tmp_path, CaseReview())
    assert (found["registration"], found["slices"], found["verdict"]) == ({"answer": None}, [], None)
    assert len(rows) == 1


def test_millimetres_below_zero_stay_numbers(tmp_path: Path) -> None:
    one = replay(said(("seen", at(2, seconds=1.0) | {"mm": -12.5})), "run-1")
    _, rows = write(tmp_path, one)
    assert rows[1][1] == "-12.5"


# --- injection ------------------------------------------------------------------------------------------------------


@examples(500, 10_000)
@given(texts=st.lists(st.text(), min_size=1, max_size=4))
def test_whatever_is_typed_the_table_keeps_its_shape_and_the_summary_its_words(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    folder = tmp_path_factory.getbasetemp() / "typed"
    words: list[tuple[Kind, dict[str, Any]]] = []
    for index, text in enumerate(texts):
        words += [("comment", at(index, text=text)), ("key", at(index, is_key=True, caption=text))]
    found, rows = write(folder, replay(said(*words), "run-1"))
    assert [len(row) for row in rows] == [8] * (len(texts) + 1)
    for row, one, text in zip(rows[1:], found["slices"], texts, strict=True):
        assert one["comment"] == one["caption"] == text
        assert not row[4].startswith(("=", "+", "-", "@"))
        assert row[4] == row[7]
    lines = (folder / "R1" / "sub-003_slices.tsv").read_bytes().decode().splitlines()
    assert len(lines) == len(texts) + 1


def test_half_a_character_becomes_a_question_mark(tmp_path: Path) -> None:
    one = replay(said(("comment", at(1, text="a\ud800b"))), "run-1")
    found, rows = write(tmp_path, one)
    assert found["slices"][0]["comment"] == rows[1][4] == "a?b"


# --- files ----------------------------------------------------------------------------------------------------------


def test_each_reader_has_a_folder_and_a_label_makes_the_name(tmp_path: Path) -> None:
    write(tmp_path)
    write(tmp_path, reader="R2", label="")
    write(tmp_path, reader="R2", label="../../evil")
    names = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())
    evil = next(name for name in names if "evil" in name).removesuffix("_review.json")
    assert evil.startswith("R2/_.._evil~")
    assert names == sorted(
        f"{name}_{ending}"
        for name in ("R1/sub-003", f"R2/{RUN.case_id}", evil)
        for ending in ("review.json", "slices.tsv")
    )


def test_an_older_mirror_of_ones_own_is_replaced_also_after_another_fusion(tmp_path: Path) -> None:
    write(tmp_path)
    found, rows = write(tmp_path, review(judged(5, "reject", "invented")), run=replace(RUN, axis="coronal"))
    assert found["run"] != RUN.run_id
    assert len(found["slices"]) == 3
    assert len(rows) == 4
    assert found["verdict"] is None
    assert len(list((tmp_path / "R1").iterdir())) == 2


def test_the_mirror_of_another_case_of_the_same_name_is_not_replaced(tmp_path: Path) -> None:
    write(tmp_path)
    other = replace(RUN, a=replace(RUN.a, sha256="c3" * 32))
    before = {path: path.read_bytes() for path in (tmp_path / "R1").iterdir()}
    with pytest.raises(RefusedError, match="rename the case"):
        write(tmp_path, run=other)
    assert {path: path.read_bytes() for path in (tmp_path / "R1").iterdir()} == before


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"{", b"\xff", b'{"schema": "refusion-review/1"}'])
@pytest.mark.parametrize("name", ["sub-003_review.json", "sub-003_slices.tsv"])
def test_a_file_that_is_no_mirror_is_not_replaced(tmp_path: Path, content: bytes, name: str) -> None:
    (tmp_path / "R1").mkdir()
    (tmp_path / "R1" / name).write_bytes(content)
    with pytest.raises(RefusedError, match="already exists"):
        write(tmp_path)
    assert [path.read_bytes() for path in (tmp_path / "R1").iterdir()] == [content]


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RefusedError):
        write(tmp_path / "file")
    with pytest.raises(RefusedError, match="not a valid reader name"):
        write(tmp_path, reader="../R1")


def test_what_sources_are_called_is_not_in_the_mirror(tmp_path: Path) -> None:
    folder = tmp_path / "MEIER^ANNA"
    write(folder, label="")
    for path in folder.rglob("*"):
        if path.is_file():
            assert b"MEIER" not in path.read_bytes()
            assert "MEIER" not in path.name
