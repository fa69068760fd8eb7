"""A file is opened once and read from front to back, and one volume lies in memory, not two."""

import gzip
import hashlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import nibabel
import numpy as np
import pytest
import SimpleITK

from napari_refusion.io.open import open_volume
from tests.nifti_files import save, voxels
from tests.traced_peak import traced_peak

SHAPE = (24, 20, 16)
OPENED: list[str] = []
LISTENING: list[str] = []


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if LISTENING and event == "open" and str(arguments[0]).startswith(LISTENING[0]):
        OPENED.append(Path(str(arguments[0])).name)


sys.addaudithook(_note)  # cannot be taken back; it does nothing while nobody listens


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[list[str]]:
    """The names of the files below the test's folder that Python opens."""
    OPENED.clear()
    yield OPENED
    LISTENING.clear()


def write_itk(path: Path, compressed: bool) -> Path:
    SimpleITK.WriteImage(SimpleITK.GetImageFromArray(voxels(SHAPE, "float32")), str(path), useCompression=compressed)
    return path


MAKERS: dict[str, Callable[[Path], Path]] = {
    "a.nii": lambda path: save(path, voxels(SHAPE)),
    "a.nii.gz": lambda path: save(path, voxels(SHAPE)),
    "a.img": lambda path: save(path, voxels(SHAPE), kind=nibabel.Nifti1Pair),
    "a.mha": lambda path: write_itk(path, compressed=True),
    "a.mhd": lambda path: write_itk(path, compressed=False),
    "a.nrrd": lambda path: write_itk(path, compressed=True),
    "a.nhdr": lambda path: write_itk(path, compressed=False),
}


@pytest.mark.parametrize("name", MAKERS)
def test_every_file_of_an_image_is_opened_once(tmp_path: Path, opened: list[str], name: str) -> None:
    # SimpleITK's look at the header of NRRD and MetaImage is not Python's and not counted; it reads no voxel.
    path = MAKERS[name](tmp_path / name)
    LISTENING.append(str(tmp_path))
    open_volume(path)
    assert sorted(opened) == sorted({one.name for one in tmp_path.iterdir()})


def test_the_hash_is_of_the_whole_file_whatever_of_it_was_read(tmp_path: Path) -> None:
    for name in ("a.nii", "a.nii.gz", "a.mha", "a.nrrd"):
        path = MAKERS[name](tmp_path / name)
        assert open_volume(path).origin.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_members_of_gzip_behind_each_other_are_one_stream(tmp_path: Path) -> None:
    whole = save(tmp_path / "a.nii", voxels(SHAPE)).read_bytes()
    (tmp_path / "b.nii.gz").write_bytes(gzip.compress(whole[:5000]) + gzip.compress(whole[5000:]))
    assert np.array_equal(open_volume(tmp_path / "a.nii").data, open_volume(tmp_path / "b.nii.gz").data)


@pytest.mark.parametrize("name", ["ct.nii.gz", "ct.nii", "ct.mha", "ct.nrrd", "float.nii", "double_ct_HU.nii.gz"])
def test_reading_takes_no_more_memory_than_two_volumes(tmp_path: Path, name: str) -> None:
    dtype = {"f": "float32", "d": "float64"}.get(name[0], "int16")
    data = np.random.default_rng(0).integers(-1000, 1000, (96, 96, 120)).astype(dtype)
    path = tmp_path / name
    if ".nii" in name:
        save(path, data)
    else:
        SimpleITK.WriteImage(SimpleITK.GetImageFromArray(data), str(path))
    size = open_volume(path).data.nbytes  # what is imported or kept once is not the volume's
    assert traced_peak(lambda: open_volume(path)) / size < 2.0
