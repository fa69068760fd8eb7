"""Whether one volume would fit another better with voxels of another size."""

from typing import Final

import numpy as np

from napari_refusion.volume.registration.position import about
from napari_refusion.volume.registration.probe import Probe

FACTORS: Final = (0.8, 1.25)
"""By which a is made larger or smaller. A tenth is no evidence: a SPECT of the brain, or a CT beside a template, fits
MRI up to 1.6 % better so. Halves and doubles are told as shifts and turns, for little of them fits."""

DIRECTIONS: Final = (
    ((0,), "from head to foot"),
    ((1,), "from front to back"),
    ((2,), "from left to right"),
    ((1, 2), "within axial slices"),
    ((0, 1, 2), "in all directions"),
)
"""Array axes along which sizes are wrong together, and how that is said."""


def scaled(probe: Probe) -> tuple[float, str]:
    """Return the highest NMI of a with other voxel sizes, and what was done to it; 1 where its own size fits as well.

    Tried about one point of both, which is right where a header keeps the middle, and with the middles of both upon
    each other.
    """
    found = [(probe.nmi(about(middle, probe.middle_b, np.eye(3))), "") for middle in _middles(probe)]
    for axes, words in DIRECTIONS:
        for factor in FACTORS:
            matrix = np.diag([factor if axis in axes else 1.0 for axis in range(3)])
            said = f"with voxels {1 / factor:.2g} times as large {words}"
            found += [(probe.nmi(about(middle, probe.middle_b, matrix)), said) for middle in _middles(probe)]
    best, words = max(found)
    return (best, words) if words else (1.0, "")


def _middles(probe: Probe) -> tuple[np.ndarray, np.ndarray]:
    return probe.middle_b, probe.middle_a
