"""Tables on the clipboard: what a spreadsheet makes of them."""

from types import SimpleNamespace

import pytest
from qtpy.QtCore import QLocale
from qtpy.QtWidgets import QApplication

from napari_refusion.widgets import copied_table

ROWS = (("Lesion", "SUVmax", "Place"), ("Lä\tsi\non", "2.5", "R 27.5 mm"), ("=1+1", "-100.5", ""))


@pytest.mark.usefixtures("qtbot")
@pytest.mark.parametrize(("locale", "values"), [("de_DE", ("2,5", "-100,5")), ("en_US", ("2.5", "-100.5"))])
def test_numbers_have_the_decimal_sign_of_the_computer_and_no_cell_is_a_formula(
    locale: str, values: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copied_table, "QLocale", SimpleNamespace(system=lambda: QLocale(locale)))
    copied_table.copy_table(ROWS)
    lines = [line.split("\t") for line in QApplication.clipboard().text().split("\n")]
    assert lines == [list(ROWS[0]), ["Lä si on", values[0], "R 27.5 mm"], ["'=1+1", values[1], ""]]
