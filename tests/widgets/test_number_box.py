"""Numbers are typed with a decimal point or comma, whatever the computer's language."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from qtpy.QtCore import QLocale
from qtpy.QtWidgets import QDoubleSpinBox, QLineEdit

import napari_refusion
from napari_refusion.widgets.number_box import NumberBox, NumberValidator


@pytest.fixture(params=["German", "English", "French"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    before = QLocale()
    QLocale.setDefault(QLocale(getattr(QLocale.Language, request.param)))
    yield request.param
    QLocale.setDefault(before)


@pytest.mark.parametrize(("typed", "value"), [("2.5", 2.5), ("2,5", 2.5), ("12.25", 12.25), ("1000", 1000.0)])
@pytest.mark.parametrize("suffix", ["", " SUVbw"])
def test_a_point_and_a_comma_are_one(qtbot: QtBot, language: str, typed: str, value: float, suffix: str) -> None:
    box = NumberBox()
    qtbot.addWidget(box)
    box.setRange(0.0, 9999.0)
    box.setPrefix("\N{GREATER-THAN OR EQUAL TO} ")
    box.setSuffix(suffix)
    box.selectAll()
    qtbot.keyClicks(box, typed)
    box.interpretText()
    assert box.value() == value, language
    assert f"{value:.2f}" in box.text()


@pytest.mark.parametrize("typed", ["2.5", "2,5"])
def test_a_line_for_a_number_takes_both_too(qtbot: QtBot, language: str, typed: str) -> None:
    line = QLineEdit()
    qtbot.addWidget(line)
    line.setValidator(NumberValidator(0.0, 1000.0, 6))
    qtbot.keyClicks(line, typed)
    assert line.text() == "2.5", language
    assert line.hasAcceptableInput()
    qtbot.keyClicks(line, ",x")
    assert line.text() == "2.5"


def test_no_other_box_for_numbers_is_made() -> None:
    widgets = Path(napari_refusion.__file__).parent / "widgets"
    made = [
        path.name
        for path in widgets.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Name) and node.id == QDoubleSpinBox.__name__
    ]
    assert set(made) == {"number_box.py"}
