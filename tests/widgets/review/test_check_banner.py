"""The words across the view when a check failed."""

from collections.abc import Callable

import numpy as np
import pytest
from napari import Viewer
from napari.components.overlays import TextOverlay
from pytestqt.qtbot import QtBot

from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.layers import to_layer_data
from napari_refusion.widgets.orientation_letters import keep_letters
from napari_refusion.widgets.review.check_banner import CheckBanner
from tests.widgets.made import IPL_AFFINE, blob

NARROW = 380
"""Pixels of the view between both docks of a window of 1280, where they are widest."""


def lines(viewer: Viewer, name: str) -> list[tuple[float, float]]:
    """Return where each drawing of a text begins and ends, in pixels from the top of its view."""
    drawn = viewer.window._qt_viewer.canvas._viewer_overlay_to_visual[viewer.canvas.overlays[name]]
    tops = [float(np.asarray(one.node.transform.translate)[1]) for one in drawn]
    return [(top, top + float(one.y_size)) for top, one in zip(tops, drawn, strict=True)]


@pytest.mark.parametrize("side_by_side", [False, True])
def test_a_failed_check_covers_no_letter_of_the_patients_sides_and_is_whole_in_a_narrow_view(
    make_napari_viewer: Callable[..., Viewer], qtbot: QtBot, side_by_side: bool
) -> None:
    viewer = make_napari_viewer(show=True)
    for seed in (0, 1):
        data, properties, _ = to_layer_data(Volume(blob((6, 24, 32), seed), IPL_AFFINE))
        viewer.add_image(data, **properties)
    keep_letters(viewer)
    viewer.canvas.grid.enabled = side_by_side
    banner = CheckBanner(viewer)
    banner.show("CHECK FAILED: Registration (overridden)")
    qtbot.wait(500)
    ((top, bottom),) = lines(viewer, "refusion_check")
    (drawn,) = viewer.window._qt_viewer.canvas._viewer_overlay_to_visual[viewer.canvas.overlays["refusion_check"]]
    assert drawn.x_size < NARROW
    for side in ("top", "bottom"):
        letter = viewer.canvas.overlays[f"refusion_{side}"]
        assert isinstance(letter, TextOverlay)
        assert letter.text
        for begin, end in lines(viewer, f"refusion_{side}"):
            assert end <= top or bottom <= begin
    banner.show("")
    assert not [name for name in viewer.canvas.overlays if name.startswith("refusion_check")]
