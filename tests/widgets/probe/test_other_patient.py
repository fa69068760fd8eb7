"""Ellipses belong to the images that they were drawn on: another patient's are neither seen nor measured."""

from pathlib import Path

import numpy as np
from napari import Viewer
from napari.layers import Image, Shapes
from pytestqt.qtbot import QtBot

from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.fuse.widget import FuseWidget
from napari_refusion.widgets.probe.drawn_regions import NO_SHAPE
from tests.widgets.fuse.test_another_pair import add, choose_pair, fuse_pair, other, second, widget

__all__ = ["second", "widget"]


def draw(viewer: Viewer, widget: FuseWidget) -> Shapes:
    """Return the layer with a rectangle that is drawn on the pair that is shown."""
    widget.panels.probe.draw_regions()
    layer = viewer.layers.selection.active
    assert isinstance(layer, Shapes)
    layer.add_rectangles(np.array([(1, 2, 2), (1, 2, 9), (1, 9, 9), (1, 9, 2)], float))
    widget.panels.probe.measure()
    assert widget.panels.probe.message.text().startswith("Region 1 of 1")
    return layer


def first_pair(viewer: Viewer, widget: FuseWidget) -> list[Image]:
    by_key = {str(layer.unique_id): layer for layer in viewer.layers}
    return [by_key[row.layer.currentData()] for row in (widget.page.first, widget.page.second)]


def regions(viewer: Viewer) -> list[Shapes]:
    return [layer for layer in viewer.layers if isinstance(layer, Shapes)]


def test_another_pair_hides_what_was_drawn_and_the_first_brings_it_back(
    viewer: Viewer, widget: FuseWidget, second: list[Image], qtbot: QtBot
) -> None:
    probe, first, drawn = widget.panels.probe, first_pair(viewer, widget), draw(viewer, widget)
    choose_pair(widget, second)
    assert not drawn.visible  # at once, also where nothing is fused of the other pair
    fuse_pair(widget, second, qtbot)
    assert not drawn.visible
    assert (probe.message.text(), probe.copy.isEnabled()) == (NO_SHAPE, False)
    others = draw(viewer, widget)
    assert others is not drawn
    fuse_pair(widget, first, qtbot)
    assert (drawn.visible, others.visible) == (True, False)
    assert probe.message.text().startswith("Region 1 of 1")


def test_what_the_reader_hid_stays_hidden(
    viewer: Viewer, widget: FuseWidget, second: list[Image], qtbot: QtBot
) -> None:
    first, drawn = first_pair(viewer, widget), draw(viewer, widget)
    drawn.visible = False
    fuse_pair(widget, second, qtbot)
    fuse_pair(widget, first, qtbot)
    assert not drawn.visible


def test_a_further_image_of_the_patient_leaves_what_was_drawn(
    viewer: Viewer, widget: FuseWidget, mri: Volume, qtbot: QtBot
) -> None:
    first, drawn = first_pair(viewer, widget), draw(viewer, widget)
    fuse_pair(widget, [first[1], *add(viewer, other(mri, "T2w", "7"))], qtbot)
    assert drawn.visible
    assert widget.panels.probe.message.text().startswith("Region 1 of 1")


def test_what_was_drawn_goes_with_the_last_image_that_it_was_drawn_on(
    viewer: Viewer, widget: FuseWidget, second: list[Image], qtbot: QtBot
) -> None:
    first, drawn = first_pair(viewer, widget), draw(viewer, widget)
    viewer.layers.remove(first[0])
    qtbot.wait(20)
    assert drawn in viewer.layers
    viewer.layers.remove(first[1])
    assert not drawn.visible  # the next patient may come in the same moment
    qtbot.waitUntil(lambda: drawn not in viewer.layers)
    fuse_pair(widget, second, qtbot)
    assert widget.panels.probe.message.text() == NO_SHAPE


def test_all_layers_are_taken_away_together(viewer: Viewer, widget: FuseWidget, qtbot: QtBot) -> None:
    draw(viewer, widget)
    viewer.layers.select_all()
    viewer.layers.remove_selected()
    qtbot.wait(20)
    assert regions(viewer) == []


def test_a_session_knows_on_what_was_drawn(
    viewer: Viewer, widget: FuseWidget, second: list[Image], tmp_path: Path, qtbot: QtBot
) -> None:
    draw(viewer, widget)
    fuse_pair(widget, second, qtbot)
    draw(viewer, widget)
    with qtbot.waitSignal(widget.sessions.saved, timeout=60_000):
        widget.sessions.save_to(tmp_path / "session")
    viewer.layers.clear()
    qtbot.waitUntil(lambda: not viewer.layers)
    with qtbot.waitSignal(widget.sessions.opened, timeout=60_000):
        widget.sessions.open_from(tmp_path / "session")
    keys = {frozenset(layer.metadata["napari_refusion"]["regions"]): layer.visible for layer in regions(viewer)}
    chosen = frozenset(str(layer.unique_id) for layer in first_pair(viewer, widget))
    assert len(keys) == 2
    assert [visible for own, visible in keys.items() if own == chosen] == [True]
    assert [visible for own, visible in keys.items() if own != chosen] == [False]
    assert widget.panels.probe.message.text().startswith("Region 1 of 1")
