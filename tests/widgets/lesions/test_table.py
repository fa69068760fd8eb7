"""The table of lesions: what it does with long texts, and with many lines."""

import numpy as np
import pytest
from napari import Viewer
from pytestqt.qtbot import QtBot
from qtpy.QtGui import QColor

from napari_refusion.lesion.lesions import Lesions
from napari_refusion.lesion.measured import measure
from napari_refusion.lesion.methods import draw
from napari_refusion.session.lesions.shares import LesionShares
from napari_refusion.widgets.lesions.colours import colour_of
from napari_refusion.widgets.lesions.table import LesionTable, Row
from tests.lesion.uptake import blob, pet, place
from tests.widgets.lesions.opened import SPOTS, hot_pet, opened, patient_of, wide_ct


def test_a_long_name_or_comment_leaves_the_numbers_in_sight(qtbot: QtBot) -> None:
    table, source = LesionTable(), pet(blob())
    qtbot.addWidget(table)
    voi = draw(source, place((12, 12, 12))).voi
    widths = []
    for words in ("node", "node " * 60):
        (lesion,) = Lesions().added(voi, "a", name=words, site=words)
        table.show_rows([Row(lesion, measure(source, voi))], None)
        widths.append(table.columnViewportPosition(table.place_of("maximum")))
    assert table.item(0, table.place_of("name")).toolTip() == "node " * 60
    assert widths[1] < 50 * table.fontMetrics().averageCharWidth()
    assert widths[0] < widths[1]


def test_a_lesion_has_the_colour_of_its_outline_also_while_it_is_chosen(qtbot: QtBot) -> None:
    """Qt tints an icon on a line that is chosen: a lesion was seen in another colour than after it was opened again."""
    table, source = LesionTable(), pet(blob())
    qtbot.addWidget(table)
    (lesion,) = Lesions().added(draw(source, place((12, 12, 12))).voi, "a")
    table.show_rows([Row(lesion, measure(source, lesion.voi))], lesion.number)
    table.show()
    qtbot.waitExposed(table)
    assert table.item(0, 0).isSelected()
    seen = table.viewport().grab(table.visualItemRect(table.item(0, 0))).toImage()
    colours = [seen.pixelColor(x, seen.height() // 2).getRgb()[:3] for x in range(seen.width() // 2)]
    away = np.abs(np.array(colours) - QColor(colour_of(lesion.number)).getRgb()[:3]).max(axis=1)
    assert away.min() <= 8  # a screen of 16 bits has 32 steps


def test_what_is_shown_of_a_long_list_is_looked_up_once_and_not_for_each_line(
    viewer: Viewer, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each look compares the voxels of all lesions: with 200 of them a change took more than a minute."""
    session = opened(viewer, (wide_ct(), hot_pet()), qtbot).panels.lesions.session
    looks, known = [0], LesionShares.known.fget
    assert known is not None

    def counted(shares: LesionShares) -> object:
        looks[0] += 1
        return known(shares)

    monkeypatch.setattr(LesionShares, "known", property(counted))
    counts = []
    for spot in (*SPOTS, *SPOTS):
        before = looks[0]
        session.add_at(patient_of(hot_pet(), spot[:3]), "sphere", 6.0)
        counts.append(looks[0] - before)
    assert counts[-1] == counts[1]
