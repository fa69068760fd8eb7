"""Ctrl+C ends every program of the training in one sentence."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import training
from training.stopped import in_a_sentence, stop

FOLDER = Path(training.__file__).parent

PROGRAMS = sorted(
    ".".join(("training", *path.relative_to(FOLDER).with_suffix("").parts)).removesuffix(".__main__")
    for path in FOLDER.rglob("*.py")
    if '__name__ == "__main__"' in path.read_text(encoding="utf-8")
)


def test_there_are_programs() -> None:
    assert {"training.evaluate", "training.gpu", "training.train"} <= set(PROGRAMS)


@pytest.mark.parametrize("program", PROGRAMS)
def test_ctrl_c_while_a_program_imports_is_one_sentence(program: str, tmp_path: Path) -> None:
    for name in ("numpy", "torch"):  # found before the installed ones; each program imports one of them
        (tmp_path / f"{name}.py").write_text("raise KeyboardInterrupt", encoding="utf-8")
    found = os.pathsep.join(map(str, (tmp_path, FOLDER.parent, *sys.path)))
    environment = {**os.environ, "PYTHONPATH": found}
    done = subprocess.run([sys.executable, "-m", program], env=environment, capture_output=True, text=True, check=False)
    assert done.stderr == "Stopped by hand.\n"
    assert done.returncode == (0xC000013A if sys.platform == "win32" else -signal.SIGINT)  # a shell says 130


def test_who_can_go_on_is_told_how(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        stop("Go on with --resume.")
    assert (stopped.value.code, capsys.readouterr().err) == (130, "Go on with --resume.\n")


def test_another_error_is_told_as_python_tells_it(capsys: pytest.CaptureFixture[str]) -> None:
    in_a_sentence(ValueError, ValueError("odd"), None)
    assert capsys.readouterr().err == "ValueError: odd\n"
