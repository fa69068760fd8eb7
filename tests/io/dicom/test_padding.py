"""Padding that is brighter than the image is no measurement: it neither shines nor rules the window."""

from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset

from napari_refusion.io.dicom.read import read_dicom
from tests import dicom_series as phantom


def padded(padding: int, rows: slice, slope: float = 1.0, intercept: float = 0.0) -> list[Dataset]:
    """Return a series whose rows are padding, some or all; the phantom holds 10 to 200."""
    images = phantom.series()
    for k, image in enumerate(images):
        numbers = phantom.stored_values(k).astype(np.uint16)
        numbers[rows] = padding
        image.PixelData = numbers.tobytes()
        image.RescaleSlope, image.RescaleIntercept = slope, intercept
        image.add_new(0x00280120, "US", padding)
    return images


@pytest.mark.parametrize("padding", [63536, 4096, 65535])
def test_bright_padding_at_the_edge_gets_the_lowest_value_of_the_image_and_it_is_said(
    tmp_path: Path, padding: int
) -> None:
    volume = read_dicom(phantom.write(tmp_path, padded(padding, slice(-3, None), 2.0, -5.0)))
    assert (volume.data[:, -3:] == 2 * 10 - 5).all()
    np.testing.assert_array_equal(volume.data[:, 0, 0], 2.0 * np.arange(80, 0, -10) - 5)
    (found,) = [one for one in volume.findings if one.rule == "values"]
    assert found.value == str(padding)
    assert "lowest value" in found.sentence


def test_a_slice_of_padding_alone_goes_with_the_others(tmp_path: Path) -> None:
    images = padded(65535, slice(-2, None))
    images[3].PixelData = np.full((phantom.ROWS, phantom.COLUMNS), 65535, np.uint16).tobytes()
    volume = read_dicom(phantom.write(tmp_path, images))
    assert volume.data.max() == phantom.MARKER_VALUE
    assert (volume.data[-1 - 3] == 10).all()


def test_a_bright_spot_inside_the_image_stays_whatever_the_header_calls_padding(tmp_path: Path) -> None:
    # Metal reaches the end of a range of 12 bits, where some headers have their padding.
    images = phantom.series()
    for k, image in enumerate(images):
        numbers = phantom.stored_values(k).astype(np.uint16)
        numbers[4:6, 4:6] = 4095
        image.PixelData = numbers.tobytes()
        image.add_new(0x00280120, "US", 4095)
    volume = read_dicom(phantom.write(tmp_path, images))
    assert (volume.data == 4095).sum() == 4 * phantom.SLICES


def test_a_range_that_holds_every_number_is_no_padding(tmp_path: Path) -> None:
    images = phantom.series()
    for image in images:
        image.add_new(0x00280120, "US", 0)
        image.add_new(0x00280121, "US", 65535)
    volume = read_dicom(phantom.write(tmp_path, images))
    np.testing.assert_array_equal(volume.data[:, 0, 0], np.arange(80, 0, -10))


def test_padding_that_no_pixel_of_so_many_bits_can_hold_is_none(tmp_path: Path) -> None:
    images = phantom.series()
    for image in images:
        numbers = np.full((phantom.ROWS, phantom.COLUMNS), 255, np.uint8)
        numbers[3:6] = 7
        image.BitsAllocated, image.BitsStored, image.HighBit = 8, 8, 7
        image.PixelData = numbers.tobytes()
        image.add_new(0x00280120, "US", 65535)  # and 255 of 8 bits is white
    volume = read_dicom(phantom.write(tmp_path, images))
    assert (volume.data == 255).sum() == phantom.SLICES * phantom.COLUMNS * (phantom.ROWS - 3)


def test_an_empty_end_of_the_range_of_padding_makes_one_number_of_it(tmp_path: Path) -> None:
    images = padded(63536, slice(-3, None))
    for image in images:
        image.add_new(0x00280121, "US", None)
    volume = read_dicom(phantom.write(tmp_path, images))
    (found,) = [one for one in volume.findings if one.rule == "values"]
    assert found.value == "63536"
