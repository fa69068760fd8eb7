"""A missed uptake is led to: its slice, its place in the middle, a ring around it, its entry in the list."""

import math
from dataclasses import replace

import numpy as np
import pytest
from napari import Viewer
from pytestqt.qtbot import QtBot
from qtpy.QtCore import Qt

from napari_refusion.evidence.missed_uptake import MissedUptake
from napari_refusion.session.examined import Examined
from napari_refusion.widgets.fuse.widget import FuseWidget
from napari_refusion.widgets.review.panel import ReviewPanel
from napari_refusion.widgets.review.ring import RADIUS
from tests.small_pair import IPL_AFFINE
from tests.widgets.review.test_panel import panel, reading_of, viewer, widget  # noqa: F401

VOXELS = ((4, 6, 20), (1, 15, 9))


@pytest.fixture
def found(panel: ReviewPanel) -> tuple[MissedUptake, ...]:  # noqa: F811
    """Two places in the list of the case."""
    session = panel.session
    assert session is not None
    assert session.examination is not None
    missed = tuple(
        MissedUptake(voxel[0], voxel, tuple((IPL_AFFINE @ [*voxel, 1])[:3].tolist()), 0.5, 0.1 * rank)
        for rank, voxel in enumerate(VOXELS)
    )
    reading_of(panel).take(Examined(replace(session.examination, missed=missed), session.limits))
    return missed


def test_the_list_says_where_each_place_is_in_the_patient(panel: ReviewPanel, found: object) -> None:  # noqa: F811
    assert panel.form.tabs.tabText(1) == "Missed (2)"
    # voxel (0, 0, 0) lies at R 10, A 20, S 30; voxels of 4 x 2 x 1 mm along (I, P, L)
    item = panel.form.missed.places.item(0)
    assert item is not None
    assert item.text() == "1  L 10.0  A 8.0  S 14.0 mm, slice 5 of 6: 0 % of it shows"


def test_the_key_leads_to_one_place_after_the_other(
    viewer: Viewer,  # noqa: F811
    panel: ReviewPanel,  # noqa: F811
    found: tuple[MissedUptake, ...],
) -> None:
    for rank in (0, 1, 0):
        panel.keys.press("H")
        assert panel.watch.index() == VOXELS[rank][0]
        assert panel.form.missed.places.currentRow() == rank
        assert f"Missed uptake {rank + 1} of 2" in panel.form.note.text()
        ring = panel.on_canvas.ring
        assert ring is not None
        assert ring.radius() == pytest.approx(RADIUS)
        # in the middle of the view
        (centre,) = ring.centres()
        assert (centre.x(), centre.y()) == pytest.approx((ring.width() / 2, ring.height() / 2), abs=1e-6)
        assert viewer.dims.point == pytest.approx(ring.point)  # where the two other planes cross this one


def test_a_click_on_an_entry_leads_to_its_place(
    panel: ReviewPanel,  # noqa: F811
    found: tuple[MissedUptake, ...],
    qtbot: QtBot,
) -> None:
    panel.form.tabs.setCurrentWidget(panel.form.missed)
    item = panel.form.missed.places.item(1)
    assert item is not None
    spot = panel.form.missed.places.visualItemRect(item).center()
    qtbot.mouseClick(panel.form.missed.places.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert panel.watch.index() == VOXELS[1][0]
    assert panel.on_canvas.ring is not None


def test_the_ring_lies_on_its_voxel_whatever_the_camera_does_and_gets_narrower_beside_its_slice(
    viewer: Viewer,  # noqa: F811
    panel: ReviewPanel,  # noqa: F811
    found: tuple[MissedUptake, ...],
) -> None:
    panel.keys.press("H")
    ring = panel.on_canvas.ring
    assert ring is not None
    zoom = viewer.scene.camera.zoom
    viewer.scene.camera.center = (0.0, *(np.array(viewer.scene.camera.center[-2:]) + np.array((10, -20))))
    (centre,) = ring.centres()
    # the view went 10 mm towards posterior and 20 mm towards the right: the place goes the other way on the screen
    assert centre.y() - ring.height() / 2 == pytest.approx(-10 * zoom)
    assert centre.x() - ring.width() / 2 == pytest.approx(20 * zoom)
    panel.watch.go_to(VOXELS[0][0] - 1)  # slices are 4 mm apart
    assert ring.radius() == pytest.approx(math.sqrt(RADIUS**2 - 4**2))
    panel.watch.go_to(VOXELS[0][0] - 2)
    assert ring.radius() == 0
    viewer.dims.ndisplay = 3
    assert ring.radius() == 0
    assert ring.centres() == []


def test_side_by_side_there_is_a_ring_in_every_cell(
    panel: ReviewPanel,  # noqa: F811
    widget: FuseWidget,  # noqa: F811
    found: tuple[MissedUptake, ...],
) -> None:
    panel.keys.press("H")
    ring = panel.on_canvas.ring
    assert ring is not None
    widget.panels.comparing.toggle_side_by_side()
    widget.panels.compare.view.cells.finish()
    third = ring.width() / 3
    across = [centre.x() for centre in ring.centres()]
    assert np.diff(across) == pytest.approx([third, third])
    widget.panels.comparing.toggle_side_by_side()


def test_the_ring_goes_with_the_case(panel: ReviewPanel, found: tuple[MissedUptake, ...]) -> None:  # noqa: F811
    panel.keys.press("H")
    ring = panel.on_canvas.ring
    assert ring is not None
    panel.end()
    assert panel.on_canvas.ring is None
    assert not ring.isVisible()


def test_where_nothing_is_missed_the_list_and_the_key_say_so(panel: ReviewPanel) -> None:  # noqa: F811
    session = panel.session
    assert session is not None
    assert session.examination is not None
    reading_of(panel).take(Examined(replace(session.examination, missed=()), session.limits))
    panel.keys.press("H")
    assert panel.form.note.text() == "No missed uptake is known."
    assert "No missed uptake is known" in panel.form.missed.empty.text()
    assert panel.on_canvas.ring is None


def test_before_the_examination_the_key_does_not_say_that_nothing_is_missed(panel: ReviewPanel) -> None:  # noqa: F811
    session = reading_of(panel).session
    session.examination = None
    panel.keys.press("H")
    assert panel.form.note.text() == "Missed uptake is not known yet: it is looked for."
