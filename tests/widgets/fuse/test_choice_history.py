"""Undoing what was chosen on the Fuse page."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from napari import Viewer, current_viewer
from napari.layers import Image
from napari.settings import get_plugin_settings
from pytestqt.qtbot import QtBot

from napari_refusion.model.tasks import TASKS
from napari_refusion.session.history import FUSIONS, STEPS
from napari_refusion.volume.rigid import RigidMove
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.fuse.choice_box import choose
from napari_refusion.widgets.fuse.widget import FuseWidget
from napari_refusion.widgets.layer_marks import is_result
from napari_refusion.widgets.layers import to_layer_data

ROWS = ((1.0, 0.0, 0.0, 3.0), (0.0, 1.0, 0.0, 0.0), (0.0, 0.0, 1.0, 0.0), (0.0, 0.0, 0.0, 1.0))
MOVE = RigidMove("pet", "T1w", ROWS, 3.0, 0.0, "shifted by 3.0 mm", 0.5, 0.6, "")


@pytest.fixture
def widget(make_napari_viewer: Callable[..., Viewer], mri: Volume, pet: Volume, qtbot: QtBot) -> FuseWidget:
    """The widget beside MRI and PET, with Live off and nothing to undo."""
    get_plugin_settings("napari-refusion").fusion.live = False
    viewer = make_napari_viewer()
    for volume in (mri, pet):
        data, properties, _ = to_layer_data(volume)
        viewer.add_image(data, **properties)
    _, widget = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
    choose(widget.page.form.weights, "maximum")
    qtbot.wait(1)
    widget.clear()
    return widget


CHOICES: dict[str, Callable[[FuseWidget], None]] = {
    "task": lambda widget: choose(widget.page.form.task, list(TASKS)[1]),
    "weights": lambda widget: choose(widget.page.form.weights, "average"),
    "slices": lambda widget: choose(widget.page.form.axis, "coronal"),
    "grid": lambda widget: choose(widget.page.form.reference, "second"),
    "device": lambda widget: choose(widget.page.form.device, "cpu"),
    "colours": lambda widget: choose(widget.page.form.palette_name, "hot_iron"),
    "in colour": lambda widget: widget.page.form.coloured.toggle(),
    "first source": lambda widget: widget.page.first.layer.setCurrentIndex(1),
    "second source": lambda widget: widget.page.second.layer.setCurrentIndex(0),
    "modality": lambda widget: choose(widget.page.second.modality, "NM"),
    "window": lambda widget: widget.page.first.choose_window("shown"),
    "typed window": lambda widget: type_window(widget, "5,50"),
    "live": lambda widget: widget.page.live.toggle(),  # the last: a slice that it asked for may come after it is undone
}


def type_window(widget: FuseWidget, text: str) -> None:
    widget.page.first.custom.setText(text)
    widget.page.first.choose_window("custom")


def test_each_choice_on_the_page_can_be_undone(widget: FuseWidget, qtbot: QtBot) -> None:
    before = widget.page.choices()
    for name, choose_otherwise in CHOICES.items():  # in one window: each is undone before the next
        choose_otherwise(widget)
        qtbot.waitUntil(widget.page.undo.isEnabled, timeout=10_000)
        assert not widget.page.choices().is_same_as(before), name
        widget.page.undo.click()
        assert widget.page.choices().is_same_as(before), name
        assert not widget.page.undo.isEnabled(), name


COMPARED: dict[str, Callable[[FuseWidget], None]] = {
    "overlay": lambda widget: widget.overlay.button.click(),
    "mode": lambda widget: choose(widget.panels.compare.mode, "swipe"),
    "slider": lambda widget: widget.panels.compare.slider.setValue(20),
    "opacity": lambda widget: widget.overlay.slider.setValue(20),
    "threshold": lambda widget: widget.overlay.threshold.setValue(30),
    "colours": lambda widget: choose(widget.panels.compare.colours, "pet"),
    "side by side": lambda widget: widget.panels.compare.side_by_side.click(),
    "flicker": lambda widget: widget.panels.compare.flicker.click(),
}
"""Of the overlay and of the page Compare, with a pair that is fused and checkered."""


@pytest.fixture
def compared(widget: FuseWidget, qtbot: QtBot) -> FuseWidget:
    """The widget with a slice that is fused, and a checkerboard of its sources."""
    widget.fuse(is_slice=True)
    qtbot.waitUntil(lambda: widget.partial is not None and widget.is_idle, timeout=60_000)
    widget.panels.comparing.choose("checkerboard")
    widget.commands.history.adopt()
    return widget


def test_each_choice_of_how_to_compare_can_be_undone(compared: FuseWidget, qtbot: QtBot) -> None:
    comparing = compared.panels.comparing
    for name, compare_otherwise in COMPARED.items():  # in one window: each is undone before the next
        comparing.choose("overlay" if name in ("opacity", "threshold") else "checkerboard")
        compared.commands.history.adopt()
        before = compared.commands.history.chosen()
        compare_otherwise(compared)
        assert comparing.state.choices != before.compared, name
        qtbot.wait(20)
        compared.undo()
        assert compared.commands.history.chosen().is_same_as(before), name
        assert compared.partial is not None, name


def test_the_first_picture_of_a_comparison_can_be_undone(compared: FuseWidget, qtbot: QtBot) -> None:
    """Its layer comes and goes with it."""
    compared.panels.comparing.choose(None)
    compared.commands.history.adopt()
    compared.overlay.button.click()
    qtbot.wait(20)
    compared.undo()
    assert compared.panels.comparing.state.mode is None
    assert not compared.overlay.button.isChecked()


def test_a_slider_that_was_dragged_is_one_step(compared: FuseWidget, qtbot: QtBot) -> None:
    before = compared.panels.comparing.state.choices
    for value in range(30, 60, 3):
        compared.panels.compare.slider.setValue(value)
        qtbot.wait(5)
    compared.undo()
    assert compared.panels.comparing.state.choices == before


def test_a_window_that_was_dragged_is_one_step_and_the_layer_is_shown_as_before(
    widget: FuseWidget, qtbot: QtBot
) -> None:
    layer = widget._viewer.layers["T1w"]
    limits = tuple(layer.contrast_limits)
    for high in range(50, 60):
        layer.contrast_limits = (0.0, float(high))
        qtbot.wait(5)
    assert widget.page.first.window_choice.currentData() == "shown"
    widget.undo()
    assert widget.page.first.window_choice.currentData() in ("", "shown")
    widget.undo()
    assert widget.page.first.window_choice.currentData() == ""
    assert tuple(layer.contrast_limits) == pytest.approx(limits)
    assert not widget.page.undo.isEnabled()


def test_an_accepted_registration_is_undone_and_no_longer_said_to_be_accepted(widget: FuseWidget, qtbot: QtBot) -> None:
    widget.fuse(is_slice=True)
    qtbot.waitUntil(lambda: widget.is_idle, timeout=60_000)
    register = widget.panels.register
    register.session.take(MOVE)
    register.session.accepted.emit(MOVE)
    qtbot.waitUntil(lambda: widget.is_idle, timeout=60_000)
    assert widget.session.moves
    widget.undo()
    qtbot.waitUntil(lambda: widget.is_idle, timeout=60_000)
    assert not widget.session.moves
    assert register.session.move is None
    assert register.status.text() == "Undone: pet is fused again at its position in the file."
    assert all(side.move is None for side in widget.partial.study.sides)


def test_what_needs_a_layer_that_is_gone_cannot_be_undone(widget: FuseWidget, qtbot: QtBot) -> None:
    choose(widget.page.form.axis, "coronal")
    qtbot.waitUntil(widget.page.undo.isEnabled, timeout=10_000)
    widget._viewer.layers.remove(widget._viewer.layers["pet"])
    assert not widget.page.undo.isEnabled()


def test_there_is_an_end_to_what_is_remembered(widget: FuseWidget, qtbot: QtBot) -> None:
    box = widget.page.form.axis
    for place in range(STEPS + 10):
        choose(box, ("coronal", "sagittal")[place % 2])
        widget.commands.history.note()
    for _ in range(STEPS):
        assert widget.session.can_undo
        widget.undo()
    assert not widget.session.can_undo
    for _ in range(FUSIONS + 2):
        choose(box, "coronal")
        widget.commands.history.note()
        choose(box, "axial")
        widget.fuse(is_slice=True)
        qtbot.waitUntil(lambda: widget.is_idle, timeout=60_000)
    fusions = [one for one in widget.session.history.steps if not one.is_choice]
    assert len(fusions) == FUSIONS


def test_weights_are_undone_by_the_key(widget: FuseWidget, weights: Path, qtbot: QtBot) -> None:
    widget.page.form.add_weights(weights)
    qtbot.waitUntil(widget.page.undo.isEnabled, timeout=10_000)
    key = next(key for key in widget._keys.keys if key.key == "Ctrl+Alt+Z")
    key.press()
    assert widget.page.form.weights.currentData() == "maximum"


def with_third_image(widget: FuseWidget, mri: Volume, qtbot: QtBot) -> tuple[Viewer, Image]:
    """Fuse a slice of the pair beside a third image, and return the viewer and that image, which is hidden by it."""
    viewer = current_viewer()
    assert viewer is not None
    data, properties, _ = to_layer_data(replace(mri, name="scout"))
    scout = viewer.add_image(data, **properties)
    widget.fuse(is_slice=True)
    qtbot.waitUntil(lambda: widget.session.shown is not None and widget.is_idle, timeout=60_000)
    assert not scout.visible
    return viewer, scout


def test_an_image_that_was_hidden_beside_the_result_comes_back_when_the_fusion_is_undone(
    widget: FuseWidget, mri: Volume, qtbot: QtBot
) -> None:
    viewer, scout = with_third_image(widget, mri, qtbot)
    widget.fuse(is_slice=False)
    qtbot.waitUntil(lambda: widget.is_idle, timeout=60_000)
    widget.undo()
    assert not scout.visible  # the first slice is still shown
    widget.undo()
    assert len(viewer.layers) == 3
    assert all(layer.visible for layer in viewer.layers)


def test_an_image_that_was_hidden_beside_the_result_comes_back_when_the_result_is_deleted(
    widget: FuseWidget, mri: Volume, qtbot: QtBot
) -> None:
    viewer, scout = with_third_image(widget, mri, qtbot)
    for layer in [one for one in viewer.layers if is_result(one)]:
        viewer.layers.remove(layer)
    qtbot.waitUntil(lambda: scout.visible, timeout=10_000)


def test_an_image_that_was_hidden_beside_the_result_comes_back_also_from_side_by_side(
    widget: FuseWidget, mri: Volume, qtbot: QtBot
) -> None:
    viewer, _ = with_third_image(widget, mri, qtbot)
    widget.panels.comparing.toggle_side_by_side()
    qtbot.wait(300)
    while widget.session.shown is not None:
        widget.undo()
    qtbot.wait(300)
    assert not viewer.grid.enabled
    assert [layer.name for layer in viewer.layers if layer.visible] == ["T1w", "pet", "scout"]


def test_an_image_that_a_fused_pair_hides_as_it_is_chosen_again_side_by_side_comes_back_when_it_is_undone(
    widget: FuseWidget, pet: Volume, qtbot: QtBot
) -> None:
    viewer = current_viewer()
    assert viewer is not None
    widget.fuse(is_slice=True)
    qtbot.waitUntil(lambda: widget.session.shown is not None and widget.is_idle, timeout=60_000)
    data, properties, _ = to_layer_data(replace(pet, name="later"))
    later = viewer.add_image(data, **properties)
    first = widget.page.first.layer.currentData()
    choose(widget.page.first.layer, str(later.unique_id))  # two PET, which are compared and not fused
    widget.fuse(is_slice=True)
    qtbot.waitUntil(lambda: widget.session.comparing is not None and widget.is_idle, timeout=60_000)
    widget.panels.comparing.toggle_side_by_side()
    qtbot.wait(300)
    choose(widget.page.first.layer, first)
    qtbot.wait(300)
    assert not later.visible
    while widget.session.shown is not None:
        widget.undo()
    qtbot.wait(300)
    assert [layer.name for layer in viewer.layers if layer.visible] == ["T1w", "pet", "later"]
