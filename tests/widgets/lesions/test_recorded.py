"""Lesions on the page while a review is open, and of a source that registration moved."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from napari import Viewer
from pytestqt.qtbot import QtBot

from napari_refusion.volume.rigid import move_of
from napari_refusion.widgets.fuse.widget import FuseWidget
from napari_refusion.widgets.planes.click import Click
from tests.widgets.lesions.opened import SPOTS, hot_pet, opened, patient_of, wide_ct


@pytest.fixture
def widget(make_napari_viewer: Callable[..., Viewer], qtbot: QtBot) -> FuseWidget:
    return opened(make_napari_viewer(show=True), (wide_ct(), hot_pet()), qtbot)


def test_lesions_are_in_the_record_of_a_review_and_undone_from_both_pages(
    widget: FuseWidget, qtbot: QtBot, tmp_path: Path
) -> None:
    panel, review = widget.panels.lesions, widget.panels.review
    panel.session.add_at(patient_of(hot_pet(), SPOTS[0][:3]))
    review.begin(tmp_path / "project", "R1")
    qtbot.waitUntil(lambda: review.session is not None and review.session.examination is not None, timeout=60_000)
    assert [one.number for one in review.session.review.lesions] == [1]
    panel.session.add_at(patient_of(hot_pet(), SPOTS[1][:3]))
    panel.session.rename(2, "Node")
    assert [one.title for one in review.session.review.lesions] == ["Lesion 1", "Node"]
    assert panel.form.table.rowCount() == 2

    # what is undone on the page Review is gone here, too
    review.keys.press("U")
    assert panel.form.table.item(1, panel.form.table.place_of("name")).text() == "Lesion 2"
    review.keys.press("U")
    assert panel.form.table.numbers() == [1]
    assert (panel.outlines.layers[0].data == 2).sum() == 0
    review.keys.press("Shift+U")
    assert panel.form.table.numbers() == [1, 2]

    # a step that is none of the list's is left to the page Review, which is said
    review.keys.press("1")
    panel.form.undo.click()
    assert panel.form.message.text().startswith("Undo it in the review")
    assert review.session.review.registration == "aligned"
    review.keys.press("U")
    review.end()
    assert panel.form.table.numbers() in ([], [1])
    review.begin(tmp_path / "project", "R1")
    assert panel.form.table.numbers() == [1, 2]
    review.end()


def test_a_click_on_a_source_that_registration_moved_draws_around_what_is_seen_there(
    widget: FuseWidget, qtbot: QtBot
) -> None:
    panel, pet = widget.panels.lesions, hot_pet()
    shift = np.eye(4)
    shift[:3, 3] = (6.0, -4.0, 8.0)
    partial = widget.partial
    moved = move_of(partial.study.fixed, next(one for one in partial.study.sides if one.word == "PET").source, shift)
    widget.panels.register.session.accepted.emit(moved)
    qtbot.waitUntil(lambda: widget.is_idle, timeout=60_000)
    viewer = widget._viewer
    assert widget.partial.study.functional.move is not None
    place = patient_of(pet, SPOTS[0][:3])

    # on the fused image the spot is where registration put it, on the PET's own layer where its file does
    fused = -(place + shift[:3, 3])[::-1]
    panel._add_at(Click(tuple(fused), (0,), tuple(viewer.layers)))
    alone = tuple(layer for layer in viewer.layers if layer.name == "pet")
    panel._add_at(Click(tuple(-place[::-1]), (0,), alone))
    first, second = panel.session.lesions
    assert first.voi.voxels.tolist() == second.voi.voxels.tolist()
    np.testing.assert_allclose(panel.session.now.measured[1].place, place, atol=1e-6)

    # outlines lie on the fused image, and a brush there corrects the PET's own voxels
    (layer,) = panel.outlines.layers
    np.testing.assert_allclose(layer.data_to_world(SPOTS[0][:3]), fused, atol=1e-6)
    panel.go_to(2)
    np.testing.assert_allclose(viewer.dims.point, fused, atol=1.5)
    before = {tuple(one) for one in second.voi.voxels.tolist()}
    layer.data_setitem((np.array([0]), np.array([0]), np.array([0])), 2)
    panel.outlines.take_edits()
    now = {tuple(one) for one in panel.session.lesions.numbered(2).voi.voxels.tolist()}
    assert now == before | {(0, 0, 0)}
