"""With which window an MRI opens: percentiles of its foreground, or that of its header where it is near them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from napari_refusion.numerics.intensity import Window, percentile_window
from napari_refusion.volume.chosen_window import ChosenWindow, Purpose
from napari_refusion.volume.ct_window import header_source

if TYPE_CHECKING:
    from napari_refusion.volume.volume import Volume

PERCENTILES: Final = (0.5, 99.5)

LOW_ENDS: Final = (-0.3, 0.3)
"""Where the lower end of a header's window lies that is believed, as a share of the width between the percentiles."""

HIGH_ENDS: Final = (0.6, 1.6)
"""Where its upper end lies."""


def mri_window(volume: Volume, _purpose: Purpose) -> ChosenWindow:
    """Return the window that an MRI opens with.

    MRI has no unit, so its header's window is believed only where it fits the values: many were made for one slice, for
    another image of the examination, or before the values were rescaled. `Acquisition.windows` holds none that differs
    between slices.

    Raises
    ------
    ValueError
        If the volume is empty or constant.
    """
    low, high = PERCENTILES
    window = percentile_window(volume.grey, low, high)
    for header in volume.acquisition.windows[:1]:
        if _fits(header.window, window):
            return ChosenWindow(header.window, header_source(header))
    return ChosenWindow(window, f"percentiles {low:g} to {high:g} of the foreground")


def _fits(header: Window, window: Window) -> bool:
    low, high = ((end - window.low) / (window.high - window.low) for end in (header.low, header.high))
    return LOW_ENDS[0] <= low <= LOW_ENDS[1] and HIGH_ENDS[0] <= high <= HIGH_ENDS[1]
