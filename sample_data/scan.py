"""The scanners: the phantom sampled on a grid, with each modality's blur and noise."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from sample_data.phantom import measure
from sample_data.shapes import Array

CHUNK = 32768
"""Points measured at once: bounds the memory."""

FWHM_PER_SIGMA = 2.3548


class Grid(NamedTuple):
    """Where the voxels of an image lie."""

    shape: tuple[int, int, int]
    """Voxels along (i, j, k)."""
    affine: NDArray[np.float64]
    """(4, 4), (i, j, k) to the voxel's centre in RAS+ mm."""

    @classmethod
    def around(
        cls,
        centre: tuple[float, float, float],
        shape: tuple[int, int, int],
        spacing: tuple[float, float, float],
        axes: Array,
    ) -> "Grid":
        """Return the grid whose middle lies at `centre` (RAS+ mm) and whose indices grow along the columns of `axes`.

        Parameters
        ----------
        spacing
            mm along (i, j, k).
        axes
            (3, 3) unit vectors in RAS+.
        """
        affine = np.eye(4)
        affine[:3, :3] = axes * np.asarray(spacing)
        affine[:3, 3] = np.asarray(centre) - affine[:3, :3] @ ((np.asarray(shape) - 1) / 2)
        return cls(shape, affine)

    def finer(self, factors: tuple[int, int, int]) -> "Grid":
        """Return the grid that divides every voxel into `factors` parts along (i, j, k)."""
        parts = np.asarray(factors)
        affine = self.affine.copy()
        affine[:3, :3] = self.affine[:3, :3] / parts
        affine[:3, 3] += self.affine[:3, :3] @ ((1 - parts) / (2 * parts))
        i, j, k = (np.asarray(self.shape) * parts).tolist()
        return Grid((i, j, k), affine)

    def points(self) -> Array:
        """Return the voxels' centres, (i * j * k, 3), RAS+ mm."""
        indices = np.indices(self.shape).reshape(3, -1).T
        return indices @ self.affine[:3, :3].T + self.affine[:3, 3]


def sample(grid: Grid, modality: str) -> Array:
    """Return the noiseless signal at the grid's points, (i, j, k)."""
    points = grid.points()
    parts = [measure(points[start : start + CHUNK], modality) for start in range(0, len(points), CHUNK)]
    return np.concatenate(parts).reshape(grid.shape)


def averaged(fine: Array, factors: tuple[int, int, int]) -> Array:
    """Return the means over blocks of `factors` voxels along (i, j, k)."""
    (i, a), (j, b), (k, c) = ((size // part, part) for size, part in zip(fine.shape, factors, strict=True))
    means: NDArray[Any] = fine.reshape(i, a, j, b, k, c).mean(axis=(1, 3, 5))
    return means


def scan_mri(grid: Grid, modality: str, parts: tuple[int, int, int], seed: int) -> NDArray[np.int16]:
    """Return an MRI, 0 to about 1000 arbitrary units: uneven receive coil, magnitude (Rician) noise."""
    noise = 9.0
    x, y, z = grid.points().T
    coil = 1 + 0.06 * np.cos((y + 0.4 * x + 30) / 70) - 0.05 * np.sin((z - 0.3 * x) / 60)
    signal = averaged(sample(grid.finer(parts), modality), parts) * coil.reshape(grid.shape)
    real, imaginary = np.random.default_rng(seed).normal(scale=noise, size=(2, *grid.shape))
    return np.rint(np.hypot(signal + real, imaginary)).astype(np.int16)


def scan_ct(grid: Grid, seed: int) -> NDArray[np.int16]:
    """Return a CT in HU: thick slices average what they cut, noise 5 HU with the grain of a soft kernel."""
    parts = (1, 1, 3)
    signal = gaussian_filter(averaged(sample(grid.finer(parts), "CT"), parts), (0.45, 0.45, 0))
    grain = gaussian_filter(np.random.default_rng(seed).normal(size=grid.shape), (0.6, 0.6, 0))
    noisy = signal + 5.0 * grain / grain.std()
    return np.rint(np.clip(noisy, -1024, 3071)).astype(np.int16)


def scan_emission(grid: Grid, modality: str, fwhm: float, noise: float, seed: int) -> Array:
    """Return a PET or SPECT in its unit: blurred to `fwhm` mm, with noise that grows with the root of the signal.

    Parameters
    ----------
    noise
        Standard deviation of the noise in grey matter, as a share of the signal there.
    """
    parts = (2, 2, 2)
    fine = grid.finer(parts)
    spacing = np.linalg.norm(fine.affine[:3, :3], axis=0)
    blurred = averaged(gaussian_filter(sample(fine, modality), fwhm / FWHM_PER_SIGMA / spacing), parts)
    grain = gaussian_filter(np.random.default_rng(seed).normal(size=grid.shape), 0.8)
    level = np.quantile(blurred, 0.97)
    deviation = noise * np.sqrt(level * np.maximum(blurred, 0.01 * level))
    return np.maximum(blurred + deviation * grain / grain.std(), 0.0)
