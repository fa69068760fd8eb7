"""The strip of slices: where the cells are, and what a click does."""

from pytestqt.qtbot import QtBot
from qtpy.QtCore import QPoint, Qt

from napari_refusion.widgets.review.slice_strip import CELL, Cell, SliceStrip


def strip(qtbot: QtBot, count: int, per_row: int) -> SliceStrip:
    made = SliceStrip()
    qtbot.addWidget(made)
    made.resize(per_row * CELL.width(), 50)
    made.show_cells([Cell("unseen")] * count, 0)
    return made


def test_cells_wrap_into_as_many_rows_as_are_needed(qtbot: QtBot) -> None:
    assert strip(qtbot, 96, 20).height() == 5 * CELL.height()
    assert strip(qtbot, 20, 20).height() == CELL.height()


def test_a_click_goes_to_the_slice_under_it_and_beside_the_cells_to_none(qtbot: QtBot) -> None:
    made = strip(qtbot, 30, 20)
    second_of_row_two = QPoint(CELL.width() + 3, CELL.height() + 3)
    with qtbot.waitSignal(made.chosen) as clicked:
        qtbot.mouseClick(made, Qt.MouseButton.LeftButton, pos=second_of_row_two)
    assert clicked.args == [21]
    assert made.index_at(QPoint(15 * CELL.width(), CELL.height() + 3)) is None


def test_every_mark_is_drawn_in_its_cell_alone(qtbot: QtBot) -> None:
    made = strip(qtbot, 4, 4)
    plain = made.grab().toImage()
    made.show_cells([Cell("unseen"), Cell("unseen", is_flagged=True), Cell("reject"), Cell("unseen", is_key=True)], 0)
    marked = made.grab().toImage()

    def changed(index: int) -> bool:
        columns = range(index * CELL.width(), (index + 1) * CELL.width() - 2)
        return any(plain.pixel(x, y) != marked.pixel(x, y) for x in columns for y in range(CELL.height() - 3))

    assert [changed(index) for index in range(4)] == [False, True, True, True]
