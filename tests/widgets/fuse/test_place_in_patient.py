"""The place in the patient stays when the volume by which places are counted becomes an oblique one."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from napari import Viewer
from napari.settings import get_plugin_settings
from pytestqt.qtbot import QtBot

from napari_refusion.volume.origin import Origin
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.fuse.widget import FuseWidget
from napari_refusion.widgets.layers import to_layer_data
from napari_refusion.widgets.shown_slice import reference_volume
from napari_refusion.widgets.world import drawn_matrix, is_misdrawn
from tests.widgets.made import blob, oblique

HALF = 2.0
"""mm, half the distance of slices: a slider takes a place between two of them to the nearer one."""

Opened = tuple[Viewer, FuseWidget]


@pytest.fixture
def opened(make_napari_viewer: Callable[..., Viewer], weights: Path, mri: Volume) -> Opened:
    """A straight PET, by which places are counted at first, and an oblique MRI, on whose grid both are fused."""
    viewer = make_napari_viewer()
    get_plugin_settings("napari-refusion").fusion.live = False
    affine = mri.affine.copy()
    affine[:3, 1] *= 2.0
    pet = Volume(blob((6, 12, 32), 2), affine, "PT", "Bq/ml", name="pet", origin=Origin(sha256="2" * 64))
    for volume in (pet, replace(mri, affine=oblique(20.0))):
        data, properties, _ = to_layer_data(volume)
        viewer.add_image(data, **properties)
    _, widget = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
    widget.page.form.add_weights(weights)
    return viewer, widget


def place(viewer: Viewer) -> np.ndarray:
    """Return the place in the patient at which the viewer is, RAS+ mm, by the volume by which it is counted."""
    volume = reference_volume(viewer.layers)
    assert volume is not None
    index = np.linalg.inv(drawn_matrix(volume.grid)) @ (*viewer.dims.point, 1.0)
    return np.asarray((volume.affine @ index)[:3])


def test_a_place_that_was_gone_to_is_the_place_that_is_fused_and_shown_and_left_again(
    opened: Opened, qtbot: QtBot
) -> None:
    viewer, widget = opened
    wanted = np.array((-5.0, 4.0, 18.0))
    widget.planes.place.setText("L 5 A 4 S 18")
    widget.planes.go()
    assert np.allclose(place(viewer), wanted)
    widget.fuse(is_slice=True)
    qtbot.waitUntil(lambda: widget.session.request is None, timeout=60_000)
    partial = widget.partial
    assert partial is not None
    grid = partial.study.grid
    assert is_misdrawn(grid)
    off = grid.index_at(place(viewer)) - grid.index_at(wanted)
    assert abs(off[0]) <= 0.5  # a slider stops at slices
    assert np.allclose(off[1:], 0)
    assert np.flatnonzero(partial.done).tolist() == [round(float(grid.index_at(wanted)[0]))]
    widget.finish_layers()
    assert np.linalg.norm(place(viewer) - wanted) <= HALF
    widget.undo()
    assert widget.partial is None
    assert np.linalg.norm(place(viewer) - wanted) <= 2 * HALF
