"""The overlay by one button: it says to the session what is wanted, and shows what it answers."""

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from napari_refusion.fusion.colouring import HEADROOM, Legend
from napari_refusion.fusion.partial import PartialFusion
from napari_refusion.model.tasks import TASKS
from napari_refusion.numerics.intensity import Window
from napari_refusion.session.compare import CompareSession
from napari_refusion.widgets.fuse.legend_bar import LegendBar
from napari_refusion.widgets.fuse.overlay_row import OverlayRow
from tests.compared import canvas_to_compare


@pytest.fixture
def session() -> CompareSession:
    return CompareSession()


@pytest.fixture
def row(session: CompareSession, qtbot: QtBot) -> OverlayRow:
    row = OverlayRow(session)
    qtbot.addWidget(row)
    return row


@pytest.fixture
def bar(session: CompareSession, qtbot: QtBot) -> LegendBar:
    bar = LegendBar(session)
    qtbot.addWidget(bar)
    return bar


def ct_and_mri() -> PartialFusion:
    partial = canvas_to_compare()
    side = partial.study.a
    ct = replace(side, volume=replace(side.volume, modality="CT", unit="HU"))
    return replace(partial, study=replace(partial.study, a=ct))


def test_one_click_shows_the_overlay_and_another_one_the_fused_image_again(
    row: OverlayRow, session: CompareSession
) -> None:
    assert not row.button.isEnabled()
    session.show_partial(canvas_to_compare())
    row.button.click()
    assert session.state.mode is not None
    assert session.state.mode.name == "overlay"
    assert row.slider.isEnabled()
    row.button.click()
    assert session.state.mode is None
    assert not row.slider.isEnabled()


def test_the_slider_is_the_opacity_in_percent(row: OverlayRow, session: CompareSession) -> None:
    session.show_partial(canvas_to_compare())
    row.button.click()
    row.slider.setValue(30)
    assert session.state.meaning().startswith("pet over T1w, opacity 30%")
    session.set_amount(0.8)
    assert row.slider.value() == 80


def test_another_way_to_compare_ends_the_overlay(row: OverlayRow, session: CompareSession) -> None:
    session.show_partial(canvas_to_compare())
    row.button.click()
    session.choose("swipe")
    assert not row.button.isChecked()


def test_the_threshold_is_in_the_unit_of_the_source_and_within_its_window(
    row: OverlayRow, session: CompareSession
) -> None:
    session.show_partial(canvas_to_compare())
    row.button.click()
    assert row.threshold.text() == "≥ 6.0 Bq/ml"
    row.threshold.setValue(150.0)
    assert session.state.threshold == 120.0
    row.threshold.setValue(25.5)
    assert session.state.threshold == 25.5


def test_anatomy_has_no_threshold(row: OverlayRow, session: CompareSession) -> None:
    session.show_partial(ct_and_mri())
    row.button.click()
    assert row.slider.isEnabled()
    assert row.threshold.isHidden()


def test_the_legend_is_of_what_is_seen(bar: LegendBar, session: CompareSession) -> None:
    legend = Legend("hot_iron", Window(0, 10), "SUVbw", "FDG", HEADROOM)
    bar.show_legend(legend)
    assert (bar.colours.title.text(), bar.colours.high.text()) == ("FDG", "10 SUVbw")
    session.show_partial(canvas_to_compare())
    session.choose("overlay")
    assert (bar.colours.title.text(), bar.colours.high.text()) == ("pet", "120 Bq/ml")
    session.choose("edges of first")
    assert bar.isHidden()
    session.choose(None)
    assert (bar.colours.title.text(), bar.colours.high.text()) == ("FDG", "10 SUVbw")
    bar.show_legend(None)
    assert bar.isHidden()


def test_an_evidence_map_has_its_own_colours_until_something_else_covers_it(
    bar: LegendBar, session: CompareSession
) -> None:
    bar.show_legend(Legend("hot_iron", Window(0, 10), "SUVbw", "FDG", HEADROOM))
    session.show_partial(canvas_to_compare())
    bar.show_evidence("contribution_a", "Contribution of PET")
    said = bar.colours.title.text(), bar.colours.low.text(), bar.colours.high.text()
    assert said == ("Contribution of PET", "-1", "1")
    session.peek(0)
    assert bar.colours.title.text() == "pet"
    session.unpeek()
    assert bar.colours.title.text() == "Contribution of PET"
    session.choose("overlay")
    assert bar.colours.title.text() == "pet"
    session.choose(None)
    bar.show_evidence("contribution_a", "Contribution of PET")
    bar.show_evidence("", "")
    assert bar.colours.title.text() == "FDG"


def test_what_a_page_says_itself_the_legend_does_not_repeat(bar: LegendBar, session: CompareSession) -> None:
    bar.show_legend(Legend("hot_iron", Window(0, 10), "SUVbw", "FDG", HEADROOM))
    bar.leave_compared(is_said=True)
    session.show_partial(canvas_to_compare())
    assert not bar.isHidden()
    session.choose("overlay")
    assert bar.isHidden()
    bar.leave_compared(is_said=False)
    assert not bar.isHidden()


def test_of_two_exposures_there_is_no_overlay_and_the_last_mode_is_another(
    row: OverlayRow, session: CompareSession
) -> None:
    partial = canvas_to_compare()
    session.show_partial(replace(partial, study=replace(partial.study, task=TASKS["multi_exposure"])))
    assert row.button.isHidden()
    assert [session.state.caption(mode) for mode in session.state.offered][:2] == [
        "Only under-exposed",
        "Only over-exposed",
    ]
    session.toggle_mode()
    assert session.state.mode is not None
    session.show_partial(partial)
    assert not row.button.isHidden()


def test_the_legend_names_its_unit_once_and_says_that_there_is_none(bar: LegendBar) -> None:
    bar.show_legend(Legend("hot_iron", Window(0, 10), "", "FDG", HEADROOM))
    assert (bar.colours.low.text(), bar.colours.high.text()) == ("0", "10 a.u.")


@pytest.mark.parametrize("size", [9, 14])
def test_the_threshold_and_its_unit_are_whole_in_the_letters_that_the_window_has(
    row: OverlayRow, session: CompareSession, size: int
) -> None:
    row.setStyleSheet(f"QWidget {{ font-size: {size}pt; }}")
    session.show_partial(canvas_to_compare())
    row.threshold.setSuffix(" SUVbw")
    row.resize(row.minimumSizeHint().width() + 150, row.sizeHint().height())
    row.show()
    line = row.threshold.lineEdit()
    assert row.threshold.fontMetrics().horizontalAdvance(row.threshold.text()) <= line.width()
