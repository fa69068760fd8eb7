"""One torch thread for all tests: two threads beside other work were many times slower."""

import os
from pathlib import Path

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")  # read by torch and by the program's own choice of threads

os.environ.setdefault("REFUSION_COMPILED", "0")  # PyTorch fuses; what is compiled has tests of its own
os.environ.setdefault("NUMBA_OPT", "1")  # as the plugin compiles it

import torch

torch.set_num_threads(1)

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data and reference outputs beside the checkout; the test skips where it is absent."""
    if not (SHARED / "README.md").is_file():
        pytest.skip("needs the real data in ../shared, which is not here")
    return SHARED
