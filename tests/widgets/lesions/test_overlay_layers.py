"""Regions that others drew, as layers of a real viewer."""

from collections.abc import Callable

import numpy as np
from napari import Viewer
from pytestqt.qtbot import QtBot
from qtpy.QtCore import QObject
from qtpy.QtGui import QColor

from napari_refusion.io.overlays.overlay import Overlay, Segment
from napari_refusion.lesion.voi import voi_of
from napari_refusion.widgets.lesions.overlay_layers import OverlayLayers
from napari_refusion.widgets.lesions.overlay_list import OverlayList

AFFINE = np.diag([2.0, 2.0, 2.0, 1.0])


def segment(number: int, name: str, low: int, high: int, colour: tuple[float, float, float] | None = None) -> Segment:
    """A cube of voxels."""
    mask = np.zeros((16, 16, 16), bool)
    mask[low:high, low:high, low:high] = True
    return Segment(number, name, voi_of(mask, AFFINE), colour)


def test_a_region_within_another_one_is_seen_beside_it_and_those_apart_share_a_layer(
    make_napari_viewer: Callable[..., Viewer], qtbot: QtBot
) -> None:
    """As in a structure set: the tumour, its margin, an organ apart, and at last the body, which holds them all."""
    viewer, owner = make_napari_viewer(), QObject()
    layers, listed = OverlayLayers(viewer, owner), OverlayList()
    qtbot.addWidget(listed)
    red = (1.0, 0.0, 0.0)
    regions = (
        segment(1, "GTV", 4, 6, red),
        segment(2, "PTV", 3, 7),
        segment(3, "Liver", 9, 12),
        segment(4, "BODY", 1, 15),
    )
    overlay = Overlay("RTSTRUCT", "plan.dcm", "a" * 64, regions)
    layers.show(overlay, regions)
    listed.show_overlays(layers.shown)
    held = [list(layer.features["name"])[1:] for layer in layers.shown[0].layers]
    assert held == [["GTV", "Liver"], ["PTV"], ["BODY"]]
    counts = [np.unique(layer.data, return_counts=True)[1][1:].tolist() for layer in layers.shown[0].layers]
    assert counts == [[8, 27], [64], [14**3]]
    seen = [layer.get_color(label)[:3] for layer in layers.shown[0].layers for label in range(1, layer.data.max() + 1)]
    assert len({tuple(np.round(one, 3)) for one in seen}) == 4, "no two have one colour"
    np.testing.assert_allclose(seen[0], red)
    icons = [listed.regions.item(line).icon() for line in range(4)]
    swatches = [one.pixmap(10, 10).toImage().pixelColor(5, 5) for one in icons]
    assert swatches[0] == QColor(255, 0, 0)
    np.testing.assert_allclose(
        [one.getRgbF()[:3] for one in swatches], [seen[0], seen[2], seen[1], seen[3]], atol=1 / 31
    )
    layers.remove(layers.shown[0])
    assert (len(viewer.layers), layers.shown) == (0, ())
