"""What a spreadsheet reads of a workbook, by the rules of ECMA-376: the cells of its sheet and their types."""

from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_refusion.io.workbook import write_workbook

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def cells(path: Path) -> list[list[tuple[str, str]]]:
    """Return type and content of each cell; ``n`` is the type of a cell that names none (18.3.1.4)."""
    with ZipFile(path) as archive:
        assert archive.testzip() is None
        sheet = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    return [
        [(cell.get("t", "n"), "".join(cell.itertext())) for cell in row.findall(f"{MAIN}c")]
        for row in sheet.iter(f"{MAIN}row")
    ]


def test_a_number_is_one_whatever_the_decimal_sign_of_the_computer_and_a_text_is_never_made_one(tmp_path: Path) -> None:
    path = tmp_path / "lesions.xlsx"
    write_workbook(
        [["Lesion", "SUVmax"], ["0012", "6.316"], ["4/5", "-1.2e-05"], ["", ""]], path, "Lesions", ["Lesion"]
    )
    assert cells(path) == [
        [("inlineStr", "Lesion"), ("inlineStr", "SUVmax")],
        [("inlineStr", "0012"), ("n", "6.316")],
        [("inlineStr", "4/5"), ("n", "-1.2e-05")],
        [("n", ""), ("n", "")],
    ]


@pytest.mark.parametrize(
    "text", ["=1+1", "@SUM(1)", "10.11.2026", "true", "<b>&amp;", "Gr\u00f6\u00dfe \u732b \U0001f9e0"]
)
def test_a_text_stays_as_it_was_typed_and_is_not_calculated(text: str, tmp_path: Path) -> None:
    write_workbook([["Comment"], [text]], tmp_path / "a.xlsx", "Lesions", ["Comment"])
    assert cells(tmp_path / "a.xlsx")[1] == [("inlineStr", text)]


def test_a_value_that_is_no_number_is_a_text(tmp_path: Path) -> None:
    write_workbook([["Shown (%)"], ["no contrast"], ["none"], ["nan"]], tmp_path / "a.xlsx", "Lesions")
    assert [row[0][0] for row in cells(tmp_path / "a.xlsx")] == ["inlineStr"] * 4


def test_the_same_table_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        write_workbook([["A"], ["1"]], tmp_path / name, "Lesions")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


@given(st.text())
def test_any_text_gives_a_sheet_that_can_be_read(text: str) -> None:
    with TemporaryDirectory() as folder:
        write_workbook([["A"], [text]], Path(folder) / "a.xlsx", "Lesions", ["A"])
        assert len(cells(Path(folder) / "a.xlsx")) == 2
