"""Texts from OWASP, CSV Injection, with what may stand before them."""

import gzip
import html
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_refusion.io.spreadsheet import FORMULA, cell, measured_cell, table_cells

ACTIVE = ("=1+1", "+1", "-1", "@SUM(1)", '"=1"', "'=1", "\uff1d1", "\uff0b1", "\uff0d1", "\uff201")

WHITE_SPACE = ("", " ", "\t", "\r", "\n\n", "\r\n", "\x00", "\x0b", "\u2028", "\u00a0", "\u3000")

WITHOUT_WIDTH = ("\ufeff", "\u200b", " \ufeff ")


@pytest.mark.parametrize("before", WHITE_SPACE + WITHOUT_WIDTH, ids=ascii)
@pytest.mark.parametrize("text", ACTIVE, ids=ascii)
def test_a_cell_that_a_spreadsheet_would_calculate_is_marked_as_text(before: str, text: str) -> None:
    assert cell(before + text).startswith("'")
    assert cell(before + text).endswith(text)


@pytest.mark.parametrize(
    "text", ["", "fine", "a = b", "3 mm", "<script>alert(1)</script>", "Größe 猫 🧠", "a 'b' \"c\"", "a  b"]
)
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert cell(text) == text


CHANGED = (
    *(
        "1/2",
        "4/5",
        "10.11.2026",
        "1.2.3",
        "2026-11-10",
        "1e5",
        "1E-3",
        "0012",
        "12",
        "5.10",
        "1,5",
        "12:30",
        "1:30 PM",
        "1-2",
    ),
    *(
        "5 %",
        "€5",
        "(5)",
        "1 000",
        "3 1/2",
        "MAR1",
        "Sept2",
        "Mar 5",
        "5. Mai",
        "3. Dez",
        "true",
        "FALSCH",
        "\u0663",
        "\uff15",
    ),
)
"""What Excel, LibreOffice or Gnumeric turn into another value, in English or in German."""


@pytest.mark.parametrize("text", CHANGED, ids=ascii)
def test_a_text_that_a_spreadsheet_would_take_for_a_number_or_a_date_is_marked_as_text(text: str) -> None:
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize(
    "text",
    [
        "Lesion 1",
        "3 mm",
        "Marker 1",
        "L4/5",
        "Th12",
        "T1",
        "5th",
        "may be 2",
        "may",
        "...",
        "2 of 3",
        "SUV 2.5",
        "true uptake",
    ],
)
def test_a_text_with_a_figure_that_stays_a_text_is_not_marked(text: str) -> None:
    assert cell(text) == text


def test_a_typed_column_is_text_and_a_measured_one_a_number() -> None:
    rows = [["Lesion", "Mean"], ["0012", "12.5"], ["1/2", "-3"], ["a", "n/a"]]
    assert table_cells(rows, ("Lesion",), ",") == [["Lesion", "Mean"], ["'0012", "12,5"], ["'1/2", "-3"], ["a", "n/a"]]
    assert table_cells([]) == []


@pytest.mark.skipif(shutil.which("ssconvert") is None, reason="Gnumeric is not installed")
def test_gnumeric_keeps_every_text_and_every_number(tmp_path: Path) -> None:
    """Value types 40 and 60 are numbers and texts in Gnumeric's own format."""
    texts = (*CHANGED, *ACTIVE[:4], "Lesion 1", "L4/5")
    table, opened = tmp_path / "a.tsv", tmp_path / "a.gnumeric"
    rows = table_cells([["text", "value"], *([text, "12.5"] for text in texts)], ("text",))
    table.write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")
    subprocess.run(["ssconvert", table, opened], check=True, capture_output=True)
    packed = opened.read_bytes()
    content = (gzip.decompress(packed) if packed[:2] == b"\x1f\x8b" else packed).decode()
    cells = re.findall(r'<gnm:Cell Row="(\d+)" Col="(\d)" ValueType="(\d+)"[^>]*>([^<]*)<', content)
    held = {(int(row), column): (kind, html.unescape(value)) for row, column, kind, value in cells}
    assert [held[row, "0"] for row in range(1, len(texts) + 1)] == [("60", text) for text in texts]
    assert {held[row, "1"] for row in range(1, len(texts) + 1)} == {("40", "12.5")}


@given(st.text())
def test_a_cell_is_one_line_and_never_begins_with_a_formula(text: str) -> None:
    made = cell(text)
    assert not set(made) & set("\t\r\n\x00\u2028\u2029")
    assert made[:1] not in set(FORMULA) - {"'"}
    made.encode("utf-8")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("-100.5", "-100,5"), ("10.99", "10,99"), ("12346", "12346"), ("-1.2e-05", "-1,2e-05"), ("-1+1", "'-1+1")],
)
def test_a_number_stays_one_with_the_decimal_sign_that_is_asked_for(text: str, expected: str) -> None:
    assert measured_cell(text, ",") == expected
    assert measured_cell(text) == expected.replace(",", ".")


@pytest.mark.parametrize("text", ["R 27.5, A 30.0, S 17.0 mm", "isocontour 41.5 %", "1.5 cm"])
def test_a_text_with_a_number_in_it_stays_as_it_is(text: str) -> None:
    assert measured_cell(text, ",") == text
