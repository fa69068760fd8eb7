"""Scales of PET, its colours and inverted grey in one row."""

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from napari_refusion.fusion.partial import PartialFusion
from napari_refusion.numerics.intensity import Window
from napari_refusion.session.compare import CompareSession
from napari_refusion.widgets.fuse.uptake_row import UptakeRow
from tests.compared import canvas_to_compare


def in_unit(unit: str, high: float = 7.0) -> PartialFusion:
    """Return a pair of PET in a unit, on a scale from 0, and MRI."""
    partial = canvas_to_compare()
    side = partial.study.a
    pet = replace(side, volume=replace(side.volume, unit=unit), window=Window(0.0, high), key="pet layer")
    return replace(partial, study=replace(partial.study, a=pet))


@pytest.fixture
def session() -> CompareSession:
    return CompareSession()


@pytest.fixture
def row(session: CompareSession, qtbot: QtBot) -> UptakeRow:
    row = UptakeRow(session)
    qtbot.addWidget(row)
    return row


@pytest.fixture
def wanted(row: UptakeRow) -> list[tuple[str, float]]:
    found: list[tuple[str, float]] = []
    row.scale_wanted.connect(lambda key, high: found.append((key, high)))
    return found


def test_the_button_of_the_scale_that_is_fused_is_down(row: UptakeRow, session: CompareSession) -> None:
    session.show_partial(in_unit("SUVbw"))
    assert {high for high, button in row.scales.items() if button.isChecked()} == {7.0}
    assert row.own.value() == 7.0
    assert row.word.text() == "SUV 0 to"


def test_a_click_asks_for_a_scale_of_the_functional_source(
    row: UptakeRow, session: CompareSession, wanted: list[tuple[str, float]]
) -> None:
    session.show_partial(in_unit("SUVbw"))
    row.scales[15.0].click()
    row.own.setValue(8.5)
    assert wanted == [("pet layer", 15.0), ("pet layer", 8.5)]
    # the button stays up until it is fused
    assert not row.scales[15.0].isChecked()


def test_the_key_goes_to_the_next_larger_scale_and_from_the_largest_to_the_smallest(
    row: UptakeRow, session: CompareSession, wanted: list[tuple[str, float]]
) -> None:
    session.show_partial(in_unit("SUVbw", 6.0))
    row.next_scale()
    session.show_partial(in_unit("SUVbw", 15.0))
    row.next_scale()
    assert [high for _, high in wanted] == [7.0, 5.0]


def test_without_suv_the_scales_are_off_and_say_why(
    row: UptakeRow, session: CompareSession, wanted: list[tuple[str, float]]
) -> None:
    session.show_partial(in_unit("Bq/ml"))
    assert not row.isHidden()
    for button in row.scales.values():
        assert not button.isEnabled()
        assert "Bq/ml and not in SUV" in button.toolTip()
    row.next_scale()
    assert wanted == []
    assert row.inverted.isEnabled()


def test_the_end_of_a_scale_that_is_no_suv_is_not_written_where_suv_are_typed(
    row: UptakeRow, session: CompareSession
) -> None:
    """3347 of SPECT stood there as 1000.0, the highest SUV that can be typed."""
    for unit, high in (("Bq/ml", 3347.0), ("SUVbw", 1000.0), ("", 1000.0), ("SUVbw", 6.0)):
        session.show_partial(in_unit(unit, high))
        assert row.own.text() == (f"{high:.1f}" if unit == "SUVbw" else "")


def test_lean_body_mass_has_its_own_word(row: UptakeRow, session: CompareSession) -> None:
    session.show_partial(in_unit("SUVlbm"))
    assert row.word.text() == "SUL 0 to"


def test_without_function_there_is_no_row(row: UptakeRow, session: CompareSession) -> None:
    partial = canvas_to_compare()
    side = partial.study.a
    ct = replace(side, volume=replace(side.volume, modality="CT", unit="HU"))
    session.show_partial(replace(partial, study=replace(partial.study, a=ct)))
    assert row.isHidden()
    session.toggle_inverted_beside()
    assert not session.state.is_side_by_side


def test_one_click_puts_inverted_grey_beside_the_others_and_another_one_ends_it(
    row: UptakeRow, session: CompareSession
) -> None:
    session.show_partial(in_unit("SUVbw"))
    row.inverted.click()
    assert [mode.name for mode in session.state.cells()] == ["inverted", "second"]
    assert session.state.scale() is not None
    assert session.state.scale().colour_map == "grey_inverted"  # type: ignore[union-attr]
    row.inverted.click()
    assert not session.state.is_side_by_side
    session.toggle_side_by_side()
    assert [mode.name for mode in session.state.cells()] == ["first", "second"]
    assert not row.inverted.isChecked()
