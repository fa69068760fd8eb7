"""Names are printed as they are, and do nothing."""

import io
from pathlib import Path

import nibabel
import numpy as np
import pytest
from rich.console import Console
from typer.testing import CliRunner

from napari_refusion.cli.main import app
from napari_refusion.cli.printed import print_findings, say, shown
from napari_refusion.volume.finding import Finding
from tests.nifti_files import save

HOSTILE = ["[/x]", "[bold red]T1[/]", "a\x1b[31mred", "two\nlines", "left\u202eto right", "\x07bell", "\u2028"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_printed_and_not_obeyed(name: str) -> None:
    out = io.StringIO()
    console = Console(file=out, width=200, force_terminal=False)
    say(console, name)
    print_findings(console, [Finding("warn", "content", f"{name} holds nothing.", name)])
    printed = out.getvalue()
    assert not set(printed) & set("\x1b\x07\u202e\u2028")
    assert shown(name).plain in printed
    assert "\n" not in shown(name).plain


def test_ordinary_names_stay_as_they_are() -> None:
    for name in ("Müller, T1w (3).nii.gz", "頭部 CT", "C:\\scans\\a.nii"):
        assert shown(name).plain == name


def test_files_with_hostile_names_are_listed_checked_and_fused(tmp_path: Path) -> None:
    folder = tmp_path / "[/x] [bold red]"
    folder.mkdir(parents=True)
    data = np.arange(4 * 5 * 6, dtype=np.float32).reshape(4, 5, 6)
    mri, pet = (save(folder / f"[b]\x1b[31m_{kind}.nii", data + shift) for kind, shift in (("T1w", 0), ("pet", 50)))
    runner = CliRunner()
    listed = runner.invoke(app, ["check", str(mri)])
    checked = runner.invoke(app, ["check", str(mri), str(pet)])
    fused = runner.invoke(app, ["fuse", str(pet), str(mri), "-o", str(folder / "f.nii"), "--engine", "average"])
    for result in (listed, checked, fused):
        assert result.exception is None or isinstance(result.exception, SystemExit)
        assert "\x1b" not in result.output
    assert (folder / "f.nii").is_file() == (fused.exit_code == 0)
    assert fused.exit_code == 2 or nibabel.load(folder / "f.nii").shape == (4, 5, 6)
