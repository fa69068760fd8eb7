"""Ctrl+C ends the command in one sentence from its first import on."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from napari_refusion.cli.main import app
from napari_refusion.cli.start import STOPPED

STOPPED_AT = """
import sys

stopped_at = sys.argv.pop(1)

class Stopping:
    def find_spec(self, name, path=None, target=None):
        if name == stopped_at:
            raise KeyboardInterrupt

sys.meta_path.insert(0, Stopping())
from napari_refusion.cli.start import start
start()
"""
"""A program that gets Ctrl+C as it imports a module."""


@pytest.mark.parametrize(
    ("module", "command"),
    [("napari_refusion.cli.check", "--help"), ("napari_refusion.model.weights_files", "weights")],
)
def test_ctrl_c_while_it_imports_is_one_sentence(module: str, command: str) -> None:
    asked = [sys.executable, "-c", STOPPED_AT, module, command]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", f"{STOPPED}\n")


def test_ctrl_c_in_a_command_that_only_lists_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("napari_refusion.model.tasks.installed_weights", stopped)
    done = CliRunner().invoke(app, ["weights"])
    assert (done.exit_code, done.stdout, done.stderr) == (130, "", f"{STOPPED}\n")


def test_the_installed_command_begins_there() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["scripts"] == {"napari-refusion": "napari_refusion.cli.start:start"}


def test_the_package_runs_as_a_module_as_well() -> None:
    asked = [sys.executable, "-m", "napari_refusion", "weights"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == CliRunner().invoke(app, ["weights"]).stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device here that is always full")
@pytest.mark.parametrize("command", [["weights"], ["--help"]])
def test_output_to_a_full_disk_is_one_sentence(command: list[str]) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        asked = [sys.executable, "-m", "napari_refusion", *command]
        done = subprocess.run(asked, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("Make room where the output is written to")
    assert done.stderr.count("\n") == 1
