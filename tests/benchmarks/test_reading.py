"""The benchmark of reading compares like with like."""

from pathlib import Path

import numpy as np

from benchmarks.reading import memory, plain, time_ratio, write_series
from napari_refusion.io.open import open_volume


def test_both_ways_of_reading_give_the_same_values(tmp_path: Path) -> None:
    folder = write_series(tmp_path / "one", 6, 16, 0.0)
    np.testing.assert_array_equal(open_volume(folder).data[::-1], plain(folder))


def test_times_and_memory_are_measured_on_a_small_pair(tmp_path: Path) -> None:
    first, second = (write_series(tmp_path / f"{shift}", 6, 16, shift) for shift in (0.0, 0.35))
    assert min(time_ratio(first, 1)) > 0
    assert memory(first, second, traced=True) > 0
