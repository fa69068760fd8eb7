"""A table as a workbook (Office Open XML), which every spreadsheet reads as it was written.

A text file says nothing of its decimal sign: where that is a comma, a spreadsheet takes 6.316 for 6316 without a word.
Here numbers are numbers and texts are texts, and no cell is calculated.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Final

from napari_refusion.io.spreadsheet import is_number, on_one_line

LONGEST: Final = 32_767
"""Characters that a spreadsheet keeps of a text, counted in UTF-16: an emoji is two."""

_NO_TIME: Final = datetime(2000, 1, 1)
"""When every workbook says that it was made: the same table gives the same bytes."""


def write_workbook(rows: Sequence[Sequence[str]], path: Path, name: str, typed: Collection[str] = ()) -> None:
    """Write a table as the only sheet of a workbook.

    Parameters
    ----------
    rows
        The headings come first.
    path
        Ends in ``.xlsx``.
    name
        Of the sheet, at most 31 letters.
    typed
        Headings of columns that hold texts of a reader or of a file, which may look like a number.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    from xlsxwriter import Workbook

    head = rows[0] if rows else ()
    whole = BytesIO()  # XlsxWriter's own error of a full disk is no OSError, and its temporary files would name lesions
    with Workbook(whole, {"in_memory": True}) as book:
        book.set_properties({"created": _NO_TIME})
        sheet = book.add_worksheet(name)
        for row, texts in enumerate(rows):
            for column, (heading, text) in enumerate(zip(head, texts, strict=True)):
                if is_number(text) and heading not in typed:
                    sheet.write_number(row, column, float(text))
                elif flat := on_one_line(text):
                    sheet.write_string(row, column, _kept(flat))
    path.write_bytes(whole.getvalue())


def _kept(text: str) -> str:
    """Return a text, or its beginning with an ellipsis where it is longer than a cell; the text file has it whole."""
    units = text.encode("utf-16-le")
    if len(units) <= 2 * LONGEST:
        return text
    return units[: 2 * (LONGEST - 1)].decode("utf-16-le", "ignore") + "…"  # half an emoji at the end goes
