"""Series that hold several volumes: copies of the one of tests/dicom_series.py that show something else."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydicom import Dataset
from pydicom.uid import generate_uid

from tests import dicom_series as phantom

Mark = Callable[[Dataset, int], None]
"""Changes an image of a volume; gets its slice."""


def setting(**values: Any) -> Mark:  # noqa: ANN401 - whatever the attributes hold
    """Return what sets the same attributes in all images of a volume."""

    def mark(image: Dataset, _slice: int) -> None:
        for keyword, value in values.items():
            setattr(image, keyword, value)

    return mark


def one_series(marks: Sequence[Mark], modality: str = "MR", count: int = phantom.SLICES) -> list[list[Dataset]]:
    """Return the images of several volumes under one Series Instance UID, each marked in its own way.

    The values of volume k are 1000 k higher, so that a slice of the wrong volume shows.
    """
    uid, frame = generate_uid(), generate_uid()
    volumes = []
    for number, mark in enumerate(marks):
        images = phantom.series(modality, count=count)
        for k, image in enumerate(images):
            image.SeriesInstanceUID, image.FrameOfReferenceUID = uid, frame
            image.PixelData = (phantom.stored_values(k) + 1000 * number).astype(np.uint16).tobytes()
            image.InstanceNumber = number * count + k + 1
            mark(image, k)
        volumes.append(images)
    return volumes


def write(folder: Path, volumes: Sequence[Sequence[Dataset]]) -> Path:
    """Write the images of several volumes into one folder, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, images in enumerate(volumes):
        for k, image in enumerate(images):
            phantom.write_file(folder / f"V{number}S{k:02d}.dcm", image)
    return folder


def first_value(data: np.ndarray) -> float:
    """Return the value of the lowest slice, 10 + 1000 times the number of the volume."""
    return float(data[-1, 0, 0])
