"""Real files that break readers: each folder loads with the right geometry or is refused with a reason."""

from pathlib import Path

import numpy as np
import pytest
import SimpleITK
from pydicom import dcmread

from napari_refusion.io.dicom.read import list_series, read_dicom
from napari_refusion.volume.affine import from_ipl
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.volume import Volume

LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])


@pytest.fixture(scope="module")
def dicom(shared: Path) -> Path:
    return shared / "data" / "hostile" / "dicom"


def by_simpleitk(files: list[Path]) -> tuple[np.ndarray, np.ndarray]:
    """Return values (x, y, z) and their affine to RAS+ mm as SimpleITK reads them from files in this order."""
    names = [str(file) for file in files]
    image = SimpleITK.ReadImage(names if len(names) > 1 else names[0])
    affine = np.eye(4)
    affine[:3, :3] = np.reshape(image.GetDirection(), (3, 3)) * image.GetSpacing()
    affine[:3, 3] = image.GetOrigin()
    return SimpleITK.GetArrayFromImage(image).T, LPS_TO_RAS @ affine


def assert_same(volume: Volume, values: np.ndarray, affine: np.ndarray) -> None:
    """Every voxel of the volume has the value that the other reader has at its place."""
    indices = np.argwhere(np.ones(volume.shape, bool))
    world = indices @ volume.affine[:3, :3].T + volume.affine[:3, 3]
    inverse = np.linalg.inv(affine)
    theirs = world @ inverse[:3, :3].T + inverse[:3, 3]
    nearest = np.rint(theirs).astype(int)
    assert np.abs((theirs - nearest) @ affine[:3, :3].T).max() <= 1e-3
    np.testing.assert_array_equal(np.ptp(nearest, axis=0) + 1, values.shape)
    np.testing.assert_allclose(volume.data.ravel(), values[tuple(nearest.T)], rtol=1e-6)


@pytest.mark.parametrize(
    "folder",
    [
        "d2n_failing_slicecount_001",
        "d2n_generic_anatomical_001",
        "d2n_generic_compressed_j2k_001",
        "d2n_generic_compressed_jpeg_001",
        "d2n_generic_compressed_rle_001",
        "d2n_philips_anatomical_001",
    ],
)
def test_real_series_lie_where_simpleitk_puts_them(dicom: Path, folder: str) -> None:
    (series,) = list_series(dicom / folder)
    assert_same(read_dicom(dicom / folder), *by_simpleitk(list(series.files)))


def test_the_enhanced_hyperfine_image_lies_where_simpleitk_puts_it(dicom: Path) -> None:
    file = dicom / "d2n_hyperfine_anatomical_001" / "001.dcm"
    values, affine = by_simpleitk([file])
    assert_same(read_dicom(file), values, affine)


def test_the_enhanced_philips_image_lies_where_its_frames_say(dicom: Path) -> None:
    file = dicom / "d2n_philips_enhanced_anatomical_001" / "IM-0001-0170-0001.dcm"
    volume = read_dicom(file)
    header = dcmread(file)
    frames = header.PerFrameFunctionalGroupsSequence
    # Rows run to posterior and columns to inferior (IOP 0 1 0 0 0 -1), 1 mm each; rescaled by one slope.
    slope = float(frames[0].PixelValueTransformationSequence[0].RescaleSlope)
    for k in (0, 3, 7):
        place = np.array(frames[k].PlanePositionSequence[0].ImagePositionPatient, float)
        lps = place + 40 * np.array([0, 1, 0]) + 100 * np.array([0, 0, -1])
        index = np.linalg.inv(volume.affine) @ [-lps[0], -lps[1], lps[2], 1]
        np.testing.assert_allclose(index, np.rint(index), atol=1e-3)
        i, p, left = np.rint(index[:3]).astype(int)
        assert volume.data[i, p, left] == pytest.approx(slope * header.pixel_array[k, 100, 40], rel=1e-6)


@pytest.mark.parametrize(
    ("folder", "words"),
    [
        ("d2n_failing_notavolume_001", ["All 4 images", "one position", "001.dcm"]),
        ("d2n_failing_sliceorientation_001", ["90.0 degrees", "IM-0001-0002-0001", "separately"]),
        ("d2n_ge_anatomical_001_single_slice", ["IM-0001-0112-0001.dcm", "Slice Thickness", "Open the folder"]),
        ("d2n_generic_rgb_001", ["IM-0001-0001-0001.dcm", "in colour (RGB)", "choose the greyscale series"]),
    ],
)
def test_what_is_no_straight_volume_is_refused_with_reason_and_remedy(
    dicom: Path, folder: str, words: list[str]
) -> None:
    with pytest.raises(RefusedError) as caught:
        read_dicom(dicom / folder)
    for word in words:
        assert word in str(caught.value)


def test_mr_and_pet_shuffled_into_one_folder_are_told_apart(dicom: Path) -> None:
    folder = dicom / "derived_mixed_MR_PET_synthetic_header"
    with pytest.raises(
        RefusedError, match=r"2 series: MRI .* \(series 3\), 21 slices .*; PET .* \(series 5\), 21 slices"
    ):
        read_dicom(folder)
    mr, pt = list_series(folder)
    mri, pet = read_dicom(folder, modality="MR"), read_dicom(folder, series="5")
    assert_same(mri, *by_simpleitk(list(mr.files)))
    assert mri.frame_of_reference == pet.frame_of_reference != ""
    assert pet.unit == "SUVbw"
    # 370 MBq of F-18 (6586.2 s) injected 3600 s before the scan into 70 kg: 70 000 / (370e6 * 2 ** (-3600 / 6586.2)).
    factor = 70_000 / (370e6 * 2 ** (-3600 / 6586.2))
    values, affine = by_simpleitk(list(pt.files))
    assert_same(pet, values * factor, affine)
    # By hand, without SimpleITK: stored number times the slice's own slope times the factor.
    header = dcmread(folder / "IM0035")
    expected = header.pixel_array * float(header.RescaleSlope) * factor
    stored, _ = from_ipl(pet.data, pet.affine, ("S", "P", "L"))
    np.testing.assert_allclose(stored[12], expected, rtol=1e-6)
