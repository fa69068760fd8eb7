"""What a brush does to lesions, without a viewer."""

import numpy as np

from napari_refusion.lesion.lesion import Lesion
from napari_refusion.lesion.voi import voi_of
from napari_refusion.volume.grid import Grid
from napari_refusion.widgets.lesions.edits import PAINTED, edits, label_map

GRID = Grid((4, 5, 6), np.diag([-4.0, -2.0, -1.0, 1.0]))


def lesion(number: int, *voxels: tuple[int, int, int]) -> Lesion:
    mask = np.zeros(GRID.shape, np.bool_)
    mask[tuple(np.array(voxels).T)] = True
    return Lesion(number, voi_of(mask, GRID.affine, "isocontour 41 %"), "a" * 64)


def voxels_of(voi: object) -> list[list[int]]:
    return voi.voxels.tolist()


def test_nothing_changed_is_no_edit() -> None:
    lesions = [lesion(1, (1, 1, 1))]
    labels = label_map(lesions, GRID)
    found = edits(lesions, GRID, labels, labels.copy())
    assert (dict(found.changed), found.erased, found.painted) == ({}, (), ())


def test_what_is_painted_over_another_lesion_goes_from_that_one_to_this() -> None:
    lesions = [lesion(1, (1, 1, 1), (1, 1, 2)), lesion(3, (2, 2, 2))]
    before = label_map(lesions, GRID)
    after = before.copy()
    after[1, 1, 2] = 3
    found = edits(lesions, GRID, before, after)
    assert voxels_of(found.changed[1]) == [[1, 1, 1]]
    assert voxels_of(found.changed[3]) == [[1, 1, 2], [2, 2, 2]]
    assert found.erased == ()


def test_a_lesion_without_a_voxel_is_erased_and_an_unknown_number_is_a_new_one() -> None:
    lesions = [lesion(2, (1, 1, 1))]
    before = label_map(lesions, GRID)
    after = before.copy()
    after[1, 1, 1] = 0
    after[0, 0, 0] = 9
    found = edits(lesions, GRID, before, after)
    assert (dict(found.changed), found.erased) == ({}, (2,))
    assert [(voxels_of(one), one.method) for one in found.painted] == [([[0, 0, 0]], PAINTED)]


def test_a_lesion_within_another_one_is_seen_whichever_came_first() -> None:
    small, large = ((1, 1, 2),), ((1, 1, 1), (1, 1, 2), (1, 1, 3))
    for lesions in ([lesion(1, *small), lesion(2, *large)], [lesion(1, *large), lesion(2, *small)]):
        seen = label_map(lesions, GRID)[1, 1, 1:4].tolist()
        inner, outer = (one.number for one in sorted(lesions, key=lambda one: one.voi.count))
        assert seen == [outer, inner, outer]


def test_a_voxel_that_two_lesions_share_stays_in_the_one_that_was_not_seen_there() -> None:
    lesions = [lesion(1, (1, 1, 1), (1, 1, 2)), lesion(2, (1, 1, 2), (1, 1, 3))]
    before = label_map(lesions, GRID)
    assert before[1, 1, 2] == 2
    after = before.copy()
    after[1, 1, 2] = 0
    found = edits(lesions, GRID, before, after)
    assert voxels_of(found.changed[2]) == [[1, 1, 3]]
    assert 1 not in found.changed


def test_numbers_above_255_have_room() -> None:
    assert label_map([lesion(300, (1, 1, 1))], GRID)[1, 1, 1] == 300
