"""The mouse on the page Lesions: it adds lesions or it paints, never both."""

from collections.abc import Callable

import numpy as np
import pytest
from napari import Viewer
from pytestqt.qtbot import QtBot

from tests.widgets.lesions.opened import SPOTS, hot_pet, opened, wide_ct
from tests.widgets.lesions.test_panel import click_at, look, main_canvas


def test_a_dab_of_a_brush_that_was_taken_up_while_clicks_add_lesions_adds_none(
    make_napari_viewer: Callable[..., Viewer], qtbot: QtBot
) -> None:
    viewer = make_napari_viewer(show=True)
    widget = opened(viewer, (wide_ct(), hot_pet()), qtbot)
    panel = widget.panels.lesions
    world = np.array(viewer.layers["pet"].data_to_world(SPOTS[0][:3]))
    look(viewer, (0, 1, 2), world)
    panel.toggle_clicking()
    click_at(main_canvas(widget), viewer, world)
    assert panel.form.table.numbers() == [1]
    layer = panel.outlines.layers[0]
    viewer.layers.selection.active = layer
    layer.selected_label, layer.brush_size, layer.mode = 1, 3, "erase"
    click_at(main_canvas(widget), viewer, world)
    qtbot.waitUntil(lambda: not panel.clicking.is_on)
    assert not panel.form.click.isChecked()
    assert panel.form.table.numbers() == [1]
    assert layer.mode == "erase"


def test_the_key_says_why_where_there_is_nothing_to_click_on(viewer: Viewer, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr("napari_refusion.widgets.lesions.panel.show_info", said.append)
    _, widget = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
    widget.panels.lesions.toggle_clicking()
    assert said == ["Choose two images of a patient first: there is nothing that lesions can be drawn on."]
    assert not widget.panels.lesions.clicking.is_on
