"""Boxes of 3 x 3 x 3 voxels, one of them moved: how many voxels they share is a product."""

import numpy as np
import pytest

from napari_refusion.lesion.lesions import Lesions
from napari_refusion.lesion.shared import common, shared_findings
from napari_refusion.lesion.voi import VolumeOfInterest, voi_of


def cube(start: tuple[int, int, int]) -> VolumeOfInterest:
    mask = np.zeros((12, 12, 12), np.bool_)
    mask[tuple(slice(at, at + 3) for at in start)] = True
    return voi_of(mask, np.eye(4))


@pytest.mark.parametrize(
    ("start", "count"),
    [((4, 4, 4), 27), ((5, 4, 4), 18), ((5, 6, 4), 6), ((6, 6, 6), 1), ((7, 4, 4), 0), ((2, 3, 4), 6), ((0, 0, 0), 0)],
)
def test_common_voxels_are_counted_wherever_the_boxes_lie(start: tuple[int, int, int], count: int) -> None:
    assert common(cube((4, 4, 4)), cube(start)) == common(cube(start), cube((4, 4, 4))) == count


def test_a_lesion_drawn_again_is_warned_of_with_the_number_and_one_of_another_source_is_not() -> None:
    lesions = Lesions().added(cube((4, 4, 4)), "pet").added(cube((5, 4, 4)), "pet").added(cube((4, 4, 4)), "ct")
    (one,) = shared_findings(lesions, 2)
    assert (one.level, one.value) == ("warn", "18 voxels")
    assert "Lesion 2 has 18 of its 27 voxels in common with Lesion 1" in one.sentence
    assert shared_findings(lesions, 3) == ()
