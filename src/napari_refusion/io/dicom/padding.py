"""Pixel padding that is brighter than the image: no measurement (PS3.3, C.7.5.1.1.2), but it would rule the window.

Padding below the image, such as the -2000 of CT, is left as it is: it is dark in every window.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from napari_refusion.io.dicom.slice import Slice, named
from napari_refusion.volume.finding import Finding


@dataclass(slots=True, eq=False)
class BrightPadding:
    """The padding of a series while its slices are read."""

    _masks: dict[int, tuple[Slice, NDArray[np.bool_]]] = field(default_factory=dict)
    """Number of a slice -> which of its pixels are padding, for those in which nothing is brighter."""
    _is_seen: bool = False
    """Whether padding surrounds something darker in one of them."""

    def note(self, number: int, image: Slice, numbers: np.ndarray) -> None:
        """Note which stored numbers of a slice, (rows, columns), are padding, where they are its highest values."""
        padding = image.stored.padding if image.stored else None
        if padding is None or image.rescale.table or image.rescale.slope <= 0 or numbers.max() < padding[0]:
            return
        mask = (numbers >= padding[0]) & (numbers <= padding[1])
        if numbers.max() > padding[1] or not mask.any():
            return
        # What lies inside the image alone may be metal at the end of the range.
        is_frame = bool(mask[[0, -1]].any() or mask[:, [0, -1]].any())
        self._is_seen |= is_frame and not mask.all()
        self._masks[number] = image, mask

    def remove(self, stacked: NDArray[np.float32]) -> list[Finding]:
        """Give padding the lowest value of the image, in place, and return what is said of it."""
        if not self._is_seen:
            return []
        whole = {number for number, (_, mask) in self._masks.items() if mask.all()}
        lowest = min(float(stacked[number].min()) for number in range(len(stacked)) if number not in whole)
        for number, (_, mask) in self._masks.items():
            stacked[number][mask] = lowest
        images = [self._masks[number][0] for number in sorted(self._masks)]
        stored = images[0].stored
        value = f"{stored.padding[0]}" if stored and stored.padding else ""
        sentence = (
            f"{named(images, 'has', 'have')} padding that is brighter than the image (Pixel Padding Value (0028,0120) "
            f"{value}): it is no measurement, and was given the lowest value of the image."
        )
        return [Finding("ok", "values", sentence, value)]
