"""In the window: two patients until a reason is typed beside the finding, and two PET that are compared."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from napari import Viewer
from napari.settings import get_plugin_settings
from pytestqt.qtbot import QtBot
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLineEdit, QPushButton

from napari_refusion.volume.origin import Origin, patient_mark
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.fuse.widget import FuseWidget
from napari_refusion.widgets.layers import to_layer_data


@pytest.fixture
def opened(make_napari_viewer: Callable[..., Viewer], weights: Path) -> Callable[..., FuseWidget]:
    """Return what opens volumes with the widget beside them, Live off."""
    viewer = make_napari_viewer()
    get_plugin_settings("napari-refusion").fusion.live = False

    def open_all(*volumes: Volume) -> FuseWidget:
        for volume in volumes:
            data, properties, _ = to_layer_data(volume)
            viewer.add_image(data, **properties)
        _, widget = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
        widget.page.form.add_weights(weights)
        return widget

    return open_all


def fuse(widget: FuseWidget, qtbot: QtBot) -> None:
    widget.fuse(is_slice=True)
    wait(widget, qtbot)


def wait(widget: FuseWidget, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: widget.session.request is None, timeout=60_000)


def button(widget: FuseWidget, text: str) -> QPushButton:
    (found,) = [one for one in widget.findings.findChildren(QPushButton) if one.text() == text]
    return found


def test_a_reason_is_typed_beside_the_finding_and_the_pair_is_fused(
    opened: Callable[..., FuseWidget], mri: Volume, pet: Volume, notes: list[str], qtbot: QtBot
) -> None:
    one, other = (
        replace(volume, origin=replace(volume.origin, patient=patient_mark(who)))
        for volume, who in ((mri, "4711"), (pet, "4712"))
    )
    widget = opened(one, other)
    fuse(widget, qtbot)
    assert "two patients" in notes[0]
    assert widget.partial is None
    pair = button(widget, "Pair all the same")
    (reason,) = widget.findings.findChildren(QLineEdit)
    assert not pair.isEnabled()
    reason.setText("   ")
    assert not pair.isEnabled()
    reason.setText("second number of the archive")
    qtbot.mouseClick(pair, Qt.MouseButton.LeftButton)
    wait(widget, qtbot)
    assert widget.partial is not None
    assert widget.partial.study.two_patients == "second number of the archive"
    assert "second number of the archive" in widget.findings.text()
    assert not widget.findings.findChildren(QLineEdit)
    fuse(widget, qtbot)
    assert len(notes) == 1


def test_two_pet_are_compared_side_by_side_in_one_scale(
    opened: Callable[..., FuseWidget], pet: Volume, notes: list[str], qtbot: QtBot
) -> None:
    later = replace(pet, data=2 * pet.data, name="later", origin=Origin(sha256="3" * 64))
    widget = opened(pet, later)
    fuse(widget, qtbot)
    assert "are not fused" in notes[0]
    state = widget.panels.comparing.state
    assert state.partial is not None
    assert state.partial.study.is_comparison
    qtbot.mouseClick(button(widget, "Compare them"), Qt.MouseButton.LeftButton)
    assert widget.panels.currentWidget() is widget.panels.compare
    viewer = widget._viewer
    widget.panels.compare.view.cells.finish()
    assert viewer.canvas.grid.enabled
    assert [layer.name for layer in viewer.layers if layer.visible] == ["pet only", "later only"]
    windows = [
        row.window_text() if hasattr(row, "window_text") else "" for row in (widget.page.first, widget.page.second)
    ]
    assert windows[0] == windows[1]

    compare = widget.panels.compare
    compare.mode.setCurrentIndex(compare.mode.findData("difference"))
    assert not viewer.canvas.grid.enabled
    assert compare.bar.low.text().startswith("-")
    assert [layer.name for layer in viewer.layers][-1] == "Compare: difference: later minus pet"


def test_a_difference_cannot_be_chosen_for_a_pet_and_an_mri(
    opened: Callable[..., FuseWidget], mri: Volume, pet: Volume, qtbot: QtBot
) -> None:
    widget = opened(mri, pet)
    fuse(widget, qtbot)
    box = widget.panels.compare.mode
    row = box.findData("difference")
    assert row > 0
    assert not box.model().item(row).isEnabled()
