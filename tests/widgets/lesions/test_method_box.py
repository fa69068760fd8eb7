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
    assert [box.source.itemText(index) for index in range(2)] == ["PET: scan", "CT: scan"]
    box.source.setCurrentIndex(1)
    box.offer_sources(pair)
    assert box.volume is pair[1]


def test_the_kind_of_a_source_stands_before_a_name_that_does_not_begin_with_it(box: MethodBox) -> None:
    """Of long names as BIDS has them only the beginning is seen, and the kind stands at the end."""
    subject = "sub-01_ses-01_acq-wholebody_rec-iterative_run-01"
    named = (replace(hot_pet(), name=f"{subject}_pet"), replace(wide_ct(), name=f"{subject}_ct"))
    box.offer_sources([*named, hot_pet()])
    names = [box.source.itemText(index) for index in range(3)]
    assert names == [f"PET: {subject}_pet", f"CT: {subject}_ct", "pet"]


def test_of_two_pet_of_one_name_the_chosen_one_stays(box: MethodBox) -> None:
    pair = [hot_pet(0.0), hot_pet(10.0)]
    box.offer_sources(pair)
    assert [box.source.itemText(index) for index in range(2)] == ["PET 1: pet", "PET 2: pet"]
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
