"""Baseline and follow-up beside each other: one place, one window, and nothing said that is not so any more."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from napari import Viewer
from pytestqt.qtbot import QtBot
from qtpy.QtWidgets import QApplication, QLabel

from napari_refusion.volume.origin import Origin, patient_mark
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.follow_up.commands import open_follow_up
from napari_refusion.widgets.follow_up.window import FollowUpWindow
from napari_refusion.widgets.fuse.choice_box import choose
from napari_refusion.widgets.fuse.widget import FuseWidget
from napari_refusion.widgets.layers import to_layer_data
from napari_refusion.widgets.sessions.taken import take_session
from tests.widgets.lesions.opened import SPOTS, hot_pet, opened, patient_of, wide_ct
from tests.widgets.test_wheel import turn

MOVED = np.array([4.0, 0.0, -8.0])
"""RAS+ mm, by which the baseline lies elsewhere."""


def earlier(volume: Volume, patient: str = "") -> Volume:
    affine = volume.affine.copy()
    affine[:3, 3] += MOVED
    origin = Origin(sha256=f"0{volume.origin.sha256}"[:64], patient=patient_mark(patient) if patient else "")
    data = volume.data * 2 if volume.is_functional else volume.data
    return replace(volume, affine=affine, data=data, origin=origin, name=f"earlier {volume.name}")


def window_of(viewer: Viewer, qtbot: QtBot, patients: tuple[str, str] = ("", "")) -> FollowUpWindow:
    """Return the window with a lesion of the follow-up, and the baseline chosen."""
    pet, ct = hot_pet(), wide_ct()
    if patients[1]:
        pet = replace(pet, origin=replace(pet.origin, patient=patient_mark(patients[1])))
    widget = opened(viewer, (pet, ct), qtbot)
    widget.panels.lesions.session.add_at(patient_of(pet, SPOTS[0][:3]))
    layers = [viewer.add_image(data, **shown) for data, shown, _ in map(to_layer_data, (earlier(pet, patients[0]), ct))]
    open_follow_up(viewer)
    window = widget.follow_up.window
    assert window is not None
    choose(window.choice.measured, str(layers[0].unique_id))
    window.choice.measured.activated.emit(window.choice.measured.currentIndex())
    return window


def fuse_widget_of(viewer: Viewer) -> FuseWidget:
    return next(one.widget() for one in viewer.window._dock_widgets.values() if isinstance(one.widget(), FuseWidget))


@pytest.fixture
def window(viewer: Viewer, qtbot: QtBot) -> FollowUpWindow:
    return window_of(viewer, qtbot)


def test_a_lesion_is_drawn_in_the_baseline_compared_and_copied(window: FollowUpWindow) -> None:
    window.form.table.selectRow(0)
    assert not window.form.match.isEnabled()
    # before it is registered the same coordinates are another place
    window.session.add_at(window.session.in_follow_up(window.session.place_of(window.session.found.rows[0]) + MOVED))
    assert [row.status for row in window.session.found.rows] == ["proposed, 9 mm apart"]
    window.form.confirm.click()
    assert window.form.table.item(0, 2).text() == "matched"
    assert window.form.table.item(0, 3).text() == "16 to 8: -8 (-50.0 %)"
    window.form.copy.click()
    assert QApplication.clipboard().text().splitlines()[1].split("\t")[:3] == ["Lesion 1", "Lesion 1", "matched"]


def test_both_views_and_the_viewer_go_to_the_lesion_that_is_selected(window: FollowUpWindow) -> None:
    point = window.session.place_of(window.session.found.rows[0])
    window.form.plane.setCurrentText("coronal")
    window.form.table.selectRow(0)
    for canvas in (window.form.views.before, window.form.views.after):
        np.testing.assert_allclose(canvas.point(), point, atol=2.1)  # a slider stops at slices of 4 x 2 x 1.5 mm
        np.testing.assert_allclose(canvas.middle()[0], point, atol=2.1)


def test_the_slider_of_a_view_counts_slices_as_the_view_does(window: FollowUpWindow) -> None:
    canvas = window.form.views.after
    shape = canvas.volume.shape
    for plane, counted in (("axial", f"3 of {shape[0]}"), ("sagittal", f"8 of {shape[2]}")):
        window.form.plane.setCurrentText(plane)
        canvas.model.dims.point = canvas.model.layers[0].data_to_world((2, 5, 7))
        rows = [row for row in canvas.widget.dims.slider_widgets if row.axis not in canvas.model.dims.displayed]
        (said,) = (row.findChild(QLabel, "refusion_slice") for row in rows)
        assert counted in said.text()


def test_a_click_in_the_baseline_goes_there_in_the_follow_up(window: FollowUpWindow) -> None:
    views = window.form.views
    views.before.model.dims.point = views.before.model.layers[0].data_to_world((5, 11, 21))
    np.testing.assert_allclose(views.after.point(), views.before.point(), atol=2.1)


def test_both_have_the_colours_and_the_window_of_the_follow_up(window: FollowUpWindow) -> None:
    layer = window.look.layer
    layer.contrast_limits, layer.colormap = (0, 3), "gray_r"
    for canvas in (window.form.views.before, window.form.views.after):
        assert tuple(canvas.model.layers[0].contrast_limits) == (0, 3)
        assert canvas.model.layers[0].colormap.name == "gray_r"
    assert window.form.views.legend.high.text() == "3"


def test_the_wheel_takes_no_other_baseline_and_no_other_plane(window: FollowUpWindow) -> None:
    boxes = (window.choice.measured, window.choice.anatomy, window.form.plane)
    before = [box.currentText() for box in boxes]
    for box in boxes:
        box.clearFocus()
        turn(box)
    assert [box.currentText() for box in boxes] == before


def test_a_view_without_an_image_has_neither_a_slider_nor_a_cross(window: FollowUpWindow) -> None:
    before = window.form.views.before
    parts = before.widget.dims, before._cover
    assert not any(part.isHidden() for part in parts)
    window._viewer.layers.remove(window.choice._watched[0])
    assert before.volume is None
    assert all(part.isHidden() for part in parts)


def test_nothing_is_said_of_a_baseline_that_was_removed_or_edited(window: FollowUpWindow, qtbot: QtBot) -> None:
    session = window.session
    session.draw_at_other(session.found.rows[0])
    layer = window.choice._watched[0]
    before = session.baseline
    layer.data = layer.data * 2
    qtbot.waitUntil(lambda: session.baseline is not before, timeout=5000)
    assert len(session.lesions) == 0
    window._viewer.layers.remove(layer)
    assert session.baseline is None
    assert window.form.table.rowCount() == 0


def test_long_names_leave_both_views_one_width_and_their_ends_are_seen(window: FollowUpWindow) -> None:
    views = window.form.views
    window.setFixedWidth(1200)
    QApplication.processEvents()
    views.show_titles("Baseline", f"Follow-up, 2024-06-05, {'x' * 300}_pet")
    assert window.minimumSizeHint().width() <= 1200
    widths = [canvas.widget.width() for canvas in (views.before, views.after)]
    assert abs(widths[0] - widths[1]) <= 2
    assert views.titles[0].text() == "Baseline"
    assert views.titles[1].text().startswith("Follow-up, 2024-06-05, x")
    assert views.titles[1].text().endswith("x_pet")
    assert views.titles[1].toolTip().count("x") == 300


def test_two_patients_are_refused_until_a_reason_is_typed(make_napari_viewer: object, qtbot: QtBot) -> None:
    window = window_of(make_napari_viewer(), qtbot, ("P1", "P2"))  # type: ignore[operator]
    assert "two patients" in window.form.status.text()
    assert not window.form.reason.isHidden()
    assert window.form.views.before.volume is None
    window.form.reason.setText("renumbered")
    window.form.reason.returnPressed.emit()
    assert window.session.is_compared
    assert "renumbered" in window.form.status.text()


def test_the_window_goes_with_the_fuse_widget(window: FollowUpWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.closed):
        window.close()
    assert window.look.layer is None


def test_another_reader_begins_without_the_baseline_list_of_the_one_before(
    make_napari_viewer: object, qtbot: QtBot, tmp_path: Path
) -> None:
    viewer = make_napari_viewer()  # type: ignore[operator]
    window = window_of(viewer, qtbot, ("A", "B"))
    widget = fuse_widget_of(viewer)
    session, review = window.session, widget.panels.review
    window.form.reason.setText("married since")
    window.form.reason.returnPressed.emit()
    session.add_at(session.in_follow_up(patient_of(hot_pet(), SPOTS[0][:3]) + MOVED))
    for reader, count in (("R1", 1), ("R1", 1), ("R2", 0)):
        review.begin(tmp_path / "project", reader)
        assert len(session.lesions) == count
        review.end()
    assert (session.reason, window.form.reason.text(), session.is_compared) == ("", "", False)
    assert not session.can_undo
    window.form.reason.setText("married since")
    window.form.reason.returnPressed.emit()
    review.begin(tmp_path / "project", "R1")
    assert not len(session.lesions)  # it was of the window, and no record holds it


def test_a_session_that_is_saved_says_that_the_baselines_lesions_are_not(
    window: FollowUpWindow, viewer: Viewer, tmp_path: Path
) -> None:
    def said() -> list[str]:
        return [one for one in take_session(viewer, fuse_widget_of(viewer), tmp_path).remarks if "Follow-up" in one]

    assert said() == []
    window.session.add_at(window.session.in_follow_up(patient_of(hot_pet(), SPOTS[0][:3]) + MOVED))
    window.close()
    assert said() == ["Not saved: the baseline's lesions in Follow-up, and how it was registered."]


def test_what_was_drawn_on_the_baseline_is_there_when_the_window_is_opened_again(
    window: FollowUpWindow, viewer: Viewer
) -> None:
    key, widget = window.choice.measured.currentData(), fuse_widget_of(viewer)
    window.session.add_at(window.session.in_follow_up(patient_of(hot_pet(), SPOTS[0][:3]) + MOVED))
    window.form.confirm.click()
    window.close()
    open_follow_up(viewer)
    again = widget.follow_up.window
    assert again is not None
    assert again is not window
    choose(again.choice.measured, key)
    again.choice.measured.activated.emit(again.choice.measured.currentIndex())
    assert [row.status for row in again.session.found.rows] == ["matched"]
