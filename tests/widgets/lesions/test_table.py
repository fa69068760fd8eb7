"""The table of lesions, alone: what it does with what a reader types."""

from pytestqt.qtbot import QtBot

from napari_refusion.lesion.lesions import Lesions
from napari_refusion.lesion.measured import measure
from napari_refusion.lesion.methods import draw
from napari_refusion.widgets.lesions.table import LesionTable, Row
from tests.lesion.uptake import blob, pet, place


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
