"""Texts as cells of tables that people open in a spreadsheet."""

import re
import unicodedata
from collections.abc import Collection, Sequence
from typing import Final

FORMULA: Final = "=+-@'\"＝＋－＠"  # noqa: RUF001 - the wide forms are meant
"""What a spreadsheet may take for the beginning of a formula, or of a quoted cell with one in it (OWASP, CSV
Injection), the full-width signs of Asian keyboards among them."""

_NUMBER: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")

_MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november"),
    *("december", "januar", "jänner", "februar", "märz", "mrz", "mai", "juni", "juli", "oktober", "dezember"),
)
"""English and German; three letters of one are enough for a spreadsheet."""

_FIGURES: Final = re.compile(r"[\d\s.,:;/\\+*%()$€£¥'^-]+([eE][\d+-]*|[aApP]\.?[mM]\.?)?")
"""Nothing but figures and what stands in numbers, dates, times, fractions and amounts of money."""

_TRUTH: Final = ("true", "false", "wahr", "falsch")


def cell(text: str) -> str:
    """Return a text as a cell: on one line, and marked as text by an apostrophe where a spreadsheet would change it.

    It would calculate a formula, and make a number, a date or a truth value of ``0012``, ``1/2``, ``MAR1``, ``true``.
    Numbers that are meant as such are no texts: see `measured_cell`.

    Control characters (tab, carriage return) become spaces, and white space at the ends goes, so that nothing stands
    before a formula. Characters without a width (a byte order mark) are looked past.
    """
    flat = on_one_line(text)
    seen = "".join(one for one in flat if unicodedata.category(one) != "Cf").strip()
    return f"'{flat}" if seen and (seen[0] in FORMULA or _would_change(seen)) else flat


def on_one_line(text: str) -> str:
    """Return a text without control characters and what else breaks a line, and without white space at its ends."""
    flat = "".join(" " if unicodedata.category(one) in ("Cc", "Zl", "Zp") else one for one in text)
    return flat.encode("utf-8", "replace").decode().strip()


def is_number(text: str) -> bool:
    """Return whether a text is a number as this program writes it, with a decimal point."""
    return _NUMBER.fullmatch(text) is not None


def _would_change(text: str) -> bool:
    """Return whether a spreadsheet would make a number, a date, a time or a truth value of a text."""
    if not any(one.isdigit() for one in text):
        return text.casefold() in _TRUTH
    if _FIGURES.fullmatch(text):
        return True
    words = re.findall(r"[^\W\d_]+", text)
    rest = re.sub(r"[^\W\d_]", "", text)
    is_month = len(words) == 1 and len(words[0]) >= 3 and any(one.startswith(words[0].casefold()) for one in _MONTHS)
    return is_month and _FIGURES.fullmatch(rest) is not None


def measured_cell(text: str, decimal: str = ".") -> str:
    """Return a text as a cell, or a number with this decimal sign where it is one: a value below 0 is no formula."""
    return text.replace(".", decimal) if is_number(text) else cell(text)


def table_cells(rows: Sequence[Sequence[str]], typed: Collection[str] = (), decimal: str = ".") -> list[list[str]]:
    """Return the rows of a table as cells: what was measured as numbers, what was typed as text.

    Parameters
    ----------
    rows
        The headings come first.
    typed
        Headings of columns that hold texts of a reader or of a file, which may look like a number.
    decimal
        Sign of numbers.
    """
    if not rows:
        return []
    head = rows[0]
    return [
        [cell(one) if name in typed else measured_cell(one, decimal) for name, one in zip(head, row, strict=True)]
        for row in rows
    ]
