"""Whole numbers as people write them: the consecutive ones as ranges."""

from collections.abc import Iterable


def in_ranges(numbers: Iterable[int]) -> str:
    """Return whole numbers in their order, ``1 to 40, 45``; ``none`` for no number."""
    ranges: list[list[int]] = []
    for number in sorted(numbers):
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    words = (f"{first}" if first == last else f"{first} to {last}" for first, last in ranges)
    return ", ".join(words) or "none"
