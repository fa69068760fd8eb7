"""Tables on the clipboard, to be pasted into a spreadsheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QLocale
from qtpy.QtWidgets import QApplication

from napari_refusion.io.spreadsheet import table_cells

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


def copy_table(rows: Sequence[Sequence[str]], typed: Collection[str] = ()) -> None:
    """Put rows on the clipboard, cells between tabs, none of them a formula, and no text a number or a date.

    Numbers have the decimal sign of this computer: where it is a comma, a spreadsheet takes ``2.5`` for a date.

    Parameters
    ----------
    typed
        Headings of columns that hold texts, see `io.spreadsheet.table_cells`.
    """
    clipboard = QApplication.clipboard()
    if clipboard is not None:
        decimal = str(QLocale.system().decimalPoint())
        clipboard.setText("\n".join(map("\t".join, table_cells(rows, typed, decimal))))
