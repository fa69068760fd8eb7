"""A stack that is in order changes gradually; where it does not, it is told where, and by how much."""

import numpy as np
import pytest

from napari_refusion.volume.affine import IPL_TO_RAS
from napari_refusion.volume.slice_steps import Break, course_of, stack_axis
from napari_refusion.volume.volume import Volume

COUNT = 30


def ramp(order: list[int], step: float = 3.0, axis: int = 0) -> Volume:
    """Return a volume whose value rises by 1 from slice to slice and across each, its slices taken in an order.

    The mean step between two slices is then the difference of their numbers.
    """
    slices = np.array(order, np.float32)[:, np.newaxis, np.newaxis]
    rows = np.linspace(0, 200, 40, dtype=np.float32)[:, np.newaxis]
    data = np.moveaxis(slices + rows + np.zeros((1, 40, 40), np.float32), 0, axis)
    spacing = np.ones(3)
    spacing[axis] = step
    affine = np.eye(4)
    affine[:3, :3] = IPL_TO_RAS[:3, :3] @ np.diag(spacing)
    return Volume(data, affine, "MR", name="stack")


def without(first: int, last: int) -> list[int]:
    return [*range(first), *range(last, COUNT)]


def test_a_stack_in_order_has_no_break() -> None:
    course = course_of(ramp(list(range(COUNT))))
    assert course.breaks == ()
    assert course.empty == ()


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_missing_slices_are_a_break_as_many_times_as_large_as_slices_are_gone(axis: int) -> None:
    course = course_of(ramp(without(10, 14), axis=axis))
    assert course.axis == axis
    [found] = course.breaks
    assert (found.first, found.last) == (9, 10)
    assert found.times == pytest.approx(5, rel=0.02)


def test_one_missing_slice_is_within_the_margin() -> None:
    assert course_of(ramp(without(10, 11))).breaks == ()


def test_exchanged_neighbours_break_at_each_pair() -> None:
    order = np.arange(COUNT).reshape(-1, 2)[:, ::-1].ravel().tolist()
    breaks = course_of(ramp(order)).breaks
    # steps of 1 and 3 in turn, of which the outermost have a neighbour on one side only
    assert len(breaks) == COUNT // 2 - 1
    assert all(one.times == pytest.approx(3, rel=0.1) for one in breaks)


def test_odd_slices_behind_even_ones_break_where_they_meet() -> None:
    [found] = course_of(ramp([*range(0, COUNT, 2), *range(1, COUNT, 2)])).breaks
    assert (found.first, found.last) == (COUNT // 2 - 1, COUNT // 2)


def test_a_single_other_slice_is_named_and_its_neighbours_are_not() -> None:
    one = ramp(list(range(COUNT)))
    one.data[12] += 10
    # 11 to it and 9 back from it
    assert [(at.first, at.last) for at in course_of(one).breaks] == [(11, 13)]
    assert course_of(one).breaks[0].times == pytest.approx(9, rel=0.02)


def test_slices_of_one_value_count_between_others_only_and_nothing_breaks_at_them() -> None:
    one = ramp(list(range(COUNT)))
    one.data[:3] = one.data[-2:] = 0
    assert course_of(one).empty == ()
    one.data[14:17] = 0
    assert course_of(one).empty == (14, 15, 16)
    assert course_of(one).breaks == ()


def test_the_largest_break_comes_first_and_brightness_counts_as_much_as_place() -> None:
    one = ramp([*without(8, 11)])
    one.data[20:] *= 3
    breaks = course_of(one).breaks
    assert [at.first for at in breaks] == [19, 7]
    assert breaks[0].times > breaks[1].times


@pytest.mark.parametrize("worth", [np.nan, np.inf])
def test_values_that_are_no_numbers_neither_break_a_stack_nor_stop_its_judgement(worth: float) -> None:
    one = ramp(without(10, 14))
    one.data[25, :8, :8] = worth
    assert course_of(one).breaks[0].first == 9
    one.data[:] = worth
    assert course_of(one).breaks == ()


def test_slices_far_apart_and_few_ones_are_not_judged() -> None:
    assert course_of(ramp(without(10, 14), step=13.0)).breaks == ()
    assert course_of(ramp([0, 1, 9, 10, 11])).breaks == ()
    assert course_of(ramp([0, 1, 2, 9, 10, 11])).breaks == (Break(2, 3, pytest.approx(7)),)


def test_the_stack_is_along_the_axis_whose_spacing_is_not_that_of_square_pixels() -> None:
    assert stack_axis((3.27, 5.47, 5.47)) == 0
    assert stack_axis((1.0, 1.0, 1.2)) == 2
    assert stack_axis((1.61, 5.0, 1.59)) == 1
    assert stack_axis((1.0, 1.0, 1.0)) == 0
    assert stack_axis((1.0, 2.0, 3.0)) == 0


def cylinder(values: tuple[float, float], modality: str, noise: float) -> Volume:
    """Return a cylinder across, 20 of 40 slices, its ends flat as those of phantoms; within and around it a value."""
    around, within = values
    rows, columns = np.indices((40, 40)) - 19.5
    data = np.full((40, 40, 40), around, np.float32)
    data[10:30, np.hypot(rows, columns) < 15] = within
    data += np.random.default_rng(0).normal(0, noise, data.shape).astype(np.float32)
    affine = np.eye(4)
    affine[:3, :3] = IPL_TO_RAS[:3, :3] @ np.diag((3.0, 2.0, 2.0))
    return Volume(data if modality == "CT" else np.abs(data), affine, modality, name="phantom")


@pytest.mark.parametrize(
    "phantom",
    [cylinder((-1000, 0), "CT", 10), cylinder((0, 800), "MR", 12), cylinder((0, 2), "PT", 0.03)],
    ids=["CT", "MR", "PET"],
)
def test_a_phantom_that_begins_and_ends_in_air_is_in_order(phantom: Volume) -> None:
    assert course_of(phantom).breaks == ()


def test_a_slice_of_something_else_within_a_phantom_is_told() -> None:
    phantom = cylinder((0, 800), "MR", 12)
    phantom.data[20] /= 2
    assert [(one.first, one.last) for one in course_of(phantom).breaks] == [(19, 21)]


def test_a_mask_is_no_stack_whatever_its_outline_does() -> None:
    data = np.zeros((30, 40, 40), np.float32)
    data[5:15, 10:30, 10:30] = 1
    data[15:25, 5:35, 5:35] = 2
    affine = np.eye(4)
    affine[:3, :3] = IPL_TO_RAS[:3, :3] @ np.diag((3.0, 1.0, 1.0))
    mask = Volume(data, affine, "PT", name="mask")
    assert course_of(mask).breaks == ()
    data[13:17] = 0  # two lesions
    assert course_of(mask).empty == ()
    data[13:15, 10:30, 10:30] = 1
    data[15:17, 5:35, 5:35] = 2
    data += np.random.default_rng(0).normal(0, 0.01, data.shape).astype(np.float32)
    assert [(one.first, one.last) for one in course_of(mask).breaks] == [(14, 15)]
