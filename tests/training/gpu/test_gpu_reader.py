from torch import Tensor

from training.gpu.given import Given
from training.gpu.held_out import Fuse
from training.gpu.reader import fresh_reader_error


def average(pair: Tensor) -> Tensor:
    return pair.mean(dim=1, keepdim=True)


def nothing(pair: Tensor) -> Tensor:
    return 0 * pair[:, :1]


def _error(given: Given, steps: int, fuse: Fuse = average) -> float:
    (error,) = fresh_reader_error(fuse, given.pairs, given.held_out, steps, 4, 32).values()
    return error


def test_every_f_is_judged_by_the_same_reader(given: Given) -> None:
    assert _error(given, 3) == _error(given, 3)


def test_a_reader_that_learned_longer_rebuilds_better(given: Given) -> None:
    assert _error(given, 20) < 0.8 * _error(given, 1)


def test_a_picture_that_shows_nothing_is_rebuilt_worse(given: Given) -> None:
    assert _error(given, 20) < 0.9 * _error(given, 20, nothing)


def test_errors_are_told_by_kind(given: Given) -> None:
    assert fresh_reader_error(average, given.pairs, given.held_out, 1, 4, 32).keys() == {"infrared"}
