"""Intensity windows: which range of a volume's unit becomes [0, 1], one window for the whole volume."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.numerics.foreground import foreground, sorted_sample

OUTERMOST: Final = 1e-4
"""Share of the values at either end that a full range leaves out where they lie far from all others."""

FAR: Final = 0.5
"""Of the range of all other values: from this distance on the outermost values lie far from them."""


@dataclass(frozen=True, slots=True)
class Window:
    """The range of intensities that is shown and fused."""

    low: float
    """Becomes 0, in the volume's unit."""
    high: float
    """Becomes 1, in the volume's unit."""

    def __post_init__(self) -> None:
        if not (np.isfinite(self.low) and np.isfinite(self.high) and self.low < self.high):
            raise ValueError(f"A window needs LOW below HIGH, both finite, not {self.low:g},{self.high:g}.")


def rescale_to_window(data: np.ndarray, window: Window) -> NDArray[np.float32]:
    """Return intensities clipped to the window and scaled to [0, 1], float32, same shape; NaN stays NaN."""
    scaled = (data.astype(np.float32) - np.float32(window.low)) / np.float32(window.high - window.low)
    return np.clip(scaled, 0.0, 1.0)


def percentile_window(data: np.ndarray, low: float, high: float) -> Window:
    """Return the window between two percentiles of the foreground, see `foreground.foreground`.

    Medical volumes are mostly background, so percentiles of all voxels would depend on the field of view.

    Parameters
    ----------
    data
        Any shape; NaN and Inf are left out.
    low, high
        Percentiles, 0 to 100; 0 and 100 give the smallest and the largest of all finite values.

    Raises
    ------
    ValueError
        If the volume is constant or has no finite value.
    """
    least, most = finite_range(data)
    values = foreground(sorted_sample(data))
    bottom = least if low == 0 else np.percentile(values, low)
    top = most if high == 100 else np.percentile(values, high)
    if bottom >= top:
        bottom, top = least, most
    return Window(float(bottom), float(top))


def full_window(data: np.ndarray) -> Window:
    """Return the window from the smallest to the largest finite value, but for a few that lie far from all others.

    One voxel of metal, or one that a filter made negative, would leave everything else black or white.

    Raises
    ------
    ValueError
        If the volume is constant or has no finite value.
    """
    least, most = finite_range(data)
    low, high = np.quantile(sorted_sample(data), (OUTERMOST, 1 - OUTERMOST))
    far = FAR * (high - low)
    if far > 0:
        least = low if low - least > far else least
        most = high if most - high > far else most
    return Window(float(least), float(most))


def finite_range(data: np.ndarray) -> tuple[float, float]:
    """Return the smallest and the largest finite value.

    Raises
    ------
    ValueError
        If there are no two different finite values.
    """
    least, most = float(data.min()), float(data.max())
    if not (np.isfinite(least) and np.isfinite(most)):
        finite = data[np.isfinite(data)]
        least, most = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    if least == most:
        raise ValueError("No window fits a volume without two different finite values: it is empty or constant.")
    return least, most
