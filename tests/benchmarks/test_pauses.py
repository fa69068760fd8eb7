"""What a pause of the window is made of."""

import pytest

from benchmarks.heartbeat import row
from benchmarks.pauses import Pause


def test_drawing_does_not_count_and_neither_does_what_others_did_while_the_window_ran() -> None:
    pause = Pause(clock=0.5, thread=0.3, drawing=0.1, others=0.6)
    assert pause.busy == pytest.approx(0.2)  # 0.3 - 0.1
    assert pause.waiting == pytest.approx(0.2)  # 0.5 - 0.3, of the 0.6 that the others had
    assert Pause(clock=0.5, thread=0.3, drawing=0.1, others=0.05).waiting == pytest.approx(0.05)
    assert Pause(clock=0.1, thread=0.101, drawing=0.0, others=0.6).waiting == 0.0  # two clocks


def test_a_line_has_the_longest_of_each_and_how_many_were_over_100_ms() -> None:
    pauses = [Pause(1.5, 0.2, 0.05, 0.0), Pause(0.3, 0.3, 0.1, 0.0), Pause(0.2, 0.1, 0.0, 0.08)]
    # busy: 150, 200 and 100 ms; waiting: 0, 0 and 80 ms
    assert row("filling", pauses) == "| filling | 200 | 2 | 100 | 80 | 1,500 |"
