"""What a click draws by is what the reader chose, whatever the viewer shows meanwhile."""

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot
from qtpy.QtWidgets import QPushButton

from napari_refusion.lesion.methods import METHODS
from napari_refusion.widgets.lesions.method_box import MethodBox
from tests.widgets.lesions.opened import hot_pet, wide_ct


@pytest.fixture
def box(qtbot: QtBot) -> MethodBox:
    found = MethodBox(QPushButton())
    qtbot.addWidget(found)
    return found


def test_a_number_that_was_typed_stays_when_the_pair_is_fused_again(box: MethodBox) -> None:
    box.offer_sources([hot_pet(), wide_ct()])
    box.amount.setEditText("60")
    box.offer_sources([hot_pet(), wide_ct()])
    assert box.number() == 60
    box.source.setCurrentIndex(1)
    assert box.number() == 60


def test_a_threshold_in_another_unit_is_not_taken_over(box: MethodBox) -> None:
    box.offer_sources([hot_pet(), wide_ct()])
    box.method.setCurrentIndex(list(METHODS).index("threshold"))
    box.amount.setEditText("3")
    box.source.setCurrentIndex(1)
    assert box.amount.currentText() == ""
    assert box.label.text() == "HU"


def test_of_two_sources_of_one_name_the_chosen_one_stays_and_is_told_apart(box: MethodBox) -> None:
    pair = [replace(hot_pet(), name="scan"), replace(wide_ct(), name="scan")]
    box.offer_sources(pair)
    assert [box.source.itemText(index) for index in range(2)] == ["scan (PET)", "scan (CT)"]
    box.source.setCurrentIndex(1)
    box.offer_sources(pair)
    assert box.volume is pair[1]


def test_of_two_pet_of_one_name_the_chosen_one_stays(box: MethodBox) -> None:
    pair = [hot_pet(0.0), hot_pet(10.0)]
    box.offer_sources(pair)
    assert [box.source.itemText(index) for index in range(2)] == ["pet (PET, 1)", "pet (PET, 2)"]
    box.source.setCurrentIndex(1)
    box.offer_sources(pair[::-1])
    assert box.volume is pair[1]
    box.offer_sources(pair)
    assert box.volume is pair[1]


def test_a_source_that_was_edited_stays_chosen(box: MethodBox) -> None:
    ct = wide_ct()
    box.offer_sources([hot_pet(), ct])
    box.source.setCurrentIndex(1)
    edited = replace(ct, origin=replace(ct.origin, sha256="d" * 64))
    box.offer_sources([hot_pet(), edited])
    assert box.volume is edited
