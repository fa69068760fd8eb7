"""Tilted and uneven stacks are resampled onto an even grid, with every value between those around it."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset, dcmread

from napari_refusion.io.dicom.read import check_series, read_dicom
from napari_refusion.io.dicom.scan import scan
from napari_refusion.io.dicom.straight import even_step
from napari_refusion.volume.finding import blocking
from napari_refusion.volume.volume import Volume
from tests import dicom_faults as faults
from tests import dicom_series as phantom

SIZE = 24


def ramp(along: Sequence[float], sideways: float = 0.0, thickness: float | Sequence[float] = 1.0) -> list[Dataset]:
    """CT slices at these z, each shifted by so many mm in y for each mm of z, whose values are 10 z + 2 y + x in HU.

    Linear interpolation of a linear field gives it back exactly.
    """
    images = phantom.series("CT", count=len(along))
    thick = [thickness] * len(along) if isinstance(thickness, float) else thickness
    rows, columns = np.mgrid[:SIZE, :SIZE]
    for image, z, one in zip(images, along, thick, strict=True):
        y = sideways * z
        image.ImagePositionPatient, image.PixelSpacing, image.SliceThickness = [0.0, y, z], [1, 1], one
        image.Rows = image.Columns = SIZE
        image.RescaleSlope, image.RescaleIntercept = 0.125, -100
        image.PixelData = np.rint((10 * z + 2 * (rows + y) + columns + 100) * 8).astype(np.uint16).tobytes()
    return images


def field(volume: Volume) -> np.ndarray:
    """What `ramp` has at every voxel of a volume."""
    to_lps = np.diag([-1.0, -1.0, 1.0]) @ volume.affine[:3]
    x, y, z = np.einsum("ij,jabc->iabc", to_lps[:, :3], np.indices(volume.shape)) + to_lps[:, 3, None, None, None]
    return 10 * z + 2 * y + x


def findings_of(folder: Path, images: list[Dataset], rule: str) -> list[tuple[str, str]]:
    (series,) = scan(phantom.write(folder, images)).series
    return [(finding.level, finding.sentence) for finding in check_series(series) if finding.rule == rule]


@pytest.mark.parametrize(
    ("along", "sideways"),
    [
        ([0.0, 4.0, 8.0, 12.0, 16.0], 0.25),  # tilted: atan(1 / 4) = 14.0 degrees
        ([0.0, 4.0, 8.0, 12.0, 16.0], -0.3),  # to the other side, by fractions of pixels
        ([0.0, 4.0, 8.0, 13.5, 17.5, 21.5], 0.0),  # one step of 5.5 mm
        ([0.0, 2.5, 5.0, 7.5, 12.5, 17.5, 22.5], 0.0),  # two sections
        ([0.0, 4.0, 8.0, 9.0, 16.0, 23.0], 0.2),  # tilted, overlapping and uneven
    ],
)
def test_a_linear_field_is_the_same_after_straightening(tmp_path: Path, along: list[float], sideways: float) -> None:
    thickness = 5.0 if along[1] == 2.5 else 1.0
    volume = read_dicom(phantom.write(tmp_path, ramp(along, sideways, [1.0] * 4 + [thickness] * (len(along) - 4))))
    np.testing.assert_allclose(np.abs(volume.affine[:3, :3] / volume.spacing), np.eye(3)[::-1], atol=1e-9)
    filled = volume.data == -1024
    np.testing.assert_allclose(volume.data[~filled], field(volume)[~filled], atol=0.065)  # stored in eighths
    assert filled.mean() < 0.5
    assert not blocking(volume.findings)


def test_a_tilted_volume_is_filled_with_air_only_where_no_slice_reaches(tmp_path: Path) -> None:
    # Shifts of 0, 1, 2, 3 and 4 pixels: each plane holds one slice, shifted, and nothing is interpolated.
    images = ramp([0.0, 4.0, 8.0, 12.0, 16.0], 0.25)
    volume = read_dicom(phantom.write(tmp_path, images))
    assert volume.shape == (5, SIZE + 4, SIZE)
    for k, image in enumerate(images):
        plane = volume.data[4 - k]
        stored = np.frombuffer(image.PixelData, np.uint16).reshape(SIZE, SIZE) / 8 - 100
        np.testing.assert_allclose(plane[k : k + SIZE], stored)
        assert (np.delete(plane, range(k, k + SIZE), axis=0) == -1024).all()


def test_what_was_done_is_said_and_warned_of_where_values_between_slices_are_made_up(tmp_path: Path) -> None:
    tilted = findings_of(tmp_path / "tilted", ramp([0.0, 4.0, 8.0, 12.0, 16.0], 0.25), "gantry tilt")
    ((level, sentence),) = tilted
    assert level == "ok"
    assert "14.0 degrees" in sentence
    assert "4.0 mm" in sentence
    uneven = ramp([0.0, 3.0, 6.0, 9.9, 12.9, 15.9, 18.9, 21.9])
    ((level, sentence),) = findings_of(tmp_path / "uneven", uneven, "slice spacing")
    assert level == "ok"
    assert "3.00 to 3.90 mm" in sentence
    assert "even grid of 3 mm" in sentence
    wide = ramp([0.0, 3.0, 6.0, 10.8, 13.8, 16.8])
    ((level, sentence),) = findings_of(tmp_path / "wide", wide, "slice spacing")
    assert level == "warn"
    assert "interpolated from the two neighbouring slices" in sentence
    assert "The last 1.80 mm" in sentence  # planes at 0, 3, ... 15 of 16.8 mm


def test_no_value_lies_outside_those_of_its_neighbours(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    images = ramp([0.0, 4.0, 8.0, 13.5, 17.5, 21.5], 0.13)
    for image in images:
        image.PixelData = random.choice([0, 4000], (SIZE, SIZE)).astype(np.uint16).tobytes()
    volume = read_dicom(phantom.write(tmp_path, images))
    inside = volume.data[volume.data != -1024]
    assert inside.min() >= -100
    assert inside.max() <= 400


@pytest.mark.parametrize(("stated", "level"), [([4.0] * 6, "warn"), ([3.0, 4.0, 4.0, 4.0, 3.0, 3.0], "ok"), ([], "ok")])
def test_uneven_steps_against_one_stated_distance_are_warned_of(
    tmp_path: Path, stated: list[float], level: str
) -> None:
    images = ramp([0.0, 3.0, 7.0, 11.0, 15.0, 18.0])
    for image, one in zip(images, stated, strict=False):
        image.SpacingBetweenSlices = one
    ((found, sentence),) = findings_of(tmp_path / "stated", images, "slice spacing")
    assert found == level
    assert ("one distance, 4 mm" in sentence) == (level == "warn")


@pytest.mark.parametrize(
    ("along", "thickness"),
    [
        ([0.0, 4.0, 8.0, 16.0, 20.0, 24.0], 4.0),  # one double step
        ([0.0, 4.0, 12.0, 20.0, 24.0, 28.0], 4.0),  # two in a row
        ([0.0, 4.0, 8.0, 12.0, 28.3, 32.3], 4.0),  # no whole multiple, but a hole
        ([0.0, 8.0, 12.0], 4.0),
        ([0.0, 4.04, 8.0, 16.1, 20.0, 24.0], 4.0),  # rounded positions around it
    ],
)
def test_a_lone_wide_gap_is_a_missing_slice_and_no_uneven_stack(
    tmp_path: Path, along: list[float], thickness: float
) -> None:
    ((level, sentence),) = findings_of(tmp_path, ramp(along, thickness=thickness), "missing slice")
    assert level == "block"
    assert "slice(s) missing" in sentence


@pytest.mark.parametrize(
    ("along", "thickness"),
    [
        # a section of 5 mm after one of 2.5 mm: by its length, and by the thickness of its slices
        ([0.0, 2.5, 5.0, 7.5, 10.0, 15.0, 20.0, 25.0], [2.5] * 8),
        ([0.0, 2.5, 5.0, 7.5, 10.0, 15.0, 20.0], [2.5] * 5 + [5.0] * 2),
        ([0.0, 5.0, 10.0, 15.0, 17.5, 20.0], [2.5] * 6),
    ],
)
def test_a_section_with_wider_steps_is_no_missing_slice(
    tmp_path: Path, along: list[float], thickness: list[float]
) -> None:
    assert not findings_of(tmp_path / "a", ramp(along, thickness=thickness), "missing slice")
    volume = read_dicom(tmp_path / "a")
    assert volume.spacing[0] == pytest.approx(2.5)
    assert any(found.level == "warn" and found.rule == "slice spacing" for found in volume.findings)


@pytest.mark.parametrize("shift", [4.5, -8.0, 400.0])
def test_a_stack_that_leans_more_than_any_gantry_is_refused(tmp_path: Path, shift: float) -> None:
    images = phantom.series()
    for k, image in enumerate(images):
        image.ImagePositionPatient[1] += shift * k
    message = phantom.refusal(phantom.write(tmp_path, images))
    assert "more than a gantry" in message
    assert "degrees" in message


@pytest.mark.parametrize("slice_number", [0, 3, 7])
def test_a_slice_beside_the_line_of_the_others_contradicts_them_and_is_refused(
    tmp_path: Path, slice_number: int
) -> None:
    images = phantom.series()
    images[slice_number].ImagePositionPatient[0] += 5.0
    message = phantom.refusal(phantom.write(tmp_path, images))
    assert "contradict each other" in message
    assert phantom.name_of(slice_number) in message


@pytest.mark.parametrize("change", [faults.tilted, faults.uneven])
def test_an_mri_is_filled_with_its_smallest_value(tmp_path: Path, change: faults.Change) -> None:
    images = phantom.series()
    change(images)
    volume = read_dicom(phantom.write(tmp_path, images))
    assert volume.data.min() == 10
    assert volume.data.max() <= phantom.MARKER_VALUE


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([4.0, 4.0, 4.0], 4.0),
        ([5, 0.02, 5, 0.02, 6, 5], 5.0),
        ([4, 4, 1.08, 7, 7], 4.0),
        ([3, 3.3, 3, 3], 3.0),
        ([1.0, 2.0, 3.0], 2.0),
    ],
)
def test_the_even_step_is_the_smallest_that_occurs_twice(steps: list[float], expected: float) -> None:
    assert even_step(np.array(steps)) == pytest.approx(expected)


def test_a_real_tilted_ct_with_two_sections_keeps_its_slices(shared: Path) -> None:
    folder = shared / "data" / "hostile" / "dicom" / "dcmqa_ct_GE_tilt_varspacing"
    volume = read_dicom(folder)
    said = " ".join(finding.sentence for finding in volume.findings)
    assert "18.5 degrees" in said
    assert "1.08 to 7.00 mm" in said
    # Slice 7 of the file lies in the finer section: 4.00 mm along the normal from the first, so it is a plane of the
    # grid but for its shift within the plane. Its first pixel is where the header puts it.
    header = dcmread(next(path for path in sorted(folder.rglob("*.dcm")) if dcmread(path).InstanceNumber == 7))
    stored = header.pixel_array * float(header.RescaleSlope) + float(header.RescaleIntercept)
    row, column = np.reshape(header.ImageOrientationPatient, (2, 3)).astype(float)
    down, right = header.PixelSpacing
    for at in ((200, 250), (300, 180), (256, 256)):
        lps = np.array(header.ImagePositionPatient, float) + column * at[0] * down + row * at[1] * right
        index = np.linalg.inv(volume.affine) @ [-lps[0], -lps[1], lps[2], 1]
        plane, here = round(index[0]), np.floor(index[1]).astype(int)
        assert index[0] == pytest.approx(plane, abs=0.01)
        assert index[2] == pytest.approx(round(index[2]), abs=0.01)
        around = stored[at[0] - 1 : at[0] + 2, at[1]]
        assert around.min() - 0.1 <= volume.data[plane, here, round(index[2])] <= around.max() + 0.1
