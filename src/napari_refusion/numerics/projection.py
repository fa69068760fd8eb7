"""Maximum-intensity projection of planes that are looked at from any side: parallel rays, turned about an axis.

A plane is sampled where rays pass by linear interpolation, all planes of a volume by the same sparse matrix. Its rows
weigh the columns of the volume, which lie in memory as they are read. Interpolation alone would lower maxima, from one
side more than from another: those of 24 tumours in PET by 7 % on average and by up to 32 %. Each voxel is therefore
seen with its own value at least in the pixel that its middle lies in.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

_REACH: Final = 0.5
"""Indices that an outermost sample reaches out, as everywhere: voxels are boxes. Its value holds there."""

_ROUNDING: Final = 1e-4
"""Share of a sample below which it has no part in an interpolated value: float32 error of a place at 1000 samples."""


@dataclass(frozen=True, slots=True)
class Rays:
    """Parallel rays through a plane of samples, turned about its middle.

    At 0 degrees a ray runs down a column of the plane. From there the eye walks towards the last column: at 90 degrees
    a ray runs along a row, from the last column to the first, and the first row is on the left.
    """

    shape: tuple[int, int]
    """Number of rows and columns of the plane."""
    spacing: tuple[float, float]
    """Distances of neighbouring rows and columns, in mm."""
    pixel: float
    """Distance of neighbouring rays, and of the samples of one, in mm."""
    reach: float = math.inf
    """Distance from the middle, in mm, beyond which there is nothing to be looked at."""

    @property
    def count(self) -> int:
        """Return the number of rays: those that pass the plane from any side."""
        return self._number(self.shape[1], self.spacing[1])

    @property
    def steps(self) -> int:
        """Return the number of samples along a ray."""
        return self._number(self.shape[0], self.spacing[0])

    def places(self, degrees: float) -> NDArray[np.float64]:
        """Return the row and the column that each sample lies at, (2, steps, count); many lie outside the plane."""
        cosine, sine = _turn(degrees)
        across = _centred(self.count, self.pixel)[None, :]
        along = _centred(self.steps, self.pixel)[:, None]
        rows = (across * sine + along * cosine) / self.spacing[0] + (self.shape[0] - 1) / 2
        columns = (across * cosine - along * sine) / self.spacing[1] + (self.shape[1] - 1) / 2
        return np.stack([rows, columns])

    def ray_at(self, row: float, column: float, degrees: float) -> float:
        """Return on which ray a place in the plane lies, continuous; the first one is 0."""
        cosine, sine = _turn(degrees)
        down = (row - (self.shape[0] - 1) / 2) * self.spacing[0]
        right = (column - (self.shape[1] - 1) / 2) * self.spacing[1]
        return (down * sine + right * cosine) / self.pixel + (self.count - 1) / 2

    def _number(self, along: int, spacing: float) -> int:
        """Return as many as the diagonal has pixels, odd or even so that samples at 0 degrees hit the voxels' middles.

        They do where the distance of voxels is a multiple of the pixel.
        """
        high, wide = (size * step for size, step in zip(self.shape, self.spacing, strict=True))
        number = math.ceil(min(math.hypot(high, wide), 2 * self.reach) / self.pixel - 1e-9)
        return number + (number - 1 - round((along - 1) * spacing / self.pixel)) % 2


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """The voxels of a volume as its projection reads them: for each place in the plane one column through all."""

    values: NDArray[np.float32] = field(repr=False)
    """(rows x columns, planes); 0 where there is no number."""
    finite: NDArray[np.float32] | None = field(repr=False)
    """The same shape: 1 for a number, 0 for none; None where all are."""


def columns_of(volume: np.ndarray) -> Columns:
    """Return the voxels of a volume, (planes, rows, columns), to be projected: one copy of it, two if it has gaps."""
    values = np.ascontiguousarray(volume.reshape(volume.shape[0], -1).T, dtype=np.float32)
    finite = np.isfinite(values)
    if finite.all():
        return Columns(values, None)
    return Columns(np.where(finite, values, np.float32(0)), finite.astype(np.float32))


def project(columns: Columns, rays: Rays, degrees: float) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Return the largest value along each ray through each plane, and which voxel it is of.

    That is the largest of the samples interpolated along the ray, and of the voxels whose middle it passes within half
    a pixel. What is no number has no part in a value; a ray that meets no number at all has none.

    Returns
    -------
        The values, (planes, rays), NaN for none; and the voxels as flat indices of (planes, rows, columns), (planes,
        rays), -1 for none. An interpolated value is that of up to four voxels, of which the largest is named.
    """
    places = rays.places(degrees)
    inside = _inside(places, rays.shape)
    matrix = _matrix(places[:, inside], rays.shape)
    ends = inside.sum(axis=1).cumsum()
    best = np.full((rays.count, columns.values.shape[1]), -np.inf, np.float32)
    at = np.zeros(best.shape, np.int16)
    for step in np.flatnonzero(inside.any(axis=1)):
        # a rectangle is convex: the rays that pass it at one step are neighbours
        first, number = int(inside[step].argmax()), int(inside[step].sum())
        beside = slice(first, first + number)
        found = _sample(columns, matrix[ends[step] - number : ends[step]])
        larger = found > best[beside]
        np.copyto(best[beside], found, where=larger)
        np.copyto(at[beside], step, where=larger)
    voxels = _winners(columns, places, at, rays.shape)
    for flat, ray in _middles(rays, degrees):
        found = columns.values[flat]
        if columns.finite is not None:
            found = np.where(columns.finite[flat] > 0, found, -np.inf)
        which, plane = np.nonzero(found > best[ray])
        best[ray[which], plane] = found[which, plane]
        voxels[ray[which], plane] = flat[which] + plane * (rays.shape[0] * rays.shape[1])
    is_none = np.isneginf(best)
    best[is_none], voxels[is_none] = np.nan, -1
    return np.ascontiguousarray(best.T), np.ascontiguousarray(voxels.T)


def reach_of(volume: np.ndarray, spacing: tuple[float, float], lowest: float) -> float:
    """Return how far from the middle of its planes, (planes, rows, columns), a volume holds more than `lowest`, in mm.

    A scanner's field is round and its images are square: without their empty corners a projection is drawn larger.
    """
    held = np.fmax.reduce(volume, axis=0) > lowest
    rows, columns = (_centred(size, step) for size, step in zip(held.shape, spacing, strict=True))
    away = np.hypot(rows[:, None], columns[None, :])
    # the next voxel is part of what is interpolated
    return float(away[held].max(initial=0.0)) + math.hypot(*spacing)


def _turn(degrees: float) -> tuple[float, float]:
    """Return cosine and sine, exactly those of a quarter turn."""
    quarter = round(degrees / 90)
    if math.isclose(degrees, 90 * quarter, abs_tol=1e-9):
        return ((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0))[quarter % 4]
    return math.cos(math.radians(degrees)), math.sin(math.radians(degrees))


def _centred(count: int, step: float) -> NDArray[np.float64]:
    return np.asarray((np.arange(count) - (count - 1) / 2) * step, dtype=np.float64)


def _inside(places: NDArray[np.float64], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Return which places, (2, ...), lie in the boxes of the samples."""
    reach = _REACH + 1e-6
    rows, columns = places
    within: NDArray[np.bool_] = (rows >= -reach) & (rows <= shape[0] - 1 + reach)
    return within & (columns >= -reach) & (columns <= shape[1] - 1 + reach)


def _middles(rays: Rays, degrees: float) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Yield voxels of the plane, flat indices (n,), with the ray that each lies nearest to, no ray twice at a time."""
    cosine, sine = _turn(degrees)
    flat = np.arange(rays.shape[0] * rays.shape[1]).reshape(rays.shape)
    steps = rays.spacing[0] * sine / rays.pixel, rays.spacing[1] * cosine / rays.pixel
    offsets = [_centred(size, step) for size, step in zip(rays.shape, steps, strict=True)]
    ray = np.floor(offsets[0][:, None] + offsets[1][None, :] + (rays.count - 1) / 2 + 0.5).astype(np.intp)
    if abs(steps[0]) > abs(steps[1]):
        flat, ray = flat.T, ray.T
    # voxels that lie nearer to each other than rays do are not taken together
    largest = max(map(abs, steps))
    stride = 1 if largest >= 1 else math.floor(1 / largest) + 1
    for voxels, passed in zip(flat, ray, strict=True):
        for first in range(stride):
            near = passed[first::stride]
            kept = (near >= 0) & (near < rays.count)
            yield voxels[first::stride][kept], near[kept]


def _matrix(places: NDArray[np.float64], shape: tuple[int, int]) -> csr_array:
    """Return what makes columns of a volume samples at places, (2, n): (n, rows x columns) float32."""
    near, shares = _neighbours(places, shape)
    starts = np.arange(0, near.size + 1, near.shape[1], dtype=np.int32)
    return csr_array((shares.ravel(), near.ravel(), starts), shape=(len(near), shape[0] * shape[1]))


def _neighbours(places: NDArray[np.float64], shape: tuple[int, int]) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return the four samples around places, (2, n), as flat indices of the plane, (n, 4), and their weights."""
    ends = np.array(shape, np.int32)[:, None] - 1
    kept = np.clip(places, 0, ends)
    first = np.floor(kept).astype(np.int32)
    # beyond the last row or column there is none: it is named again, with weight 0
    second = np.minimum(first + 1, ends)
    row, column = (kept - first).astype(np.float32)
    rows = np.stack([first[0], first[0], second[0], second[0]], axis=1)
    columns = np.stack([first[1], second[1], first[1], second[1]], axis=1)
    shares = np.stack([(1 - row) * (1 - column), (1 - row) * column, row * (1 - column), row * column], axis=1)
    return rows * shape[1] + columns, shares


def _sample(columns: Columns, matrix: csr_array) -> NDArray[np.float32]:
    """Return values at places, (n, planes): the weighted mean of the numbers there, -inf where there is none."""
    values: NDArray[np.float32] = matrix @ columns.values
    if columns.finite is None:
        return values
    shares = matrix @ columns.finite
    empty = np.full(values.shape, -np.inf, np.float32)
    return np.divide(values, shares, out=empty, where=shares > _ROUNDING)


def _winners(
    columns: Columns, places: NDArray[np.float64], at: NDArray[np.int16], shape: tuple[int, int]
) -> NDArray[np.int32]:
    """Return which voxel each maximum is of, (rays, planes) flat: of the samples' four voxels the largest.

    Parameters
    ----------
    at
        (rays, planes), the step along the ray at which the maximum is.
    """
    count, planes = at.shape
    rays, plane = np.ogrid[:count, :planes]
    near, shares = _neighbours(places[:, at, rays].reshape(2, -1), shape)
    found = columns.values[near, np.broadcast_to(plane, at.shape).reshape(-1, 1)]
    weighs = shares > _ROUNDING
    if columns.finite is not None:
        weighs &= columns.finite[near, np.broadcast_to(plane, at.shape).reshape(-1, 1)] > 0
    best = np.where(weighs, found, -np.inf).argmax(axis=1)
    chosen = near[np.arange(len(near)), best].reshape(at.shape)
    return (chosen + plane * (shape[0] * shape[1])).astype(np.int32)
