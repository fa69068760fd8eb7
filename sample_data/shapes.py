"""Solid shapes as functions of world position: signed distances in mm, negative inside.

Points are (N, 3) RAS+ mm; every distance is (N,). Distances are exact or first order near the surface, which is
all that partial volume at a tissue's edge needs.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.floating[Any]]


def ellipsoid(points: Array, centre: ArrayLike, half_axes: ArrayLike, tilt: float = 0.0) -> Array:
    """Return the radial distance to an ellipsoid, turned by `tilt` degrees about the superior axis."""
    offset = points - np.asarray(centre, dtype=float)
    if tilt:
        cosine, sine = np.cos(np.radians(tilt)), np.sin(np.radians(tilt))
        offset = offset @ np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]])
    scaled = np.linalg.norm(offset / np.asarray(half_axes, dtype=float), axis=1)
    radius = np.linalg.norm(offset, axis=1)
    # At the centre itself the direction is undefined: there the smallest half axis is the distance.
    return np.where(scaled > 1e-6, radius * (1 - 1 / np.maximum(scaled, 1e-6)), -np.min(half_axes))


def tube(points: Array, path: ArrayLike, radii: ArrayLike, flatten: ArrayLike = (1.0, 1.0, 1.0)) -> Array:
    """Return the distance to a tube along a polyline whose radius changes linearly from corner to corner.

    Parameters
    ----------
    points
        (N, 3) RAS+ mm.
    path
        (M, 3) corners in mm.
    radii
        (M,) radii at the corners in mm.
    flatten
        Factors by which the section is stretched along x, y, z.
    """
    stretch = np.asarray(flatten, dtype=float)
    corners = np.asarray(path, dtype=float) / stretch
    widths = np.asarray(radii, dtype=float)
    scaled = points / stretch
    best = np.full(len(points), np.inf)
    for start, end, first, last in zip(corners[:-1], corners[1:], widths[:-1], widths[1:], strict=True):
        axis = end - start
        along = np.clip((scaled - start) @ axis / (axis @ axis), 0.0, 1.0)
        distance = np.linalg.norm(scaled - start - along[:, None] * axis, axis=1)
        best = np.minimum(best, distance - (first + along * (last - first)))
    return best


def join(a: Array, b: Array, blend: float) -> Array:
    """Return the union of two shapes, its crease rounded over `blend` mm."""
    overlap = np.maximum(blend - np.abs(a - b), 0.0) / blend
    return np.minimum(a, b) - overlap**2 * blend / 4


def fill(distance: Array, edge: float = 1.2) -> Array:
    """Return how much of a voxel a shape fills, (N,) in [0, 1]: one inside, falling over `edge` mm at its surface."""
    return np.clip(0.5 - distance / edge, 0.0, 1.0)


class Ripple:
    """Smooth noise in space: a sum of plane waves in random directions with one wavelength, mean 0, variance 1.

    Unlike noise on a grid it has a value at every point, so two images of different grids see the same folds.
    """

    def __init__(self, wavelength: float, seed: int, waves: int = 20) -> None:
        """Draw the waves.

        Parameters
        ----------
        wavelength
            Length of a period in mm; the noise changes sign about every half of it.
        """
        rng = np.random.default_rng(seed)
        directions = rng.normal(size=(waves, 3))
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        lengths = wavelength * rng.uniform(0.8, 1.25, size=(waves, 1))
        self.vectors = 2 * np.pi * directions / lengths
        """(waves, 3) wave vectors in radians per mm."""
        self.phases = rng.uniform(0, 2 * np.pi, size=waves)
        """(waves,) in radians."""

    def value(self, points: Array) -> Array:
        """Return the noise at points (N, 3), (N,)."""
        return np.cos(points @ self.vectors.T + self.phases).sum(axis=1) * np.sqrt(2 / len(self.phases))

    def sheet(self, points: Array) -> Array:
        """Return the distance to the surface on which the noise is zero, (N,), in mm, first order."""
        angles = points @ self.vectors.T + self.phases
        value = np.cos(angles).sum(axis=1)
        slope = np.linalg.norm(np.sin(angles) @ self.vectors, axis=1)
        # Near flat places the first order runs away; a tenth of the usual slope keeps it bounded.
        usual = np.linalg.norm(self.vectors, axis=1).mean() * np.sqrt(len(self.phases) / 2)
        return np.abs(value) / np.hypot(slope, 0.1 * usual)
