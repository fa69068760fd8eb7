"""Where the brightness of a fused image lies between those of its two sources."""

from typing import Final

SMALLEST_DIFFERENCE: Final = 0.1
"""Of two windowed sources in [0, 1]; under it no share is told.

The share is the position between both divided by their difference: at 0.1, one of the 255 grey levels of a screen
moves it by 4 points already, and where both are equal it could be anything.
"""

_ROUNDING: Final = 1e-6
"""Of float32 brightness in [0, 1]."""


def weight_of_first(fused: float, first: float, second: float) -> float | None:
    """Return the weight w with which ``fused = w * first + (1 - w) * second``, clipped to [0, 1].

    It says where the fused brightness lies, not how much of either source is in it: the network mixes neighbourhoods,
    and the same brightness can come about in many ways.

    Parameters
    ----------
    fused
        Brightness of the fused image in [0, 1].
    first, second
        Brightness of the windowed sources in [0, 1].

    Returns
    -------
    float or None
        None where the sources differ by less than `SMALLEST_DIFFERENCE`.
    """
    difference = first - second
    if abs(difference) < SMALLEST_DIFFERENCE:
        return None
    return min(max((fused - second) / difference, 0.0), 1.0)


def weight_in_words(fused: float, first: float, second: float, names: tuple[str, str]) -> str:
    """Return where a fused brightness lies, as ``PET 70 %, MRI 30 %: lies 70 % of the way from MRI to PET``.

    Parameters
    ----------
    fused, first, second
        As in `weight_of_first`.
    names
        What to call the first and the second source.
    """
    if fused > max(first, second) + _ROUNDING:
        return "none: brighter than both sources"
    if fused < min(first, second) - _ROUNDING:
        return "none: darker than both sources"
    share = weight_of_first(fused, first, second)
    if share is None:
        return f"none: {names[0]} and {names[1]} are about equally bright here"
    percent = round(100 * share)
    shares = f"{names[0]} {percent} %, {names[1]} {100 - percent} %"
    return f"{shares}: lies {percent} % of the way from {names[1]} to {names[0]}"
