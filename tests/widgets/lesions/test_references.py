"""Reference regions on the page Lesions, and the legends of the views, in a real viewer."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from napari import Viewer
from napari.layers import Labels
from pytestqt.qtbot import QtBot

from napari_refusion.volume.finding import Finding
from napari_refusion.widgets.fuse.widget import FuseWidget
from napari_refusion.widgets.planes.click import Click
from tests.widgets.lesions.opened import SPOTS, hot_pet, opened, patient_of, wide_ct


@pytest.fixture
def viewer(make_napari_viewer: Callable[..., Viewer]) -> Viewer:
    return make_napari_viewer(show=True)


def click_on(viewer: Viewer, voxel: tuple[int, int, int]) -> Click:
    """Return a click on a voxel of the PET, which is straight: napari's world is (-S, -A, -R)."""
    place = -patient_of(hot_pet(), voxel)[::-1]
    return Click((float(place[0]), float(place[1]), float(place[2])), (), tuple(viewer.layers))


def outlines(viewer: Viewer) -> list[Labels]:
    return [layer for layer in viewer.layers if layer.name == "Reference regions"]


def test_a_click_each_places_the_regions_and_lesions_have_a_score_and_its_numbers(viewer: Viewer, qtbot: QtBot) -> None:
    widget = opened(viewer, (wide_ct(), hot_pet()), qtbot)
    panel = widget.panels.lesions
    references, table = panel.references, panel.form.table
    panel.session.add_at(patient_of(hot_pet(), SPOTS[0][:3]))
    panel.toggle_clicking()
    references.buttons["liver"].click()
    assert not panel.clicking.is_on  # a click in the liver is no lesion
    panel.take_click(click_on(viewer, (10, 8, 33)))
    assert "SUVbw" in references.words.text()
    assert "blood pool" in references.words.text()
    assert not references.clicking.is_on
    assert table.place_of("score") < 0
    references.buttons["blood pool"].click()
    panel.take_click(click_on(viewer, (10, 8, 5)))
    item = table.item(0, table.place_of("score"))
    assert item is not None
    assert item.text() == "5"  # 8.0 is far above twice the background, 0.5
    assert len(panel.session.lesions) == 1
    panel.session.select(1)
    assert "Deauville 5 would follow" in references.score.text()
    (layer,) = outlines(viewer)
    assert set(np.unique(layer.data)) == {0, 1, 2}
    references.remove.click()
    assert outlines(viewer) == []
    assert table.place_of("score") < 0


def test_all_that_was_noticed_about_a_region_is_said_and_goes_with_the_next_one(viewer: Viewer, qtbot: QtBot) -> None:
    """The last sentence alone was seen: that a peak was cut, and not that the region lies over an edge."""
    references = opened(viewer, (wide_ct(), hot_pet()), qtbot).panels.lesions.references
    noticed = [Finding("warn", "volume of interest", sentence) for sentence in ("Over an edge_1.", "Cut.", "Cut.")]
    for finding in noticed:
        references.session.said.emit(finding)
    assert references.said.text().replace("\u200b", "") == "Over an edge_1. Cut."
    references.buttons["liver"].click()
    assert "Cut" not in references.said.text()


def test_without_suv_the_buttons_are_off_and_say_why(viewer: Viewer, qtbot: QtBot) -> None:
    widget = opened(viewer, (wide_ct(), hot_pet(unit="Bq/ml")), qtbot)
    for one in widget.panels.lesions.references.buttons.values():
        assert not one.isEnabled()
        assert "not in SUV" in one.toolTip()
    assert not widget.uptake.own.isEnabled()


def test_every_view_has_a_legend_with_the_unit(viewer: Viewer, qtbot: QtBot) -> None:
    widget: FuseWidget = opened(viewer, (wide_ct(), hot_pet()), qtbot)
    legends = widget.legends
    (seen,) = legends.seen()
    assert seen is not None
    assert seen.ends[1].endswith("SUVbw")
    widget.uptake.inverted.click()
    pet, fused, ct = legends.seen()
    assert pet is not None
    assert fused is not None
    assert ct is None
    widget.uptake.inverted.click()
    widget.panels.comparing.set_threshold(2.0)
    (seen,) = legends.seen()
    assert seen is not None
    assert seen.threshold == 2.0
    own = legends._own
    assert own is not None
    assert [one.threshold for _, one in own.shown()] == [2.0]
    if not widget.planes.three.is_shown:
        widget.planes.show_all()
    assert widget.planes.three.planes
    qtbot.waitUntil(lambda: len(legends._others) == 2)
    assert all(len(one.shown()) == 1 for one in legends._others)


def test_another_reader_begins_without_the_regions_of_the_one_before(
    viewer: Viewer, qtbot: QtBot, tmp_path: Path
) -> None:
    widget = opened(viewer, (wide_ct(), hot_pet()), qtbot)
    references, review = widget.panels.lesions.references.session, widget.panels.review
    references.place("liver", patient_of(hot_pet(), (10, 8, 33)))
    for reader, count in (("R1", 1), ("R1", 1), ("R2", 0)):
        review.begin(tmp_path / "project", reader)
        assert len(references.regions) == count
        review.end()
    assert outlines(viewer) == []
