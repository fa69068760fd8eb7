"""What an independent reader (openpyxl) finds in a workbook: the cells of its sheet and their types."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from napari_refusion.io.workbook import LONGEST, write_workbook


def cells(path: Path) -> list[list[tuple[str, object]]]:
    """Return type (``n`` of numbers and empty cells, ``s`` of texts, ``f`` of formulas) and value of each cell."""
    (sheet,) = load_workbook(path).worksheets
    return [[(cell.data_type, cell.value) for cell in row] for row in sheet.iter_rows()]


def test_a_number_is_one_whatever_the_decimal_sign_of_the_computer_and_a_text_is_never_made_one(tmp_path: Path) -> None:
    path = tmp_path / "lesions.xlsx"
    rows = [["Lesion", "SUVmax"], ["0012", "6.316"], ["4/5", "-1.2e-05"], ["", ""], ["x", "0"]]
    write_workbook(rows, path, "Lesions", ["Lesion"])
    assert cells(path) == [
        [("s", "Lesion"), ("s", "SUVmax")],
        [("s", "0012"), ("n", 6.316)],
        [("s", "4/5"), ("n", -1.2e-05)],
        [("n", None), ("n", None)],
        [("s", "x"), ("n", 0)],
    ]


@pytest.mark.parametrize(
    "text", ["=1+1", "@SUM(1)", "10.11.2026", "true", "<b>&amp;", "https://a.b", "Gr\u00f6\u00dfe \u732b \U0001f9e0"]
)
def test_a_text_stays_as_it_was_typed_and_is_not_calculated(text: str, tmp_path: Path) -> None:
    write_workbook([["Comment"], [text]], tmp_path / "a.xlsx", "Lesions", ["Comment"])
    ((_, value),) = cells(tmp_path / "a.xlsx")[1]
    assert value == text
    assert load_workbook(tmp_path / "a.xlsx", data_only=True).active["A2"].value == text, "no cell is calculated"
    assert load_workbook(tmp_path / "a.xlsx").active["A2"].hyperlink is None


def test_a_value_that_is_no_number_is_a_text(tmp_path: Path) -> None:
    write_workbook([["Shown (%)"], ["no contrast"], ["none"], ["nan"]], tmp_path / "a.xlsx", "Lesions")
    assert [row[0][0] for row in cells(tmp_path / "a.xlsx")] == ["s"] * 4


def test_the_same_table_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        write_workbook([["A"], ["1"]], tmp_path / name, "Lesions")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_of_a_text_that_is_longer_than_a_cell_the_beginning_is_kept(tmp_path: Path) -> None:
    write_workbook([["A"], ["x" * LONGEST], ["y" * (LONGEST + 1)]], tmp_path / "a.xlsx", "Lesions")
    _, [(_, whole)], [(_, cut)] = cells(tmp_path / "a.xlsx")
    assert whole == "x" * LONGEST
    assert cut == "y" * (LONGEST - 1) + "…"


def test_what_is_longer_than_a_cell_is_told_in_letters_beyond_16_bits_too(tmp_path: Path) -> None:
    brain, at_most = "\U0001f9e0", LONGEST // 2
    write_workbook([["A"], [brain * at_most], [brain * (at_most + 1)]], tmp_path / "a.xlsx", "Lesions")
    _, [(_, whole)], [(_, cut)] = cells(tmp_path / "a.xlsx")
    assert whole == brain * at_most
    assert cut == brain * at_most + "…"


def test_a_full_disk_or_a_folder_that_is_gone_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_workbook([["A"]], tmp_path / "gone" / "a.xlsx", "Lesions")
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    with pytest.raises(OSError, match="No space left"):
        write_workbook([["A"]], Path("/dev/full"), "Lesions")


def test_nothing_of_a_table_lies_in_the_folder_for_temporary_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    write_workbook([["A"], ["x"]], tmp_path / "a.xlsx", "Lesions")
    assert cells(tmp_path / "a.xlsx")[1] == [("s", "x")]


@given(st.text(st.characters(codec="utf-8")))
def test_any_text_gives_a_sheet_that_can_be_read(text: str) -> None:
    with TemporaryDirectory() as folder:
        write_workbook([["A"], [text], ["1"]], Path(folder) / "a.xlsx", "Lesions", ["A"])
        assert cells(Path(folder) / "a.xlsx")[2] == [("s", "1")]
