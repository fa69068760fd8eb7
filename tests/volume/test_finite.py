import numpy as np
import pytest

from napari_refusion.volume.finite import FiniteRange, finite_range


@pytest.mark.parametrize("shape", [(5,), (3, 4), (3, 4, 5), (3, 4, 5, 3)])
@pytest.mark.parametrize("odd", [(), (np.nan,), (np.inf,), (-np.inf,), (np.nan, np.inf, -np.inf)])
def test_the_range_is_that_of_the_numbers_and_the_others_are_counted(
    shape: tuple[int, ...], odd: tuple[float, ...]
) -> None:
    data = np.arange(np.prod(shape), dtype=np.float32).reshape(shape) + 7
    data.flat[1 : 1 + len(odd)] = odd
    kept = data[np.isfinite(data)]
    assert finite_range(data) == FiniteRange(float(kept.min()), float(kept.max()), len(odd))


@pytest.mark.parametrize("data", [np.full((2, 3), np.nan), np.empty((0,)), np.full((2, 2, 2), np.inf)])
def test_without_numbers_there_is_no_range(data: np.ndarray) -> None:
    assert finite_range(data) == FiniteRange(None, None, data.size)


@pytest.mark.parametrize("sign", [1, -1])
def test_zero_is_in_the_range_only_where_it_is_in_the_data(sign: int) -> None:
    found = finite_range(np.full((3, 4, 5), 2.5 * sign, np.float32))
    assert (found.low, found.high) == (2.5 * sign, 2.5 * sign)
