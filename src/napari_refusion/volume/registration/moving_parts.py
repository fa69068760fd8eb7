"""What moved between two pictures of one scene that lie on each other as a whole: it is fused to two of it.

Asked of two focuses and two exposures, whose edges agree well; those of infrared and visible light agree too little for
a part to be judged by.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.volume.finding import Finding
from napari_refusion.volume.registration.edges import Agreement, agreement, edges, reduced
from napari_refusion.volume.registration.pictures import shift_in_words

LONGEST: Final = 512
"""Pixels of the longer side, about, on which parts are compared."""

PART: Final = 48
"""Pixels of a part's side; the next one begins after half of it."""

ENOUGH: Final = 0.5
"""Share of the edges of an even picture that a part must have of either to be compared."""

EXPOSED: Final = (0.004, 0.996)
"""Brightness between which a picture shows what is there; black and white show nothing, and what the other picture
shows there has not moved."""

SHOWN: Final = 0.4
"""Share of a part that both pictures must show."""

SURE: Final = 0.4
"""Agreement from which a part is known to lie elsewhere."""

LESS: Final = 0.5
"""Share of it below which it does not lie where it should."""

FEWEST: Final = 2
"""Parts; a single one can be a reflection or a pattern that repeats. They overlap by half, so that one object makes
two, and so can the disc of a light out of focus. Two that lie apart would tell 3 instead of 11 of 20 movements in a
36th of a picture."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a picture that fits the other picture elsewhere."""

    row: int
    column: int
    """Of its middle, pixels of the whole picture from 0."""
    found: Agreement


def moved_parts(a: NDArray[np.float32], b: NDArray[np.float32], titles: tuple[str, str]) -> tuple[Finding, ...]:
    """Return a warning about parts of picture a that lie elsewhere in b, the surest of them with its place.

    Parameters
    ----------
    a, b
        (rows, columns), brightness of 0 to 1 in two pictures that fit each other as a whole.
    titles
        What a sentence calls them.
    """
    (one, width), (other, _) = reduced(a, LONGEST), reduced(b, LONGEST)
    parts = [part for part in _compared(one, other, width) if _is_elsewhere(part.found)]
    if len(parts) < FEWEST:
        return ()
    surest = max(parts, key=lambda part: part.found.best - part.found.here)
    words = shift_in_words(surest.found.shift, width)
    sentence = (
        f"Look about row {surest.row}, column {surest.column} whether something moved between the pictures and is "
        f"there twice in the fused one: that part of {titles[0]} {words} fits {titles[1]} better (edges agree "
        f"{surest.found.best:.2f}, not {surest.found.here:.2f} of 1), as in {len(parts)} parts in all."
    )
    return (Finding("warn", "registration", sentence, f"{len(parts)} parts"),)


def _compared(a: NDArray[np.float32], b: NDArray[np.float32], width: int) -> Iterator[Part]:
    """Yield the parts of two pictures that both show and that have enough edges, with how these agree."""
    low, high = EXPOSED
    shown = (a > low) & (a < high) & (b > low) & (b < high)
    edges_a, edges_b = (np.where(shown, edges(one), 0) for one in (a, b))
    even = [float(np.abs(one).mean()) for one in (edges_a, edges_b)]
    for row in range(0, a.shape[0] - PART + 1, PART // 2):
        for column in range(0, a.shape[1] - PART + 1, PART // 2):
            at = np.s_[row : row + PART, column : column + PART]
            lengths = [float(np.abs(one[at]).mean()) for one in (edges_a, edges_b)]
            has_edges = all(length > ENOUGH * mean for length, mean in zip(lengths, even, strict=True))
            if has_edges and shown[at].mean() >= SHOWN:
                middle = ((row + PART // 2) * width, (column + PART // 2) * width)
                yield Part(*middle, agreement(edges_a[at], edges_b[at]))


def _is_elsewhere(found: Agreement) -> bool:
    """Return whether a part lies elsewhere, and not so far away that it is another edge alike."""
    is_near = max(map(abs, found.shift)) <= PART // 2
    return is_near and found.best >= SURE and found.here < LESS * found.best
