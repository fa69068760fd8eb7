"""Deflated DICOM: a good one is read, one that inflates too far is refused before it is inflated as a whole."""

import zlib
from pathlib import Path

import pytest
from pydicom.uid import DeflatedExplicitVRLittleEndian

from napari_refusion.io.dicom import dataset
from napari_refusion.io.dicom.dataset import read_dataset
from napari_refusion.io.dicom.read import read_dicom
from napari_refusion.volume.finding import RefusedError
from tests import dicom_series as phantom
from tests.bombs import zeros


def deflated(folder: Path) -> Path:
    folder.mkdir()
    for k, image in enumerate(phantom.series()):
        phantom.write_file(folder / f"{k}.dcm", image, DeflatedExplicitVRLittleEndian)
    return folder


def test_a_good_deflated_series_is_read(tmp_path: Path) -> None:
    phantom.assert_truth(read_dicom(deflated(tmp_path / "s")))


def test_a_window_of_air_is_let_be_and_a_file_of_nothing_else_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = deflated(tmp_path / "s") / "0.dcm"
    content = file.read_bytes()
    monkeypatch.setattr(dataset, "WINDOW", 2**21)
    for megabytes, is_refused in ((1, False), (3, True)):
        packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
        file.write_bytes(content[: _begin(content)] + b"".join(zeros(packer, megabytes)))
        if is_refused:
            with pytest.raises(RefusedError, match=r"Do not use it.*100 times.*0\.dcm"):
                read_dataset(file)
        else:
            read_dataset(file)


def test_the_padding_behind_a_deflated_data_set_ends_it(tmp_path: Path) -> None:
    # PS3.5, A.5: a NULL behind the stream makes its length even; over 1 MB inflated, it was looked at for ever
    file = deflated(tmp_path / "s") / "0.dcm"
    content = file.read_bytes()
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    file.write_bytes(content[: _begin(content)] + b"".join(zeros(packer, 2)) + b"\0")
    read_dataset(file)


def _begin(content: bytes) -> int:
    return 144 + int.from_bytes(content[140:144], "little")


def test_a_stream_that_is_cut_is_a_damaged_file(tmp_path: Path) -> None:
    folder = deflated(tmp_path / "s")
    file = folder / "0.dcm"
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(zlib.error):
        read_dataset(file)
    assert any("damaged" in one.sentence for one in read_dicom(folder).findings)
