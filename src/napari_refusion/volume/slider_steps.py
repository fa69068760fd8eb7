"""The positions at which a slider stops, matched to the slices of one volume."""

from __future__ import annotations

from typing import Final

import numpy as np

ROUNDING: Final = 1e-6
"""Of a step; positions that differ by less are the same."""

Range = tuple[float, float, float]
"""First position, last position and step, in mm."""


def whole_steps(first: float, step: float, low: float, high: float) -> Range:
    """Return the first and last of the positions ``first + n step`` that lie between `low` and `high`, and the step.

    Parameters
    ----------
    first
        Position of a slice, in mm.
    low, high
        What the slider reaches; `first` lies within.
    """
    before = np.floor((first - low) / step + ROUNDING)
    after = np.floor((high - first) / step + ROUNDING)
    return float(first - before * step), float(first + after * step), step
