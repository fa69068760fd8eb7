"""What a path holds, the likely one first."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from napari_refusion.io.listing import list_path
from napari_refusion.io.open import open_volumes
from napari_refusion.volume.finding import RefusedError
from tests import dicom_parts as several
from tests import dicom_series as phantom
from tests.dicom_parts import setting
from tests.nifti_files import save


def test_series_are_listed_with_what_they_are_and_the_likely_one_first(tmp_path: Path) -> None:
    scout = phantom.series("CT", 1)
    for image in scout:
        image.ImageType = ["ORIGINAL", "PRIMARY", "LOCALIZER"]
    uncorrected = phantom.series("PT", 2)
    for image in uncorrected:
        image.CorrectedImage = ["DECY"]
    for number, images in enumerate((scout, uncorrected, phantom.series("PT", 3), phantom.series("MR", 4, count=5))):
        phantom.write(tmp_path, images, prefix=f"S{number}_")
    found = list_path(tmp_path)
    assert [one.series for one in found] == ["3", "4", "2", "1"]
    assert [one.corrected for one in found] == [True, None, False, None]
    assert [one.modality for one in found] == ["PT", "MR", "PT", "CT"]
    assert found[0].shape == (8, 12, 10)
    assert found[0].spacing == pytest.approx((4, 2, 3))
    assert found[0].parts == ("",)
    assert "scout" in found[3].refusal


def test_parts_are_listed_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    several.write(tmp_path, several.one_series([setting(EchoTime=20), setting(EchoTime=90)]))
    (one,) = list_path(tmp_path)
    assert one.parts == ("echo time 20 ms", "echo time 90 ms")
    assert one.shape == (8, 12, 10)
    assert one.refusal == ""
    assert tuple(volume.acquisition.part for volume in open_volumes(tmp_path)) == one.parts


def test_the_listed_shape_and_spacing_are_those_of_the_volume(tmp_path: Path) -> None:
    images = phantom.series()
    for image in images:
        image.ImageOrientationPatient = list(phantom.SAGITTAL)
        x, y, z = image.ImagePositionPatient
        image.ImagePositionPatient = [z, y, x]
    phantom.write(tmp_path, images)
    (one,) = list_path(tmp_path)
    (volume,) = open_volumes(tmp_path)
    assert one.shape == volume.shape
    assert one.spacing == pytest.approx(volume.spacing)


def test_why_a_series_cannot_be_read_is_listed(tmp_path: Path) -> None:
    images = phantom.series()
    del images[3]
    phantom.write(tmp_path, images)
    assert "missing" in list_path(tmp_path)[0].refusal


def test_files_of_other_formats_are_listed_alone(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((6, 7), np.uint8) + np.arange(7, dtype=np.uint8)).save(tmp_path / "a.png")
    (picture,) = list_path(tmp_path / "a.png")
    assert (picture.shape, picture.spacing, picture.series) == ((1, 6, 7), None, "")
    (nifti,) = list_path(save(tmp_path / "b_T1w.nii"))
    assert nifti.modality == "MR"
    (tmp_path / "bad.png").write_bytes(b"nothing")
    assert "bad.png" in list_path(tmp_path / "bad.png")[0].refusal
    with pytest.raises(RefusedError, match="does not exist"):
        list_path(tmp_path / "gone")
