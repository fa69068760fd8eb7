"""The colours of a signed difference of two images."""

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

DIFFERENCE: Final = "difference"
"""What `colour_maps.colour_table` calls these colours; they are no choice for values."""

UNKNOWN_COLOUR: Final = 0.3
"""Grey, in [0, 1], where there is no difference because only one image has data; no difference has that colour."""

_PLACES: Final = (0.0, 0.6, 1.0)
"""Sizes of a difference between which its colour goes in straight lines."""

_LOWER: Final = ((0.0, 0.0, 0.0), (0.1, 0.4, 0.95), (0.75, 0.9, 1.0))
_HIGHER: Final = ((0.0, 0.0, 0.0), (0.95, 0.45, 0.05), (1.0, 0.95, 0.7))
"""RGB there: blue and orange are the two hues that all common forms of colour blindness tell apart."""

_LEVELS: Final = 256


def signed_colours(values: np.ndarray, known: np.ndarray) -> NDArray[np.float32]:
    """Return the colours, RGB (..., 3) in [0, 1], of signed differences: black at 0, blue below, orange above.

    Parameters
    ----------
    values
        (...), at full colour from -1 and from 1 on.
    known
        (...), False where there is none.
    """
    levels = np.rint((np.clip(values, -1.0, 1.0) + 1) / 2 * (_LEVELS - 1)).astype(np.uint8)
    return np.where(known[..., None], difference_table()[levels], np.float32(UNKNOWN_COLOUR))


@cache
def difference_table() -> NDArray[np.float32]:
    """Return the colours of differences from -1 to 1, (256, 3) in [0, 1], read-only."""
    value = np.linspace(-1.0, 1.0, _LEVELS)
    # both levels beside 0 are black: no difference must not look like a small one
    size = np.abs(value) - 1 / (_LEVELS - 1)
    arms = [
        np.stack([np.interp(size, _PLACES, channel) for channel in zip(*colours, strict=True)], axis=1)
        for colours in (_LOWER, _HIGHER)
    ]
    table = np.where(value[:, None] < 0, *arms).astype(np.float32)
    table.setflags(write=False)
    return table
