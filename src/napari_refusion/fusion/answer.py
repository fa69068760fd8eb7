"""Whether an engine's answer can be a fused slice at all: before anybody looks at it, or it is written."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.volume.finding import refuse

_FLAT: Final = 1e-4
"""Spread of a fused slice, of [0, 1], at which nothing is shown: a fortieth of one of 255 grey levels."""

_SHOWS: Final = 0.05
"""Spread of a source from which on the fused slice must show something."""

_ROUNDING: Final = 1e-5
"""How far rounding may take an answer out of [0, 1]."""


def check_answer(fused: NDArray[np.floating[Any]], a: NDArray[Any], b: NDArray[Any], engine: str, place: str) -> None:
    """Check that a fused slice is finite, within [0, 1], and not constant where a source is not.

    Parameters
    ----------
    fused
        (H, W), the engine's answer.
    a, b
        (H, W) in [0, 1], what it was made of.
    engine
        What the weights are called.
    place
        Which slice it is, as ``axial slice 12``.

    Raises
    ------
    RefusedError
        If it is not, with the name of the weights and the slice.
    """
    low, high = float(fused.min()), float(fused.max())  # NaN if one value is
    spread = max(float(np.ptp(a)), float(np.ptp(b)))
    if not np.isfinite(fused).all():
        count = f"{np.count_nonzero(~np.isfinite(fused))} of {fused.size} values"
        fault = f"{count} of {place} are not finite"
    elif low < -_ROUNDING or high > 1.0 + _ROUNDING:
        fault = f"{place} has values from {low:.4g} to {high:.4g}, outside 0 to 1"
    elif high - low < _FLAT and spread > _SHOWS:
        fault = f"{place} is {low:.4g} everywhere, while the sources vary by {spread:.2f}"
    else:
        return
    raise refuse("weights", f"Choose other weights than {engine}, which cannot fuse this: {fault}.", fault)
