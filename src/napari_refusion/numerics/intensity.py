"""Intensity windows: which range of a volume's unit becomes [0, 1], one window for the whole volume."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


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
    """Return the window between two percentiles of the finite foreground (values other than the minimum).

    Medical volumes are mostly background, so percentiles of all voxels would depend on the field of view.

    Parameters
    ----------
    data
        Any shape; NaN and Inf are left out.
    low, high
        Percentiles, 0 to 100; ``low`` 0 gives the minimum of all finite values.

    Raises
    ------
    ValueError
        If the volume is constant or has no finite value.
    """
    finite = data[np.isfinite(data)]
    if finite.size == 0 or finite.min() == finite.max():
        raise ValueError("No window fits a volume without two different finite values: it is empty or constant.")
    foreground = finite[finite > finite.min()]
    bottom = finite.min() if low == 0 else np.percentile(foreground, low)
    top = np.percentile(foreground, high)
    if bottom >= top:
        bottom, top = finite.min(), finite.max()
    return Window(float(bottom), float(top))
