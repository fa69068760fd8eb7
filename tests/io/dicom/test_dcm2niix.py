"""dcm2niix as an oracle: where both read a series, every voxel lies in the same place and holds the same value.

They differ on purpose in the following, each tested elsewhere:

* a tilted or uneven stack: dcm2niix writes a second, straightened file with its own step and field of view;
* slices rounded to few digits: dcm2niix trusts some of the positions, we take the grid nearest to all slices, so that
  the real PET of `test_even_grid` differs by its own departure of 0.04 mm;
* a mosaic whose CSA header lost its private creator: dcm2niix guesses the number of slices and their direction;
* an enhanced image whose frames are in no order: dcm2niix may take a wrong distance of the slices;
* PET: dcm2niix keeps Bq/ml.
"""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import nibabel
import numpy as np
import pytest
from pydicom import Dataset
from pydicom.uid import ExplicitVRBigEndian, ImplicitVRLittleEndian, JPEGLSLossless, RLELossless

from napari_refusion.io.dicom.read import read_dicom
from napari_refusion.io.dicom.scan import scan
from napari_refusion.volume.volume import Volume
from tests import dicom_faults as faults
from tests import dicom_series as phantom
from tests.io.dicom.test_mosaic import mosaic

DCM2NIIX = shutil.which("dcm2niix")

pytestmark = pytest.mark.skipif(DCM2NIIX is None, reason="needs dcm2niix")


def by_dcm2niix(source: Path, out: Path, *options: str) -> tuple[np.ndarray, np.ndarray]:
    """Return values and affine (to RAS+ mm) of the one NIfTI file that dcm2niix makes of a folder or file."""
    out.mkdir()
    words = [DCM2NIIX or "", "-b", "n", "-z", "n", "-w", "1", *options, "-f", "%s_%p", "-o", str(out)]
    if source.is_file():
        words += ["-s", "y"]
    subprocess.run([*words, str(source)], check=True, capture_output=True)
    (file,) = sorted(out.glob("*.nii"))
    image = nibabel.load(file)
    return np.asarray(image.dataobj), image.affine


def assert_same(volume: Volume, values: np.ndarray, affine: np.ndarray, factor: float = 1.0) -> None:
    """Every voxel has its place and value, whatever the order of the axes."""
    values = values if values.ndim == 3 else values[..., 0]
    places = np.indices(volume.shape).reshape(3, -1)
    world = volume.affine[:3, :3] @ places + volume.affine[:3, 3:]
    theirs = np.linalg.solve(affine[:3, :3], world - affine[:3, 3:])
    nearest = np.rint(theirs).astype(int)
    assert np.abs(affine[:3, :3] @ (theirs - nearest)).max() <= 1e-3
    assert sorted(values.shape) == sorted(volume.shape)
    assert (nearest >= 0).all()
    np.testing.assert_allclose(volume.data.ravel() / factor, values[tuple(nearest)], rtol=1e-5, atol=1e-4)


def _turned(row: tuple[float, ...], column: tuple[float, ...]) -> faults.Change:
    """Place the slices with other directions, one after another along their normal."""

    def change(images: list[Dataset]) -> None:
        normal = np.cross(row, column)
        for k, image in enumerate(images):
            image.ImageOrientationPatient = [f"{x:.10g}" for x in (*row, *column)]
            image.ImagePositionPatient = [f"{x:.10g}" for x in np.add(phantom.FIRST, 4.0 * k * normal)]

    return change


def _oblique(degrees: float, axis: int) -> faults.Change:
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    turn = np.roll(np.array([[1, 0, 0], [0, c, -s], [0, s, c]]), (axis, axis), (0, 1))
    return _turned(tuple(turn[:, 0]), tuple(turn[:, 1]))


def _signed(images: list[Dataset]) -> None:
    for k, image in enumerate(images):
        image.PixelRepresentation = 1
        image.PixelData = (phantom.stored_values(k).astype(np.int16) - 60).tobytes()


def _rescaled(images: list[Dataset]) -> None:
    for image in images:
        image.RescaleSlope, image.RescaleIntercept = 2.5, -1000


def _backwards(images: list[Dataset]) -> None:
    for k, image in enumerate(images):
        image.ImagePositionPatient = [phantom.FIRST[0], phantom.FIRST[1], phantom.FIRST[2] - 4.0 * k]


SYNTHETIC: dict[str, tuple[str, faults.Change]] = {
    "axial": ("MR", lambda images: None),
    "axial CT": ("CT", _rescaled),
    "axial signed": ("MR", _signed),
    "own slopes": ("PT", faults.own_slopes),
    "backwards": ("MR", _backwards),
    "numbered backwards": ("MR", faults.reversed_numbers),
    "shuffled": ("MR", faults.shuffled_numbers),
    "sagittal": ("MR", _turned((0, 1, 0), (0, 0, -1))),
    "coronal": ("MR", _turned((1, 0, 0), (0, 0, -1))),
    "sagittal from the right": ("MR", _turned((0, -1, 0), (0, 0, -1))),
    "prone": ("CT", _turned((-1, 0, 0), (0, -1, 0))),
    "decubitus": ("CT", _turned((0, 1, 0), (-1, 0, 0))),
    "feet first": ("MR", _turned((-1, 0, 0), (0, 1, 0))),
    "oblique by 20 degrees": ("MR", _oblique(20, 0)),
    "oblique by 35 degrees": ("MR", _oblique(35, 1)),
    "double oblique": ("MR", _oblique(-12, 2)),
}


@pytest.mark.parametrize("name", SYNTHETIC)
def test_a_synthetic_series_lies_where_dcm2niix_puts_it(tmp_path: Path, name: str) -> None:
    modality, change = SYNTHETIC[name]
    images = phantom.series(modality)
    change(images)
    folder = phantom.write(tmp_path / "in", images)
    volume = read_dicom(folder)
    factor = 0.002 if volume.unit == "SUVbw" else 1.0  # 74 kg and 37 MBq
    assert_same(volume, *by_dcm2niix(folder, tmp_path / "out"), factor)


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian, RLELossless, JPEGLSLossless])
def test_every_encoding_holds_what_dcm2niix_finds(tmp_path: Path, syntax: str) -> None:
    (tmp_path / "in").mkdir()
    for k, image in enumerate(phantom.series()):
        if syntax == ExplicitVRBigEndian:
            image.PixelData = phantom.stored_values(k).astype(">u2").tobytes()
        if syntax in (RLELossless, JPEGLSLossless):
            phantom.write_file(tmp_path / "in" / f"{k}", image)
            image.compress(syntax)
            image.save_as(tmp_path / "in" / f"{k}", enforce_file_format=True)
        else:
            phantom.write_file(tmp_path / "in" / f"{k}", image, syntax)
    assert_same(read_dicom(tmp_path / "in"), *by_dcm2niix(tmp_path / "in", tmp_path / "out"))


def _enhanced() -> Dataset:
    """Return the phantom's multi-frame image with its frames in order: dcm2niix takes their distance from the first."""
    image = phantom.multi_frame()
    frames = list(image.PerFrameFunctionalGroupsSequence)
    frames.sort(key=lambda frame: frame.PlanePositionSequence[0].ImagePositionPatient[2])
    for number, frame in enumerate(frames):
        content = Dataset()
        content.StackID, content.InStackPositionNumber = "1", number + 1
        content.DimensionIndexValues = [1, number + 1]
        frame.FrameContentSequence = [content]
    image.PerFrameFunctionalGroupsSequence = frames
    image.PixelData = np.stack([phantom.stored_values(k) for k in range(phantom.SLICES)]).tobytes()
    return image


@pytest.mark.parametrize("make", [_enhanced, mosaic])
def test_several_slices_in_one_file_lie_where_dcm2niix_puts_them(tmp_path: Path, make: Callable[[], Dataset]) -> None:
    (tmp_path / "in").mkdir()
    image = make()
    image.Manufacturer = "SIEMENS"
    phantom.write_file(tmp_path / "in" / "one", image)
    assert_same(read_dicom(tmp_path / "in" / "one"), *by_dcm2niix(tmp_path / "in", tmp_path / "out"))


@pytest.mark.parametrize(
    "name",
    [
        "d2n_failing_slicecount_001",
        "d2n_generic_anatomical_001",
        "d2n_generic_compressed_j2k_001",
        "d2n_generic_compressed_jpeg_001",
        "d2n_generic_compressed_rle_001",
        "d2n_philips_anatomical_001",
        "d2n_philips_enhanced_anatomical_001",
        "d2n_hyperfine_anatomical_001",
    ],
)
def test_a_real_series_lies_where_dcm2niix_puts_it(tmp_path: Path, shared: Path, name: str) -> None:
    folder = shared / "data" / "hostile" / "dicom" / name
    # Without Philips' private factors: with the rescale of the header, as for everyone else.
    assert_same(read_dicom(folder), *by_dcm2niix(folder, tmp_path / "out", "-p", "n"))


def test_both_put_a_real_pet_at_the_same_place_but_for_its_uneven_slices(tmp_path: Path, shared: Path) -> None:
    import tarfile

    archive = shared / "data" / "hostile" / "dicom_good" / "STS_001_FDG_PET_267slices.tar.xz"
    if not archive.is_file():
        pytest.skip("needs the real PET")
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path / "in", filter="data")
    (series,) = scan(tmp_path / "in").series
    volume = read_dicom(tmp_path / "in")
    values, affine = by_dcm2niix(tmp_path / "in", tmp_path / "out")
    assert sorted(values.shape) == sorted(volume.shape)
    assert len(series.slices) == 267
    ends = np.array([[0, 0, 0, 1], [*np.subtract(volume.shape, 1), 1]]).T
    theirs = np.linalg.inv(affine) @ volume.affine @ ends
    apart = np.linalg.norm(affine[:3, :3] @ (theirs[:3] - np.rint(theirs[:3])), axis=0)
    assert apart.max() <= 0.1
