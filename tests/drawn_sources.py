"""DICOM series that overlays are drawn on: even, oblique, from the feet up or down, and with slices of 1 mm."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from pydicom import Dataset

from napari_refusion.io.open import open_volume
from napari_refusion.lesion.lesion import Lesion
from napari_refusion.lesion.voi import voi_of
from napari_refusion.volume.volume import Volume
from tests.dicom_series import BETWEEN_SLICES, FIRST, SAGITTAL, SLICES, series, write
from tests.fused_from_dicom import turn


def straight(_: Dataset) -> None:
    """Leave the slices axial, the first one at the feet."""


def from_the_head(image: Dataset) -> None:
    """Number the slices from the head to the feet."""
    image.ImagePositionPatient = [FIRST[0], FIRST[1], FIRST[2] + (SLICES - image.InstanceNumber) * BETWEEN_SLICES]


def upside_down(image: Dataset) -> None:
    """Lay the rows from left to right and the columns from back to front, as of a patient who lies prone."""
    image.ImageOrientationPatient = [-1.0, 0.0, 0.0, 0.0, -1.0, 0.0]


def sagittal(image: Dataset) -> None:
    """Lay the slices from the right to the left."""
    image.ImageOrientationPatient = list(SAGITTAL)
    image.ImagePositionPatient = [FIRST[0] + (image.InstanceNumber - 1) * BETWEEN_SLICES, FIRST[1], FIRST[2]]


LIES: dict[str, Callable[[Dataset], None]] = {
    "straight": straight,
    "from the head": from_the_head,
    "upside down": upside_down,
    "sagittal": sagittal,
    "oblique": turn,
}
"""How a series lies."""


def images_of(lies: str = "straight", modality: str = "PT") -> list[Dataset]:
    """Return the images of a series that lies in some way."""
    images = series(modality)
    for image in images:
        image.PatientBirthDate, image.PatientSex = "19500101", "F"
        LIES[lies](image)
    return images


def opened(folder: Path, images: list[Dataset]) -> Volume:
    """Write a series and open it."""
    return open_volume(write(folder / "series", images))


def two_masks(volume: Volume, *, overlapping: bool = False) -> list[np.ndarray]:
    """Return random masks of two regions."""
    chance = np.random.default_rng(16).uniform(size=volume.shape)
    return [chance < 0.1, chance > 0.05 if overlapping else chance > 0.9]


def lesions(volume: Volume, *, overlapping: bool = False) -> list[Lesion]:
    """Return two lesions of a source."""
    methods = ("isocontour 41 %", "sphere of 10 mm")
    return [
        Lesion(number, voi_of(mask, volume.affine, method), volume.origin.sha256, name, site)
        for number, mask, method, name, site in zip(
            (1, 3), two_masks(volume, overlapping=overlapping), methods, ("Node", ""), ("liver", "L iliac"), strict=True
        )
    ]
