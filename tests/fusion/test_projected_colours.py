"""The colours of a fused volume at places in the patient."""

import numpy as np
import pytest

from napari_refusion.fusion.colouring import Colouring, choose_colouring
from napari_refusion.fusion.partial import PartialFusion, new_partial
from napari_refusion.fusion.projected_colours import colours_at
from napari_refusion.numerics.intensity import Window
from napari_refusion.study.pairing import pair
from napari_refusion.volume.volume import Volume


@pytest.fixture
def partial(mri: Volume, pet: Volume) -> PartialFusion:
    partial = new_partial(pair(pet, mri, windows=(Window(0, 10), Window(0, 910))), "axial")
    for index in range(3):
        partial.put(index, np.linspace(0.2, 0.9, 56, dtype=np.float32).reshape(8, 7))
    return partial


@pytest.fixture
def colouring(partial: PartialFusion) -> Colouring:
    colouring = choose_colouring(partial.study, "hot_iron")
    assert colouring is not None
    return colouring


def test_each_place_has_the_colour_of_the_fused_voxel_it_lies_in(partial: PartialFusion, colouring: Colouring) -> None:
    # voxels of 2 mm: 0.9 mm from the middle is inside
    places = np.stack([partial.study.grid.point_at(np.array(v, float)) + 0.9 for v in ((1, 2, 3), (2, 7, 0))])
    whole = colouring.paint(partial.fused, ...)
    assert np.array_equal(colours_at(partial, colouring, places), [whole[1, 2, 3], whole[2, 7, 0]])


def test_what_is_not_fused_yet_outside_or_no_place_is_black(partial: PartialFusion, colouring: Colouring) -> None:
    grid = partial.study.grid
    not_done, outside = grid.point_at(np.array((4.0, 2, 3))), grid.point_at(np.array((1.0, 2, 40)))
    places = np.stack([not_done, outside, np.full(3, np.nan)])[None]
    colours = colours_at(partial, colouring, places)
    assert colours.shape == (1, 3, 3)
    assert not colours.any()
