"""The Fuse widget in a viewer."""

from dataclasses import replace
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from napari import Viewer
from napari.layers import Image
from napari.settings import get_plugin_settings
from pytestqt.qtbot import QtBot
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QComboBox, QLabel

from napari_refusion.fusion.torch_engine import TorchEngine
from napari_refusion.model.tasks import TASKS
from napari_refusion.notice import NOT_FOR_DIAGNOSIS, RESEARCH_ONLY
from napari_refusion.volume.finding import Finding
from napari_refusion.volume.rigid import RigidMove
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.contributions import open_sample
from napari_refusion.widgets.fuse.choice_box import choose
from napari_refusion.widgets.fuse.widget import FuseWidget
from napari_refusion.widgets.layer_image import from_layer
from napari_refusion.widgets.layer_marks import KEY
from napari_refusion.widgets.layers import to_layer_data
from napari_refusion.widgets.preferences import remember
from napari_refusion.widgets.probe.cursor_cross import find_canvas
from napari_refusion.widgets.review.ring import Ring

GREY, COLOUR = "Fused: T1w + pet", "Coloured: T1w + pet"


@pytest.fixture
def widget(viewer: Viewer, mri: Volume, pet: Volume, weights: Path) -> FuseWidget:
    """The widget beside MRI and PET, with Live off."""
    get_plugin_settings("napari-refusion").fusion.live = False
    add(viewer, mri)
    add(viewer, pet)
    _, widget = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
    widget.page.form.add_weights(weights)
    return widget


def add(viewer: Viewer, volume: Volume) -> Image:
    data, properties, _ = to_layer_data(volume)
    return viewer.add_image(data, **properties)


def test_letters_and_notice_can_be_asked_for_before_their_turns_for_a_picture(viewer: Viewer) -> None:
    _, widget = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
    widget.finish_letters()
    assert viewer.canvas.overlays["refusion_notice"].text == RESEARCH_ONLY
    assert {"refusion_left", "refusion_plane"} <= viewer.canvas.overlays.keys()


def test_opening_the_widget_warns_of_nothing(viewer: Viewer, recwarn: pytest.WarningsRecorder) -> None:
    viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
    assert [str(one.message) for one in recwarn if "signature" in str(one.message)] == []


def look_at_slice(viewer: Viewer, index: int) -> None:
    """Go to a slice of the volumes, see test_layers."""
    viewer.dims.point = (-30.0 + 4.0 * index, *viewer.dims.point[1:])


def some(name: str, done: int) -> str:
    """What a result of six slices is called when so many are fused."""
    return name.replace(":", f" {done} of 6 slices:")


def about_pair(widget: FuseWidget) -> list[Finding]:
    """Return what is said about the pair; what is said about the slice comes a moment after it."""
    return [finding for finding in widget.findings.shown if finding.rule != "fused picture"]


def wait_for_end(widget: FuseWidget, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: widget.session.request is None, timeout=60_000)


def wait_for_slices(viewer: Viewer, qtbot: QtBot, *indices: int, name: str = GREY) -> None:
    """Wait until these slices, and no others, are fused."""

    kind, of_what = name.split(":")

    def are_there() -> bool:
        fused = [one for one in viewer.layers if one.name.startswith(kind) and one.name.endswith(of_what)]
        return bool(fused) and set(np.flatnonzero(fused[0].data.any(axis=(1, 2)))) == set(indices)

    qtbot.waitUntil(are_there, timeout=60_000)


def names(viewer: Viewer) -> list[str]:
    return [layer.name for layer in viewer.layers]


def texts(box: QComboBox) -> list[str]:
    return [box.itemText(index) for index in range(box.count())]


def test_the_choosers_follow_the_layer_list(viewer: Viewer, mri: Volume, pet: Volume) -> None:
    get_plugin_settings("napari-refusion").fusion.live = False
    _, widget = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
    first, second = widget.page.first, widget.page.second
    assert texts(first.layer) == []
    assert not widget.page.fuse_volume.isEnabled()
    layer = add(viewer, mri)
    viewer.add_labels(np.zeros((3, 4, 5), int))
    add(viewer, pet)
    assert texts(second.layer) == ["T1w", "pet"]
    assert (first.layer.currentText(), second.layer.currentText()) == ("T1w", "pet")
    assert first.modality.itemText(0) == "auto (MRI)"
    assert second.modality.itemText(0) == "auto (PET)"
    assert widget.page.fuse_volume.isEnabled()
    layer.name = "T1 of Tuesday"
    assert first.layer.currentText() == "T1 of Tuesday"
    viewer.layers.remove(layer)
    assert texts(first.layer) == ["pet"]
    assert not widget.page.fuse_volume.isEnabled()


def test_a_viewer_with_fewer_than_two_images_says_what_to_do_next(viewer: Viewer, mri: Volume, pet: Volume) -> None:
    get_plugin_settings("napari-refusion").fusion.live = False
    _, widget = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
    assert widget.status.text().startswith("Open two images to fuse: drag files")
    add(viewer, mri)
    assert widget.status.text().startswith("Open a second image to fuse: drag files")
    add(viewer, pet)
    assert not widget.status.text()
    viewer.layers.remove(viewer.layers["T1w"])
    assert widget.status.text().startswith("Open a second image")
    viewer.layers.clear()
    assert widget.status.text().startswith("Open two images")


def test_records_name_sources_only_where_that_is_preferred(widget: FuseWidget, viewer: Viewer, qtbot: QtBot) -> None:
    remember("fusion", identified=True)
    try:
        widget.fuse(is_slice=False)
        wait_for_end(widget, qtbot)
    finally:
        remember("fusion", identified=False)
    assert viewer.layers[GREY].metadata[KEY]["provenance"]["b"]["name"] == "T1w"


def test_images_that_are_closed_as_their_result_appears_leave_nothing_of_it(
    viewer: Viewer, widget: FuseWidget, qtbot: QtBot
) -> None:
    def close(event: object) -> None:
        if names(viewer)[-1].startswith("Coloured"):
            QTimer.singleShot(0, viewer.layers.clear)  # before the grey layer below it is made, a turn later

    viewer.layers.events.inserted.connect(close, position="first")
    widget.fuse(is_slice=True)
    qtbot.waitUntil(lambda: not viewer.layers, timeout=60_000)
    qtbot.wait(200)
    assert names(viewer) == []


def test_slices_and_volume_fill_the_same_layers(viewer: Viewer, widget: FuseWidget, mri: Volume, qtbot: QtBot) -> None:
    look_at_slice(viewer, 2)
    widget.fuse(is_slice=True)
    wait_for_end(widget, qtbot)
    assert names(viewer) == ["T1w", "pet", some(GREY, 1), some(COLOUR, 1)]
    one = viewer.layers[2].data[2].copy()
    assert viewer.layers[2].metadata[KEY]["provenance"]["slices"] == "1 of 6"
    widget.fuse(is_slice=False)
    wait_for_end(widget, qtbot)
    assert names(viewer) == ["T1w", "pet", GREY, COLOUR]
    fused, coloured = viewer.layers[GREY], viewer.layers[COLOUR]
    # the grey one is made last, and nobody shall notice: it lies below, unseen, and is not the one to work on
    assert names(viewer)[-2:] == [GREY, COLOUR]
    assert (fused.visible, coloured.visible, set(viewer.layers.selection)) == (False, True, {coloured})
    assert tuple(fused.contrast_limits) == (0.0, 1.0)
    assert fused.units == coloured.units == viewer.layers["T1w"].units
    assert np.array_equal(from_layer(fused).affine, mri.affine)
    assert np.array_equal(fused.data[2], one)
    assert tuple(coloured.contrast_limits) == (0.0, 1.0)
    np.testing.assert_allclose(from_layer(coloured).data, np.asarray(coloured.data)[..., :3])
    assert fused.metadata[KEY]["provenance"]["weights"] == "untrained.safetensors"
    assert coloured.metadata[KEY]["provenance"]["legend"]["unit"] == "Bq/ml"
    assert fused.metadata[KEY]["provenance"]["b"]["name"] == "source b, MRI"
    assert "CPU" in widget.status.text()
    assert widget.legend.colours.high.text().endswith("Bq/ml")
    assert "ok" in widget.findings.text()
    # the sources stay in sight; of the results the one on top is enough
    assert [layer.visible for layer in viewer.layers] == [True, True, False, True]
    assert texts(widget.page.first.layer) == ["T1w", "pet"]
    widget.page.form.coloured.setChecked(False)
    assert names(viewer) == ["T1w", "pet", GREY]
    assert fused.visible
    assert not widget.legend.isVisible()


def test_results_survive_saving_and_reopening(
    viewer: Viewer, widget: FuseWidget, mri: Volume, tmp_path: Path, qtbot: QtBot
) -> None:
    widget.fuse(is_slice=False)
    wait_for_end(widget, qtbot)
    for name, kept in ((GREY, 1e-7), (COLOUR, 0.5 / 255)):
        layer = viewer.layers[name]
        (path, *_) = layer.save(str(tmp_path / "saved.nii.gz"), plugin="napari-refusion")
        (again,) = viewer.open(path, plugin="napari-refusion")
        assert np.array_equal(from_layer(again).affine, mri.affine)
        assert again.data_to_world((2, 3, 4)) == pytest.approx(layer.data_to_world((2, 3, 4)))
        assert again.units == layer.units
        assert again.rgb == layer.rgb
        np.testing.assert_allclose(
            np.asarray(again.data), np.asarray(layer.data)[..., :3] if layer.rgb else layer.data, atol=kept + 1e-6
        )
        viewer.layers.remove(again)


def test_an_accepted_registration_is_fused_and_named_on_the_layer(
    viewer: Viewer, widget: FuseWidget, qtbot: QtBot
) -> None:
    look_at_slice(viewer, 2)
    widget.fuse(is_slice=True)
    wait_for_end(widget, qtbot)
    rows = ((1.0, 0.0, 0.0, 3.0), (0.0, 1.0, 0.0, 0.0), (0.0, 0.0, 1.0, 0.0), (0.0, 0.0, 0.0, 1.0))
    move = RigidMove("pet", "T1w", rows, 3.0, 0.0, "shifted by 3.0 mm", 0.5, 0.6, "")
    widget.panels.register.session.accepted.emit(move)
    wait_for_end(widget, qtbot)
    assert viewer.layers[2].metadata[KEY]["provenance"]["a"]["move"]["matrix"] == rows
    widget.panels.register.session.undone.emit()
    wait_for_end(widget, qtbot)
    assert viewer.layers[2].metadata[KEY]["provenance"]["a"]["move"] is None


def test_live_fuses_what_is_looked_at_and_then_its_neighbours(viewer: Viewer, widget: FuseWidget, qtbot: QtBot) -> None:
    look_at_slice(viewer, 1)
    widget.page.live.setChecked(True)
    wait_for_slices(viewer, qtbot, 0, 1, 2, 3, 4)
    # the name follows when the thread has ended, which may be later than its last slice
    qtbot.waitUntil(lambda: names(viewer)[2] == some(GREY, 5), timeout=60_000)
    before = viewer.layers[2].data
    viewer.layers["pet"].contrast_limits = (0.0, 50.0)
    qtbot.waitUntil(lambda: viewer.layers[2].data is not before, timeout=60_000)
    assert widget.page.second.window_choice.currentText() == "as shown"
    assert widget.page.second.window_label.text() == "0 to 50 Bq/ml"
    look_at_slice(viewer, 5)
    qtbot.waitUntil(lambda: viewer.layers[2].data[5].any(), timeout=60_000)


def test_live_follows_rolled_axes_and_says_what_it_cannot_show(
    viewer: Viewer, widget: FuseWidget, qtbot: QtBot
) -> None:
    viewer.dims.order = (1, 0, 2)
    widget.page.live.setChecked(True)
    qtbot.waitUntil(lambda: "of 24 slices" in names(viewer)[-1], timeout=60_000)
    assert widget.partial.axis == "coronal"
    wait_for_end(widget, qtbot)
    choose(widget.page.form.axis, "sagittal")
    qtbot.waitUntil(lambda: "these are coronal" in widget.status.text(), timeout=10_000)


def test_what_was_said_about_a_pair_goes_with_its_layers(
    viewer: Viewer, widget: FuseWidget, mri: Volume, qtbot: QtBot
) -> None:
    widget.fuse(is_slice=True)
    wait_for_end(widget, qtbot)
    probe, register = widget.panels.probe, widget.panels.register
    assert widget.findings.shown
    assert [label.text() for label in probe.names] == ["PET", "MRI"]
    viewer.layers.remove(viewer.layers["pet"])
    assert not widget.findings.shown
    assert register.session.partial is None
    assert widget.panels.comparing.state.partial is not None  # the result is still there to be compared
    viewer.layers.clear()
    assert widget.panels.comparing.state.partial is None
    assert register.session.actions == frozenset()
    assert [label.text() for label in probe.names] == ["First source", "Second source"]


def test_the_overlay_is_one_click_away_and_the_state_of_the_slice_in_sight(
    viewer: Viewer, widget: FuseWidget, qtbot: QtBot
) -> None:
    look_at_slice(viewer, 2)
    widget.fuse(is_slice=True)
    wait_for_end(widget, qtbot)
    widget.overlay.button.click()
    assert names(viewer)[-1] == "Compare: overlay"
    assert widget.legend.colours.title.text() == "pet"
    qtbot.waitUntil(lambda: not widget.page.picture.text.isHidden(), timeout=60_000)
    widget.overlay.button.click()
    assert "Compare: overlay" not in names(viewer)


def test_a_spot_that_is_wanted_has_a_ring_in_the_middle_of_the_view_until_its_slice_is_left(
    viewer: Viewer, widget: FuseWidget, qtbot: QtBot
) -> None:
    look_at_slice(viewer, 2)
    widget.fuse(is_slice=True)
    wait_for_end(widget, qtbot)
    canvas = find_canvas(widget)
    assert canvas is not None
    widget.page.picture.wanted.emit((2, 5, 7))
    (ring,) = canvas.findChildren(Ring)
    assert ring.point == pytest.approx(viewer.layers["T1w"].data_to_world((2, 5, 7)))
    assert viewer.scene.camera.center[-2:] == pytest.approx(ring.point[1:])
    look_at_slice(viewer, 4)
    qtbot.waitUntil(lambda: not canvas.findChildren(Ring), timeout=60_000)


def test_undo_brings_back_the_findings_of_the_pair_before(
    viewer: Viewer, widget: FuseWidget, pet: Volume, qtbot: QtBot
) -> None:
    widget.fuse(is_slice=True)
    wait_for_end(widget, qtbot)
    found = about_pair(widget)
    other = add(viewer, replace(pet, name="later pet"))
    choose(widget.page.second.layer, str(other.unique_id))
    widget.fuse(is_slice=True)
    wait_for_end(widget, qtbot)
    assert about_pair(widget) != found
    widget.undo()
    assert not widget.findings.shown  # the later one is still chosen, and what is shown is not of it
    widget.undo()
    qtbot.waitUntil(lambda: about_pair(widget) == found, timeout=10_000)


def test_undo_brings_back_result_and_choices(viewer: Viewer, widget: FuseWidget, qtbot: QtBot) -> None:
    look_at_slice(viewer, 2)
    widget.clear()
    assert not widget.page.undo.isEnabled()
    widget.fuse(is_slice=True)
    wait_for_end(widget, qtbot)
    first = viewer.layers[2].data.copy()
    choose(widget.page.first.window_choice, "custom")
    widget.page.first.custom.setText("5,50")
    widget.page.form.coloured.setChecked(False)
    widget.fuse(is_slice=False)
    wait_for_end(widget, qtbot)
    assert names(viewer) == ["T1w", "pet", GREY]
    widget.undo()
    assert names(viewer) == ["T1w", "pet", some(GREY, 1)]
    assert np.array_equal(viewer.layers[2].data, first)
    assert widget.page.first.window_choice.currentData() == "custom"
    widget.undo()
    assert widget.page.first.window_choice.currentData() == ""
    assert names(viewer)[2:] == [some(GREY, 1), some(COLOUR, 1)]
    widget.undo()
    assert names(viewer) == ["T1w", "pet"]
    assert not widget.page.undo.isEnabled()


def test_cancelling_keeps_the_finished_slices_under_an_honest_name(
    viewer: Viewer, widget: FuseWidget, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    cancelled, fused = Event(), []

    def slowly(_engine: TorchEngine, a: np.ndarray, _b: np.ndarray) -> np.ndarray:
        if len(fused) == 2:
            cancelled.wait(60)
        fused.append(a)
        return np.clip(a, 0.1, 0.9)

    monkeypatch.setattr(TorchEngine, "fuse", slowly)
    look_at_slice(viewer, 0)
    widget.fuse(is_slice=False)
    qtbot.waitUntil(lambda: len(fused) == 2 and widget.page.progress.value() > 0, timeout=60_000)
    assert not widget.page.fuse_slice.isEnabled()
    widget.page.cancel.click()
    cancelled.set()
    wait_for_end(widget, qtbot)
    done = int(viewer.layers[2].name.split(" ")[1])
    assert viewer.layers[2].name == some(GREY, done)
    assert 2 <= done < 6
    assert (viewer.layers[2].data[:done] >= 0.1).all()
    assert not viewer.layers[2].data[done:].any()
    assert widget.status.text() == "Stopped"


def test_a_block_stops_and_its_sentence_is_shown(
    viewer: Viewer, widget: FuseWidget, pet: Volume, qtbot: QtBot, notes: list[str]
) -> None:
    away = pet.affine.copy()
    away[0, 3] += 1000.0
    far = add(viewer, replace(pet, affine=away, name="far"))
    widget.page.second.layer.setCurrentText("far")
    widget.fuse(is_slice=False)
    wait_for_end(widget, qtbot)
    assert names(viewer) == ["T1w", "pet", far.name]
    assert notes
    assert f"STOP {notes[0]}" in widget.findings.text()
    notes.clear()
    widget.page.live.setChecked(True)
    wait_for_end(widget, qtbot)
    assert notes == []  # nobody asked: no notification
    widget.page.first.layer.setCurrentText("far")
    widget.fuse(is_slice=False)
    assert "choose two different ones" in widget.findings.text()


def test_a_layer_of_five_dimensions_is_a_sentence(viewer: Viewer, widget: FuseWidget, notes: list[str]) -> None:
    viewer.add_image(np.zeros((2, 2, 3, 4, 5)), name="dynamic")
    widget.page.second.layer.setCurrentText("dynamic")
    widget.fuse(is_slice=False)
    assert "5 dimensions" in widget.findings.text()
    assert notes


def test_deleting_a_source_stops_and_deleting_the_result_turns_live_off(
    viewer: Viewer, widget: FuseWidget, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = Event()

    def waiting(_engine: TorchEngine, a: np.ndarray, _b: np.ndarray) -> np.ndarray:
        go_on.wait(60)
        return np.clip(a, 0.1, 0.9)

    widget.page.live.setChecked(True)
    qtbot.waitUntil(lambda: len(viewer.layers) == 4, timeout=60_000)
    viewer.layers.remove(viewer.layers[2])
    viewer.layers.remove(viewer.layers[2])
    qtbot.waitUntil(lambda: not widget.page.live.isChecked(), timeout=10_000)
    assert "deleted" in widget.status.text()
    monkeypatch.setattr(TorchEngine, "fuse", waiting)
    choose(widget.page.form.axis, "coronal")
    widget.fuse(is_slice=False)
    qtbot.waitUntil(lambda: widget.session.looked_at() is not None, timeout=60_000)
    viewer.layers.remove(viewer.layers["pet"])
    assert widget.status.text() == "pet was deleted: fusing stops"
    go_on.set()
    wait_for_end(widget, qtbot)


@pytest.mark.parametrize("first", [["pet", GREY, COLOUR], [GREY, COLOUR, "pet"], ["T1w", "pet", GREY, COLOUR]])
def test_closing_an_examination_leaves_live_on_and_nothing_to_undo(
    viewer: Viewer, widget: FuseWidget, qtbot: QtBot, first: list[str], mri: Volume, pet: Volume
) -> None:
    widget.page.live.setChecked(True)
    qtbot.waitUntil(lambda: len(viewer.layers) == 4, timeout=60_000)
    wait_for_end(widget, qtbot)
    widget.fuse(is_slice=True)
    wait_for_end(widget, qtbot)
    done = [next(layer for layer in viewer.layers if layer.name in (name, some(name, 1))) for name in first]
    for layer in done:
        viewer.layers.remove(layer)
    qtbot.waitUntil(lambda: widget.session.shown is None, timeout=10_000)
    assert widget.page.live.isChecked()
    assert not widget.page.undo.isEnabled()
    viewer.layers.clear()
    for volume in (mri, pet):
        add(viewer, replace(volume, name=f"{volume.name} later"))
    qtbot.waitUntil(lambda: len(viewer.layers) == 4, timeout=60_000)


def test_sources_that_change_places_are_fused_in_the_same_layers(
    viewer: Viewer, widget: FuseWidget, qtbot: QtBot
) -> None:
    widget.fuse(is_slice=True)
    wait_for_end(widget, qtbot)
    keys = [row.layer.currentData() for row in (widget.page.first, widget.page.second)]
    before = [str(layer.unique_id) for layer in viewer.layers]
    choose(widget.page.first.layer, keys[1])
    choose(widget.page.second.layer, keys[0])
    widget.fuse(is_slice=True)
    wait_for_end(widget, qtbot)
    assert [str(layer.unique_id) for layer in viewer.layers] == before


def test_of_two_pairs_the_chosen_one_is_seen_alone_also_after_side_by_side(
    viewer: Viewer, widget: FuseWidget, mri: Volume, qtbot: QtBot
) -> None:
    add(viewer, replace(mri, name="T2w", data=mri.data[::-1].copy()))
    keys = {layer.name: str(layer.unique_id) for layer in viewer.layers}

    def fuse(anatomical: str) -> list[str]:
        choose(widget.page.first.layer, keys["pet"])
        choose(widget.page.second.layer, keys[anatomical])
        widget.fuse(is_slice=True)
        wait_for_end(widget, qtbot)
        return [name for name in names(viewer) if viewer.layers[name].visible]

    first, second = some("Coloured: pet + T1w", 1), some("Coloured: pet + T2w", 1)
    assert set(fuse("T1w")) == {"pet", "T1w", first}
    assert set(fuse("T2w")) == {"pet", "T2w", second}
    assert set(fuse("T1w")) == {"pet", "T1w", first}
    assert names(viewer)[-1] == first  # what counts the slices of a view looks at the topmost one
    side_by_side = widget.panels.compare.side_by_side
    side_by_side.click()
    assert set(fuse("T2w")) == {"pet", "T2w", second}
    assert not side_by_side.isChecked()


def test_closing_the_dock_stops_the_job_and_lets_go_of_the_viewer(
    viewer: Viewer, widget: FuseWidget, mri: Volume
) -> None:
    widget.fuse(is_slice=False)
    viewer.window.remove_dock_widget(widget)
    assert widget.session.request is None
    add(viewer, replace(mri, name="later"))
    assert "later" not in texts(widget.page.first.layer)


def test_photographs_are_fused_in_the_same_widget(viewer: Viewer, weights: Path, qtbot: QtBot) -> None:
    get_plugin_settings("napari-refusion").fusion.live = False
    random = np.random.default_rng(0)
    viewer.add_image(random.integers(0, 256, (24, 32, 3), dtype=np.uint8), name="near", rgb=True)
    viewer.add_image(random.integers(0, 256, (24, 32, 3), dtype=np.uint8), name="far", rgb=True)
    _, widget = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
    choose(widget.page.form.task, "multi_focus")
    widget.page.form.add_weights(weights)
    assert widget.page.first.title() == "Near focus"
    widget.page.live.setChecked(True)
    qtbot.waitUntil(lambda: "Coloured: near + far" in names(viewer), timeout=60_000)
    coloured = viewer.layers["Coloured: near + far"]
    assert coloured.data.shape == (1, 24, 32, 4)
    assert widget.legend.title.text() == "Colours: those of near and far"


def test_pages_and_presets_of_scans_are_not_offered_for_pictures_and_are_again_for_the_next_scans(
    viewer: Viewer, weights: Path, mri: Volume, pet: Volume, qtbot: QtBot
) -> None:
    get_plugin_settings("napari-refusion").fusion.live = False
    pictures = {name: np.random.default_rng(0).random((24, 32)) for name in ("ir", "vi")}
    for name, pixels in pictures.items():
        viewer.add_image(pixels, name=name)
    _, widget = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
    widget.page.form.add_weights(weights)
    box, panels = widget.page.first.window_choice, widget.panels
    assert [box.itemData(row) for row in range(box.count())] == ["", "shown", "custom"]

    def offered() -> list[str]:
        return [panels.tabText(tab) for tab in range(panels.count()) if panels.isTabEnabled(tab)]

    for task in ("infrared_visible", "medical"):
        choose(widget.page.form.task, task)
        panels.setCurrentWidget(panels.lesions)
        widget.fuse(is_slice=True)
        wait_for_end(widget, qtbot)
        assert offered() == ["Fuse", "Compare", "Probe", "Review"]
        assert panels.currentWidget() is panels.page
        assert "nothing is measured" in panels.tabToolTip(panels.indexOf(panels.lesions))
        panels.lesions.toggle_clicking()
        assert not panels.lesions.clicking.is_on
    viewer.layers.clear()
    qtbot.waitUntil(lambda: widget.partial is None)
    add(viewer, mri)
    add(viewer, pet)
    widget.fuse(is_slice=True)
    wait_for_end(widget, qtbot)
    assert offered() == ["Fuse", "Compare", "Probe", "Lesions", "Register", "Review"]
    assert panels.tabToolTip(panels.indexOf(panels.lesions)) == ""


def test_what_is_said_of_the_fused_slice_is_of_the_one_on_the_screen(
    viewer: Viewer, widget: FuseWidget, qtbot: QtBot
) -> None:
    def said() -> str:
        found = [one.sentence for one in widget.findings.shown if one.rule == "fused picture"]
        assert len(found) <= 1
        return found[0] if found else ""

    look_at_slice(viewer, 2)
    widget.fuse(is_slice=True)
    wait_for_end(widget, qtbot)
    # the slices of the pair lie 4 mm apart, the first at S 30
    qtbot.waitUntil(lambda: "S 22.0 mm" in said(), timeout=10_000)
    look_at_slice(viewer, 4)
    qtbot.waitUntil(lambda: said() == "", timeout=10_000)  # it is not fused
    look_at_slice(viewer, 2)
    qtbot.waitUntil(lambda: "S 22.0 mm" in said(), timeout=10_000)


@pytest.mark.parametrize("coloured", [True, False])
def test_further_planes_see_the_slices_of_the_direction_that_is_fused_now(
    viewer: Viewer, widget: FuseWidget, qtbot: QtBot, coloured: bool
) -> None:
    widget.page.form.coloured.setChecked(coloured)
    look_at_slice(viewer, 2)
    widget.fuse(is_slice=True)
    wait_for_end(widget, qtbot)
    widget.planes.show_all()
    widget.planes.show_plane("coronal")
    widget.fuse(is_slice=True)
    wait_for_end(widget, qtbot)
    partial = widget.partial
    assert partial is not None
    assert partial.axis == "coronal"
    copies = {layer.name: layer.data for side in widget.planes.three.planes for layer in side.model.layers}
    seen = next(data for name, data in copies.items() if name.startswith("Coloured" if coloured else "Fused"))
    shown = np.asarray(seen)[..., -1] > 0 if coloured else np.isfinite(np.asarray(seen))
    # exactly the coronal slices that are there, and nothing of the axial one that was fused before
    assert np.array_equal(shown, np.broadcast_to(partial.done[None, :, None], partial.fused.shape))
    widget.planes.show_all()


@pytest.mark.parametrize("coloured", [True, False])
def test_what_is_not_fused_hides_no_source_across_the_fused_direction_and_is_saved_as_before(
    viewer: Viewer, widget: FuseWidget, qtbot: QtBot, coloured: bool
) -> None:
    widget.page.form.coloured.setChecked(coloured)
    look_at_slice(viewer, 2)
    widget.fuse(is_slice=True)
    wait_for_end(widget, qtbot)
    partial = widget.partial
    assert partial is not None
    layer = next(layer for layer in reversed(viewer.layers) if layer.visible)
    widget.planes.show_plane("coronal")
    there = np.zeros(partial.fused.shape, np.bool_)
    there[2] = True
    seen = np.asarray(layer.data)
    assert np.array_equal(seen[..., -1] > 0 if coloured else np.isfinite(seen), there)
    volume = from_layer(layer)
    assert np.isfinite(volume.data).all()
    if not coloured:
        assert np.array_equal(volume.data, partial.fused)
        widget.planes.show_plane("axial")
        assert layer.data is partial.fused


def test_samples_choose_their_task_and_scans_theirs_whatever_was_chosen_before(
    viewer: Viewer, mri: Volume, pet: Volume
) -> None:
    widget = FuseWidget(viewer)
    widget.page.live.setChecked(False)
    for name in ("multi_exposure", "infrared_visible"):
        for data, properties, _ in open_sample(name):
            viewer.add_image(data, **properties)
        assert widget.page.form.task.currentData() == name
        assert widget.page.first.title().lower() == TASKS[name].sources[0]
        viewer.layers.clear()
    add(viewer, mri)
    add(viewer, pet)
    assert widget.page.form.task.currentData() == "medical"


def test_photographs_that_say_nothing_keep_the_task_that_was_chosen(viewer: Viewer) -> None:
    widget = FuseWidget(viewer)
    widget.page.live.setChecked(False)
    choose(widget.page.form.task, "multi_focus")
    for name in ("left", "right"):
        viewer.add_image(np.zeros((8, 8), np.float32), name=name)
    assert widget.page.form.task.currentData() == "multi_focus"


def test_habits_are_remembered(viewer: Viewer, widget: FuseWidget) -> None:
    choose(widget.page.form.palette_name, "hot_iron")
    widget.page.form.palette_name.activated.emit(widget.page.form.palette_name.currentIndex())
    widget.page.form.coloured.setChecked(False)
    again = FuseWidget(viewer)
    assert again.page.form.palette_name.currentData() == "hot_iron"
    assert not again.page.form.coloured.isChecked()
    assert not again.page.live.isChecked()
    again._disconnect()
    again.deleteLater()


def test_it_says_that_it_is_for_research_and_fits_into_a_dock(widget: FuseWidget) -> None:
    assert NOT_FOR_DIAGNOSIS in [label.text() for label in widget.findChildren(QLabel)]
    assert 0 < widget.minimumSizeHint().width() <= 450  # in the letters of its window: tests/widgets/test_screens.py
