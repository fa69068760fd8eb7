"""Texts as cells of tables that people open in a spreadsheet."""

import re
import unicodedata
from typing import Final

FORMULA: Final = "=+-@'\"＝＋－＠"  # noqa: RUF001 - the wide forms are meant
"""What a spreadsheet may take for the beginning of a formula, or of a quoted cell with one in it (OWASP, CSV
Injection), the full-width signs of Asian keyboards among them."""

_NUMBER: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")


def cell(text: str) -> str:
    """Return a text as a cell: on one line, and marked as text by an apostrophe where a spreadsheet would calculate.

    Control characters (tab, carriage return) become spaces, and white space at the ends goes, so that nothing stands
    before a formula. Characters without a width (a byte order mark) are looked past.
    """
    flat = "".join(" " if unicodedata.category(one) in ("Cc", "Zl", "Zp") else one for one in text)
    flat = flat.encode("utf-8", "replace").decode().strip()
    first = next((one for one in flat if unicodedata.category(one) != "Cf" and not one.isspace()), "")
    return f"'{flat}" if first and first in FORMULA else flat


def measured_cell(text: str, decimal: str = ".") -> str:
    """Return a text as a cell, or a number with this decimal sign where it is one: a value below 0 is no formula."""
    return text.replace(".", decimal) if _NUMBER.fullmatch(text) else cell(text)
