"""Grey values stored as colours are read; colours are not."""

from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset
from pydicom.uid import ExplicitVRLittleEndian, JPEG2000Lossless, RLELossless

from napari_refusion.io.dicom.read import read_dicom
from tests import dicom_series as phantom


def as_colours(images: list[Dataset], planar: int = 0, photometric: str = "RGB", tint: int = 0) -> None:
    """Store every image as colours that are equal, or with another red in one voxel of one slice."""
    for k, image in enumerate(images):
        grey = phantom.stored_values(k).astype(np.uint8)
        pixels = np.stack([grey] * 3, axis=-1)
        if photometric.startswith("YBR"):
            pixels[..., 1:] = 128  # PS3.3, C.7.6.3.1.2: no colour difference
        if k == 6:
            pixels[3, 3, 0] += tint
        image.SamplesPerPixel, image.PhotometricInterpretation, image.PlanarConfiguration = 3, photometric, planar
        image.BitsAllocated, image.BitsStored, image.HighBit = 8, 8, 7
        if photometric == "YBR_FULL_422":  # two of luma, then the chroma that both share
            pixels = np.stack([grey[:, ::2], grey[:, 1::2], *[np.full_like(grey[:, ::2], 128)] * 2], axis=-1)
        image.PixelData = (np.moveaxis(pixels, 2, 0) if planar else pixels).tobytes()


def with_palette(images: list[Dataset], bits: int = 16, tint: int = 0) -> None:
    """Store every image as indices of a palette: index i is the grey i, times 257 in a table of 16 bits."""
    table = np.arange(256, dtype=np.uint16) * (257 if bits == 16 else 1)
    for k, image in enumerate(images):
        image.PhotometricInterpretation = "PALETTE COLOR"
        image.BitsAllocated, image.BitsStored, image.HighBit = 8, 8, 7
        image.PixelData = phantom.stored_values(k).astype(np.uint8).tobytes()
        for colour in ("Red", "Green", "Blue"):
            own = table.copy()
            own[20] += tint * (colour == "Red")
            setattr(image, f"{colour}PaletteColorLookupTableDescriptor", [256, 0, bits])
            setattr(image, f"{colour}PaletteColorLookupTableData", own.astype("<u2" if bits == 16 else "u1").tobytes())


@pytest.mark.parametrize(
    ("photometric", "planar"), [("RGB", 0), ("RGB", 1), ("YBR_FULL", 0), ("YBR_FULL", 1), ("YBR_FULL_422", 0)]
)
def test_equal_colours_are_read_as_grey_with_a_warning(tmp_path: Path, photometric: str, planar: int) -> None:
    images = phantom.series()
    as_colours(images, planar, photometric)
    volume = read_dicom(phantom.write(tmp_path, images))
    phantom.assert_truth(volume)
    assert [(one.level, one.value) for one in volume.findings if one.rule == "colour"] == [("warn", photometric)]


@pytest.mark.parametrize("syntax", [RLELossless, JPEG2000Lossless])
def test_compressed_equal_colours_are_read_as_grey(tmp_path: Path, syntax: str) -> None:
    stored = np.arange(80 * 80, dtype=np.uint16).reshape(80, 80) // 50
    for k, image in enumerate(phantom.series()):
        image.Rows = image.Columns = 80
        image.SamplesPerPixel, image.PhotometricInterpretation, image.PlanarConfiguration = 3, "RGB", 0
        image.BitsAllocated, image.BitsStored, image.HighBit = 8, 8, 7
        image.PixelData = np.stack([stored.astype(np.uint8)] * 3, axis=-1).tobytes()
        phantom.write_file(tmp_path / f"{k}", image, ExplicitVRLittleEndian)
        image.compress(syntax)
        image.save_as(tmp_path / f"{k}", enforce_file_format=True)
    np.testing.assert_array_equal(read_dicom(tmp_path).data, np.broadcast_to(stored, (phantom.SLICES, 80, 80)))


@pytest.mark.parametrize("bits", [8, 16])
def test_a_palette_of_greys_is_read_as_these(tmp_path: Path, bits: int) -> None:
    images = phantom.series()
    with_palette(images, bits)
    volume = read_dicom(phantom.write(tmp_path, images))
    factor = 257 if bits == 16 else 1
    np.testing.assert_array_equal(volume.data[:, 0, 0], np.arange(80, 0, -10) * factor)
    assert any(one.level == "warn" and one.rule == "colour" for one in volume.findings)


@pytest.mark.parametrize("change", [as_colours, with_palette])
def test_one_voxel_in_colour_anywhere_is_colour(tmp_path: Path, change: object) -> None:
    images = phantom.series()
    change(images, tint=9)  # type: ignore[operator]
    message = phantom.refusal(phantom.write(tmp_path, images))
    assert "in colour" in message
    assert "choose the greyscale series" in message


def test_every_frame_of_a_file_with_a_palette_is_read_as_its_greys(tmp_path: Path) -> None:
    image = phantom.multi_frame()
    with_palette([image])
    image.PixelData = np.stack([phantom.stored_values(k) for k in [3, 0, 7, 1, 6, 2, 5, 4]]).astype(np.uint8).tobytes()
    phantom.write_file(tmp_path / "one", image)
    np.testing.assert_array_equal(read_dicom(tmp_path / "one").data[:, 0, 0], np.arange(80, 0, -10) * 257)


@pytest.mark.parametrize("change", [as_colours, with_palette])
def test_slices_of_grey_colours_are_checked_like_all_others(tmp_path: Path, change: object) -> None:
    images = phantom.series()
    change(images)  # type: ignore[operator]
    phantom.write(tmp_path / "gap", images[:3] + images[4:])
    assert "1 slice(s) missing" in phantom.refusal(tmp_path / "gap")
    del images[5].PixelSpacing
    assert "Pixel Spacing" in phantom.refusal(phantom.write(tmp_path / "unplaced", images))
