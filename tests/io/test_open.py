"""A path finds its reader."""

import os
from pathlib import Path

import nibabel
import numpy as np
import pytest
import SimpleITK
from PIL import Image

from napari_refusion.io.dicom import read as dicom
from napari_refusion.io.open import open_volume
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.origin import Origin
from napari_refusion.volume.volume import Volume
from tests.nifti_files import save, voxels

A_VOLUME = Volume(np.zeros((1, 1, 1), dtype=np.float32), np.eye(4), modality="CT")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path, str | None]]:
    """What the DICOM reader is asked for; it has its own tests."""
    calls: list[tuple[Path, str | None]] = []

    def read_dicom(path: Path, series: str | None = None, modality: str | None = None) -> Volume:
        calls.append((path, modality))
        return A_VOLUME

    monkeypatch.setattr(dicom, "read_dicom", read_dicom)
    return calls


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz", "A.NII", "a.hdr", "a.img"])
def test_nifti(tmp_path: Path, name: str) -> None:
    kind = nibabel.Nifti1Pair if name[-3:] in ("hdr", "img") else nibabel.Nifti1Image
    assert open_volume(save(tmp_path / name, kind=kind)).shape == (7, 6, 5)


@pytest.mark.parametrize("name", ["a.nrrd", "a.nhdr", "a.mha", "a.mhd", "A.MHA"])
def test_nrrd_and_metaimage(tmp_path: Path, name: str) -> None:
    SimpleITK.WriteImage(SimpleITK.GetImageFromArray(voxels()), str(tmp_path / name.lower()))
    (tmp_path / name.lower()).rename(tmp_path / name)
    assert open_volume(tmp_path / name).shape == (5, 6, 7)


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.tiff", "a.jpg", "a.jpeg", "a.PNG"])
def test_pictures(tmp_path: Path, name: str) -> None:
    Image.fromarray(np.arange(42, dtype=np.uint8).reshape(6, 7)).save(tmp_path / name)
    volume = open_volume(tmp_path / name)
    assert volume.shape == (1, 6, 7)
    assert volume.is_photograph


def test_a_folder_is_dicom(tmp_path: Path, asked: list[tuple[Path, str | None]]) -> None:
    opened = open_volume(tmp_path, "ct")
    assert opened.data is A_VOLUME.data
    assert opened.origin == Origin(opened=tmp_path, asked="ct")
    assert asked == [(tmp_path, "CT")]


@pytest.mark.parametrize("name", ["a.dcm", "a.IMA", "IM0001"])
def test_files_as_scanners_name_them_are_dicom(tmp_path: Path, asked: list[tuple[Path, str | None]], name: str) -> None:
    (tmp_path / name).touch()
    open_volume(tmp_path / name)
    assert asked == [(tmp_path / name, None)]


def test_a_file_named_by_its_uid_is_dicom_by_its_signature(
    tmp_path: Path, asked: list[tuple[Path, str | None]]
) -> None:
    path = tmp_path / "1.2.840.10008.5"
    path.write_bytes(bytes(128) + b"DICM")
    open_volume(path)
    assert asked == [(path, None)]


@pytest.mark.parametrize("modality", ["MR", "CT", "PT", "NM", "OT", "ct"])
def test_the_given_modality_wins_over_the_name(tmp_path: Path, modality: str) -> None:
    assert open_volume(save(tmp_path / "a_T1w.nii"), modality).modality == modality.upper()


def test_an_unknown_modality_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="PET"):
        open_volume(tmp_path / "missing.nii", "PET")


@pytest.mark.parametrize("name", ["missing.nii", "missing", "missing.xyz", "no/such/folder"])
def test_a_missing_file_is_refused_by_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(RefusedError, match=f"{name} does not exist"):
        open_volume(tmp_path / name)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names on this system")
@pytest.mark.parametrize("name", ["a.nii", "a.png", "a.nrrd", "a.dcm"])
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    with pytest.raises(RefusedError, match=r"pipe or a device|does not exist or is not a folder"):
        open_volume(tmp_path / name)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no endless device on this system")
@pytest.mark.parametrize("name", ["a.nii", "a.png", "a.tif", "a.mha"])
def test_a_link_to_an_endless_device_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).symlink_to("/dev/zero")
    with pytest.raises(RefusedError, match="is a pipe or a device"):
        open_volume(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("a.txt", "Choose a file of a known format"),
        ("a.gz", "Unpack it"),
        ("a.img.gz", "Unpack it"),
        ("a.mnc", "Convert it to NIfTI"),
        ("a.bmp", "Save it as PNG"),
        ("IMG_1.HEIC", "Save it as PNG"),
        ("a.NEF", "Develop it to a 16-bit TIFF"),
        ("a.dng", "Develop it to a 16-bit TIFF"),
    ],
)
def test_an_unknown_kind_is_refused_with_what_to_do_first_and_the_list_of_those_that_are_read(
    tmp_path: Path, name: str, remedy: str
) -> None:
    (tmp_path / name).write_bytes(b"text")
    with pytest.raises(RefusedError, match=rf"^{remedy}, for .*\.nii\.gz.*\.nrrd.*\.png.*DICOM.*{name}$"):
        open_volume(tmp_path / name)
