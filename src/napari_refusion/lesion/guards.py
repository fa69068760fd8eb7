"""What is noticed about a volume of interest that was just drawn."""

import numpy as np
from numpy.typing import NDArray

from napari_refusion.lesion.search import Search
from napari_refusion.volume.figures import in_figures
from napari_refusion.volume.finding import Finding


def guard_contour(found: Search, inside: NDArray[np.bool_], unit: str) -> tuple[Finding, ...]:
    """Return warnings if a contour reached the border of the search region, the field's, or brighter uptake.

    Parameters
    ----------
    inside
        Which voxels of the searched box are in it.
    """
    reached = int((inside & found.ball.border).sum())
    findings = []
    if reached:
        sentence = (
            f"Look whether it leaked: the contour touches the border of the search region at {reached} of its "
            f"{int(inside.sum())} voxels. Choose a higher threshold, or a larger search radius for a large lesion."
        )
        findings.append(Finding("warn", "volume of interest", sentence, f"{reached} voxels"))
    if found.ball.is_cut and (edge := _at_the_end(found, inside)):
        sentence = (
            f"Measure it with care: {edge} voxels of the contour lie on the border of the field, the lesion may go on."
        )
        findings.append(Finding("warn", "volume of interest", sentence, f"{edge} voxels"))
    highest = float(found.values[inside].max())
    if highest > found.highest:
        sentence = (
            f"Look whether it ran into neighbouring uptake: its maximum is {in_figures(highest)} {unit}, and the hot "
            f"spot that was clicked has {in_figures(found.highest)}. Choose a higher threshold or click on the maximum."
        )
        findings.append(Finding("warn", "volume of interest", sentence, f"{in_figures(highest)} {unit}"))
    return tuple(findings)


def guard_sphere(found: Search, inside: NDArray[np.bool_], _unit: str) -> tuple[Finding, ...]:
    """Return warnings if a sphere reaches out of the field, or holds voxels without a value."""
    findings = []
    if found.ball.is_cut:
        sentence = "Move it inwards or choose a smaller one: the sphere reaches over the border of the field."
        findings.append(Finding("warn", "volume of interest", sentence))
    if missing := int((found.ball.mask & ~inside).sum()):
        sentence = (
            f"Look at the place: {missing} voxels of the sphere have no value (NaN or infinite) and are left out."
        )
        findings.append(Finding("warn", "volume of interest", sentence, f"{missing} voxels"))
    return tuple(findings)


def _at_the_end(found: Search, inside: NDArray[np.bool_]) -> int:
    """Return how many voxels of a contour lie on a face of the box that the field's border cut."""
    at_face = np.zeros(inside.shape, np.bool_)
    for axis, end in enumerate(found.ball.cut):
        for side, is_cut in zip((0, -1), end, strict=True):
            if is_cut:
                np.moveaxis(at_face, axis, 0)[side] = True
    return int((inside & at_face).sum())
