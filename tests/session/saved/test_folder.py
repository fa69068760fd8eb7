"""The folder of a session: all of it or nothing, and nothing of anybody else."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from napari_refusion.io.write import write_nifti
from napari_refusion.session.saved.content import SavedSession
from napari_refusion.session.saved.folder import (
    SessionFiles,
    check_files,
    is_kept,
    read_array,
    stored_volume,
    write_session,
)
from napari_refusion.session.saved.layer import StoredArray
from napari_refusion.session.saved.record import RECORD, is_session, read_record
from napari_refusion.volume.finding import RefusedError

EMPTY = SavedSession("refusion-session/1", "0")
VOXELS = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
FILES = SessionFiles({"image-1.nii.gz": stored_volume(VOXELS)})


def test_a_session_is_written_with_the_hashes_of_its_files_and_read_again(tmp_path: Path) -> None:
    written = write_session(tmp_path / "s", EMPTY, FILES)
    assert [path.name for path in written] == ["image-1.nii.gz", RECORD]
    saved = read_record(tmp_path / "s")
    assert list(saved.files) == ["image-1.nii.gz"]
    check_files(tmp_path / "s", saved)
    assert is_session(tmp_path / "s")
    assert not is_session(tmp_path)


def test_a_session_is_written_over_only_where_that_is_asked_for(tmp_path: Path) -> None:
    write_session(tmp_path / "s", EMPTY, FILES)
    with pytest.raises(RefusedError, match=r"^Choose another folder, or replace"):
        write_session(tmp_path / "s", EMPTY, SessionFiles())
    write_session(tmp_path / "s", EMPTY, SessionFiles(), overwrite=True)
    assert [path.name for path in (tmp_path / "s").iterdir()] == [RECORD]


@pytest.mark.parametrize("overwrite", [False, True])
def test_files_of_others_are_never_replaced(tmp_path: Path, overwrite: bool) -> None:
    (tmp_path / "image-1.nii.gz").write_text("mine")
    with pytest.raises(RefusedError, match=r"^Choose an empty folder: image-1\.nii\.gz"):
        write_session(tmp_path, EMPTY, FILES, overwrite=overwrite)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["mine"]


def test_nothing_is_written_into_a_folder_that_was_read(tmp_path: Path) -> None:
    series = tmp_path / "ct"
    series.mkdir()
    with pytest.raises(RefusedError, match=r"^Choose a folder outside the source"):
        write_session(series / "session", EMPTY, FILES, keep=(series,))
    assert list(series.iterdir()) == []


def test_a_session_that_cannot_be_written_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("napari_refusion.session.saved.folder.sha256_of", full)
    with pytest.raises(RefusedError, match=r"^Make room or choose another place"):
        write_session(tmp_path / "s", EMPTY, FILES)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_whose_name_no_disk_can_hold_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=r"[Cc]hoose another place"):
        write_session(tmp_path / ("session" * 60), EMPTY, FILES)


def test_a_program_that_dies_before_the_record_leaves_no_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_session(tmp_path / "s", EMPTY, SessionFiles())
    rename = Path.replace

    def die(path: Path, target: Path) -> Path:
        if Path(target).name == "image-1.nii.gz":
            monkeypatch.setattr("pathlib.Path.unlink", lambda *_, **__: None)
            monkeypatch.setattr("pathlib.Path.replace", lambda one, _: one)
            raise KeyboardInterrupt
        return rename(path, target)

    with monkeypatch.context():
        monkeypatch.setattr("pathlib.Path.replace", die)
        with pytest.raises(KeyboardInterrupt):
            write_session(tmp_path / "s", EMPTY, FILES, overwrite=True)
    monkeypatch.undo()
    with pytest.raises(RefusedError, match="there is no whole one"):
        read_record(tmp_path / "s")


def _lose(path: Path) -> None:
    path.unlink()


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def _exchange(path: Path) -> None:
    path.unlink()
    write_nifti(stored_volume(VOXELS + 1), path)


@pytest.mark.parametrize("harm", [_lose, _cut, _exchange])
def test_a_file_that_is_not_the_one_that_was_saved_is_named(tmp_path: Path, harm: Callable[[Path], None]) -> None:
    write_session(tmp_path / "s", EMPTY, FILES)
    harm(tmp_path / "s" / "image-1.nii.gz")
    with pytest.raises(RefusedError, match=r"^Copy the whole folder of the session again: image-1\.nii\.gz"):
        check_files(tmp_path / "s", read_record(tmp_path / "s"))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ({"schema": "refusion-session/2"}, "^Open it with a later version of napari-refusion: this session is of"),
        ({"schema": "refusion-session/0"}, "is damaged"),
        ({"schema": 3}, "is damaged"),
        ([], "is damaged"),
        ({"schema": "refusion-session/1", "program": "0", "lesions": {"version": 1}}, "its list of lesions is no list"),
        ({"schema": "refusion-session/1", "program": "0", "lesions": {"version": 2}}, "or of a later version"),
        ({"schema": "refusion-session/1", "program": "0", "layers": [{}]}, r"is damaged \(layers\.0\.look"),
        ({"schema": "refusion-session/1", "program": "0", "pair": {"first": 0, "second": 1}}, "layers that it lacks"),
    ],
)
def test_what_is_no_session_of_this_version_is_refused_in_words(tmp_path: Path, content: object, sentence: str) -> None:
    (tmp_path / RECORD).write_text(json.dumps(content))
    with pytest.raises(RefusedError, match=sentence):
        read_record(tmp_path)


def test_fields_of_a_later_program_of_the_same_format_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / RECORD).write_text(json.dumps({"schema": "refusion-session/1", "program": "9", "tint": 3}))
    assert read_record(tmp_path).program == "9"


@pytest.mark.parametrize(
    "data",
    [
        np.arange(12, dtype=np.uint8).reshape(3, 4),
        np.arange(24, dtype=np.int64).reshape(2, 3, 4) * 500_000,
        np.array([[[np.nan, np.inf, -0.0, 1e-42]]], np.float32),
        np.eye(3, dtype=bool),
    ],
)
def test_arrays_come_back_as_they_were(tmp_path: Path, data: np.ndarray) -> None:
    stored = StoredArray("image-1.nii.gz", data.shape, str(data.dtype))
    assert is_kept(data, stored)
    write_session(tmp_path / "s", EMPTY, SessionFiles({"image-1.nii.gz": stored_volume(data)}))
    back = read_array(tmp_path / "s", stored)
    assert back.dtype == data.dtype
    assert np.array_equal(back, data, equal_nan=data.dtype.kind == "f")


@pytest.mark.parametrize("full", [1, 255])
def test_colours_come_back_as_they_were(tmp_path: Path, full: int) -> None:
    levels = np.random.default_rng(0).integers(0, 255, (4, 5, 3), np.uint8)
    data = levels if full == 255 else levels / np.float32(255)
    stored = StoredArray("image-1.nii.gz", data.shape, str(data.dtype), rgb=True)
    assert is_kept(data, stored)
    write_session(tmp_path / "s", EMPTY, SessionFiles({"image-1.nii.gz": stored_volume(data, rgb=True)}))
    assert np.array_equal(read_array(tmp_path / "s", stored), data)


def test_numbers_that_single_precision_rounds_are_known(tmp_path: Path) -> None:
    data = np.array([[16_777_217]], np.int64)
    assert not is_kept(data, StoredArray("image-1.nii.gz", data.shape, "int64"))


def test_an_array_of_another_shape_is_refused(tmp_path: Path) -> None:
    write_session(tmp_path / "s", EMPTY, FILES)
    with pytest.raises(RefusedError, match=r"^Copy the whole folder"):
        read_array(tmp_path / "s", StoredArray("image-1.nii.gz", (2, 3, 5), "float32"))
