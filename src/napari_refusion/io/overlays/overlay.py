"""An overlay: the regions of one file, each with its name, on the grid that it was drawn on."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from nibabel.orientations import axcodes2ornt, inv_ornt_aff, io_orientation, ornt_transform
from numpy.typing import NDArray

from napari_refusion.lesion.voi import VolumeOfInterest
from napari_refusion.volume.affine import IPL, Affine, to_ipl, transformed
from napari_refusion.volume.finding import Finding
from napari_refusion.volume.grid import Grid

Colour = tuple[float, float, float]
"""Red, green and blue, each from 0 to 1, as a screen shows them (sRGB)."""

ALIGNED: Final = 0.02
"""Voxels; two grids whose voxels lie closer than this are one lattice: headers round to 6 and more digits."""


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """One region."""

    number: int
    """As the file counts it: segment, ROI or label."""
    name: str
    voi: VolumeOfInterest
    colour: Colour | None = None
    """None where the file has none."""


@dataclass(frozen=True, slots=True, eq=False)
class Overlay:
    """The regions of one file."""

    kind: str
    """Name of one of `read.KINDS`, ``DICOM SEG``."""
    name: str
    """Of its file."""
    sha256: str
    """Of the file's content."""
    segments: tuple[Segment, ...]
    """Those that hold a voxel, in the file's order; they may overlap."""
    findings: tuple[Finding, ...] = ()
    """What was noticed, with what was left out and why; none of them blocks."""


def placed(mask: NDArray[np.bool_], affine: Affine, grid: Grid, method: str) -> VolumeOfInterest:
    """Return the volume of interest of a mask, in any order of its axes, that holds a voxel.

    Parameters
    ----------
    mask
        (i, j, k), some part of the grid.
    affine
        (4, 4), its indices -> RAS+ mm.
    grid
        That it is part of, (I, P, L).
    """
    turned, place, _ = to_ipl(mask, affine)
    box = []
    for axis in range(3):
        there = np.flatnonzero(turned.any(axis=tuple(other for other in range(3) if other != axis)))
        box.append(slice(int(there[0]), int(there[-1]) + 1))
    first = np.array([end.start for end in box], np.float64)
    corner = np.rint(grid.index_at(transformed(place, first))).astype(int).tolist()
    return VolumeOfInterest(turned[tuple(box)].copy(), (corner[0], corner[1], corner[2]), grid, method)


def own_grid(shape: tuple[int, int, int], affine: Affine, source: Grid) -> Grid:
    """Return the grid of (i, j, k) voxels: the source's where all of them are voxels of it, else one of their own.

    Parameters
    ----------
    affine
        (4, 4), (i, j, k) -> RAS+ mm.
    """
    own = _turned(shape, affine)
    ends = np.array([source.index_at(corner) for corner in own.corners()])
    nearest = np.rint(ends)
    step = np.linalg.inv(source.affine[:3, :3]) @ own.affine[:3, :3]
    aligned = np.abs(step - np.eye(3)).max() < ALIGNED and np.abs(ends - nearest).max() < ALIGNED
    inside = (nearest >= 0).all() and (nearest < source.shape).all()
    return source if aligned and inside else own


def _turned(shape: tuple[int, int, int], affine: Affine) -> Grid:
    """Return the grid that `to_ipl` puts an array of a shape on."""
    change = ornt_transform(io_orientation(affine), axcodes2ornt(IPL))
    planes, rows, columns = (shape[axis] for axis in np.argsort(change[:, 0]).tolist())
    return Grid((planes, rows, columns), affine @ inv_ornt_aff(change, shape))
