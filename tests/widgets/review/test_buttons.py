"""Slim buttons."""

from collections.abc import Callable

import pytest
from napari import Viewer
from pytestqt.qtbot import QtBot
from qtpy.QtWidgets import QWidget

from napari_refusion.widgets.review.buttons import button, column, row


@pytest.mark.parametrize("words", ["Lock", "Geometry\npassed"])
def test_a_button_is_as_high_as_its_neighbour_also_where_it_was_out_of_use_when_it_was_measured(
    words: str, make_napari_viewer: Callable[..., Viewer], qtbot: QtBot
) -> None:
    usable, unusable = button(words, "A tip"), button(words, "A tip")
    unusable.setEnabled(False)
    page = QWidget()
    column(page).addLayout(row(usable, unusable))
    viewer = make_napari_viewer(show=True)
    viewer.window.add_dock_widget(page)  # napari draws a border around what is out of use
    qtbot.wait(50)
    assert unusable.size() == usable.size()
    height = usable.height()
    assert height > usable.fontMetrics().height() * words.count("\n")
    usable.setEnabled(False)
    unusable.setEnabled(True)
    qtbot.wait(50)
    assert usable.size() == unusable.size()
    assert usable.height() == height
