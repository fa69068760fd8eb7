"""Tables on the clipboard, to be pasted into a spreadsheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QLocale
from qtpy.QtWidgets import QApplication

from napari_refusion.io.spreadsheet import measured_cell

if TYPE_CHECKING:
    from collections.abc import Sequence


def copy_table(rows: Sequence[Sequence[str]]) -> None:
    """Put rows on the clipboard, cells between tabs, none of them a formula.

    Numbers have the decimal sign of this computer: where it is a comma, a spreadsheet takes ``2.5`` for a date.
    """
    clipboard = QApplication.clipboard()
    if clipboard is not None:
        decimal = str(QLocale.system().decimalPoint())
        clipboard.setText("\n".join("\t".join(measured_cell(one, decimal) for one in row) for row in rows))
