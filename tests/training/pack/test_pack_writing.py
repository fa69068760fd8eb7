import errno
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import run

import numpy as np
import pytest

from napari_refusion.model.tasks import installed_weights
from training.pack import writing
from training.pack.encoding import LeftOut, PackedImage, PlannedSet, packed
from training.pack.reading import Channel, read_pack
from training.pack.writing import write_pack

GREY = Channel("MRI", 0.0, 1.0, root=False)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def one_set(level: int = 7) -> Iterator[PlannedSet]:
    images = iter([packed("p1_000", np.full((1, 12, 12), level, np.uint8)), LeftOut("p2 is empty.")])
    yield PlannedSet("mr", "medical", (GREY,), images, ())


def interrupted() -> Iterator[PlannedSet]:
    def images() -> Iterator[PackedImage]:
        yield packed("p1_000", np.zeros((1, 12, 12), np.uint8))
        raise OSError(errno.ENOSPC, "No space left on device")

    yield PlannedSet("mr", "medical", (GREY,), images(), ())


def test_what_is_left_out_is_said(data: Path, tmp_path: Path) -> None:
    assert write_pack(one_set(), tmp_path / "pack", data)["left_out"] == ["p2 is empty."]


def test_the_same_data_have_the_same_hash_and_other_data_another(data: Path, tmp_path: Path) -> None:
    first, again, other = (
        write_pack(one_set(level), tmp_path / name, data)["sha256"] for name, level in (("a", 7), ("b", 7), ("c", 8))
    )
    assert first == again != other


def test_a_new_pack_takes_the_place_of_an_old_one(data: Path, tmp_path: Path) -> None:
    for level in (7, 8):
        write_pack(one_set(level), tmp_path / "pack", data)
    assert read_pack(tmp_path / "pack")["mr:train"].image(0).unique().tolist() == [8]


def test_a_full_disk_leaves_the_old_pack_and_nothing_else(data: Path, tmp_path: Path) -> None:
    write_pack(one_set(), tmp_path / "pack", data)
    with pytest.raises(ValueError, match=r"pack: cannot be written \(No space left on device\)"):
        write_pack(interrupted(), tmp_path / "pack", data)
    assert read_pack(tmp_path / "pack")["mr:train"].image(0).unique().tolist() == [7]
    assert {path.name for path in tmp_path.iterdir()} == {"data", "pack"}


@pytest.mark.parametrize("place", ["data", "data/pack", "."])
def test_a_pack_in_the_data_or_around_them_is_refused(data: Path, place: str) -> None:
    with pytest.raises(ValueError, match="lies in the data or holds them"):
        write_pack(one_set(), data.parent / place, data)


def test_a_folder_with_other_files_is_refused_and_kept(data: Path, tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack/thesis.tex").touch()
    with pytest.raises(ValueError, match="is not a pack"):
        write_pack(one_set(), tmp_path / "pack", data)
    assert (tmp_path / "pack/thesis.tex").exists()


def test_a_pack_that_would_be_too_large_is_refused(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "LARGEST", 1000)
    with pytest.raises(ValueError, match="more than 0: pack fewer --tasks"):
        write_pack(one_set(), tmp_path / "pack", data)
    assert not (tmp_path / "pack").exists()


def test_nothing_to_pack_is_refused(data: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="holds nothing that can be packed"):
        write_pack([], tmp_path / "pack", data)


def test_the_packed_program_needs_nothing_that_was_not_packed(data: Path, tmp_path: Path) -> None:
    write_pack(one_set(), tmp_path / "pack", data)
    code = tmp_path / "pack/code"
    script = """
import importlib, pkgutil, sys, napari_refusion.model.tasks, training.gpu
for module in pkgutil.iter_modules(training.gpu.__path__):
    if module.name != "__main__" and not module.name.endswith("_kernel"):  # Triton's, on a GPU alone
        importlib.import_module(f"training.gpu.{module.name}")
names = {name.partition(".")[0] for name in sys.modules}
print(napari_refusion.__file__, sorted(napari_refusion.model.tasks.installed_weights()), sep="\\n")
print(sorted(names & {"monai", "napari", "nibabel", "pydicom", "scipy"}))
"""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join((str(code / "src"), str(code)))}
    answer = run([sys.executable, "-c", script], env=environment, cwd=code, check=True, capture_output=True, text=True)
    place, weights, foreign = answer.stdout.splitlines()
    assert Path(place).is_relative_to(code)
    assert weights == str(sorted(installed_weights()))
    assert foreign == "[]"
