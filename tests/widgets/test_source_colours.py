"""The colour maps as napari's own, and the functional layer in the chosen one."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from napari.utils.colormaps import AVAILABLE_COLORMAPS
from napari.viewer import Viewer

from napari_refusion.numerics.colour_maps import COLOUR_MAPS, colour_table
from napari_refusion.session.compare import CompareSession
from napari_refusion.widgets.source_colours import colour_source, napari_name
from tests.compared import canvas_to_compare


@pytest.mark.parametrize("name", COLOUR_MAPS)
def test_napari_shows_the_same_colours(name: str) -> None:
    shown = AVAILABLE_COLORMAPS[napari_name(name)].map(np.linspace(0, 1, 256))[:, :3]
    assert np.abs(shown - colour_table(name)).max() < 0.01


def test_the_layer_takes_the_chosen_colours_and_is_not_added_to_others_where_little_is_white(
    make_napari_viewer: Callable[[], Viewer],
) -> None:
    viewer = make_napari_viewer()
    layer = viewer.add_image(np.zeros((3, 8, 8)), colormap="inferno", blending="additive")
    session, partial = CompareSession(), canvas_to_compare()
    side = replace(partial.study.a, key=str(layer.unique_id))
    session.show_partial(replace(partial, study=replace(partial.study, a=side)))
    session.changed.connect(lambda before, now: colour_source(viewer, before, now))
    session.set_threshold(30.0)
    assert layer.colormap.name == "inferno"
    session.set_colour_map("grey_inverted")
    assert (layer.colormap.name, layer.blending) == ("gray_r", "translucent_no_depth")
    session.set_colour_map("pet")
    assert (layer.colormap.name, layer.blending) == ("PET: rainbow", "additive")
