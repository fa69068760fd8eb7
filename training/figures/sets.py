"""What figures are measured on: folders of image pairs, patients with PET, CT and MRI, and pairs of volumes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.image_sets import find_partners, read_pair

TASKS: Final = MappingProxyType(
    {
        "CT": "medical",
        "PET": "medical",
        "SPECT": "medical",
        "ir": "infrared_visible",
        "near": "multi_focus",
        "under": "multi_exposure",
    }
)
"""Folder of the first sources -> task."""

SLICES: Final = 8
"""Slices taken of a pair of volumes, and of each patient's tumour."""


@dataclass(frozen=True, slots=True, eq=False)
class SourcePair:
    """Two sources to fuse."""

    a: NDArray[np.float64]
    """(H, W) in [0, 1]."""
    b: NDArray[np.float64]
    """(H, W) in [0, 1]."""
    task: str
    """One of `model.tasks.TASKS`, which says what figures there are."""
    tumour: NDArray[np.bool_] | None = None
    """(H, W), True in a tumour that the first source shows; None where no mask is known."""


@dataclass(frozen=True, slots=True)
class ImageSet:
    """Pairs that are averaged over."""

    name: str
    readers: tuple[tuple[str, Callable[[], SourcePair]], ...]
    """Name of each pair, and what reads it."""
    files: tuple[Path, ...]
    """Files it is read from, which no output may replace."""

    def thinned(self, count: int) -> "ImageSet":
        """Return the set with at most `count` pairs, the middle of each of `count` equal parts."""
        return replace(self, readers=tuple(self.readers[index] for index in spread(len(self.readers), count)))


def spread(length: int, count: int) -> list[int]:
    """Return at most `count` indices of 0 to `length` - 1, the middle of each of `count` equal parts."""
    return sorted({(2 * part + 1) * length // (2 * count) for part in range(count)})


def folder_set(folder: Path) -> ImageSet:
    """Return the set of two folders of images with equal file names.

    Raises
    ------
    ValueError
        If they are no such folders; readers raise it for an image that cannot be used.
    """
    files_a, files_b = find_partners(folder)
    task = TASKS[files_a[0].parent.name]
    pairs = zip(files_a, files_b, strict=True)
    readers = tuple((first.name, partial(_read_images, first, second, task)) for first, second in pairs)
    return ImageSet(folder.name, readers, (*files_a, *files_b))


def _read_images(first: Path, second: Path, task: str) -> SourcePair:
    return SourcePair(*read_pair(first, second), task)


def find_image_sets(data: Sequence[str], slices: int) -> list[ImageSet]:
    """Return the sets that are meant: one of a folder of image pairs or of two volumes, two of patients.

    Parameters
    ----------
    data
        Folders of image pairs; folders with patients, or of one; ``FIRST,SECOND`` for two volumes.
    slices
        Slices taken of each volume, see `volume_sets`.

    Raises
    ------
    ValueError
        If one of them is none of these, or two sets have one name, or no slice is to be taken.
    """
    from training.figures.volume_sets import find_patients, patient_sets, volume_pair_set

    if slices < 1:
        raise ValueError(f"--slices {slices}: take at least one slice of each volume.")
    found: list[ImageSet] = []
    for text in data:
        folder = Path(text).resolve()
        if "," in text and not folder.exists():
            found.append(volume_pair_set(text, slices))
        elif patients := find_patients(folder):
            found += patient_sets(patients, slices)
        else:
            found.append(folder_set(folder))
    names = [images.name for images in found]
    if repeated := [name for name in names if names.count(name) > 1]:
        raise ValueError(f"--data: two sets are called {repeated[0]}: rename a folder, or evaluate them one by one.")
    return found
