"""Works that are interrupted, killed or given a full disk leave nothing mixed, lose nothing, and can be done again."""

import sys
from pathlib import Path

import pytest

from tests.fuzz.full import EXPECTED, filled, full_at
from tests.fuzz.kills import SIGNALS, ended
from tests.fuzz.works import WORKS
from tests.recorded import IS_THOROUGH

KILLS = 200 if IS_THOROUGH else 1

CALLS = 6
"""At how many calls the disk is full, spread over all of a work; at each one in a thorough run."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="needs processes that fork, for speed"),
]


@pytest.mark.parametrize("how", SIGNALS)
@pytest.mark.parametrize("name", ["fuse", "DICOM export", "report", "export of a set", "merge"])
def test_a_work_can_be_ended_at_any_moment(name: str, how: str, tmp_path: Path) -> None:
    found = ended(name, how, KILLS, 1, tmp_path)
    allowed = {"nothing mixed, nothing lost"}
    if how == "kill":  # between two renamings; the record comes last
        allowed.add("an image without a record")
    assert found.keys() <= allowed


@pytest.mark.parametrize("mode", ["once", "stays"] if IS_THOROUGH else ["stays"])
@pytest.mark.parametrize("name", [name for name in WORKS if name != "fuse"])
def test_a_disk_that_is_full_at_any_call_is_a_sentence(name: str, mode: str, tmp_path: Path) -> None:
    found = filled(name, tmp_path, mode, None if IS_THOROUGH or name == "fused files" else CALLS)
    assert found.keys() <= EXPECTED
    assert found["a sentence"] > 0


def test_these_tests_would_see_a_write_that_is_not_counted(tmp_path: Path) -> None:
    for k in (1, 2):  # opening, and writing
        with full_at(k), pytest.raises(OSError, match="No space left"):
            (tmp_path / "a.txt").write_text("x")
    with full_at(3) as disk:
        (tmp_path / "a.txt").write_text("x")
    assert disk.count == 2
