"""The finite values of an array, plane by plane: whole copies of a volume would take more memory than the volume."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class FiniteRange:
    """What the values of an array are, those that are numbers."""

    low: float | None
    """The smallest; None where there is no number."""
    high: float | None
    """The largest."""
    missing: int
    """Values that are NaN or infinite."""


def finite_range(data: np.ndarray) -> FiniteRange:
    """Return the range of the finite values of an array of any shape."""
    low, high, missing = np.inf, -np.inf, 0
    for plane in data if data.ndim > 1 else data[None]:
        # Neither bound can be finite and wrong: NaN spreads to both, and infinity is one of them.
        if np.isfinite(plane.min(initial=0)) and np.isfinite(plane.max(initial=0)):
            finite = plane
        else:
            finite = plane[np.isfinite(plane)]
        missing += plane.size - finite.size
        if finite.size:
            low, high = min(low, float(finite.min())), max(high, float(finite.max()))
    return FiniteRange(low, high, missing) if low <= high else FiniteRange(None, None, missing)
