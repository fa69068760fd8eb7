"""How long a volume of interest is, and how far two are apart, in mm."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_refusion.lesion.held import Held, painted_of
from napari_refusion.lesion.voi import VolumeOfInterest
from napari_refusion.volume.affine import Affine


@dataclass(frozen=True, slots=True)
class Distance:
    """Between two volumes of interest."""

    centroids: float
    """mm, between the means of their voxels' centres."""
    surfaces: float
    """mm, where they are nearest; 0 where they touch or overlap."""


def longest_diameter(held: Held) -> float:
    """Return the largest distance of two points of the surface, in mm; NaN where there is no voxel.

    The surface passes half way between voxels inside and their neighbours outside, as the mesh of the IBSI does
    (maximum 3D diameter, L0JK): the diameter of one voxel of 2 mm is 2 mm.
    """
    from scipy.spatial import ConvexHull
    from scipy.spatial.distance import pdist

    if not len(held.voxels):
        return float("nan")
    points = surface(held.voxels, held.volume.affine)
    return float(pdist(points[ConvexHull(points).vertices]).max())


def surface(voxels: NDArray[np.int64], affine: Affine) -> NDArray[np.float64]:
    """Return the middles of the outer faces of voxels, (N, 3) indices, as places (M, 3) in RAS+ mm."""
    first = voxels.min(axis=0) - 1
    mask = np.zeros(voxels.max(axis=0) - first + 2, np.bool_)
    inside = voxels - first
    mask[tuple(inside.T)] = True
    faces = []
    for axis in range(3):
        for step in (-1, 1):
            towards = np.eye(3, dtype=np.int64)[axis] * step
            outer = voxels[~mask[tuple((inside + towards).T)]]
            faces.append(outer + towards / 2)
    return np.concatenate(faces) @ affine[:3, :3].T + affine[:3, 3]


def centroid(voi: VolumeOfInterest) -> NDArray[np.float64]:
    """Return the mean of the centres of the voxels, (3,) RAS+ mm."""
    return voi.grid.point_at(voi.voxels.mean(axis=0))


def distance(one: VolumeOfInterest, other: VolumeOfInterest) -> Distance:
    """Return how far two volumes of interest are apart, on whatever grids they are, each where it lies."""
    from scipy.spatial import KDTree

    apart = float(np.linalg.norm(centroid(one) - centroid(other)))
    if _overlap(one, other) or _overlap(other, one):
        return Distance(apart, 0.0)
    points = surface(one.voxels, one.grid.affine)
    nearest, _ = KDTree(points).query(surface(other.voxels, other.grid.affine))
    return Distance(apart, float(nearest.min()))


def _overlap(one: VolumeOfInterest, other: VolumeOfInterest) -> bool:
    """Return whether the centre of a voxel of one lies in the other."""
    to_other = np.linalg.inv(other.grid.affine) @ one.grid.affine
    places = one.voxels @ to_other[:3, :3].T + to_other[:3, 3]
    return bool(painted_of(other).holds(places, to_other).any())
