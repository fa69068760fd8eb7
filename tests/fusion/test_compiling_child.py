"""What the child process measures."""

import math
import time

import pytest

from napari_refusion.fusion.compiling_child import seconds_of

TICK = 1 / 64
"""Seconds; as GetProcessTimes of Windows counts."""


@pytest.mark.parametrize("seconds", [0.004, 0.0157, 0.03, 0.15])
def test_a_call_is_measured_on_windows_whose_clock_of_the_processor_stands_still_for_a_64th_of_a_second(
    monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    passed = [0.0101]
    monkeypatch.setattr(time, "process_time", lambda: TICK * math.floor(passed[0] / TICK))

    def work() -> None:
        passed[0] += seconds

    assert seconds_of(work) == pytest.approx(seconds, rel=0.1)
