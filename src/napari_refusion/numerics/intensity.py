"""Intensity windows: which range of a volume's unit becomes [0, 1], one window for the whole volume."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CT_PRESETS = {"brain": (0.0, 100.0), "bone": (-300.0, 1300.0), "soft": (-135.0, 215.0), "lung": (-1200.0, 200.0)}
"""Low and high in HU."""


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


def to_unit(data: np.ndarray, window: Window) -> NDArray[np.float32]:
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


def choose_window(data: np.ndarray, modality: str, unit: str, choice: str = "") -> Window:
    """Return the one window of a volume.

    Without a choice: CT in HU the brain preset, PET and SPECT from 0 to the 99.5th percentile of the foreground,
    MRI from the 0.5th to the 99.5th percentile, anything else its full range.

    Parameters
    ----------
    data
        (I, P, L) in `unit`.
    modality
        DICOM Modality, empty for unknown.
    choice
        A CT preset (``brain``, ``bone``, ``soft``, ``lung``), ``LOW,HIGH`` in the volume's unit, or percentiles
        ``p1,p99``.

    Raises
    ------
    ValueError
        If the choice is none of these, or a CT preset is asked for a volume that is not in HU.
    """
    choice = choice.strip().lower()
    if choice in CT_PRESETS:
        if unit != "HU":
            raise ValueError(f"Window {choice!r} is in HU, but this volume is in {unit or 'arbitrary units'}.")
        return Window(*CT_PRESETS[choice])
    if choice:
        return _parse_window(data, choice)
    if modality == "CT" and unit == "HU":
        return Window(*CT_PRESETS["brain"])
    if modality in ("PT", "NM"):
        return Window(0.0, percentile_window(data, 0.0, 99.5).high)
    if modality == "MR":
        return percentile_window(data, 0.5, 99.5)
    return percentile_window(data, 0.0, 100.0)


def _parse_window(data: np.ndarray, choice: str) -> Window:
    """Return the window for ``LOW,HIGH`` or ``p1,p99``."""
    parts = [part.strip() for part in choice.split(",")]
    try:
        if len(parts) == 2 and all(part.startswith("p") for part in parts):
            low, high = (float(part[1:]) for part in parts)
            if not 0 <= low < high <= 100:
                raise ValueError
            return percentile_window(data, low, high)
        low, high = (float(part) for part in parts)
    except ValueError:
        known = ", ".join(CT_PRESETS)
        raise ValueError(f"Window {choice!r} is neither a CT preset ({known}), LOW,HIGH, nor p1,p99.") from None
    return Window(low, high)
