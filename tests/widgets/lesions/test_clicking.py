"""The mouse on the page Lesions: it adds lesions or it paints, never both."""

from collections.abc import Callable

import numpy as np
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
