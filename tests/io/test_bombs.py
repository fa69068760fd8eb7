"""Bombs are refused without the memory and the time that they are made to take."""

from pathlib import Path

import pytest

from tests.bombs import BOMBS
from tests.measured_check import check

MOST = 200.0
"""MB of the resident set, libraries included; the bombs would take 1 GB and more."""


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_in_little_memory(tmp_path: Path, name: str) -> None:
    bomb = BOMBS[name](tmp_path)
    found = check(bomb)
    if found.status != 2:  # only reading shows that it is one
        found = check(bomb, "--modality-a", "MR")
    assert found.status == 2, found.printed
    assert found.megabytes < MOST
    assert "Traceback" not in found.printed
