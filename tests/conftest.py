"""One torch thread for all tests, and no garbage looked for while they are collected.

Two threads beside other work were many times slower. Collecting makes a million objects that all stay: the collector
went through them again and again, a third of the time, and once more whenever a test made it look through everything.
"""

import gc
import os
from pathlib import Path

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")  # read by torch and by the program's own choice of threads

os.environ.setdefault("REFUSION_COMPILED", "0")  # PyTorch fuses; what is compiled has tests of its own
os.environ.setdefault("NUMBA_OPT", "1")  # as the plugin compiles it

import torch

gc.disable()  # until all tests are collected

torch.set_num_threads(1)


def pytest_collection_finish() -> None:
    """Let the collector work from here on, and leave alone what is there."""
    gc.collect()
    gc.freeze()
    gc.enable()


SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data and reference outputs beside the checkout; the test skips where it is absent."""
    if not (SHARED / "README.md").is_file():
        pytest.skip("needs the real data in ../shared, which is not here")
    return SHARED
