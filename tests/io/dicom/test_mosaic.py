"""Siemens mosaics are cut into their slices, each where the protocol in the header has it."""

from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset

from napari_refusion.io.dicom.read import read_dicom
from tests import dicom_series as phantom

ACROSS = 3
"""Tiles in a row: 8 slices need 3 x 3, the last tile is empty."""


def protocol(centres: np.ndarray, upside_down: bool = False) -> bytes:
    """Return the part of a Siemens protocol that lists slices by their centres, (n, 3) LPS mm; zeros are left out.

    Upside down adds the flag by which dcm2niix knows that the images are numbered from the last slice.
    """
    lines = ["sSliceArray.ucImageNumbTra                = 0x1"] * upside_down
    lines += [f"sSliceArray.lSize                         = {len(centres)}"]
    for k, centre in enumerate(centres):
        for axis, value in zip(("Sag", "Cor", "Tra"), centre, strict=True):
            if value:
                lines.append(f"sSliceArray.asSlice[{k}].sPosition.d{axis}     = {value:.9g}")
    return b"SV10 ### ASCCONV BEGIN ###\n" + "\n".join(lines).encode() + b"\n### ASCCONV END ###\0"


def mosaic(upside_down: bool = False, with_protocol: bool = True, number: bool = True) -> Dataset:
    """Return the good series as one mosaic; upside down from the last slice to the first."""
    order = list(range(phantom.SLICES))[:: -1 if upside_down else 1]
    image = phantom.series()[0]
    image.ImageType = ["ORIGINAL", "PRIMARY", "M", "ND", "MOSAIC"]
    image.SpacingBetweenSlices = phantom.BETWEEN_SLICES
    pixels = np.zeros((ACROSS, phantom.ROWS, ACROSS, phantom.COLUMNS), np.uint16)
    for tile, k in enumerate(order):
        pixels[tile // ACROSS, :, tile % ACROSS] = phantom.stored_values(k)
    image.Rows, image.Columns = ACROSS * phantom.ROWS, ACROSS * phantom.COLUMNS
    image.PixelData = pixels.tobytes()
    # As if it were one slice of so many pixels around the same centre (nibabel's doc/dicom_mosaic).
    first = np.array([*phantom.FIRST[:2], phantom.FIRST[2] + order[0] * phantom.BETWEEN_SLICES])
    high, wide = phantom.ROWS * phantom.BETWEEN_ROWS, phantom.COLUMNS * phantom.BETWEEN_COLUMNS
    image.ImagePositionPatient = (first - [wide * (ACROSS - 1) / 2, high * (ACROSS - 1) / 2, 0]).tolist()
    if number:
        image.private_block(0x0019, "SIEMENS MR HEADER", create=True).add_new(0x0A, "US", phantom.SLICES)
    if with_protocol:
        middle = np.add(phantom.FIRST, [wide / 2, high / 2, 0])
        centres = middle + np.arange(phantom.SLICES)[:, None] * [0, 0, phantom.BETWEEN_SLICES]
        image.private_block(0x0029, "SIEMENS CSA HEADER", create=True).add_new(
            0x20, "OB", protocol(centres, upside_down)
        )
    return image


@pytest.mark.parametrize("upside_down", [False, True])
@pytest.mark.parametrize("number", [True, False], ids=["(0019,100A)", "protocol"])
def test_every_tile_lies_where_the_protocol_puts_it(tmp_path: Path, upside_down: bool, number: bool) -> None:
    phantom.write_file(tmp_path / "one", mosaic(upside_down, number=number))
    volume = read_dicom(tmp_path / "one")
    phantom.assert_truth(volume)
    assert {finding.level for finding in volume.findings} == {"ok"}


def test_without_a_protocol_the_direction_of_the_slices_is_a_warning(tmp_path: Path) -> None:
    phantom.write_file(tmp_path / "one", mosaic(with_protocol=False))
    volume = read_dicom(tmp_path / "one")
    phantom.assert_truth(volume)
    ((level, sentence),) = [(one.level, one.sentence) for one in volume.findings if one.rule == "mosaic"]
    assert level == "warn"
    assert "in which direction" in sentence


def _no_distance(image: Dataset) -> None:
    del image.SpacingBetweenSlices


def _too_many(image: Dataset) -> None:
    image[0x0019, 0x100A].value = 27  # 6 x 6 tiles, which 36 rows fit and 30 columns do not


def _moved(image: Dataset) -> None:
    image.ImagePositionPatient[2] += 7


@pytest.mark.parametrize(
    ("change", "with_protocol", "number", "words"),
    [
        (lambda image: None, False, False, "into how many slices"),
        (_no_distance, False, True, "Spacing Between Slices (0018,0088)"),
        (_moved, True, True, "7.0 mm off"),
    ],
)
def test_a_mosaic_whose_header_tells_too_little_is_refused_with_what_is_missing(
    tmp_path: Path, change: object, with_protocol: bool, number: bool, words: str
) -> None:
    image = mosaic(with_protocol=with_protocol, number=number)
    change(image)  # type: ignore[operator]
    phantom.write_file(tmp_path / "one", image)
    message = phantom.refusal(tmp_path / "one")
    assert "mosaic" in message
    assert words in message


def test_a_real_mosaic_has_50_slices_from_the_head_down(shared: Path) -> None:
    """Its protocol lists 50 slices from (-1.513, -20.561, -59.854) to (-1.447, 7.718, 88.392), 3.08 mm apart.

    dcm2niix, which does not find them because private creators were removed, says that it guesses 64 going up.
    """
    volume = read_dicom(shared / "data" / "hostile" / "dicom" / "d2n_siemens_fmri_001" / "IM-0001-0001.dcm")
    assert volume.shape == (50, 80, 80)
    np.testing.assert_allclose(volume.spacing, (3.08, 2.5, 2.5), atol=1e-3)
    for plane, centre in ((0, (-1.447, 7.718, 88.392)), (49, (-1.513, -20.561, -59.854))):
        x, y, z = (volume.affine @ [plane, 40, 40, 1])[:3]
        np.testing.assert_allclose((-x, -y, z), centre, atol=2e-3)


@pytest.mark.parametrize("count", ["4", "25"])
def test_a_grid_of_slices_of_united_imaging_is_refused_and_not_read_as_one_slice(tmp_path: Path, count: str) -> None:
    (image,) = phantom.series(count=1)
    image.private_block(0x0065, "Image Private Header", create=True).add_new(0x50, "DS", count)
    phantom.write(tmp_path, [image])
    assert f"a grid of {count} slices in one image" in phantom.refusal(tmp_path)


def test_an_image_of_united_imaging_that_counts_itself_is_a_slice(tmp_path: Path) -> None:
    images = phantom.series()
    for image in images:
        image.private_block(0x0065, "Image Private Header", create=True).add_new(0x50, "DS", "1")
    phantom.assert_truth(phantom.read_dicom(phantom.write(tmp_path, images)))
