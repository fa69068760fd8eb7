"""The line about the fused slice: what it says follows from the findings that are shown, and from the uptake found."""

import pytest
from pytestqt.qtbot import QtBot

from napari_refusion.evidence.missed_uptake import MissedUptake
from napari_refusion.volume.finding import Finding
from napari_refusion.widgets.fuse.findings_view import FindingsView
from napari_refusion.widgets.fuse.picture_line import PictureLine

WHITE = Finding("warn", "fused picture", "Hold Q or W, or choose the overlay: 12.0 % are white.", "12.0 % white")
FINE = Finding("ok", "fused picture", "Nothing leaves the range of the sources.", "")
HIDDEN = Finding("warn", "hidden uptake", "Hold Q, or choose the overlay: 2 places.", "2 spots hidden")
GRID = Finding("ok", "grid", "One grid.")


def spot(left: int) -> MissedUptake:
    return MissedUptake(3, (3, 4, left), (0.0, 0.0, 0.0), 0.5, 0.1)


@pytest.fixture
def line(qtbot: QtBot) -> PictureLine:
    line = PictureLine()
    qtbot.addWidget(line)
    return line


def test_it_says_the_worst_first_and_all_of_it_on_hover(line: PictureLine) -> None:
    line.show_findings([GRID, FINE])
    assert (line.level.text(), line.text.text()) == ("ok", "within the range of both sources")
    line.show_uptake(HIDDEN, (spot(5),))
    assert line.level.text() == "LOOK"
    assert line.text.text() == "2 spots hidden; within the range of both sources"
    assert line.toolTip().splitlines() == [HIDDEN.sentence, FINE.sentence]
    line.show_findings([GRID, WHITE])
    assert line.text.text() == "12.0 % white; 2 spots hidden"


def test_the_button_leads_to_one_spot_after_the_other(line: PictureLine, qtbot: QtBot) -> None:
    line.show_findings([WHITE])
    assert line.button.isHidden()
    line.show_uptake(HIDDEN, (spot(5), spot(6)))
    wanted: list[tuple[int, int, int]] = []
    line.wanted.connect(wanted.append)
    for _ in range(3):
        line.button.click()
    assert wanted == [(3, 4, 5), (3, 4, 6), (3, 4, 5)]


def test_without_the_picture_among_the_findings_nothing_is_said(line: PictureLine, qtbot: QtBot) -> None:
    view = FindingsView()
    qtbot.addWidget(view)
    view.changed.connect(line.show_findings)
    view.show_findings([GRID, WHITE])
    line.show_uptake(HIDDEN, (spot(5),))
    assert not line.level.isHidden()
    for others in ([GRID], []):
        view.show_findings(others)
        assert line.level.isHidden()
        assert line.text.isHidden()
        assert line.button.isHidden()
