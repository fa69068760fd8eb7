"""The tutorial about PET/CT, step by step as it is written."""

from collections.abc import Callable
from pathlib import Path

import pytest
from napari import Viewer
from pytestqt.qtbot import QtBot
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication

from tests.widgets.lesions.test_panel import click_at, main_canvas

PAGE = Path(__file__).resolve().parents[3] / "docs/petct.md"


@pytest.mark.slow
def test_the_tutorial_about_pet_and_ct_is_true(make_napari_viewer: Callable[..., Viewer], qtbot: QtBot) -> None:
    words = PAGE.read_text()
    viewer = make_napari_viewer(show=True)
    viewer.open_sample("napari-refusion", "mri_pet")
    viewer.open_sample("napari-refusion", "mri_ct")
    _, widget = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
    for row, name in ((widget.page.first, "CT Head CT, synthetic (series 2)"), (widget.page.second, "sub-phantom_pet")):
        assert f"*{name}*" in words
        row.layer.setCurrentText(name)
    qtbot.waitUntil(
        lambda: widget.partial is not None and {one.word for one in widget.partial.study.sides} == {"CT", "PET"},
        timeout=60_000,
    )
    assert "`R 27 A 30 S 17`" in words
    widget.planes.place.setText("R 27 A 30 S 17")
    qtbot.keyClick(widget.planes.place, Qt.Key.Key_Return)
    panel = widget.panels.lesions
    widget.panels.setCurrentWidget(panel)
    qtbot.waitUntil(lambda: widget.is_idle, timeout=60_000)

    panel.form.click.click()
    qtbot.wait(100)
    focus = (-17.0, -30.0, -27.0)
    viewer.scene.camera.center = tuple(one + 6 for one in focus)
    click_at(main_canvas(widget), viewer, focus)
    assert "*Look whether it\nleaked*" in words
    assert panel.form.message.text().startswith("Look whether it leaked")
    panel.form.undo.click()
    assert "type `60` in place of 41" in words
    panel.form.method.amount.lineEdit().selectAll()
    qtbot.keyClicks(panel.form.method.amount.lineEdit(), "60")
    click_at(main_canvas(widget), viewer, focus)
    assert panel.form.message.text() == ""
    table = panel.form.table
    assert "SUVmax is 10.99" in words
    assert table.item(0, table.place_of("maximum")).text() == "10.99"
    # the focus has a radius of 6 mm, 0.9 ml
    assert float(table.item(0, table.place_of("volume")).text()) == pytest.approx(0.905, rel=0.1)
    panel.form.copy.click()
    assert "10.99" in QApplication.clipboard().text()
