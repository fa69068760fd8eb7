"""A path as a script gives it, text or `Path`, is the same file to every part; what is none is refused in words."""

from pathlib import Path

import numpy as np
import pytest

from napari_refusion.cohort.worklist import list_cases
from napari_refusion.evidence import limits
from napari_refusion.io.fused_files import fused_files
from napari_refusion.io.given_path import given_path, given_paths
from napari_refusion.io.listing import list_path
from napari_refusion.io.open import known_format, open_volume, open_volumes
from napari_refusion.io.overlays.read import read_overlay
from napari_refusion.io.write import write_nifti, write_png, write_volume
from napari_refusion.io.write_json import write_json
from napari_refusion.model.tasks import installed_weights
from napari_refusion.model.weights_files import load_weights, save_weights
from napari_refusion.record.project_folder import open_project
from napari_refusion.record.signing import make_key, sign
from napari_refusion.record.store import Store
from napari_refusion.report.page import write_page
from napari_refusion.report.summary import write_table
from napari_refusion.session.saved.content import SavedSession
from napari_refusion.session.saved.folder import SessionFiles, check_files, read_array, stored_volume, write_session
from napari_refusion.session.saved.layer import StoredArray
from napari_refusion.session.saved.record import is_session, read_record
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


def test_results_are_written_to_text(image: Path, tmp_path: Path) -> None:
    volume = open_volume(image)
    grey = volume.with_data(volume.data[:1] / volume.data.max())
    for name, written in (("a.nii", volume), ("b.nii.gz", volume), ("c.png", grey)):
        write_volume(written, str(tmp_path / name))
    write_nifti(volume, str(tmp_path / "d.nii"))
    write_png(grey, str(tmp_path / "e.png"))
    write_json({"a": 1}, str(tmp_path / "f.json"))
    write_page("<p>a</p>", str(tmp_path / "g.html"))
    write_table([], str(tmp_path / "h.tsv"))
    written = ("a.nii", "b.nii.gz", "c.png", "d.nii", "e.png", "f.json", "g.html", "h.tsv")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted((*written, image.name))


def test_a_saved_session_is_written_and_read_by_text(tmp_path: Path) -> None:
    voxels = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    stored = StoredArray("image-1.nii.gz", (2, 3, 4), "float32", False)
    folder = str(tmp_path / "session")
    write_session(folder, SavedSession("refusion-session/1", "0"), SessionFiles({stored.file: stored_volume(voxels)}))
    saved = read_record(folder)
    check_files(folder, saved)
    np.testing.assert_array_equal(read_array(folder, stored), voxels)
    assert is_session(folder)


def test_limits_and_keys_are_read_by_text(tmp_path: Path) -> None:
    (path,) = Path(limits.__file__).parents[1].glob(f"weights/medical*{limits.ENDING}")
    assert limits.read_limits(str(path)) == limits.read_limits(path)
    key = str(tmp_path / "anna.pem")
    public = make_key(key)
    with pytest.raises(RefusedError, match="already exists"):
        make_key(key)
    with Store.open(tmp_path / "project", "anna") as store:
        assert sign(store, key) == public
