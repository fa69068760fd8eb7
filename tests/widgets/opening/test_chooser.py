"""The dialog that lets a user choose among several series and volumes."""

import pytest
from pytestqt.qtbot import QtBot
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QDialog, QDialogButtonBox

from napari_refusion.io.listing import Listed
from napari_refusion.widgets.opening.chooser import Chooser
from napari_refusion.widgets.opening.offer import ALL, MEAN
from tests.widgets.opening.listed import CORRECTED, CT, DUAL_ECHO, DYNAMIC, SCOUT, UNCORRECTED, offered

OFFERS = offered(CORRECTED, CT, DYNAMIC, UNCORRECTED, DUAL_ECHO, SCOUT)
SMALL = (1280, 720)


@pytest.fixture
def dialog(qtbot: QtBot) -> Chooser:
    chooser = Chooser(OFFERS)
    qtbot.addWidget(chooser)
    chooser.show()
    qtbot.waitExposed(chooser)
    return chooser


def press(dialog: Chooser, *keys: Qt.Key) -> None:
    for key in keys:
        QTest.keyClick(dialog.tree, key)


def taken(dialog: Chooser) -> dict[str, tuple]:
    return {offer.listed.name: parts for offer, parts in dialog.chosen()}


def test_the_likely_series_of_each_modality_are_checked_and_the_first_line_is_current(dialog: Chooser) -> None:
    assert taken(dialog) == {"PET WB AC": (ALL,), "CT soft tissue": (ALL,), "PD and T2": (ALL,)}
    assert dialog.tree.currentIndex().row() == 0
    assert dialog.focusWidget() is dialog.tree


def test_enter_opens_what_is_checked(dialog: Chooser) -> None:
    press(dialog, Qt.Key.Key_Return)
    assert dialog.result() == QDialog.DialogCode.Accepted
    assert len(dialog.chosen()) == 3


def test_escape_opens_nothing(dialog: Chooser) -> None:
    press(dialog, Qt.Key.Key_Escape)
    assert dialog.result() == QDialog.DialogCode.Rejected
    assert not dialog.isVisible()


def test_space_checks_and_unchecks_the_current_line(dialog: Chooser) -> None:
    press(dialog, Qt.Key.Key_Space, Qt.Key.Key_Down, Qt.Key.Key_Space, Qt.Key.Key_Down, Qt.Key.Key_Space)
    assert taken(dialog) == {"PET dynamic": (MEAN, ALL), "PD and T2": (ALL,)}


def test_the_right_arrow_shows_the_volumes_of_a_series_and_one_of_them_can_be_taken(dialog: Chooser) -> None:
    down, space = Qt.Key.Key_Down, Qt.Key.Key_Space
    press(dialog, down, down, Qt.Key.Key_Right, down, down, down, down, space)
    assert taken(dialog)["PET dynamic"] == (1,)
    press(dialog, space)
    assert "PET dynamic" not in taken(dialog)


@pytest.mark.parametrize("one", [DYNAMIC, DUAL_ECHO])
def test_of_a_single_file_or_series_the_volumes_are_seen_at_once(qtbot: QtBot, one: Listed) -> None:
    chooser = Chooser(offered(one))
    qtbot.addWidget(chooser)
    assert chooser.tree.topLevelItem(0).isExpanded()


def test_unchecking_a_series_unchecks_its_volumes(dialog: Chooser) -> None:
    item = dialog.tree.topLevelItem(4)
    item.setCheckState(0, Qt.CheckState.Unchecked)
    assert all(item.child(index).checkState(0) == Qt.CheckState.Unchecked for index in range(item.childCount()))


def test_with_nothing_checked_there_is_nothing_to_open(dialog: Chooser) -> None:
    for index in range(len(OFFERS)):
        dialog.tree.topLevelItem(index).setCheckState(0, Qt.CheckState.Unchecked)
    assert not dialog.buttons.button(QDialogButtonBox.StandardButton.Open).isEnabled()
    press(dialog, Qt.Key.Key_Return)
    assert dialog.isVisible()


def test_what_cannot_be_opened_cannot_be_checked_and_says_why(dialog: Chooser) -> None:
    scout = dialog.tree.topLevelItem(len(OFFERS) - 1)
    assert not scout.flags() & Qt.ItemFlag.ItemIsUserCheckable
    assert scout.foreground(0) != dialog.tree.topLevelItem(0).foreground(0)
    press(dialog, Qt.Key.Key_End)
    assert dialog.note.text() == f"Cannot be opened: {SCOUT.refusal}"
    press(dialog, Qt.Key.Key_Space)
    assert "Topogram" not in taken(dialog)


def test_the_memory_follows_what_is_checked(dialog: Chooser) -> None:
    before = dialog.total.text()
    press(dialog, Qt.Key.Key_Space)
    assert before.startswith("3 of 6 checked")
    assert dialog.total.text().startswith("2 of 6 checked")


def test_it_fits_a_small_screen_without_scrolling_sideways(dialog: Chooser) -> None:
    assert dialog.width() <= SMALL[0]
    assert dialog.height() <= SMALL[1] - 60
    assert dialog.tree.horizontalScrollBar().maximum() == 0


def test_a_patient_s_many_series_can_be_scrolled_and_stay_small(qtbot: QtBot) -> None:
    chooser = Chooser(OFFERS * 20)
    qtbot.addWidget(chooser)
    chooser.show()
    assert chooser.height() <= SMALL[1] - 60
    press(chooser, Qt.Key.Key_End)
    assert chooser.tree.currentIndex().row() == 20 * len(OFFERS) - 1


@pytest.mark.parametrize("several", [(DYNAMIC, CT), (DUAL_ECHO, CORRECTED, SCOUT)])
def test_the_right_arrow_works_in_the_first_line_too(qtbot: QtBot, several: tuple[Listed, ...]) -> None:
    chooser = Chooser(offered(*several))
    qtbot.addWidget(chooser)
    chooser.show()
    qtbot.waitExposed(chooser)
    press(chooser, Qt.Key.Key_Right)
    assert chooser.tree.topLevelItem(0).isExpanded()
    press(chooser, Qt.Key.Key_Left)
    assert not chooser.tree.topLevelItem(0).isExpanded()
