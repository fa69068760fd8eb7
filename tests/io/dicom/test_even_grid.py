"""How far slices may lie off an even grid: silent to 0.05 mm, a warning to 0.25 mm or a tenth of a step."""

from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset

from napari_refusion.io.dicom.even_grid import nearest_grid
from napari_refusion.io.dicom.read import check_series, read_dicom
from napari_refusion.io.dicom.scan import scan
from napari_refusion.volume.finding import blocking
from tests import dicom_faults as faults
from tests import dicom_series as phantom


def levels(folder: Path, images: list[Dataset]) -> list[str]:
    """What the gate says of the slices of a series, other than ok."""
    (series,) = scan(phantom.write(folder, images)).series
    return [finding.level for finding in check_series(series) if finding.level != "ok"]


def test_a_good_series_lies_on_its_grid_exactly(tmp_path: Path) -> None:
    (series,) = scan(phantom.write(tmp_path, phantom.series())).series
    grid = nearest_grid(series.slices)
    assert grid.departures.max() < 1e-9
    assert grid.step == pytest.approx(4.0, abs=1e-12)
    np.testing.assert_allclose(grid.affine[:3, 3], phantom.FIRST, atol=1e-9)


@pytest.mark.parametrize(("step", "decimals"), [(0.625, 2), (1 / 3, 2), (2 / 3, 2), (3.27, 1), (3.333, 1)])
def test_positions_rounded_to_few_decimals_are_one_even_stack(tmp_path: Path, step: float, decimals: int) -> None:
    images = phantom.series(count=24)
    for k, image in enumerate(images):
        image.ImagePositionPatient[2] = f"{20 + k * step:.{decimals}f}"
    volume = read_dicom(phantom.write(tmp_path, images))
    assert volume.shape[0] == 24
    assert volume.spacing[0] == pytest.approx(step, abs=10.0**-decimals / 24)
    # Rounding moves a slice by half of the last decimal at most, and the fit by no more.
    assert not [finding for finding in volume.findings if finding.level != "ok"]


@pytest.mark.parametrize("step", [0.5, 0.625])
def test_thin_oblique_slices_whose_positions_have_one_decimal_are_one_even_stack(tmp_path: Path, step: float) -> None:
    # each number is off by up to 0.05 mm, a slice by up to 0.05 * sqrt(3) = 0.087 mm: more than a tenth of the step
    (row, column, normal), _ = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))
    normal = np.cross(row, column)
    images = phantom.series(count=30)
    for k, image in enumerate(images):
        image.ImageOrientationPatient = [f"{number:.8f}" for number in (*row, *column)]
        image.SliceThickness = step
        image.ImagePositionPatient = [
            f"{number:.1f}" for number in np.array([-15.03, -40.02, 20.04]) + k * step * normal
        ]
    volume = read_dicom(phantom.write(tmp_path, images))
    assert min(volume.spacing) == pytest.approx(step, abs=0.01)
    assert sorted(volume.shape) == sorted((30, phantom.ROWS, phantom.COLUMNS))
    stored = {float(value) for image in images for value in np.unique(np.frombuffer(image.PixelData, np.uint16))}
    assert set(np.unique(volume.data).tolist()) == stored  # nothing was interpolated
    assert [one.rule for one in volume.findings if one.level == "warn"] == ["slice spacing"]


def test_thin_slices_that_lie_crooked_are_refused_where_positions_have_two_decimals(tmp_path: Path) -> None:
    images = phantom.series(count=30)
    for k, image in enumerate(images):
        image.ImagePositionPatient = [-15.02 + 0.16 * (k % 2), -40.01, 20 + k * 0.5]
    assert "straight line" in phantom.refusal(phantom.write(tmp_path, images))


def _turned(images: list[Dataset]) -> None:
    for image in images[::2]:
        image.ImageOrientationPatient = [1, 0.00015, 0, -0.00015, 1, 0]


def _tilted_a_little(images: list[Dataset]) -> None:
    for image in images[3:]:
        image.ImageOrientationPatient = [1, 0, 0.00015, 0, 1, -0.00015]


def _wider_pixels(images: list[Dataset]) -> None:
    for image in images[1::2]:
        image.PixelSpacing = ["2.00004", "3.00004"]


def _as_text(images: list[Dataset]) -> None:
    for image in images[::2]:
        image.PixelSpacing = ["2.0000", "3.000000"]


@pytest.mark.parametrize("change", [_turned, _tilted_a_little, _wider_pixels, _as_text])
def test_headers_that_differ_in_their_last_digits_are_one_volume_without_a_warning(
    tmp_path: Path, change: faults.Change
) -> None:
    images = phantom.series()
    change(images)
    volume = read_dicom(phantom.write(tmp_path, images))
    assert {finding.level for finding in volume.findings} == {"ok"}
    index = np.argwhere(volume.data == phantom.MARKER_VALUE)[0]
    np.testing.assert_allclose((volume.affine @ [*index, 1])[:3], phantom.MARKER_RAS, atol=0.01)


@pytest.mark.parametrize("degrees", [12.0, 33.0, 45.0])
def test_cosines_of_three_digits_do_not_stretch_the_pixels(tmp_path: Path, degrees: float) -> None:
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    images = phantom.series()
    for k, image in enumerate(images):
        image.ImageOrientationPatient = [1, 0, 0, 0, f"{cosine:.3f}", f"{sine:.3f}"]
        image.ImagePositionPatient = [0, f"{-4 * k * sine:.4f}", f"{4 * k * cosine:.4f}"]
    volume = read_dicom(phantom.write(tmp_path, images))
    np.testing.assert_allclose(sorted(volume.spacing), (2, 3, 4), atol=1e-4)
    assert {finding.level for finding in volume.findings} == {"ok"}


def test_corners_that_directions_rounded_too_far_move_are_refused_in_millimetres(tmp_path: Path) -> None:
    # 0.0018 off a right angle: 0.9 mrad for each direction, over half the diagonal of 600 x 600 mm 0.38 mm.
    images = phantom.series()
    for image in images:
        image.ImageOrientationPatient = [1, 0.0018, 0, 0, 1, 0]
        image.Rows, image.Columns = 300, 200
        image.PixelData = np.zeros((300, 200), np.uint16).tobytes()
    message = phantom.refusal(phantom.write(tmp_path, images))
    assert "0.38 mm" in message
    assert "Image Orientation (Patient)" in message


def test_the_same_digits_count_in_millimetres_at_the_farthest_voxel_of_a_large_matrix(tmp_path: Path) -> None:
    # 0.002 mm for each pixel: 0.011 mm at the corner of 12 rows, 0.5 mm at that of 512.
    images = phantom.series()
    for image in images[:3]:
        image.PixelSpacing = [2.002, 3]
    assert levels(tmp_path / "small", images) == []
    for image in images:
        image.Rows = 512
        image.PixelData = np.zeros((512, phantom.COLUMNS), np.uint16).tobytes()
    (series,) = scan(phantom.write(tmp_path / "large", images)).series
    assert [finding.rule for finding in blocking(check_series(series))] == ["pixel spacing"]


def _beside(middle: float, step: float) -> list[Dataset]:
    """Three slices, the middle one moved so that the largest departure from the nearest even grid is two thirds of it.

    The residuals of a line through (0, 0), (1, d), (2, 0) are -d/3, 2d/3, -d/3.
    """
    images = phantom.series(count=3)
    for image, z in zip(images, (0.0, step + middle * 1.5, 2 * step), strict=True):
        image.ImagePositionPatient = [0.0, 0.0, z]
    return images


@pytest.mark.parametrize(
    ("departure", "step", "expected"),
    [
        (0.0499, 4.0, []),
        (0.0501, 4.0, ["warn"]),
        (0.2499, 4.0, ["warn"]),
        (-0.2499, 4.0, ["warn"]),
        (0.0299, 0.3, []),  # a tenth of a step is less than what is worth saying
    ],
)
def test_a_departure_is_silent_to_a_20th_of_a_millimetre_and_warned_of_to_a_quarter(
    tmp_path: Path, departure: float, step: float, expected: list[str]
) -> None:
    assert levels(tmp_path, _beside(departure, step)) == expected


@pytest.mark.parametrize(("departure", "step"), [(0.2501, 4.0), (-0.2501, 4.0), (0.0301, 0.3)])
def test_a_departure_beyond_it_is_resampled_where_the_positions_are_known(
    tmp_path: Path, departure: float, step: float
) -> None:
    volume = read_dicom(phantom.write(tmp_path, _beside(departure, step)))
    assert any("resampled" in finding.sentence for finding in volume.findings)


def test_a_real_whole_body_pet_with_uneven_gaps_opens_and_says_how_far_it_departs(shared: Path, tmp_path: Path) -> None:
    import tarfile

    archive = shared / "data" / "hostile" / "dicom_good" / "STS_001_FDG_PET_267slices.tar.xz"
    if not archive.is_file():
        pytest.skip("needs the real PET")
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path, filter="data")
    volume = read_dicom(tmp_path)
    assert volume.shape == (267, 128, 128)
    assert volume.unit == "SUVbw"
    (said,) = [finding.sentence for finding in volume.findings if finding.rule == "slice spacing"]
    assert "267 slices" in said
    assert "largest departure from an even grid is 0.040 mm" in said
    assert {finding.level for finding in volume.findings if finding.rule == "slice spacing"} == {"ok"}


@pytest.mark.parametrize(
    ("keyword", "text"), [("SliceThickness", "3,0"), ("SliceThickness", "3 mm"), ("SpacingBetweenSlices", "4,0")]
)
def test_an_unreadable_number_that_nothing_depends_on_is_a_warning(tmp_path: Path, keyword: str, text: str) -> None:
    from pydicom import DataElement
    from pydicom.datadict import tag_for_keyword

    images = phantom.series()
    for image in images:
        image[keyword] = DataElement(tag_for_keyword(keyword), "LO", text)
    volume = read_dicom(phantom.write(tmp_path, images))
    phantom.assert_truth(volume)
    assert [text in finding.sentence for finding in volume.findings if finding.level == "warn"] == [True]
