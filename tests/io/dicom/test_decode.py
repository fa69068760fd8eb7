"""Bits beside those of the pixels never become signal, whatever the transfer syntax."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset, dcmread
from pydicom.dataset import FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.filewriter import write_file_meta_info
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from napari_refusion.io.dicom.read import read_dicom
from tests import dicom_series as phantom
from tests.jpeg_lossless import jpeg_lossless

OVERLAY = 0x8000
"""Bit 15, in which an overlay of one bit may lie."""


def overlaid(stored: np.ndarray, high_bit: int = 11) -> np.ndarray:
    """Return 12-bit values with an overlay in the highest bit of a part of the slice, at another high bit if wanted."""
    shifted = stored.astype(np.uint16) << (high_bit - 11)
    shifted[3:8, 1:9] |= OVERLAY
    return shifted


def series(bits: int = 12, high_bit: int = 11, syntax: str = ExplicitVRLittleEndian) -> list[Dataset]:
    images = phantom.series()
    for k, image in enumerate(images):
        order = ">u2" if syntax == ExplicitVRBigEndian else "<u2"
        image.PixelData = overlaid(phantom.stored_values(k), high_bit).astype(order).tobytes()
        image.BitsStored, image.HighBit = bits, high_bit
    return images


def said(folder: Path) -> list[str]:
    return [finding.level for finding in read_dicom(folder).findings if finding.rule == "values"]


@pytest.mark.parametrize(
    "syntax",
    [ExplicitVRLittleEndian, ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian],
    ids=["explicit", "implicit", "deflated", "big endian"],
)
def test_an_overlay_in_the_high_bits_of_an_uncompressed_file_is_no_signal(tmp_path: Path, syntax: str) -> None:
    for k, image in enumerate(series(syntax=syntax)):
        phantom.write_file(tmp_path / f"{k}", image, syntax)
    phantom.assert_truth(read_dicom(tmp_path))


@pytest.mark.parametrize("syntax", [JPEG2000Lossless, JPEGLSLossless, RLELossless], ids=["J2K", "JPEG-LS", "RLE"])
def test_an_overlay_in_the_high_bits_of_a_compressed_file_is_no_signal(tmp_path: Path, syntax: str) -> None:
    stored = np.kron(np.arange(1600, dtype=np.uint16).reshape(40, 40), np.ones((2, 2), np.uint16))
    for k, image in enumerate(phantom.series()):
        image.Rows = image.Columns = 80  # JPEG 2000 encodes no image as small as the phantom
        image.PixelData = overlaid(stored).tobytes()
        phantom.write_file(tmp_path / f"{k}", image)
        image.compress(syntax)
        image.BitsStored, image.HighBit = 12, 11
        image.save_as(tmp_path / f"{k}", enforce_file_format=True)
    np.testing.assert_array_equal(read_dicom(tmp_path).data, np.broadcast_to(stored, (phantom.SLICES, 80, 80)))


@pytest.mark.parametrize("high_bit", [12, 13, 14])
def test_pixels_that_end_at_another_high_bit_are_shifted_down(tmp_path: Path, high_bit: int) -> None:
    phantom.assert_truth(read_dicom(phantom.write(tmp_path, series(12, high_bit))))


@pytest.mark.parametrize("bits", [11, 12, 13])
@pytest.mark.parametrize("drawn_out", [True, False])
def test_a_negative_number_keeps_its_sign_whether_or_not_the_unused_bits_repeat_it(
    tmp_path: Path, bits: int, drawn_out: bool
) -> None:
    images = phantom.series()
    for k, image in enumerate(images):
        numbers = -phantom.stored_values(k).astype(np.int16)
        image.PixelData = (numbers if drawn_out else numbers & (2**bits - 1)).astype("<i2").tobytes()
        image.PixelRepresentation, image.BitsStored, image.HighBit = 1, bits, bits - 1
    volume = read_dicom(phantom.write(tmp_path, images))
    np.testing.assert_array_equal(volume.data[:, 0, 0], np.arange(-80, 0, 10))
    assert said(tmp_path) == []


@pytest.mark.parametrize(("signed", "padding"), [(1, -2000), (1, -32768), (0, 0)])
def test_pixel_padding_below_the_image_is_left_as_it_is(tmp_path: Path, signed: int, padding: int) -> None:
    images = phantom.series()
    for k, image in enumerate(images):
        numbers = phantom.stored_values(k).astype(np.int32)
        numbers[-1] = padding
        image.PixelData = numbers.astype("<i2" if signed else "<u2").tobytes()
        image.PixelRepresentation, image.BitsStored, image.HighBit = signed, 12, 11
        image.add_new(0x00280120, "SS" if signed else "US", padding)
    volume = read_dicom(phantom.write(tmp_path, images))
    assert (volume.data[:, -1] == padding).all()
    np.testing.assert_array_equal(volume.data[:, 0, 0], [80, 70, 60, 50, 40, 30, 20, 10])
    assert said(tmp_path) == []


def test_a_shifted_pixel_whose_word_looks_like_padding_is_none(tmp_path: Path) -> None:
    # 10 bits up to bit 15: the number -8 is stored as the word -8 * 64 = -512, and padding is the number -512
    images = phantom.series()
    numbers = np.full((phantom.ROWS, phantom.COLUMNS), -8, np.int16)
    numbers[0] = -512
    for image in images:
        image.BitsStored, image.HighBit, image.PixelRepresentation = 10, 15, 1
        image.add_new(0x00280120, "SS", -512)
        image.PixelData = (numbers << 6).tobytes()
    volume = read_dicom(phantom.write(tmp_path, images))
    assert set(np.unique(volume.data).tolist()) == {-8, -512}
    assert (volume.data == -512).sum() == phantom.SLICES * phantom.COLUMNS


def test_removed_bits_are_a_warning_unless_the_header_says_that_an_overlay_lies_there(tmp_path: Path) -> None:
    images = series()
    phantom.write(tmp_path / "unsaid", images)
    assert said(tmp_path / "unsaid") == ["warn"]
    for image in images:
        image.add_new(0x60000102, "US", 15)
    phantom.write(tmp_path / "said", images)
    assert said(tmp_path / "said") == ["ok"]


@pytest.mark.parametrize(("bits", "high_bit"), [(0, 0), (16, 0), (12, 3), (40, 11)])
def test_bits_that_contradict_each_other_count_from_the_lowest(tmp_path: Path, bits: int, high_bit: int) -> None:
    images = phantom.series()
    for image in images:
        image.BitsStored, image.HighBit = bits, high_bit
    phantom.assert_truth(read_dicom(phantom.write(tmp_path, images)))


@pytest.mark.parametrize("bits", [8, 32])
def test_values_of_8_and_32_bits_are_read(tmp_path: Path, bits: int) -> None:
    images = phantom.series()
    for k, image in enumerate(images):
        image.PixelData = phantom.stored_values(k).astype(f"<u{bits // 8}").tobytes()
        image.BitsAllocated, image.BitsStored, image.HighBit = bits, bits, bits - 1
    phantom.assert_truth(read_dicom(phantom.write(tmp_path, images)))


@pytest.mark.parametrize("syntax", [None, RLELossless, JPEGLSLossless], ids=["plain", "RLE", "JPEG-LS"])
def test_a_multi_frame_file_is_decoded_frame_by_frame(tmp_path: Path, syntax: str | None) -> None:
    image = phantom.multi_frame()
    phantom.write_file(tmp_path / "one", image)
    if syntax:
        image.compress(syntax)
        image.save_as(tmp_path / "one", enforce_file_format=True)
    phantom.assert_truth(read_dicom(tmp_path / "one"))


@pytest.mark.parametrize("bits", [8, 6])
def test_jpeg_of_8_bits_in_a_file_of_16_is_read(tmp_path: Path, bits: int) -> None:
    # PS3.5, 8.2.1: the precision of the frame may be below Bits Allocated
    for folder in ("jpeg", "raw"):
        (tmp_path / folder).mkdir()
    for k, image in enumerate(phantom.series()):
        image.BitsAllocated, image.BitsStored, image.HighBit = 16, bits, bits - 1
        image.RescaleSlope, image.RescaleIntercept = 1, 0
        numbers = phantom.stored_values(k) % (1 << bits)
        image.PixelData = encapsulate([jpeg_lossless(numbers)])
        image["PixelData"].VR = "OB"
        phantom.write_file(tmp_path / "jpeg" / f"{k}", image, JPEGLosslessSV1)
        image.PixelData = numbers.astype("<u2").tobytes()
        image["PixelData"].VR = "OW"
        phantom.write_file(tmp_path / "raw" / f"{k}", image)
    np.testing.assert_array_equal(read_dicom(tmp_path / "jpeg").data, read_dicom(tmp_path / "raw").data)


def test_floating_point_pixels_are_read(tmp_path: Path) -> None:
    images = phantom.series()
    for k, image in enumerate(images):
        del image.PixelData
        image.FloatPixelData = (phantom.stored_values(k) / 4).astype("<f4").tobytes()
        image.BitsAllocated = 32
    volume = read_dicom(phantom.write(tmp_path, images))
    np.testing.assert_array_equal(volume.data[:, 0, 0], np.arange(80, 0, -10) / 4)


def test_a_modality_lut_is_applied(tmp_path: Path) -> None:
    images = phantom.series()
    table = Dataset()
    table.LUTDescriptor = [256, 0, 16]
    table.ModalityLUTType = "US"
    table.add_new(0x00283006, "OW", (np.arange(256) * 3).astype("<u2").tobytes())
    for image in images:
        image.ModalityLUTSequence = [table]
    volume = read_dicom(phantom.write(tmp_path, images))
    np.testing.assert_array_equal(volume.data[:, 0, 0], np.arange(240, 0, -30))


def test_a_file_that_changes_between_listing_and_reading_is_refused(tmp_path: Path) -> None:
    from napari_refusion.io.dicom.read import read_series
    from napari_refusion.io.dicom.scan import scan
    from napari_refusion.volume.finding import RefusedError

    phantom.write(tmp_path, phantom.series())
    (series,) = scan(tmp_path).series
    image = dcmread(tmp_path / phantom.name_of(4))
    image.SeriesDescription = "a longer description than before"
    image.save_as(tmp_path / phantom.name_of(4))
    with pytest.raises(RefusedError, match=rf"{phantom.name_of(4)}.*changed while it was read"):
        read_series(series)


def test_a_codec_that_panics_is_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """The RLE decoder, in Rust, panics where a header promises fewer pixels than there are."""
    for k, image in enumerate(phantom.series()):
        phantom.write_file(tmp_path / f"{k}", image)
        image.compress(RLELossless)
        image.Columns -= k == 3
        image.save_as(tmp_path / f"{k}", enforce_file_format=True)
    for k in (0, 1, 2, 4, 5, 6, 7):
        (tmp_path / f"{k}").unlink()
    assert "3 cannot be read" in phantom.refusal(tmp_path / "3")


@pytest.mark.parametrize(("bits", "high_bit"), [(12, 15), (8, 15), (8, 11)])
@pytest.mark.parametrize("signed", [0, 1])
def test_values_below_the_lowest_bit_that_the_header_states_are_warned_of(
    tmp_path: Path, bits: int, high_bit: int, signed: int
) -> None:
    images = phantom.series()
    for image in images:
        image.BitsStored, image.HighBit, image.PixelRepresentation = bits, high_bit, signed
    assert said(phantom.write(tmp_path, images)) == ["warn"]


@pytest.mark.parametrize("number", [3000, -3024])
def test_signed_numbers_beyond_the_bits_that_the_header_states_are_warned_of(tmp_path: Path, number: int) -> None:
    # In 12 bits 3000 is -1096, and -3024 is 1072: metal becomes air, and what surrounds the field of view tissue.
    images = phantom.series()
    for k, image in enumerate(images):
        numbers = phantom.stored_values(k).astype("<i2") - 50
        numbers[2, 2] = number
        image.PixelData = numbers.tobytes()
        image.PixelRepresentation, image.BitsStored, image.HighBit = 1, 12, 11
    assert said(phantom.write(tmp_path, images)) == ["warn"]


def relabelled(path: Path, syntax: UID) -> None:
    """Give a file the name of another transfer syntax, and leave its data set as it is."""
    content = path.read_bytes()
    meta = dcmread(path).file_meta
    start = 144 + meta.FileMetaInformationGroupLength
    meta.TransferSyntaxUID = syntax
    buffer = BytesIO()
    write_file_meta_info(buffer, meta)
    path.write_bytes(bytes(128) + b"DICM" + buffer.getvalue() + content[start:])


@pytest.mark.parametrize(
    ("written", "stated"),
    [(ExplicitVRLittleEndian, ImplicitVRLittleEndian), (ImplicitVRLittleEndian, ExplicitVRLittleEndian)],
    ids=["explicit that is called implicit", "implicit that is called explicit"],
)
def test_a_data_set_in_the_other_encoding_than_its_file_states_is_read_in_its_own(
    tmp_path: Path, written: UID, stated: UID
) -> None:
    # The length of the pixels stands 4 bytes further on in the one: values would lie 2 columns aside.
    for k, image in enumerate(phantom.series()):
        phantom.write_file(tmp_path / f"{k}", image, written)
        relabelled(tmp_path / f"{k}", stated)
    phantom.assert_truth(read_dicom(tmp_path))


@pytest.mark.parametrize(
    ("written", "stated", "words"),
    [
        (ExplicitVRLittleEndian, JPEG2000Lossless, "is compressed, and its pixels are not"),
        (RLELossless, ExplicitVRLittleEndian, "is raw, and its pixels are not"),
    ],
    ids=["raw", "compressed"],
)
def test_pixels_that_are_not_compressed_as_their_file_states_are_refused_in_words(
    tmp_path: Path, written: UID, stated: UID, words: str
) -> None:
    rng = np.random.default_rng(0)  # noise, which is not shorter when it is compressed
    for k, image in enumerate(phantom.series()):
        image.PixelData = rng.integers(0, 4096, (phantom.ROWS, phantom.COLUMNS), np.uint16).tobytes()
        if written == RLELossless:
            image.file_meta = FileMetaDataset()
            image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
            image.compress(RLELossless, generate_instance_uid=False)
        phantom.write_file(tmp_path / f"{k}", image, written)
        relabelled(tmp_path / f"{k}", stated)
    assert words in phantom.refusal(tmp_path)
