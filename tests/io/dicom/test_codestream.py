"""The size of a compressed frame is read from its own header, and compared with the file's before it is decoded."""

import io
from pathlib import Path

import pytest
from PIL import Image

from napari_refusion.io.dicom.codestream import declared_bits, declared_pixels
from napari_refusion.io.dicom.read import read_dicom
from napari_refusion.volume.finding import RefusedError
from tests import bombs


@pytest.mark.parametrize("kind", ["JPEG", "JPEG2000"])
def test_the_pixels_of_a_frame_are_rows_times_columns(kind: str) -> None:
    written = io.BytesIO()
    Image.new("L", (40, 24)).save(written, kind, **({"no_jp2": False} if kind == "JPEG2000" else {}))
    assert declared_pixels(written.getvalue()) == 40 * 24


def test_a_jpeg_ls_frame_declares_its_size_under_its_own_marker() -> None:
    # T.87, C.2.2: length 11, 8 bits, 24 rows, 40 columns, one component
    assert declared_pixels(bytes.fromhex("ffd8 fff7 000b 08 0018 0028 01 011100 ffda 0000")) == 40 * 24


def test_a_jpeg_frame_declares_its_bits() -> None:
    assert declared_bits(bytes.fromhex("ffd8 ffc3 000b 0c 0018 0028 01 011100 ffda 0000")) == 12
    assert declared_bits(b"\xff\x4f\xff\x51" + bytes(40)) == 0  # JPEG 2000


@pytest.mark.parametrize("frame", [b"", b"\xff\xd8", b"\xff\xd8\xff", bytes(64), b"\xff\xd8" + b"\xff" * 1000])
def test_what_does_not_say_its_size_declares_none(frame: bytes) -> None:
    assert declared_pixels(frame) == 0


def test_a_frame_that_is_larger_than_its_header_says_is_refused_with_both_sizes(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=r"declare 3600000000 pixels for 64 x 64"):
        read_dicom(bombs.large_codestream(tmp_path))
