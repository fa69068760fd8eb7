"""A case is held to its memory, and the next one is not."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from napari_refusion.batch.limits import limited_memory
from tests.cohorts import write_subject

TWO_CASES = """
import sys
from dataclasses import replace
from pathlib import Path

from napari_refusion.batch.case import Job, run_case
from napari_refusion.batch.cases import listed
from napari_refusion.batch.recipe import Recipe
from napari_refusion.session.settings import FuseSettings

root, output = map(Path, sys.argv[1:])
job = Job(listed(root).cases[0], Recipe(FuseSettings(engine="average")), output / "held", 300)
for one in (job, replace(job, output=output / "free", megabytes=0)):
    print(run_case(one))
"""
"""A program that has read nothing yet fuses a case with less memory than libraries take, and then with enough."""


@pytest.mark.skipif(sys.platform != "linux", reason="no other system holds a process to a limit of private memory")
def test_more_than_the_limit_is_an_error_and_no_longer_afterwards() -> None:
    with limited_memory(100), pytest.raises(MemoryError):
        np.empty(2**32, np.uint8)
    assert np.empty(2**32, np.uint8).nbytes == 2**32


def test_without_a_limit_nothing_is_held_back() -> None:
    with limited_memory(0):
        assert np.empty(2**32, np.uint8).nbytes == 2**32


@pytest.mark.skipif(sys.platform != "linux", reason="no other system holds a process to a limit of private memory")
def test_libraries_are_no_part_of_a_case_and_are_whole_after_it(tmp_path: Path) -> None:
    root = write_subject(tmp_path / "tree", "01").parent
    asked = [sys.executable, "-c", TWO_CASES, str(root), str(tmp_path / "out")]
    done = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.count("status='fused'") == 2, done.stdout
