"""An examination that lies twice below a folder is read once."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.uid import RLELossless

from napari_refusion.io.dicom.read import read_dicom
from tests import dicom_series as phantom


def said(folder: Path) -> str:
    return " ".join(finding.sentence for finding in read_dicom(folder).findings)


@pytest.mark.parametrize("prefix", ["IM", "COPY"])
def test_files_with_the_same_bytes_are_read_once(tmp_path: Path, prefix: str) -> None:
    images = phantom.series()
    phantom.write(tmp_path / "a", images)
    phantom.write(tmp_path / "b", images, prefix=prefix)
    phantom.assert_truth(read_dicom(tmp_path))
    assert "8 file(s) are copies" in said(tmp_path)
    assert len(read_dicom(tmp_path).origin.paths) == 8


def test_one_slice_that_was_sent_twice_is_read_once(tmp_path: Path) -> None:
    phantom.write(tmp_path, phantom.series())
    shutil.copy(tmp_path / phantom.name_of(3), tmp_path / "again.dcm")
    phantom.assert_truth(read_dicom(tmp_path))
    assert "1 file(s) are copies" in said(tmp_path)


def test_a_copy_in_another_compression_is_a_copy(tmp_path: Path) -> None:
    phantom.write(tmp_path / "a", phantom.series())
    (tmp_path / "b").mkdir()
    for file in (tmp_path / "a").iterdir():
        image = dcmread(file)
        image.compress(RLELossless, generate_instance_uid=False)
        image.save_as(tmp_path / "b" / file.name)
    phantom.assert_truth(read_dicom(tmp_path))


def test_a_multi_frame_file_that_lies_twice_is_read_once(tmp_path: Path) -> None:
    phantom.write_file(tmp_path / "one", phantom.multi_frame())
    shutil.copy(tmp_path / "one", tmp_path / "two")
    phantom.assert_truth(read_dicom(tmp_path))


def test_two_images_with_one_uid_and_other_pixels_are_refused(tmp_path: Path) -> None:
    images = phantom.series()
    phantom.write(tmp_path, images)
    images[3].PixelData = (np.frombuffer(images[3].PixelData, np.uint16) + 1).tobytes()
    phantom.write_file(tmp_path / "again.dcm", images[3])
    assert "again.dcm" in phantom.refusal(tmp_path)


def test_a_copy_that_is_cut_is_no_copy(tmp_path: Path) -> None:
    phantom.write(tmp_path, phantom.series())
    whole = (tmp_path / phantom.name_of(3)).read_bytes()
    (tmp_path / "again.dcm").write_bytes(whole[:-40])
    assert "again.dcm" in phantom.refusal(tmp_path)
