"""Gaps between slices: told apart are slices that were lost and sections with another distance."""

from collections.abc import Sequence
from statistics import median_low
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.io.dicom.slice import SEND_AGAIN, Slice
from napari_refusion.volume.finding import Finding

WHOLE: Final = 0.1
"""How far a gap may be from a whole multiple of the usual step and still be taken for that many steps."""
CERTAIN: Final = 3.0
"""A lone gap of this many usual steps is a hole, whole multiple or not."""
SECTION: Final = 3
"""Equal wide steps in a row that make a section of its own: so many slices are not lost one by one."""
EQUAL: Final = 0.05
"""Share by which steps of one section differ."""
THICKER: Final = 1.5
"""Slices that are this much thicker than those at the usual distance were planned at a wider one."""


def lost_slices(slices: Sequence[Slice], steps: NDArray[np.float64]) -> Finding | None:
    """Return a block where slices are missing between others, None where all steps are wanted.

    Parameters
    ----------
    steps
        From each of the sorted slices to the next, mm.
    """
    usual = median_low(steps.tolist())
    times = steps / usual
    wide = (np.abs(times - np.rint(times)) <= WHOLE) & (np.rint(times) > 1) | (times >= CERTAIN)
    gaps = [gap for gap in np.flatnonzero(wide).tolist() if not _is_section(steps, gap)]
    gaps = [gap for gap in gaps if not _is_planned(slices, steps, gap, usual)]
    if not gaps:
        return None
    lost = sum(max(1, int(np.rint(times[gap])) - 1) for gap in gaps)
    told = "; ".join(f"{steps[gap]:.2f} mm between {slices[gap].name} and {slices[gap + 1].name}" for gap in gaps[:3])
    more = f" and {len(gaps) - 3} more" if len(gaps) > 3 else ""
    sentence = f"{lost} slice(s) missing: {told}{more} instead of {usual:.2f} mm. {SEND_AGAIN}"
    return Finding("block", "missing slice", sentence, f"{steps[gaps[0]]:.2f} mm")


def _is_section(steps: NDArray[np.float64], gap: int) -> bool:
    """Return whether a step is one of several equal ones in a row."""
    first = last = gap
    while first > 0 and abs(steps[first - 1] - steps[gap]) <= EQUAL * steps[gap]:
        first -= 1
    while last < len(steps) - 1 and abs(steps[last + 1] - steps[gap]) <= EQUAL * steps[gap]:
        last += 1
    return last - first + 1 >= SECTION


def _is_planned(slices: Sequence[Slice], steps: NDArray[np.float64], gap: int, usual: float) -> bool:
    """Return whether one of the slices beside a step is as thick as a section with such steps has them."""
    narrow = int(np.abs(steps - usual).argmin())
    thin = slices[narrow].place.thickness
    thick = max(slices[gap].place.thickness or 0.0, slices[gap + 1].place.thickness or 0.0)
    return bool(thin) and thick >= THICKER * (thin or 0.0)
