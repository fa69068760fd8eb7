"""The self-test of photographs: whether two pictures of one scene lie on each other, by their edges.

What is taken for one scene twice and is not, or is beside its place, is fused to contours that are there twice; no
network notices it. Nothing is moved: it is only told.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.volume.finding import Finding
from napari_refusion.volume.registration.edges import AROUND, Agreement, agreement, edges, reduced
from napari_refusion.volume.volume import Volume

COARSE: Final = 320
"""Pixels of the longer side, about, on which turned, rotated and scaled pictures are tried."""

FINE: Final = 1024
"""The same for shifts."""

SMALLEST: Final = 48
"""Pixels of the shorter side; less has too few edges to be judged by."""

GAIN: Final = 1.1
"""How many times as well the edges must agree elsewhere to be told."""

LEAD: Final = 0.04
"""By how much more; chance makes up to 0.02 of it."""

EVIDENCE: Final = 0.15
"""Agreement from which another position is named: by chance 0.12 is reached somewhere, while real pairs of infrared and
visible light have 0.12 to 0.49 where they lie, of two focuses and exposures 0.2 to 0.99."""

UNRELATED: Final = 0.1
"""Agreement below which two pictures that do not fit best where they lie have nothing in common there."""

ROTATIONS: Final = (1.5, 3.0, 5.0, 7.0)
"""Degrees, both ways."""

SCALES: Final = (0.90, 0.94, 0.97, 1.03, 1.06, 1.10)
"""Another lens, or a lens that shows more or less when it is focused elsewhere."""

_TURNED: Final = (
    ("mirrored left to right", (slice(None), slice(None, None, -1)), False),
    ("upside down and mirrored", (slice(None, None, -1), slice(None)), False),
    ("turned by 180 degrees", (slice(None, None, -1), slice(None, None, -1)), False),
    ("turned by 90 degrees to the left", (slice(None, None, -1), slice(None)), True),
    ("turned by 90 degrees to the right", (slice(None), slice(None, None, -1)), True),
    ("with rows and columns exchanged", (slice(None), slice(None)), True),
)
"""What was done to a picture, the slices that do it, and whether rows and columns are exchanged before."""


def picture_findings(a: Volume, b: Volume) -> list[Finding]:
    """Return whether photograph a lies on b: the best of all shifts, of turns, and of some rotations and sizes.

    Parameters
    ----------
    a, b
        Two volumes of one slice and one size, all voxels finite.
    """
    one, other = a.grey[0], b.grey[0]
    (coarse_a, width), (coarse_b, _) = reduced(one, COARSE), reduced(other, COARSE)
    edges_a, edges_b = edges(coarse_a), edges(coarse_b)
    if min(coarse_a.shape) < SMALLEST or not edges_a.any() or not edges_b.any():
        return [_too_little(a, b)]
    here = agreement(edges_a, edges_b)
    best, words = max((agreement(edges(changed), edges_b).best, words) for changed, words in _elsewhere(coarse_a))
    if best > here.best and _is_told(best, here.here):
        return [_better(a, b, words, best, here.here)]
    fine_a, fine_width = reduced(one, FINE)
    fine = agreement(edges(fine_a), edges(reduced(other, FINE)[0])) if fine_width < width else here
    for found, pixel in ((here, width), (fine, fine_width)):
        if _is_told(found.best, found.here):
            return [_better(a, b, shift_in_words(found.shift, pixel), found.best, found.here)]
    if here.here < UNRELATED and here.best > here.here and fine.best > fine.here:
        return [_nothing_shared(a, b, here)]
    return [_fits(a, b, (AROUND + 2) * fine_width, here.here)]


def _is_told(there: float, here: float) -> bool:
    """Return whether edges agree elsewhere by so much more than here that it is no chance."""
    return there >= EVIDENCE and there > max(GAIN * here, here + LEAD)


def _elsewhere(picture: NDArray[np.float32]) -> Iterator[tuple[NDArray[np.float32], str]]:
    """Yield a picture as it would be turned, mirrored, rotated or of another size."""
    from scipy.ndimage import rotate, zoom

    for words, kept, exchanged in _TURNED:
        yield (picture.T if exchanged else picture)[kept], words
    for degrees in ROTATIONS:
        for angle, way in ((degrees, "left"), (-degrees, "right")):
            turned = rotate(picture, angle, reshape=False, order=1, mode="nearest")
            yield turned, f"rotated by {degrees:g} degrees to the {way}"
    for scale in SCALES:
        words = "enlarged" if scale > 1 else "made smaller"
        yield zoom(picture, scale, order=1), f"{words} by {abs(scale - 1):.0%}"


def shift_in_words(shift: tuple[int, int], pixel: int) -> str:
    """Return a shift of blocks that are `pixel` pixels wide: ``shifted by about 12 pixels down and 4 to the right``."""
    ways = (("down", "up"), ("to the right", "to the left"))
    parts = [(abs(steps) * pixel, way[steps < 0]) for steps, way in zip(shift, ways, strict=True) if steps]
    (first, where), *others = parts
    return f"shifted by about {first} pixels {where}" + "".join(f" and {amount} {way}" for amount, way in others)


def _too_little(a: Volume, b: Volume) -> Finding:
    sentence = f"Look whether {a.title} lies on {b.title}: they are too small or too empty to test it."
    return Finding("warn", "registration", sentence)


def _nothing_shared(a: Volume, b: Volume, here: Agreement) -> Finding:
    sentence = (
        f"Check that {a.title} and {b.title} show the same scene from the same place: where they lie their edges have "
        f"hardly anything in common (agreement {here.here:.2f} of 1)."
    )
    return Finding("warn", "registration", sentence, f"agreement {here.here:.2f}")


def _better(a: Volume, b: Volume, words: str, there: float, here: float) -> Finding:
    sentence = (
        f"Align both pictures before you fuse them, or check that they show the same scene: {a.title} {words} fits "
        f"{b.title} better (edges agree {there:.2f}, not {here:.2f} of 1)."
    )
    return Finding("warn", "registration", sentence, f"agreement {there:.2f} > {here:.2f}")


def _fits(a: Volume, b: Volume, least: int, here: float) -> Finding:
    sentence = (
        f"{a.title} fits {b.title} best where it lies (edges agree {here:.2f} of 1; shifts under {least} pixels are "
        "not detected)."
    )
    return Finding("ok", "registration", sentence, f"agreement {here:.2f}")
