"""What is noticed about the voxels of one source: whether its slices follow upon each other, and whether HU are HU."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from napari_refusion.volume.affine import AXES
from napari_refusion.volume.ct_content import TISSUE
from napari_refusion.volume.figures import in_figures
from napari_refusion.volume.finding import Finding
from napari_refusion.volume.slice_steps import Break, course_of
from napari_refusion.volume.volume import Volume

SOFT: Final = (-150.0, 200.0)
"""HU between which the median of what is dense must lie: fat is about -100, water 0, muscle and brain 30 to 60. In 26
real CTs, of legs, trunks and heads, it is -78 to 41."""

LEAST_DENSE: Final = 0.01
"""Share of the voxels; with less there is too little body to be judged by."""


def slice_sequence(volume: Volume) -> tuple[Finding, ...]:
    """Return warnings about slices that do not go on as those around them, and about empty ones between others."""
    course = course_of(volume)
    plane = next(name for name, axis in AXES.items() if axis == course.axis)
    where = f"of {volume.shape[course.axis]} {plane} slices of {volume.title}"
    found = []
    if course.empty:
        sentence = (
            f"Open or export the series again: {len(course.empty)} {where} are empty, one value everywhere, between "
            f"others (the first is slice {course.empty[0] + 1})."
        )
        found.append(Finding("warn", "missing slice", sentence, f"{len(course.empty)} empty"))
    if course.breaks:
        found.append(_broken(course.breaks, where))
    return tuple(found)


def _broken(breaks: Sequence[Break], where: str) -> Finding:
    """Return the warning about breaks of a stack, the largest of which comes first; slices are counted from 1."""
    one, others = breaks[0], len(breaks) - 1
    value = f"{one.times:.1f} times"
    if one.last == one.first + 1:
        numbers, differ = (
            f"slices {one.first + 1} and {one.last + 1}",
            f"they differ {value} as much as those around them",
        )
    else:
        numbers, differ = (
            f"slice {one.first + 2}",
            f"it differs from both neighbours {value} as much as those around it",
        )
    further = f", and so at {others} further {'place' if others == 1 else 'places'}" if others else ""
    sentence = (
        f"Look at {numbers} {where}: {differ}{further}. Export the series again if slices are missing, out of order, "
        "displaced, scaled otherwise or of another scan; streaks of metal look alike."
    )
    return Finding("warn", "slice sequence", sentence, value)


def hounsfield(volume: Volume) -> tuple[Finding, ...]:
    """Return a warning about CT in HU in which soft tissue is missing: an intercept or a slope was lost or doubled."""
    if volume.unit != "HU":
        return ()
    step = max(1, round((volume.data.size / 2**20) ** (1 / 3)))
    values = volume.data[::step, ::step, ::step]
    dense = values[values > TISSUE]
    if dense.size <= LEAST_DENSE * values.size or SOFT[0] <= (middle := float(np.median(dense))) <= SOFT[1]:
        return ()
    value = f"{in_figures(middle)} HU"
    sentence = (
        f"Check that the values of {volume.title} are in HU, against the scanner or another viewer: half of what is "
        f"denser than {TISSUE:g} HU in it lies above {value}, and most of a body is fat (-100 HU), water (0) and "
        "muscle (50)."
    )
    return (Finding("warn", "unit", sentence, value),)
