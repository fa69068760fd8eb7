import errno
import os
from pathlib import Path

import pytest

from training.gpu.whole_files import append_rows, replace_file


def test_a_file_and_its_folder_are_made_and_nothing_else(tmp_path: Path) -> None:
    replace_file(tmp_path / "run/file", b"first")
    replace_file(tmp_path / "run/file", b"second")
    assert (tmp_path / "run/file").read_bytes() == b"second"
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["file"]


def test_a_full_disk_leaves_the_former_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    replace_file(tmp_path / "file", b"first")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        replace_file(tmp_path / "file", b"second")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"file": b"first"}


def test_rows_are_added_below_one_header(tmp_path: Path) -> None:
    for number in ("1", "2"):
        append_rows(tmp_path / "table.csv", [{"steps": number, "loss": "0.5"}])
    assert (tmp_path / "table.csv").read_text() == "steps,loss\n1,0.5\n2,0.5\n"


def test_a_new_column_is_empty_in_older_rows_and_a_missing_one_in_new_rows(tmp_path: Path) -> None:
    append_rows(tmp_path / "table.csv", [{"steps": "1", "a": "x"}])
    append_rows(tmp_path / "table.csv", [{"steps": "2", "b": "y, z"}])
    assert (tmp_path / "table.csv").read_text() == 'steps,a,b\n1,x,\n2,,"y, z"\n'


def test_half_a_row_that_a_cut_off_program_left_is_dropped(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("steps,loss\n1,0.5\n2,0.")
    append_rows(tmp_path / "table.csv", [{"steps": "3", "loss": "0.25"}])
    assert (tmp_path / "table.csv").read_text() == "steps,loss\n1,0.5\n3,0.25\n"


def test_a_log_of_an_older_program_is_kept_beside_the_new_one(tmp_path: Path) -> None:
    (tmp_path / "losses.csv").write_text("12,60,vif=0.5\n")
    append_rows(tmp_path / "losses.csv", [{"steps": "24", "vif": "0.4"}])
    assert (tmp_path / "losses.csv.old").read_text() == "12,60,vif=0.5\n"
    assert (tmp_path / "losses.csv").read_text() == "steps,vif\n24,0.4\n"


def test_no_rows_make_no_file(tmp_path: Path) -> None:
    append_rows(tmp_path / "table.csv", [])
    assert not (tmp_path / "table.csv").exists()
