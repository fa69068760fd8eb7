"""Images of a series with the places where they lie along its stack."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from napari_refusion.io.dicom.slice import Slice

SAME_PLACE: Final = 0.01
"""mm along the normal; images closer than this lie at one place."""

EVEN: Final = 0.05
"""Part of a step by which the steps of one pass may differ."""


@dataclass(frozen=True, slots=True)
class Placed:
    """An image with the number of its place along the stack, and where that is."""

    image: Slice
    place: int
    along: float


def placed_along(slices: Sequence[Slice]) -> tuple[Placed, ...]:
    """Return images with their places, those without one left out."""
    orientations = [image.place.orientation for image in slices if image.place.orientation]
    if not orientations:
        return ()
    common = Counter(orientations).most_common(1)[0][0]
    normal = np.cross(common[:3], common[3:])
    # Images that are tilted against the rest have no place in its stack.
    known = [
        (float(np.dot(normal, image.place.position)), image)
        for image in slices
        if image.place.position
        and image.place.orientation
        and np.abs(np.subtract(image.place.orientation, common)).max() < EVEN
    ]
    known.sort(key=lambda one: one[0])
    steps = np.diff([along for along, _ in known], prepend=known[0][0] if known else 0)
    numbers = np.cumsum(steps >= SAME_PLACE)
    return tuple(Placed(image, int(number), along) for (along, image), number in zip(known, numbers, strict=True))
