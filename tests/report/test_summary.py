import csv
from pathlib import Path

import pytest

from napari_refusion.report.summary import (
    COLUMNS,
    CohortRow,
    cohort_html,
    cohort_plots,
    harmless,
    write_cohort,
    write_table,
)
from napari_refusion.volume.finding import RefusedError
from tests.report.test_page import Page
from tests.report.test_plots import words

ROWS = (
    CohortRow(
        "case-1",
        "PET + MRI",
        "read",
        "aligned",
        "usable",
        4.0,
        check_outcomes={"Geometry": "green", "Model": "red"},
        seconds=(2.0, 4.0, 9.0),
    ),
    CohortRow(
        "case-2",
        "CT + MRI",
        "read",
        "slight",
        "usable_with_flags",
        2.5,
        flagged=3,
        rejected=1,
        reasons={"saturation": 3, "other": 1, "step": 0},
        check_outcomes={"Geometry": "amber"},
        seconds=(1.0,),
        readers={"R1": "usable_with_flags", "R<2>": "not_usable"},
    ),
    CohortRow("=case|3", "PET + MRI", "new"),
)


def test_the_page_shows_every_case_and_needs_nothing_else() -> None:
    html = cohort_html(ROWS, {"Percent agreement": "50 % (1 of 2)", "<b>": "&"})
    page = Page(html)
    assert all(row.label in page.text for row in ROWS)
    assert "Cases with a verdict: 2 of 3." in page.text
    assert "50 % (1 of 2)" in page.row("Percent agreement")
    assert "FAILED: Model" in page.text
    assert "R<2>: not usable" in page.text
    assert all(one.get("src", "data:").startswith("data:") for _, one in page.elements)
    assert "script" not in {name for name, _ in page.elements}


def test_a_parser_of_the_html_standard_finds_no_error() -> None:
    html5lib = pytest.importorskip("html5lib")
    parser = html5lib.HTMLParser()
    parser.parse(cohort_html(ROWS))
    assert parser.errors == []


def test_plots_count_verdicts_checks_reasons_and_seconds() -> None:
    verdicts, checks, reasons, seconds = map(words, cohort_plots(ROWS))
    assert verdicts[1:] == ["usable", "1 (50%)", "usable with flags", "1 (50%)", "not usable", "0 (0%)"]
    assert checks[1:5] == ["Geometry", "1", "1", "1"]  # green, amber, and not run in the third case
    assert reasons[reasons.index("saturation") + 1] == "1 (33%)"
    assert reasons[reasons.index("flicker or step between slices") + 1] == "0 (0%)"
    assert seconds[0] == "Seconds per slice, median 3 s"  # of 1, 2, 4, 9


def test_a_cohort_without_cases_is_a_page_too() -> None:
    assert "Cases with a verdict: 0 of 0." in Page(cohort_html(())).text


def test_the_table_can_be_read_by_other_programs(tmp_path: Path) -> None:
    path = tmp_path / "cases.tsv"
    write_table(ROWS, path)
    with path.open(encoding="utf-8", newline="") as file:
        first, second, third = csv.DictReader(file, dialect="excel-tab")
    assert tuple(first) == COLUMNS
    assert (first["confidence"], first["slices_seen"], first["seconds"], first["seconds_per_slice"]) == (
        "4.0",
        "3",
        "15.0",
        "4.0",
    )
    assert second["reasons"] == "saturation 3; other 1"
    assert second["light_registration"] == "not run"
    assert third["case"] == "'=case|3"
    assert third["verdict"] == third["seconds_per_slice"] == ""


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("\t=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ('"=1+1"', '\'"=1+1"'),
        ("\uff1d1", "'\uff1d1"),
        ("two\nlines\tand a tab\x00", "two lines and a tab"),
        ("plain", "plain"),
    ],
)
def test_no_cell_is_a_formula_or_breaks_its_line(text: str, cell: str) -> None:
    assert harmless(text) == cell


def test_both_files_are_never_written_over_by_accident(tmp_path: Path) -> None:
    page, table = tmp_path / "cases.html", tmp_path / "cases.tsv"
    for _ in range(2):
        write_cohort(ROWS, None, page, overwrite=True)
        write_table(ROWS, table, overwrite=True)
    with pytest.raises(RefusedError):
        write_cohort(ROWS, None, page)
    with pytest.raises(RefusedError):
        write_table(ROWS, table)
    assert len(list(tmp_path.iterdir())) == 2
