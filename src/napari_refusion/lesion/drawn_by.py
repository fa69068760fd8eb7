"""With which method a volume of interest was drawn, read from its words, so that the same can be drawn elsewhere."""

import re
from dataclasses import dataclass

from napari_refusion.lesion.methods import METHODS


@dataclass(frozen=True, slots=True)
class DrawnBy:
    """A method and its number."""

    method: str
    """One of `methods.METHODS`."""
    amount: float | None = None
    """None for a method without a number."""


def drawn_by(words: str) -> DrawnBy | None:
    """Return how a volume of interest was drawn; None where a hand corrected it, or another program drew it.

    Parameters
    ----------
    words
        `VolumeOfInterest.method`.
    """
    for name, known in METHODS.items():
        form = re.escape(known.words).replace(re.escape("{amount}"), r"([\d.eE+-]+)").replace(re.escape("{unit}"), ".+")
        if found := re.fullmatch(form, words):
            return DrawnBy(name, float(found[1]) if known.amounts else None)
    return None
