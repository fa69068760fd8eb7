"""A reader who does anything in any order in a viewer."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
from napari import Viewer
from napari.layers import Image, Layer
from pytestqt.qtbot import QtBot

from napari_refusion.session.proposing import Proposal, roles
from napari_refusion.volume.rigid import RigidMove
from napari_refusion.widgets.fuse.choice_box import choose
from napari_refusion.widgets.fuse.widget import FuseWidget
from napari_refusion.widgets.layer_marks import KEY, is_result
from napari_refusion.widgets.layers import to_layer_data
from tests.small_pair import small_mri, small_pet

ROWS = ((1.0, 0.0, 0.0, 2.0), (0.0, 1.0, 0.0, 0.0), (0.0, 0.0, 1.0, 0.0), (0.0, 0.0, 0.0, 1.0))

ACTIONS = (
    *("add", "add", "add", "add_foreign", "add_labels", "add_photograph", "add_frames", "remove", "remove", "clear"),
    *("rename", "replace_one", "edit", "edit_in_place", "reorder", "hide", "reunit", "move_layer", "delete_result"),
    *("choose_pair", "choose_pair", "drag_window", "choose_window", "other_weights", "turn", "scroll", "scroll"),
    *("toggle_live", "toggle_live", "toggle_colours", "fuse_slice", "fuse_slice", "fuse_volume", "cancel", "undo"),
    *("undo", "accept", "accept", "undo_registration", "compare", "side_by_side", "flicker", "three_dimensions"),
    *("roll", "plane", "three_planes", "page", "close_dock", "open_dock", "open_dock", "worklist", "wait", "wait"),
)


class Reader:
    """A viewer, and what may be done in it, one method each."""

    def __init__(self, viewer: Viewer, qtbot: QtBot) -> None:
        self.viewer, self._qtbot = viewer, qtbot
        self.widget: FuseWidget | Any = None
        self.random = Random(0)
        self.was_opened = self.is_docked = False
        self._count = 0
        self._names: dict[str, set[str]] = {}
        self._worklist: Any = None

    def begin(self, random: Random) -> None:
        """Begin with two scans, and the plugin open more often than not."""
        self.random = random
        self.viewer.layers.clear()
        self.viewer.dims.ndisplay = 2
        if self.is_docked and self.widget.planes.three.is_shown:
            self.widget.planes.show_all()
        self.add()
        self.add()
        if random.random() < 0.8:
            self.open_dock()

    def pause(self) -> None:
        """Give timers and workers a moment."""
        self._qtbot.wait(25)

    def wait(self) -> None:
        self._qtbot.wait(150)

    def names_of(self, layer: Layer) -> set[str]:
        """Return what the layer's file is called, and what the layer is and was called."""
        volume = layer.metadata.get(KEY, {}).get("volume")
        named = {layer.name[:8]} if volume is None else {volume.name, layer.name[:8]}
        return self._names.setdefault(str(layer.unique_id), set()) | named

    # layers

    def _name(self) -> str:
        self._count += 1
        return f"scan{self._count:03d}x"

    def sources(self) -> list[Layer]:
        return [layer for layer in self.viewer.layers if not (isinstance(layer, Image) and is_result(layer))]

    def _source(self) -> Layer | None:
        found = self.sources()
        return self.random.choice(found) if found else None

    def add(self) -> None:
        if len(self.sources()) < 5:
            volume = self.random.choice((small_mri, small_pet))()
            data, properties, _ = to_layer_data(replace(volume, name=self._name()))
            self.viewer.add_image(data, **properties)

    def add_foreign(self) -> None:
        self.viewer.add_image(small_mri().data[:, ::2], name=self._name(), scale=(4, 4, 1))

    def add_labels(self) -> None:
        self.viewer.add_labels(np.ones((6, 24, 32), int), name="tissue")

    def add_photograph(self) -> None:
        self.viewer.add_image(np.full((24, 32, 3), 90, np.uint8), name=self._name(), rgb=True)

    def add_frames(self) -> None:
        self.viewer.add_image(np.stack([small_mri().data] * 2), name=self._name())

    def remove(self) -> None:
        if (layer := self._source()) is not None:
            self.viewer.layers.remove(layer)

    def clear(self) -> None:
        self.viewer.layers.clear()

    def rename(self) -> None:
        if (layer := self._source()) is not None:
            self._names.setdefault(str(layer.unique_id), set()).add(layer.name)
            layer.name = self._name()

    def replace_one(self) -> None:
        self.remove()
        self.add()

    def edit(self) -> None:
        layer = self._source()
        if isinstance(layer, Image):
            layer.data = np.array(layer.data) // 2 if layer.rgb else np.array(layer.data) * 1.5

    def edit_in_place(self) -> None:
        layer = self._source()
        if isinstance(layer, Image):
            layer.data[..., :4, :] = 0
            layer.refresh()

    def reorder(self) -> None:
        if (count := len(self.viewer.layers)) > 1:
            self.viewer.layers.move(self.random.randrange(count), self.random.randrange(count))

    def hide(self) -> None:
        if len(self.viewer.layers):
            layer = self.random.choice(list(self.viewer.layers))
            layer.visible = not layer.visible

    def reunit(self) -> None:
        if (layer := self._source()) is not None:
            layer.units = (self.random.choice(("mm", "um", "pixel")),) * layer.ndim

    def move_layer(self) -> None:
        if (layer := self._source()) is not None:
            layer.translate = np.array(layer.translate) + self.random.choice((1.0, 500.0))

    def delete_result(self) -> None:
        for layer in [one for one in self.viewer.layers if "fusion" in one.metadata.get(KEY, {})]:
            self.viewer.layers.remove(layer)

    # the page Fuse

    def choose_pair(self) -> None:
        if self.is_docked:
            row = self.random.choice((self.widget.page.first, self.widget.page.second))
            if row.layer.count():
                row.layer.setCurrentIndex(self.random.randrange(row.layer.count()))

    def drag_window(self) -> None:
        layer = self._source()
        if isinstance(layer, Image) and not layer.rgb:
            layer.contrast_limits = (0.0, self.random.uniform(20.0, 90.0))

    def choose_window(self) -> None:
        if self.is_docked:
            box = self.widget.page.second.window_choice
            self.widget.page.second.custom.setText("5,50")
            box.setCurrentIndex(self.random.randrange(box.count()))
            box.activated.emit(box.currentIndex())

    def other_weights(self) -> None:
        if self.is_docked:
            choose(self.widget.page.form.weights, self.random.choice(("maximum", "average")))

    def turn(self) -> None:
        if self.is_docked:
            choose(self.widget.page.form.axis, self.random.choice(("viewed", "axial", "coronal")))

    def scroll(self) -> None:
        dims = self.viewer.dims
        axis = self.random.randrange(dims.ndim)
        dims.set_current_step(axis, self.random.randrange(max(int(dims.nsteps[axis]), 1)))

    def toggle_live(self) -> None:
        if self.is_docked:
            self.widget.page.live.toggle()

    def toggle_colours(self) -> None:
        if self.is_docked:
            self.widget.page.form.coloured.toggle()

    def fuse_slice(self) -> None:
        if self.is_docked:
            self.widget.page.fuse_slice.click()

    def fuse_volume(self) -> None:
        if self.is_docked:
            self.widget.page.fuse_volume.click()

    def cancel(self) -> None:
        if self.is_docked:
            self.widget.page.cancel.click()

    def undo(self) -> None:
        if self.is_docked:
            self.widget.page.undo.click()

    # the other pages

    def accept(self) -> None:
        """Accept a registration as if it had been found."""
        if not self.is_docked:
            return
        session = self.widget.panels.register.session
        if session.partial is None or session.move is not None:
            return
        fixed, moving = roles(session.partial.study)
        move = RigidMove(moving.source.name, fixed.source.name, ROWS, 2.0, 0.0, "shifted by 2.0 mm", 0.5, 0.6, "")
        session.proposal = Proposal(move, session.partial)
        session.changed.emit()
        session.accept()

    def undo_registration(self) -> None:
        if self.is_docked:
            self.widget.panels.register.undo.click()

    def compare(self) -> None:
        if self.is_docked:
            self.widget.panels.comparing.next_mode()

    def side_by_side(self) -> None:
        if self.is_docked:
            self.widget.panels.comparing.toggle_side_by_side()

    def flicker(self) -> None:
        if self.is_docked:
            self.widget.panels.comparing.toggle_flicker()

    def page(self) -> None:
        if self.is_docked:
            panels = self.widget.panels
            panels.setCurrentIndex(self.random.randrange(panels.count()))

    # the window

    def three_dimensions(self) -> None:
        self.viewer.dims.ndisplay = 5 - self.viewer.dims.ndisplay

    def roll(self) -> None:
        self.viewer.dims.roll()

    def plane(self) -> None:
        if self.is_docked:
            self.widget.planes.show_plane(self.random.choice(("axial", "coronal", "sagittal")))

    def three_planes(self) -> None:
        if self.is_docked:
            self.widget.planes.show_all()

    def open_dock(self) -> None:
        if not self.is_docked:
            _, self.widget = self.viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse", tabify=True)
            choose(self.widget.page.form.weights, "maximum")
            self.was_opened = self.is_docked = True

    def close_dock(self) -> None:
        """Close it for good, or hide it, as the two buttons of a dock do."""
        if not self.is_docked:
            return
        if self.random.random() < 0.5:
            dock = self.widget.parentWidget()
            dock.setVisible(not dock.isVisible())
        else:
            self.viewer.window.remove_dock_widget(self.widget)
            self.is_docked = False

    def worklist(self) -> None:
        if self._worklist is None:
            _, self._worklist = self.viewer.window.add_plugin_dock_widget("napari-refusion", "Worklist", tabify=True)
            self.was_opened = True
        else:
            self.viewer.window.remove_dock_widget(self._worklist)
            self._worklist = None
