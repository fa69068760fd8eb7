"""Where the edges of two pictures run, and how well they agree wherever one picture is laid on the other.

Infrared and visible light, two focuses and two exposures have no grey values in common, but edges in the same places.
The gradient is doubled in its angle, so that an edge from dark to bright and one from bright to dark are alike, and
bounded in its length, so that neither strong edges nor noise decide (Haber and Modersitzki 2006, Methods of Information
in Medicine 46:292-299; Fitch et al. 2002, Orientation correlation, BMVC). All shifts are tried at once by a Fourier
transform.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

SMOOTHED: Final = 1.5
"""Pixels, standard deviation; grain and the blocks of a JPEG have no edges then."""

RIM: Final = 3
"""Pixels at the borders, which have no edges: what is there is made by smoothing and turning."""

AROUND: Final = 2
"""Pixels by which a picture may lie beside its place: edges of real pairs lie apart by one or two."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How well the edges of one picture agree with those of another, 1 where they are the same, 0 by chance."""

    here: float
    """Where it lies, or up to `AROUND` pixels beside."""
    best: float
    """Where they agree best of all shifts."""
    shift: tuple[int, int]
    """Pixels down and to the right by which it is shifted there."""


def reduced(picture: NDArray[np.float32], longest: int) -> tuple[NDArray[np.float32], int]:
    """Return the means of square blocks of a picture, (rows, columns), and how many pixels wide they are.

    Parameters
    ----------
    longest
        About how many blocks its longer side becomes, at most 1.5 times as many.
    """
    width = max(1, round(max(picture.shape) / longest))
    rows, columns = (max(1, size // width) for size in picture.shape)
    kept = picture[: rows * width, : columns * width]
    blocks = kept.reshape(rows, kept.shape[0] // rows, columns, kept.shape[1] // columns)
    return np.asarray(blocks.mean(axis=(1, 3), dtype=np.float32)), width


def edges(picture: NDArray[np.float32]) -> NDArray[np.complex64]:
    """Return the edges of a picture, (rows, columns): of length 0 to 1, their angle twice that of the gradient."""
    from scipy.ndimage import gaussian_filter

    if min(picture.shape) < 2 * RIM + 2:
        return np.zeros(picture.shape, np.complex64)
    down, right = np.gradient(gaussian_filter(picture, SMOOTHED))
    squared = (right + 1j * down) ** 2
    lengths = np.abs(squared)
    mean = float(lengths.mean())
    found = np.divide(squared, lengths + mean, out=np.zeros_like(squared), where=lengths + mean > 0)
    found[:RIM] = found[-RIM:] = found[:, :RIM] = found[:, -RIM:] = 0
    return np.asarray(found, np.complex64)


def agreement(a: NDArray[np.complex64], b: NDArray[np.complex64]) -> Agreement:
    """Return how well the edges of a agree with those of b, (rows, columns) each, over all shifts of a."""
    from scipy.fft import fft2, ifft2, next_fast_len

    sizes = [next_fast_len(one + other) for one, other in zip(a.shape, b.shape, strict=True)]
    strength = float(np.sqrt((np.abs(a) ** 2).sum() * (np.abs(b) ** 2).sum()))
    if strength == 0:
        return Agreement(0.0, 0.0, (0, 0))
    scores = ifft2(fft2(b, sizes) * np.conj(fft2(a, sizes))).real / strength
    at = np.unravel_index(int(scores.argmax()), scores.shape)
    down, right = (int(k) if k <= size // 2 else int(k) - size for k, size in zip(at, sizes, strict=True))
    beside = np.arange(-AROUND, AROUND + 1)
    return Agreement(float(scores[np.ix_(beside, beside)].max()), float(scores[at]), (down, right))
