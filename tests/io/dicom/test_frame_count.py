"""Frames that a file declares and cannot hold are told before anything is made for each of them."""

from pathlib import Path

import pytest

from napari_refusion.io.dicom.read import list_series, read_dicom
from napari_refusion.volume.finding import RefusedError
from tests import bombs
from tests import dicom_series as phantom


def test_frames_that_are_not_described_are_refused_with_both_numbers(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=r"Send the series again.*19999 frames and describes 8"):
        list_series(bombs.many_frames(tmp_path))


def test_of_a_file_without_the_pixels_of_its_frames_only_those_that_are_there_are_listed(tmp_path: Path) -> None:
    (series,) = list_series(bombs.many_frames_without_groups(tmp_path))
    assert len(series.slices) == phantom.SLICES
    with pytest.raises(RefusedError, match="truncated"):
        read_dicom(tmp_path)


def test_compressed_frames_need_some_bytes_each(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=r"19999 frames in \d+ bytes"):
        list_series(bombs.many_compressed_frames(tmp_path))


def test_a_good_multi_frame_file_has_all_of_its_frames(tmp_path: Path) -> None:
    phantom.write_file(tmp_path / "a.dcm", phantom.multi_frame())
    (series,) = list_series(tmp_path)
    assert len(series.slices) == phantom.SLICES
