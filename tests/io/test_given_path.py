"""A path as a script gives it, text or `Path`, is the same file to every part; what is none is refused in words."""

from pathlib import Path

import numpy as np
import pytest

from napari_refusion.cohort.worklist import list_cases
from napari_refusion.io.fused_files import fused_files
from napari_refusion.io.given_path import given_path, given_paths
from napari_refusion.io.listing import list_path
from napari_refusion.io.open import known_format, open_volume, open_volumes
from napari_refusion.io.overlays.read import read_overlay
from napari_refusion.io.write import write_nifti
from napari_refusion.model.tasks import installed_weights
from napari_refusion.model.weights_files import load_weights, save_weights
from napari_refusion.record.project_folder import open_project
from napari_refusion.record.store import Store
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.volume import Volume
from tests.dicom_series import series, write


@pytest.fixture
def image(tmp_path: Path) -> Path:
    voxels = np.arange(64, dtype=np.float32).reshape(4, 4, 4)
    path = tmp_path / "x.nii"
    write_nifti(Volume(voxels, np.diag([-1.0, -1, -1, 1])[[2, 1, 0, 3]]), path, description="")
    return path


def test_text_is_one_path_and_not_a_sequence_of_letters() -> None:
    assert given_paths("x.nii.gz") == Path("x.nii.gz") == given_path("x.nii.gz")
    assert given_paths(["a", Path("b")]) == (Path("a"), Path("b"))


def test_a_volume_is_opened_by_text_as_by_a_path(image: Path) -> None:
    expected = open_volume(image)
    for opened in (open_volume(str(image)), open_volume([str(image)]), open_volumes(str(image))[0]):
        np.testing.assert_array_equal(opened.data, expected.data)
        assert opened.origin == expected.origin
    assert list_path(str(image)) == list_path(image)


def test_a_series_is_opened_by_the_text_of_its_files(tmp_path: Path) -> None:
    folder = write(tmp_path / "ct", series("CT", 3))
    files = [str(path) for path in sorted(folder.iterdir())]
    np.testing.assert_array_equal(open_volume(files).data, open_volume(folder).data)


def test_a_file_that_is_not_there_is_named_whole() -> None:
    for opening in (open_volume, open_volumes, list_path, known_format):
        with pytest.raises(RefusedError, match=r"^nowhere\.nii\.gz does not exist"):
            opening("nowhere.nii.gz")  # type: ignore[operator]


def test_what_is_no_path_is_refused_by_every_word_that_opens() -> None:
    for odd in (None, 3, b"x", {Path("a.nii")}, [None]):
        for opening in (open_volume, open_volumes, list_path, known_format, open_project, list_cases, fused_files):
            with pytest.raises(RefusedError, match="Name a file or a folder"):
                opening(odd)  # type: ignore[operator]


def test_regions_are_read_by_text(image: Path) -> None:
    source = open_volume(image)
    with pytest.raises(RefusedError, match=r"does not exist: nowhere\.dcm$"):
        read_overlay("nowhere.dcm", source)


def test_weights_are_read_and_written_by_text(tmp_path: Path) -> None:
    weights = load_weights(str(installed_weights()["medical"]))
    save_weights(weights, str(tmp_path / "w.safetensors"))
    assert load_weights(str(tmp_path / "w.safetensors")).state.keys() == weights.state.keys()
    with pytest.raises(ValueError, match="no such weights file"):
        load_weights("nowhere.safetensors")


def test_a_project_and_a_readers_file_are_opened_by_text(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    assert open_project(str(folder)) == open_project(folder)
    with Store.open(str(folder), "anna") as store:
        assert store.path == folder / "reviews" / "anna.sqlite"


def test_the_files_of_a_result_are_named_after_text() -> None:
    assert fused_files("a.nii") == fused_files(Path("a.nii"))
