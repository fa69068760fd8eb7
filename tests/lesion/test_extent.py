"""Lengths and distances of boxes whose answer is plain."""

import numpy as np
import pytest

from napari_refusion.lesion.extent import distance
from napari_refusion.lesion.voi import VolumeOfInterest, voi_of
from tests.lesion.uptake import affine_of


def box(first: int, last: int, step: float = 2.0) -> VolumeOfInterest:
    """Return voxels ``first`` to before ``last`` along the last axis of a grid of 4 x 4 x 40."""
    mask = np.zeros((4, 4, 40), np.bool_)
    mask[:, :, first:last] = True
    return voi_of(mask, affine_of(2.0, 2.0, step))


def test_two_boxes_are_apart_by_the_gap_between_their_faces() -> None:
    found = distance(box(0, 4), box(10, 16))
    assert found.surfaces == pytest.approx(12.0)
    assert found.centroids == pytest.approx(22.0)


def test_boxes_that_touch_and_that_hold_each_other_are_not_apart() -> None:
    assert distance(box(0, 4), box(4, 8)).surfaces == pytest.approx(0.0)
    assert distance(box(0, 20), box(8, 9)).surfaces == 0.0


def test_boxes_on_two_grids_are_apart_where_they_lie() -> None:
    found = distance(box(0, 4), box(20, 30, step=1.0))
    assert found.surfaces == pytest.approx(19.5 - 7.0)
    assert found.centroids == pytest.approx(24.5 - 3.0)
