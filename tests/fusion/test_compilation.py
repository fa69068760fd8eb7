"""How a process comes to compiled code, and what it says where it cannot."""

import errno
import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from napari_refusion.engine.build import SAID_WHY, TRIES, Build, BuildError, Trial, find_build
from napari_refusion.fusion import compiling_child
from napari_refusion.fusion.compilation import SWITCH, Compilation, Compiled, NotCompiled, State
from tests.compiled import both_compiled, compiled, engine_cache, settled

__all__ = ["both_compiled", "compiled", "engine_cache"]

TRIAL = Trial(1e-6, 3.0)

REPOSITORY = Path(__file__).parents[2]
ROOTS = (REPOSITORY / "src", REPOSITORY)


@pytest.fixture(autouse=True)
def _wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SWITCH, "1")


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """A build with some compiled code, ready."""
    (tmp_path / "engine").mkdir()
    (tmp_path / "engine/run.nbi").write_bytes(b"index")
    (tmp_path / "engine/run.nbc").write_bytes(b"code")
    build = Build(tmp_path)
    build.finish(TRIAL)
    return build


def test_of_two_processes_that_compile_at_once_both_get_compiled_code_and_one_made_it(
    both_compiled: list[State], engine_cache: Path
) -> None:
    assert all(isinstance(one, Compiled) for one in both_compiled), both_compiled
    build = find_build(engine_cache)
    assert len(list(build.folder.glob("*/*.nbi"))) == 1
    assert build.failures() == (0, "")


def test_compiled_code_was_tried_beside_pytorch_and_is_faster(compiled: Compiled) -> None:
    assert compiled.trial.error <= 1e-5
    assert compiled.trial.ratio > 1


def test_ready_code_is_found_with_its_trial(build: Build) -> None:
    assert build.trial() == TRIAL


@pytest.mark.parametrize("damage", ["changed", "missing", "not tried", "half a record"])
def test_code_that_is_damaged_or_was_not_tried_is_not_loaded(build: Build, damage: str) -> None:
    code, ready = build.folder / "engine/run.nbc", build.folder / "ready.json"
    if damage == "changed":
        code.write_bytes(b"c0de")
    elif damage == "half a record":
        ready.write_bytes(ready.read_bytes()[:20])
    else:
        (code if damage == "missing" else ready).unlink()
    assert build.trial() is None


def test_what_a_killed_attempt_left_is_cleared(build: Build) -> None:
    build.clear()
    assert build.trial() is None
    assert list(build.folder.glob("*/*.nb?")) == []


def test_a_build_is_no_other_processors_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    numba = pytest.importorskip("numba")
    own = find_build(tmp_path)
    monkeypatch.setattr(numba.config, "CPU_NAME", "haswell")
    assert find_build(tmp_path).folder != own.folder


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps others out of a user's folders by itself")
def test_a_folder_that_others_can_write_to_is_not_used(tmp_path: Path) -> None:
    pytest.importorskip("numba")
    find_build(tmp_path).folder.chmod(0o777)
    with pytest.raises(BuildError, match="others could write"):
        find_build(tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps others out of a user's folders by itself")
def test_a_folder_of_another_user_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba")
    find_build(tmp_path)
    own = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: own + 1)
    with pytest.raises(BuildError, match="others could write"):
        find_build(tmp_path)


def test_where_the_cache_cannot_be_written_to_pytorch_goes_on_and_it_is_said_why(tmp_path: Path) -> None:
    pytest.importorskip("numba")
    (tmp_path / "file").touch()
    (state,) = settled(Compilation(tmp_path / "file"))
    assert isinstance(state, NotCompiled)
    assert "nothing can be written to" in state.why
    assert str(tmp_path) not in state.why  # the record keeps it, and a path may hold a name


def test_a_full_disk_is_said_to_be_why_nothing_was_compiled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(build: Build) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(build.folder))

    monkeypatch.setattr(os, "nice", lambda _more: 0, raising=False)
    monkeypatch.setattr(compiling_child, "compile_build", full)
    monkeypatch.setattr(sys, "argv", ["", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        compiling_child.main()
    assert ended.value.code == SAID_WHY
    assert capsys.readouterr().err == f"its folder of the cache cannot be used ({os.strerror(errno.ENOSPC)})\n"


def test_files_where_the_program_was_started_are_not_imported_by_the_child(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("numba")
    (tmp_path / "random.py").write_text("raise SystemExit('not of Python')", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    (state,) = settled(
        Compilation(tmp_path / "cache", module="random")
    )  # Python's own module ends well, and does nothing
    assert isinstance(state, NotCompiled)
    assert state.why == "what was compiled is not there"


def test_without_numba_it_is_said_that_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert settled(Compilation()) == [NotCompiled("Numba is not installed", is_missing=True)]


def test_a_broken_numba_is_no_fault_of_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    monkeypatch.setitem(
        sys.modules, "napari_refusion.engine.lanes", None
    )  # what imports Numba first cannot be imported
    (state,) = settled(Compilation(tmp_path))
    assert isinstance(state, NotCompiled)
    assert state.why == "ModuleNotFoundError, see the log"


def test_what_was_switched_off_is_not_compiled_and_nothing_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SWITCH, "0")
    assert settled(Compilation(tmp_path / "never")) == [NotCompiled("")]
    assert not (tmp_path / "never").exists()


def test_a_killed_child_is_told_and_after_some_attempts_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("numba")
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))  # the child looks nowhere else for tests
    for _ in range(TRIES):
        (state,) = settled(Compilation(tmp_path, "tests.fusion.dying_child"))
        assert isinstance(state, NotCompiled)
        assert "ended by signal" in state.why or os.name != "posix"
    (state,) = settled(Compilation(tmp_path, "no.such.module"))
    assert isinstance(state, NotCompiled)
    assert f"{TRIES} times" in state.why


def test_code_that_is_no_faster_is_not_used(tmp_path: Path) -> None:
    pytest.importorskip("numba")
    build = find_build(tmp_path)
    (build.folder / "engine").mkdir()
    (build.folder / "engine/run.nbi").touch()
    build.finish(Trial(0.0, 0.9))
    (state,) = settled(Compilation(tmp_path))
    assert isinstance(state, NotCompiled)
    assert "no faster" in state.why


@pytest.mark.parametrize("module", ["", "random", "tests.fusion.dying_child", "tests.fusion.slow_child"])
def test_no_file_is_left_open_when_the_program_ends(tmp_path: Path, module: str) -> None:
    pytest.importorskip("numba")
    lines = (
        "import time",
        "from pathlib import Path",
        "from napari_refusion.fusion.compilation import Compilation, Compiling",
        f"one = Compilation(Path({str(tmp_path)!r}), {module!r})",
        f"while isinstance(one.state(), Compiling) and {module!r} != 'tests.fusion.slow_child': time.sleep(0.1)",
        "print(type(one.state()).__name__)",
    )
    done = subprocess.run(
        [sys.executable, "-W", "always::ResourceWarning", "-c", "\n".join(lines)],
        env=os.environ | {SWITCH: "1" if module else "0", "PYTHONPATH": os.pathsep.join(map(str, ROOTS))},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["Compiling" if "slow" in module else "NotCompiled"]
    assert "unclosed file" not in done.stderr


def test_where_no_temporary_file_can_be_made_pytorch_goes_on_and_it_is_said_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("numba")

    def refused() -> None:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")

    monkeypatch.setattr(tempfile, "TemporaryFile", refused)
    assert settled(Compilation(tmp_path)) == [
        NotCompiled("no process could be started (No usable temporary directory found)", is_fault=True)
    ]
