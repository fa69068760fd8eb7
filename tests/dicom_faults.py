"""Changes that break a good series of tests/dicom_series.py, or disguise it without changing the scan."""

from collections.abc import Callable

import numpy as np
from pydicom import Dataset

from tests.dicom_series import BETWEEN_COLUMNS, COLUMNS, ROWS, SAGITTAL, SLICES, image_of, stored_values

Change = Callable[[list[Dataset]], None]


def reversed_numbers(images: list[Dataset]) -> None:
    """Number the images from last to first."""
    for k, image in enumerate(images):
        image.InstanceNumber = len(images) - k


def shuffled_numbers(images: list[Dataset]) -> None:
    """Number the images at random."""
    for number, image in zip([4, 8, 1, 3, 7, 2, 6, 5], images, strict=True):
        image.InstanceNumber = number


def no_numbers(images: list[Dataset]) -> None:
    """Remove the instance numbers."""
    for image in images:
        del image.InstanceNumber


def middle_missing(images: list[Dataset]) -> None:
    """Remove the fourth slice."""
    del images[3]


def last_two_missing(images: list[Dataset]) -> None:
    """Remove two slices at the end of a series that states how many it has."""
    for image in images:
        image.NumberOfSlices = SLICES
    del images[-2:]


def duplicate(images: list[Dataset]) -> None:
    """Add another image at the place of the third slice."""
    extra = image_of(2, images[0].Modality)
    for keyword in ("SeriesInstanceUID", "FrameOfReferenceUID", "SeriesNumber"):
        setattr(extra, keyword, images[0][keyword].value)
    images.append(extra)


def tilted(images: list[Dataset]) -> None:
    """Shift each slice 1 mm further to posterior: atan(1 / 4) = 14.04 degrees."""
    for k, image in enumerate(images):
        image.ImagePositionPatient[1] += 1.0 * k


def localizer(images: list[Dataset]) -> None:
    """Turn the last image into a sagittal one."""
    images[-1].ImageOrientationPatient = list(SAGITTAL)


def uneven(images: list[Dataset]) -> None:
    """Move the last three slices 1.5 mm further."""
    for image in images[5:]:
        image.ImagePositionPatient[2] += 1.5


def other_spacing(images: list[Dataset]) -> None:
    """Give one image other pixels."""
    images[4].PixelSpacing = [2.5, 3.0]


def no_position(images: list[Dataset]) -> None:
    """Remove one image's position."""
    del images[4].ImagePositionPatient


def mirrored(images: list[Dataset]) -> None:
    """Store every image from the other side, columns running towards the patient's right; the scan is the same."""
    for k, image in enumerate(images):
        image.ImageOrientationPatient = [-1.0, 0.0, 0.0, 0.0, 1.0, 0.0]
        image.ImagePositionPatient[0] += (COLUMNS - 1) * BETWEEN_COLUMNS
        image.PixelData = np.ascontiguousarray(stored_values(k)[:, ::-1]).tobytes()


def own_slopes(images: list[Dataset]) -> None:
    """Store every image with its own slope, 1/2, 1/4 or 1/8, and intercept 5, so that the values stay the same."""
    for k, image in enumerate(images):
        share = 2 ** (k % 3 + 1)
        image.RescaleSlope, image.RescaleIntercept = 1 / share, 5
        image.PixelData = ((stored_values(k) - 5) * share).astype(np.uint16).tobytes()


def one_without_slope(images: list[Dataset]) -> None:
    """Give every image its own slope, but the third none, whose stored numbers are its values."""
    own_slopes(images)
    del images[2].RescaleSlope
    del images[2].RescaleIntercept
    images[2].PixelData = stored_values(2).tobytes()


def truncated(images: list[Dataset]) -> None:
    """Cut off half of the pixels of one image."""
    images[4].PixelData = images[4].PixelData[: ROWS * COLUMNS]
