"""Voxels are streamed: each file is read once, in the order of the slices, into one array of the final order."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from napari_refusion.io.dicom.read import read_series
from napari_refusion.io.dicom.scan import scan
from napari_refusion.io.dicom.values import load_stack
from tests import dicom_faults as faults
from tests import dicom_series as phantom
from tests.traced_peak import traced_peak


def test_the_hash_is_that_of_the_files_in_the_order_of_the_slices(tmp_path: Path) -> None:
    phantom.write(tmp_path, phantom.series())
    (series,) = scan(tmp_path).series
    content = b"".join((tmp_path / phantom.name_of(k)).read_bytes() for k in range(phantom.SLICES))
    assert load_stack(series).sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("change", [lambda images: None, faults.tilted, faults.uneven])
def test_each_file_is_opened_once_for_its_pixels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: faults.Change
) -> None:
    images = phantom.series()
    change(images)
    (series,) = scan(phantom.write(tmp_path, images)).series
    read: list[str] = []
    original = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: read.append(path.name) or original(path))
    load_stack(series)
    assert read == [phantom.name_of(k) for k in range(phantom.SLICES)]


@pytest.mark.parametrize("orientation", [[1, 0, 0, 0, 1, 0], [0, 1, 0, 0, 0, -1], [1, 0, 0, 0, 0, -1]])
def test_reading_holds_one_array_and_two_files(tmp_path: Path, orientation: list[float]) -> None:
    images = phantom.series(count=40)
    for k, image in enumerate(images):
        image.Rows = image.Columns = 256
        image.PixelData = np.full((256, 256), k, np.uint16).tobytes()
        image.ImageOrientationPatient = orientation
        image.ImagePositionPatient = (4.0 * k * np.cross(orientation[:3], orientation[3:])).tolist()
    (series,) = scan(phantom.write(tmp_path, images)).series
    volume = read_series(series)  # imports the decoders
    assert volume.data.nbytes == 40 * 256 * 256 * 4
    assert traced_peak(lambda: read_series(series)) < 1.2 * volume.data.nbytes
    assert volume.data.flags.c_contiguous


def test_values_that_single_precision_would_round_are_rescaled_in_double(tmp_path: Path) -> None:
    # 50000 x 0.7 - 35000 = 0; in single precision 0.7 is 0.69999999 and the result -0.0006.
    images = phantom.series()
    for image in images:
        image.PixelData = np.full((phantom.ROWS, phantom.COLUMNS), 50_000, np.uint16).tobytes()
        image.RescaleSlope, image.RescaleIntercept = 0.7, -35_000
    (series,) = scan(phantom.write(tmp_path, images)).series
    assert abs(load_stack(series).data).max() < 1e-9


def test_a_file_that_vanishes_between_listing_and_reading_is_named(tmp_path: Path) -> None:
    from napari_refusion.volume.finding import RefusedError

    phantom.write(tmp_path, phantom.series())
    (series,) = scan(tmp_path).series
    (tmp_path / phantom.name_of(3)).unlink()
    with pytest.raises(RefusedError, match=rf"{phantom.name_of(3)} cannot be read"):
        read_series(series)
