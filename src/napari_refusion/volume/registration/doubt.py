"""What is not registered, and which moves are not trusted."""

from typing import Final

import numpy as np

from napari_refusion.volume.affine import Affine, spans_space
from napari_refusion.volume.finding import refuse
from napari_refusion.volume.registration.images import FEWEST_SLICES
from napari_refusion.volume.rigid import RigidMove
from napari_refusion.volume.volume import Volume

MOST_MILLIMETRES: Final = 100.0
"""A longer shift corrects no patient's position."""

MOST_DEGREES: Final = 45.0
"""The same for rotations."""

KEPT_OVERLAP: Final = 0.5
"""Of the overlap before; mutual information also rises where volumes hardly meet any more."""

GAIN: Final = 1.01
"""By which factor mutual information must rise; in pairs known to be in register (the sample data) it rises by 1.001 at
most, and is found 0.2 to 0.4 mm from the truth."""


def check_volume(volume: Volume) -> None:
    """Refuse what has no place in three dimensions, or nothing to be recognised by."""
    if volume.is_photograph:
        sentence = f"{volume.title} is a picture without a position in the patient and cannot be registered."
        raise refuse("registration", sentence)
    if min(volume.shape) < FEWEST_SLICES:
        value = " x ".join(map(str, volume.shape))
        sentence = (
            f"{volume.title} has {value} voxels, and registration in three dimensions needs {FEWEST_SLICES} along "
            f"each axis: open the whole series."
        )
        raise refuse("registration", sentence, value)
    if not spans_space(volume.affine):
        sentence = f"The affine of {volume.title} is singular: export the series again."
        raise refuse("geometry", sentence)
    finite = volume.data[np.isfinite(volume.data)]
    if finite.size == 0 or finite.min() == finite.max():
        raise refuse("content", f"{volume.title} is empty: export the series again.")


def overlap(fixed: Volume, moving: Volume, matrix: Affine) -> float:
    """Return which share of the fixed grid, 0 to 1, lies inside the moving one after a move of (4, 4) RAS+ mm."""
    ends = [np.linspace(0, size - 1, 20) for size in fixed.shape]
    places = np.stack([*(axis.ravel() for axis in np.meshgrid(*ends, indexing="ij")), np.ones(20**3)])
    at = np.linalg.solve(matrix @ moving.affine, fixed.affine @ places)[:3]
    inside = (at >= -0.5) & (at <= np.array(moving.shape)[:, None] - 0.5)
    return float(inside.all(axis=0).mean())


def refuse_doubtful(move: RigidMove, kept_overlap: float) -> None:
    """Refuse a move that no patient made, that leaves the overlap, or gains nothing."""
    if move.millimetres > MOST_MILLIMETRES or move.degrees > MOST_DEGREES:
        sentence = f"Registration failed: {move.moving} would be {move.words}. Nothing was moved."
        raise refuse("registration", sentence, f"{move.millimetres:.0f} mm, {move.degrees:.0f} degrees")
    if kept_overlap < KEPT_OVERLAP:
        sentence = (
            f"Registration failed: {move.moving} would lose {1 - kept_overlap:.0%} of its overlap with "
            f"{move.fixed}. Nothing was moved."
        )
        raise refuse("registration", sentence, f"{kept_overlap:.0%}")
    if not move.metric_after > GAIN * move.metric_before:
        sentence = (
            f"No clearly better position was found for {move.moving} than the present one (mutual information "
            f"{move.metric_after:.3f} instead of {move.metric_before:.3f}). Nothing was moved."
        )
        raise refuse("registration", sentence, f"{move.metric_after:.3f}, before {move.metric_before:.3f}")
