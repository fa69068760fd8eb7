"""Nothing that was chosen, found or begun for one pair is there for another one."""

from dataclasses import replace
from pathlib import Path

import nibabel
import numpy as np
import pytest
from napari import Viewer
from napari.layers import Image
from napari.settings import get_plugin_settings
from pytestqt.qtbot import QtBot
from qtpy.QtWidgets import QFileDialog, QLineEdit

from napari_refusion.evidence.missed_uptake import MissedUptake
from napari_refusion.session.proposing import Proposal, roles
from napari_refusion.volume.finding import Finding
from napari_refusion.volume.origin import Origin
from napari_refusion.volume.rigid import move_of
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.fuse.choice_box import choose
from napari_refusion.widgets.fuse.widget import FuseWidget
from napari_refusion.widgets.fuse.window_menu import AUTOMATIC, CUSTOM
from napari_refusion.widgets.layer_marks import KEY
from napari_refusion.widgets.layers import to_layer_data
from napari_refusion.widgets.sessions.taken import take_session


def other(volume: Volume, name: str, digit: str) -> Volume:
    """Return the same kind of image of another patient."""
    return replace(volume, data=volume.data[:, :, ::-1] * 2, name=name, origin=Origin(sha256=digit * 64))


def add(viewer: Viewer, *volumes: Volume) -> list[Image]:
    return [viewer.add_image(data, **properties) for data, properties, _ in map(to_layer_data, volumes)]


def choose_pair(widget: FuseWidget, layers: list[Image]) -> None:
    for row, layer in zip((widget.page.first, widget.page.second), layers, strict=True):
        choose(row.layer, str(layer.unique_id))


def fuse_pair(widget: FuseWidget, layers: list[Image], qtbot: QtBot) -> None:
    choose_pair(widget, layers)
    widget.fuse(is_slice=False)
    qtbot.waitUntil(lambda: widget.is_idle and widget.statements.shown is not None, timeout=60_000)


@pytest.fixture
def widget(viewer: Viewer, mri: Volume, pet: Volume, qtbot: QtBot) -> FuseWidget:
    """Return the widget with one pair fused, and Live off."""
    get_plugin_settings("napari-refusion").fusion.live = False
    add(viewer, mri, pet)
    _, widget = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
    choose(widget.page.form.weights, "maximum")
    widget.fuse(is_slice=False)
    qtbot.waitUntil(lambda: widget.is_idle and widget.partial is not None, timeout=60_000)
    return widget


@pytest.fixture
def second(viewer: Viewer, widget: FuseWidget, mri: Volume, pet: Volume) -> list[Image]:
    """Return the layers of another patient, open beside the first and not chosen yet."""
    del widget
    return add(viewer, other(mri, "T1w of B", "3"), other(pet, "pet of B", "4"))


def test_what_one_image_was_said_to_show_is_not_said_of_another(widget: FuseWidget, second: list[Image]) -> None:
    choose(widget.page.first.modality, "CT")
    choose_pair(widget, second)
    assert widget.page.first.modality.currentData() == ""
    assert widget.page.first.source(second[0]).modality == ""


def test_what_an_image_was_said_to_show_comes_back_with_undo(widget: FuseWidget, second: list[Image]) -> None:
    choose(widget.page.first.modality, "CT")
    widget.commands.history.note()
    choose_pair(widget, second)
    widget.commands.history.note()
    widget.undo()
    assert widget.page.first.modality.currentData() == "CT"


def test_a_window_that_was_typed_for_one_mri_is_not_offered_for_another(
    widget: FuseWidget, second: list[Image]
) -> None:
    row = widget.page.first
    row.choose_window("12,34")
    row.choose_window(AUTOMATIC)
    choose_pair(widget, second)
    choose(row.window_choice, CUSTOM)
    assert row.custom.text() == ""


def test_uptake_that_the_fused_image_hides_is_not_offered_for_images_that_are_only_compared(
    viewer: Viewer, widget: FuseWidget, pet: Volume, qtbot: QtBot
) -> None:
    spot = MissedUptake(2, (2, 12, 16), (1.0, 2.0, 3.0), 0.5, 0.1)
    widget.page.picture.show_uptake(Finding("warn", "hidden uptake", "Hidden."), (spot,))
    choose_pair(widget, add(viewer, other(pet, "before", "5"), other(pet, "after", "6")))
    assert widget.page.picture.spots == ()
    widget.fuse(is_slice=True)
    qtbot.waitUntil(lambda: widget.is_idle and bool(widget.panels.lesions.session.now.sources), timeout=60_000)
    widget._answers.watch.judge()
    assert list(widget.panels.lesions.spots()) == []


def test_a_review_is_not_begun_of_a_pair_that_is_not_chosen_any_more(
    widget: FuseWidget, second: list[Image], tmp_path: Path
) -> None:
    choose_pair(widget, second)
    widget.panels.review.begin(tmp_path / "project", "R1")
    assert widget.panels.review.reading is None
    assert "fuse them first" in widget.panels.review.pages.start_page.message.text()
    assert not (tmp_path / "project").exists()


def test_a_review_is_begun_of_a_pair_that_is_chosen_again(
    viewer: Viewer, widget: FuseWidget, second: list[Image], tmp_path: Path
) -> None:
    first = [viewer.layers["T1w"], viewer.layers["pet"]]
    choose_pair(widget, second)
    choose_pair(widget, first)
    widget.panels.review.begin(tmp_path / "project", "R1")
    assert widget.panels.review.session is not None
    assert widget.panels.review.session.partial is widget.partial


def test_a_review_ends_with_the_images_that_it_is_of(
    viewer: Viewer, widget: FuseWidget, mri: Volume, pet: Volume, tmp_path: Path, qtbot: QtBot
) -> None:
    review = widget.panels.review
    review.begin(tmp_path / "project", "R1")
    assert review.reading is not None
    viewer.layers.clear()
    add(viewer, other(mri, "T1w of B", "3"), other(pet, "pet of B", "4"))
    qtbot.wait(50)
    assert review.reading is None


def test_a_failed_check_of_one_pair_is_not_marked_in_the_record_of_another(
    viewer: Viewer, widget: FuseWidget, second: list[Image], tmp_path: Path, qtbot: QtBot
) -> None:
    fuse_pair(widget, second, qtbot)
    review = widget.panels.review
    review.begin(tmp_path / "project", "R1")
    assert review.reading is not None
    review.reading.answer("unacceptable")
    marked = {
        layer.name: "check_failed" in layer.metadata[KEY]["provenance"]
        for layer in viewer.layers
        if "fusion" in layer.metadata.get(KEY, {})
    }
    assert any(" of B" in name for name in marked)
    assert marked == {name: " of B" in name for name in marked}


def test_a_half_typed_name_of_a_lesion_is_not_given_to_the_lesion_of_another_patient(
    viewer: Viewer, widget: FuseWidget, second: list[Image], pet: Volume, qtbot: QtBot
) -> None:
    lesions, table = widget.panels.lesions.session, widget.panels.lesions.form.table
    first = [viewer.layers["T1w"], viewer.layers["pet"]]
    middle = pet.grid.point_at(np.array([3.0, 12.0, 16.0]))
    assert lesions.add_at(middle, "sphere", 6.0) == 1
    fuse_pair(widget, second, qtbot)
    assert lesions.add_at(middle, "sphere", 6.0) == 1
    choose_pair(widget, first)
    widget.fuse(is_slice=False)
    qtbot.waitUntil(lambda: widget.is_idle and len(lesions.lesions) == 1, timeout=60_000)
    widget.panels.setCurrentWidget(widget.panels.lesions)
    place = table.place_of("comment")
    table.editItem(table.item(0, place))
    editor = table.findChild(QLineEdit)
    assert editor is not None
    qtbot.keyClicks(editor, "of A")
    fuse_pair(widget, second, qtbot)
    left = table.findChild(QLineEdit)
    if left is not None:
        table.commitData(left)
        table.closeEditor(left, type(table.itemDelegate()).EndEditHint.NoHint)
    qtbot.wait(50)
    assert [one.comment for one in lesions.lesions] == [""]
    fuse_pair(widget, first, qtbot)
    assert [one.comment for one in lesions.lesions] == ["of A"]


def test_a_session_keeps_no_fused_slices_of_a_pair_beside_the_chosen_one(
    viewer: Viewer, widget: FuseWidget, second: list[Image], tmp_path: Path
) -> None:
    choose_pair(widget, second)
    taken = take_session(viewer, widget, tmp_path / "session")
    assert taken.saved.fusion is None
    assert taken.files.fused == ""
    assert taken.saved.pair is not None
    assert not taken.saved.pair.was_shown


def test_a_session_keeps_the_record_of_the_chosen_pair_beside_its_slices(
    viewer: Viewer, widget: FuseWidget, second: list[Image], tmp_path: Path, qtbot: QtBot
) -> None:
    fuse_pair(widget, second, qtbot)
    widget.finish_layers()
    record = take_session(viewer, widget, tmp_path / "session").files.fused_record
    assert record is not None
    assert [record[side]["sha256"][0] for side in ("a", "b")] == ["4", "3"]


def test_the_ring_around_hidden_uptake_goes_with_its_pair(widget: FuseWidget, second: list[Image]) -> None:
    widget._answers._show_spot((2, 12, 16))
    assert widget._answers._spot.ring is not None
    choose_pair(widget, second)
    assert widget._answers._spot.ring is None


def test_windows_of_a_fusion_are_shown_on_their_own_layers_where_the_reader_exchanged_the_sources(
    viewer: Viewer, widget: FuseWidget
) -> None:
    kept = widget.session.shown.started.kept  # type: ignore[union-attr]
    limits = {layer.name: tuple(layer.contrast_limits) for layer in (viewer.layers["T1w"], viewer.layers["pet"])}
    choose_pair(widget, [viewer.layers["pet"], viewer.layers["T1w"]])
    widget._answers._show_windows(kept)
    for name, (low, high) in limits.items():
        assert tuple(viewer.layers[name].contrast_limits) == pytest.approx((low, high))


def test_an_overlay_that_was_being_read_for_one_patient_is_not_shown_over_the_next(
    viewer: Viewer, widget: FuseWidget, second: list[Image], tmp_path: Path, qtbot: QtBot
) -> None:
    labels = np.zeros((32, 24, 6), np.uint8)
    labels[10:20, 8:16, 2:4] = 1
    nibabel.save(nibabel.Nifti1Image(labels, np.diag([1.0, 2.0, 4.0, 1.0])), tmp_path / "regions.nii.gz")
    panel = widget.panels.lesions
    panel.opening.open(tmp_path / "regions.nii.gz", panel.session.now.sources[0])
    choose_pair(widget, second)
    qtbot.wait(1500)
    assert panel.opening.layers.shown == ()
    assert not [layer for layer in viewer.layers if layer.metadata.get(KEY, {}).get("overlay")]


def test_the_dialog_for_overlays_begins_beside_the_images_of_the_patient_who_is_chosen(
    viewer: Viewer,
    widget: FuseWidget,
    mri: Volume,
    pet: Volume,
    tmp_path: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun: list[str] = []
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *given: (begun.append(given[2]), ("", ""))[1])
    panel = widget.panels.lesions
    panel.opening.open(tmp_path / "A" / "regions.nii.gz", panel.session.now.sources[0])
    panel.form.open.click()
    placed = [
        replace(one, origin=replace(one.origin, opened=tmp_path / "B" / f"{one.name}.nii.gz"))
        for one in (other(mri, "T1w of B", "3"), other(pet, "pet of B", "4"))
    ]
    choose_pair(widget, add(viewer, *placed))
    widget.fuse(is_slice=True)
    qtbot.waitUntil(lambda: widget.is_idle and widget.statements.shown is not None, timeout=60_000)
    panel.form.open.click()
    assert [Path(one).name for one in begun] == ["A", "B"]


def test_an_accepted_registration_ends_where_the_voxels_were_exchanged_since(
    viewer: Viewer, widget: FuseWidget, notes: list[str], qtbot: QtBot
) -> None:
    partial = widget.session.partial
    assert partial is not None
    fixed, moving = roles(partial.study)
    shift = np.eye(4)
    shift[0, 3] = 2.0
    register = widget.panels.register.session
    register.proposal = Proposal(move_of(fixed.source, moving.source, shift, (0.5, 0.75)), partial)
    register.accept()
    qtbot.waitUntil(lambda: widget.is_idle, timeout=60_000)
    layer = viewer.layers[moving.source.name]
    before = layer.data
    layer.data = layer.data[:, :, ::-1] * 2
    widget.fuse(is_slice=True)
    qtbot.waitUntil(lambda: widget.is_idle, timeout=60_000)
    said = widget.findings.text()
    assert "The voxels of pet have been changed since it was opened" in said
    assert "was aligned" not in said
    assert "Register again: the voxels of pet or T1w were exchanged" in said
    assert "undo" not in register.actions
    page = widget.panels.register
    assert "Register again: the voxels of pet or T1w were exchanged" in page.findings.text()
    assert "position in the file" not in page.status.text()
    assert [side.move for side in widget.session.partial.study.sides] == [None, None]
    assert [note[:54] for note in notes] == ["Register again: the voxels of pet or T1w were exchange"]
    layer.data = before  # it was taken back: the reader accepts anew what is looked at
    widget.fuse(is_slice=True)
    qtbot.waitUntil(lambda: widget.is_idle, timeout=60_000)
    assert [side.move for side in widget.session.partial.study.sides] == [None, None]
    assert len(notes) == 1
    assert "Register again" in page.findings.text()
    register.proposal = Proposal(move_of(fixed.source, moving.source, shift, (0.5, 0.75)), widget.session.partial)
    register.accept()
    qtbot.waitUntil(lambda: widget.is_idle, timeout=60_000)
    assert "Register again" not in page.findings.text()
    register.undo()
    qtbot.waitUntil(lambda: widget.is_idle, timeout=60_000)
    assert "Register again" not in page.findings.text() + widget.findings.text()


def test_an_accepted_registration_holds_for_the_same_voxels_in_another_unit_window_and_place(
    viewer: Viewer, widget: FuseWidget, notes: list[str], qtbot: QtBot
) -> None:
    partial = widget.session.partial
    assert partial is not None
    fixed, moving = roles(partial.study)
    register = widget.panels.register.session
    register.proposal = Proposal(move_of(fixed.source, moving.source, np.eye(4), (0.5, 0.75)), partial)
    register.accept()
    viewer.layers[moving.source.name].contrast_limits = (0, 1)
    choose(widget.page.form.reference, "second" if partial.study.reference == "a" else "first")
    widget.fuse(is_slice=True)
    qtbot.waitUntil(lambda: widget.is_idle, timeout=60_000)
    assert "undo" in register.actions
    assert notes == []


@pytest.mark.parametrize("is_left", [False, True])
def test_a_review_whose_images_are_closed_goes_on_with_the_next_pair_unless_it_is_left(
    viewer: Viewer, widget: FuseWidget, mri: Volume, pet: Volume, tmp_path: Path, qtbot: QtBot, is_left: bool
) -> None:
    review = widget.panels.review
    review.begin(tmp_path / "project", "R1")
    viewer.layers.clear()
    start = review.pages.start_page
    assert "fused next" in start.message.text()
    assert not start.leave.isHidden()
    if is_left:
        start.leave.click()
    add(viewer, other(mri, "T1w of B", "3"), other(pet, "pet of B", "4"))
    widget.fuse(is_slice=False)
    qtbot.waitUntil(lambda: widget.is_idle and widget.statements.shown is not None, timeout=60_000)
    assert (review.session is None) == is_left
    assert start.leave.isHidden()
    if review.session is not None:
        assert review.session.partial is widget.partial
        assert [event.kind for event in review.session.events][:1] == ["open"]
