"""A case is held to its memory, and the next one is not."""

import sys

import numpy as np
import pytest

from napari_refusion.batch.limits import limited_memory


@pytest.mark.skipif(sys.platform != "linux", reason="no other system holds a process to a limit of private memory")
def test_more_than_the_limit_is_an_error_and_no_longer_afterwards() -> None:
    with limited_memory(100), pytest.raises(MemoryError):
        np.empty(2**32, np.uint8)
    assert np.empty(2**32, np.uint8).nbytes == 2**32


def test_without_a_limit_nothing_is_held_back() -> None:
    with limited_memory(0):
        assert np.empty(2**32, np.uint8).nbytes == 2**32
