"""A fused image, its colours and its record are one result: all of it is there, or what was there before."""

import hashlib
import json
import sys
import time
from collections.abc import Mapping
from itertools import cycle
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from pathlib import Path

import numpy as np
import pytest

from napari_refusion.fusion.fuse import Fused
from napari_refusion.fusion.provenance import Provenance, SourceRecord
from napari_refusion.io.fused_files import FILES, fused_files
from napari_refusion.volume.affine import IPL_TO_RAS
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.volume import Volume

SOURCES = (SourceRecord("PET", "1" * 64, "PT", "SUVbw", (0, 5)), SourceRecord("T1", "2" * 64, "MR", "", (0, 900)))


def fused(level: float, *, colours: bool = True) -> Fused:
    """Return a fusion whose image is one grey level, with colours or without."""
    grey = Volume(np.full((4, 5, 6), level, np.float32), IPL_TO_RAS)
    colour = Volume(np.full((4, 5, 6, 3), level, np.float32), IPL_TO_RAS) if colours else None
    made = ("b", "axial", "medical", "medical", str(level), "cpu", "2026-11-27T00:00:00+00:00", {}, ())
    return Fused(grey, Provenance(*SOURCES, *made), colour)


def state(folder: Path) -> dict[str, bytes]:
    """Return the content of every file that has a name of its own."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if not path.name.startswith(".refusion-")}


def is_whole(files: Mapping[str, bytes]) -> bool:
    """Return whether a record is there, and every image beside it is its own."""
    named = json.loads(files["f.json"])[FILES]
    return named == {name: hashlib.sha256(data).hexdigest() for name, data in files.items() if name != "f.json"}


def test_the_record_holds_the_hash_of_every_image(tmp_path: Path) -> None:
    written = fused_files(tmp_path / "f.nii").write(fused(0.5))
    assert [path.name for path in written] == ["f.nii", "f_colour.nii", "f.json"]
    assert is_whole(state(tmp_path))


@pytest.mark.parametrize("source", ["f.nii.gz", "f.png", "f.mgz", "f.nrrd"])
def test_a_record_never_stands_as_the_description_of_a_source(tmp_path: Path, source: str) -> None:
    (tmp_path / source).write_bytes(b"source")
    with pytest.raises(RefusedError, match=r"Choose another name than f.nii: .* source .*f\."):
        fused_files(tmp_path / "f.nii").write(fused(0.5), keep=[tmp_path / source])
    assert state(tmp_path).keys() == {source}


def test_a_folder_that_was_read_may_lend_its_name_to_the_result_beside_it(tmp_path: Path) -> None:
    (tmp_path / "f").mkdir()
    assert len(fused_files(tmp_path / "f.nii").write(fused(0.5), keep=[tmp_path / "f"])) == 3


@pytest.mark.parametrize("other", ["f.nii.gz", "f.png"])
def test_a_result_in_another_format_leaves_no_image_without_its_record(tmp_path: Path, other: str) -> None:
    fused_files(tmp_path / "f.nii").write(fused(0.5))
    before = state(tmp_path)
    with pytest.raises(RefusedError, match="remove the former result first"):
        fused_files(tmp_path / other).write(fused(0.25), overwrite=True)
    assert state(tmp_path) == before


def test_the_coloured_image_of_a_result_is_not_replaced_by_another_result(tmp_path: Path) -> None:
    fused_files(tmp_path / "f.nii").write(fused(0.5))
    before = state(tmp_path)
    with pytest.raises(RefusedError, match="coloured image of another result"):
        fused_files(tmp_path / "f_colour.nii").write(fused(0.25), overwrite=True)
    assert state(tmp_path) == before
    assert len(fused_files(tmp_path / "g_colour.nii").write(fused(0.25), overwrite=True)) == 3


def test_a_coloured_image_of_a_former_fusion_does_not_stay_beside_the_new_one(tmp_path: Path) -> None:
    files = fused_files(tmp_path / "f.nii")
    files.write(fused(0.25))
    assert [path.name for path in files.write(fused(0.5, colours=False), overwrite=True)] == ["f.nii", "f.json"]
    assert state(tmp_path).keys() == {"f.nii", "f.json"}
    files.write(fused(0.25), overwrite=True)
    fused_files(tmp_path / "f.nii", with_colour=False).write(fused(0.5), overwrite=True)
    assert state(tmp_path).keys() == {"f.nii", "f.json"}
    assert is_whole(state(tmp_path))


def test_a_coloured_image_that_a_killed_program_left_without_its_record_does_not_stay(tmp_path: Path) -> None:
    files = fused_files(tmp_path / "f.nii")
    files.write(fused(0.25))
    files.provenance.unlink()
    files.write(fused(0.5, colours=False), overwrite=True)
    assert state(tmp_path).keys() == {"f.nii", "f.json"}


def test_an_image_of_that_name_with_a_record_of_its_own_stays(tmp_path: Path) -> None:
    fused_files(tmp_path / "f_colour.nii").write(fused(0.25, colours=False))
    before = state(tmp_path)
    fused_files(tmp_path / "f.nii").write(fused(0.5, colours=False), overwrite=True)
    assert before.items() <= state(tmp_path).items()


def test_a_coloured_image_that_no_record_speaks_of_stays(tmp_path: Path) -> None:
    (tmp_path / "f_colour.nii").write_text("precious")
    fused_files(tmp_path / "f.nii", with_colour=False).write(fused(0.5), overwrite=True)
    assert (tmp_path / "f_colour.nii").read_text() == "precious"


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("fails_at", range(1, 8))
def test_whatever_renaming_fails_the_former_result_is_whole(
    tmp_path: Path, fails_at: int, error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = fused_files(tmp_path / "f.nii")
    files.write(fused(0.25))
    before, calls, replace = state(tmp_path), iter(range(1, 100)), Path.replace

    def failing(self: Path, target: Path) -> Path:
        if next(calls) == fails_at:
            raise error
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", failing)
        if fails_at < 7:  # three files go aside, three get their names
            with pytest.raises(RefusedError if isinstance(error, OSError) else KeyboardInterrupt):
                files.write(fused(0.5), overwrite=True)
        else:
            files.write(fused(0.5), overwrite=True)
    assert (state(tmp_path) == before) == (fails_at < 7)
    assert is_whole(state(tmp_path))
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".refusion-")]


@pytest.mark.parametrize("fails_at", [1, 2, 3])
def test_a_disk_that_is_full_at_any_file_leaves_nothing_of_a_new_result(
    tmp_path: Path, fails_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from napari_refusion import replacing

    calls, sync = iter(range(1, 100)), replacing.sync_file

    def full(path: Path) -> None:
        if next(calls) == fails_at:
            raise OSError(28, "No space left on device")
        sync(path)

    monkeypatch.setattr(replacing, "sync_file", full)
    with pytest.raises(RefusedError, match="the disk is full"):
        fused_files(tmp_path / "f.nii").write(fused(0.5))
    assert list(tmp_path.iterdir()) == []


def test_a_result_inside_a_folder_that_was_read_is_refused(tmp_path: Path) -> None:
    series = tmp_path / "series"
    series.mkdir()
    with pytest.raises(RefusedError, match="Choose a folder outside the source"):
        fused_files(series / "f.nii").check(False, [series])
    fused_files(tmp_path / "f.nii").check(False, [series])


def test_a_place_that_cannot_be_written_is_refused_before_the_work() -> None:
    with pytest.raises(RefusedError, match=r"cannot be written"):
        fused_files(Path("/proc/self/f.nii")).check(False, [])


def write_for_ever(path: Path, begun: Event) -> None:
    begun.set()
    for level in cycle((0.25, 0.5, 0.75)):
        fused_files(path).write(fused(level, colours=level != 0.5), overwrite=True)


@pytest.mark.skipif(sys.platform == "win32", reason="needs processes that fork, for speed")
def test_a_killed_writer_never_leaves_an_image_beside_the_record_of_another(tmp_path: Path) -> None:
    random, context = np.random.default_rng(7), get_context("fork")
    for _ in range(8):
        writer = context.Process(target=write_for_ever, args=(tmp_path / "f.nii", begun := context.Event()))
        writer.start()
        assert begun.wait(60)
        time.sleep(random.uniform(0.0, 0.3))
        writer.kill()
        writer.join()
        left = state(tmp_path)
        assert "f.json" not in left or is_whole(left)
        if "f.json" not in left:
            for path in tmp_path.iterdir():
                path.unlink()
