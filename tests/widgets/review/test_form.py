"""The parts of the Review page by themselves: checks, strip of slices, evidence, comment."""

from pytestqt.qtbot import QtBot
from qtpy.QtCore import QPoint, Qt

from napari_refusion.evidence.check_outcome import CheckOutcome
from napari_refusion.session.sentences import SliceCell
from napari_refusion.widgets.review.slice_strip import CELL, SliceStrip
from napari_refusion.widgets.review.trust_block import TrustBlock

GOOD = CheckOutcome("Geometry", "green", "", "Spacing and orientation of both files.", "All checks passed.")
BAD = CheckOutcome("Registration", "red", "NMI 1.02", "Shifts under 8 mm are not seen.", "It fits better <mirrored>.")


def block(qtbot: QtBot) -> TrustBlock:
    made = TrustBlock()
    qtbot.addWidget(made)
    made.show()
    return made


def test_a_failed_check_is_named_in_large_letters_and_explained_on_hover(qtbot: QtBot) -> None:
    made = block(qtbot)
    made.show_outcomes((GOOD, BAD), {})
    assert made.failed.isVisible()
    assert made.failed.text() == "CHECK FAILED: Registration"
    tip = made.buttons["Registration"].toolTip()
    assert "NMI 1.02" in tip
    assert "Shifts under 8 mm" in tip
    assert "&lt;mirrored&gt;" in tip
    assert made.buttons["Output"].text() == "Output\nnot run"


def test_without_a_failed_check_nothing_is_said_to_have_failed(qtbot: QtBot) -> None:
    made = block(qtbot)
    made.show_outcomes((GOOD,), {})
    assert not made.failed.isVisible()


def test_an_overridden_check_stays_named_with_its_reason(qtbot: QtBot) -> None:
    made = block(qtbot)
    made.show_outcomes((BAD,), {"Registration": "checked by hand"})
    assert made.failed.text() == "CHECK FAILED: Registration (overridden)"
    assert "checked by hand" in made.buttons["Registration"].toolTip()


def test_only_a_failed_check_can_be_passed_over(qtbot: QtBot) -> None:
    made = block(qtbot)
    made.show_outcomes((GOOD, BAD), {})
    asked: list[str] = []
    made.override_wanted.connect(asked.append)
    made.buttons["Geometry"].click()
    made.buttons["Registration"].click()
    assert asked == ["Registration"]


def strip(qtbot: QtBot, count: int, per_row: int) -> SliceStrip:
    made = SliceStrip()
    qtbot.addWidget(made)
    made.resize(per_row * CELL.width(), 50)
    made.show_cells([SliceCell("unseen")] * count, 0)
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


def test_the_arrow_keys_go_to_the_neighbours_and_not_past_the_ends(qtbot: QtBot) -> None:
    made, asked = strip(qtbot, 3, 20), list[int]()
    made.chosen.connect(asked.append)
    for current in range(3):
        made.look_at(current)
        for key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            qtbot.keyClick(made, key)
    assert asked == [1, 0, 2, 1]
    made.look_at(-1)  # outside the slices, which are entered from the side that the key comes from
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Left):
        qtbot.keyClick(made, key)
    assert asked[4:] == [0, 2]


def test_every_mark_is_drawn_in_its_cell_alone(qtbot: QtBot) -> None:
    made = strip(qtbot, 4, 4)
    plain = made.grab().toImage()
    made.show_cells(
        [
            SliceCell("unseen"),
            SliceCell("unseen", is_flagged=True),
            SliceCell("reject"),
            SliceCell("unseen", is_key=True),
        ],
        0,
    )
    marked = made.grab().toImage()

    def changed(index: int) -> bool:
        columns = range(index * CELL.width(), (index + 1) * CELL.width() - 2)
        return any(plain.pixel(x, y) != marked.pixel(x, y) for x in columns for y in range(CELL.height() - 3))

    assert [changed(index) for index in range(4)] == [False, True, True, True]
