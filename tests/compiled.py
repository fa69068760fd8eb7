"""Compiled code for tests: compiled once, in a child process, and kept in pytest's cache folder."""

import time
from pathlib import Path

import pytest

from napari_refusion.fusion.compilation import SWITCH, Compilation, Compiled, Compiling, State


def settled(*compilations: Compilation) -> list[State]:
    """Return how several compilations end, which begin at the same time."""
    while any(isinstance(one.state(), Compiling) for one in compilations):
        time.sleep(0.1)
    return [one.state() for one in compilations]


@pytest.fixture(scope="session")
def engine_cache(request: pytest.FixtureRequest) -> Path:
    """The folder of all builds."""
    pytest.importorskip("numba")
    assert request.config.cache is not None
    return Path(request.config.cache.mkdir("compiled"))


@pytest.fixture(scope="session")
def both_compiled(engine_cache: Path) -> list[State]:
    """What two that compile at the same time come to."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SWITCH, "1")
        return settled(Compilation(engine_cache), Compilation(engine_cache))


@pytest.fixture(scope="session")
def compiled(both_compiled: list[State]) -> Compiled:
    """Compiled code."""
    assert isinstance(both_compiled[0], Compiled), both_compiled[0]
    return both_compiled[0]
