"""Texts from OWASP, CSV Injection, with what may stand before them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_refusion.io.spreadsheet import FORMULA, cell, measured_cell

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


@pytest.mark.parametrize("text", ["R 27.5, A 30.0, S 17.0 mm", "isocontour 41.5 %", "1.5 cm", "1.2.3", "\u0661.5"])
def test_a_text_with_a_number_in_it_stays_as_it_is(text: str) -> None:
    assert measured_cell(text, ",") == text
