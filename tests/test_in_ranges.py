"""Whole numbers as ranges."""

import pytest

from napari_refusion.in_ranges import in_ranges


@pytest.mark.parametrize(
    ("numbers", "words"),
    [([], "none"), ([5], "5"), ([1, 2, 3, 7], "1 to 3, 7"), ([6, 4, 5], "4 to 6")],
)
def test_consecutive_numbers_are_a_range(numbers: list[int], words: str) -> None:
    assert in_ranges(numbers) == words
