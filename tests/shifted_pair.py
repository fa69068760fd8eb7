"""A PET that lies beside its MRI by a known shift."""

import numpy as np

from napari_refusion.volume.origin import Origin
from napari_refusion.volume.volume import Volume

SHIFT = 12.0
"""mm by which the PET lies too far to the head."""


def lopsided(place: float) -> np.ndarray:
    """A formula on a grid of 4 mm about the origin, its inferior axis shifted by `place` mm: two balls of two sizes."""
    i, p, l = np.meshgrid(*(4.0 * (np.arange(32) - 15.5) for _ in range(3)), indexing="ij")  # noqa: E741
    balls = np.exp(-((i - place) ** 2 + p**2 + (l * 1.3) ** 2) / 1800)
    return (balls + 0.8 * np.exp(-((i - place - 15) ** 2 + (p - 20) ** 2 + (l + 18) ** 2) / 200)).astype(np.float32)


def shifted_pair() -> tuple[Volume, Volume]:
    """PET and MRI of one formula, the PET with its content 12 mm too far to the head: index 0 runs to the feet."""
    affine = np.array([[0, 0, -4.0, 62], [0, -4, 0, 62], [-4, 0, 0, 62], [0, 0, 0, 1]])
    pet = Volume(3 + 5 * lopsided(-SHIFT), affine, "PT", "SUVbw", name="pet", origin=Origin(sha256="2" * 64))
    return pet, Volume(1000 * lopsided(0.0) ** 0.7, affine, "MR", name="T1w", origin=Origin(sha256="1" * 64))
