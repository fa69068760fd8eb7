"""A folder of results appears whole or not at all, whatever happens to the program that writes it."""

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from napari_refusion.io.whole_files import REMEDIES, unwritable
from napari_refusion.io.whole_folder import LEFT_BEHIND, sweep, whole_folder
from napari_refusion.volume.finding import RefusedError

KILLS = int(os.environ.get("REFUSION_KILLS", "5"))
"""How often an export is killed; 200 is the number to try once for a release."""

KILLED_EXPORTS = """
import os, random, shutil, signal, sys, time
from dataclasses import replace
from pathlib import Path
import numpy as np
from pydicom import dcmread
from napari_refusion.io.dicom.export.objects import export_dicom
from tests.fused_from_dicom import case

root, kills = Path(sys.argv[1]), int(sys.argv[2])
given = case(root / "sources")
volume = replace(given.fused.volume, data=np.full((24, 256, 256), 0.5, np.float32))
fused = replace(given.fused, volume=volume)
export_dicom(fused, given.references, root / "first")  # imports, so that the children need none
results = root / "results"
results.mkdir()
draw = random.Random(1)
whole = 0
for kill in range(kills):
    child = os.fork()
    if not child:
        number = 0
        while True:
            export_dicom(fused, given.references, results / f"{kill}-{number}")
            number += 1
    time.sleep(draw.uniform(0.0, 1.0))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    for folder in results.glob("[0-9]*"):
        assert sorted(file.stem for file in folder.iterdir()) == ["blending", "parametric_map", "secondary_capture"]
        assert len(dcmread(folder / "parametric_map.dcm").FloatPixelData) == 24 * 256 * 256 * 4
        capture = dcmread(folder / "secondary_capture.dcm")
        assert len(capture.PixelData) == 24 * capture.Rows * capture.Columns * 2
        assert len(dcmread(folder / "blending.dcm").AdvancedBlendingSequence) == 2
        shutil.rmtree(folder)
        whole += 1
temporary = len(list(results.glob(".refusion-*")))
print(whole, temporary)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork to be quick")
def test_a_killed_export_leaves_no_half_visible_folder(tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLED_EXPORTS, str(tmp_path), str(KILLS)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2], check=False)
    assert done.returncode == 0, done.stderr
    whole, temporary = map(int, done.stdout.split())
    print(f"{KILLS} kills: {whole} whole folders, {temporary} left behind")  # noqa: T201
    assert temporary <= KILLS
    results = tmp_path / "results"
    for entry in results.glob(".refusion-*"):
        for path in (*entry.rglob("*"), entry):
            os.utime(path, (0, time.time() - LEFT_BEHIND - 1))
    assert len(sweep(results)) == temporary
    assert not list(results.glob(".refusion-*"))


def test_a_folder_appears_with_all_its_files(tmp_path: Path) -> None:
    with whole_folder(tmp_path / "out") as temporary:
        (temporary / "one").write_text("1")
        assert not (tmp_path / "out").exists()
        assert temporary.parent == tmp_path
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]
    assert (tmp_path / "out" / "one").read_text() == "1"


def test_nothing_is_left_where_writing_fails(tmp_path: Path) -> None:
    def fail(temporary: Path) -> None:
        (temporary / "one").write_text("1")
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"), whole_folder(tmp_path / "out") as temporary:
        fail(temporary)
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_told_in_words(tmp_path: Path) -> None:
    with (
        pytest.raises(RefusedError, match=r"Make room .*: the disk is full"),
        whole_folder(tmp_path / "out"),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert not list(tmp_path.iterdir())


def test_a_full_disk_names_what_was_to_be_written_and_not_where_it_is_until_then(tmp_path: Path) -> None:
    wanted = tmp_path / "out" / "image.nii.gz"
    with pytest.raises(RefusedError) as told, whole_folder(tmp_path / "out") as temporary:
        raise unwritable(temporary / "image.nii.gz", REMEDIES[errno.ENOSPC]) from OSError(errno.ENOSPC, "full")
    assert str(told.value).endswith(f"the disk is full, so this cannot be written: {wanted}")
    assert [one.value for one in told.value.findings] == [str(wanted)]
    assert isinstance(told.value.__cause__, OSError)


def test_what_exists_stays_as_it_is(tmp_path: Path) -> None:
    for name in ("folder", "file", "link"):
        path = tmp_path / name
        path.mkdir() if name == "folder" else path.write_text("mine") if name == "file" else path.symlink_to("nowhere")
        with pytest.raises(RefusedError, match="already exists"), whole_folder(path):
            pass
    with pytest.raises(RefusedError, match="Create it first: its folder"), whole_folder(tmp_path / "missing" / "out"):
        pass
    with pytest.raises(RefusedError, match="not a folder"), whole_folder(tmp_path / "file" / "out"):
        pass


def test_a_folder_that_someone_else_made_in_the_meantime_is_kept(tmp_path: Path) -> None:
    def make(folder: Path) -> None:
        folder.mkdir()
        (folder / "theirs").write_text("theirs")

    with pytest.raises(RefusedError, match="already exists"), whole_folder(tmp_path / "out"):
        make(tmp_path / "out")
    assert [entry.name for entry in (tmp_path / "out").iterdir()] == ["theirs"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]


def test_only_old_leftovers_of_this_package_are_swept(tmp_path: Path) -> None:
    old = time.time() - LEFT_BEHIND - 1
    left = [tmp_path / f".refusion-{letter * 32}" for letter in "ab"]
    left.append(tmp_path / f".refusion-{'c' * 32}.nii.gz")
    left[2].write_text("half a volume")
    kept = [
        tmp_path / name for name in (".refusion-notes", "results", f".refusion-{'d' * 32}", f".refusion-{'e' * 32}")
    ]
    for folder in (*left[:2], *kept):
        folder.mkdir()
        (folder / "file").write_text("1")
    for path in tmp_path.rglob("*"):
        os.utime(path, (old, old))
    os.utime(kept[2])
    os.utime(kept[3] / "file")  # still being written, though the folder is old
    assert set(sweep(tmp_path)) == set(left)
    assert {entry.name for entry in tmp_path.iterdir()} == {entry.name for entry in kept}


def test_a_link_is_removed_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "data").write_text("1")
    link = tmp_path / "out" / f".refusion-{'a' * 32}"
    link.parent.mkdir()
    link.symlink_to(tmp_path / "precious")
    old = time.time() - LEFT_BEHIND - 1
    os.utime(link, (old, old), follow_symlinks=False)
    assert sweep(tmp_path / "out") == (link,)
    assert (tmp_path / "precious" / "data").exists()


def test_a_folder_that_may_be_replaced_is_replaced_as_a_whole(tmp_path: Path) -> None:
    folder = tmp_path / "results"
    folder.mkdir()
    (folder / "old").touch()
    with whole_folder(folder, overwrite=True) as temporary:
        (temporary / "new").touch()
        assert [path.name for path in folder.iterdir()] == ["old"]
    assert [path.name for path in tmp_path.rglob("*")] == ["results", "new"]


def test_the_former_folder_stays_where_the_new_one_fails(tmp_path: Path) -> None:
    folder = tmp_path / "results"
    folder.mkdir()
    (folder / "old").touch()
    with pytest.raises(RefusedError), whole_folder(folder, overwrite=True):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert [path.name for path in tmp_path.rglob("*")] == ["results", "old"]


def test_the_former_folder_comes_back_where_the_last_renaming_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "results"
    folder.mkdir()
    (folder / "old").touch()
    rename = Path.replace

    def refuse_new(path: Path, target: Path) -> Path:
        if (path / "new").exists():
            raise OSError(errno.EIO, "Input/output error")
        return rename(path, target)

    monkeypatch.setattr(Path, "replace", refuse_new)
    with pytest.raises(RefusedError), whole_folder(folder, overwrite=True) as temporary:
        (temporary / "new").touch()
    assert [path.name for path in tmp_path.rglob("*")] == ["results", "old"]


def test_a_file_is_never_replaced_by_a_folder(tmp_path: Path) -> None:
    (tmp_path / "results").touch()
    with pytest.raises(RefusedError, match="already exists"), whole_folder(tmp_path / "results", overwrite=True):
        pass
