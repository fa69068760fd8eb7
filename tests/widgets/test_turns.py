from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot
from qtpy.QtCore import QObject, QTimer
from qtpy.QtWidgets import QApplication

from napari_refusion.widgets.turns import Turns


def counting(taken: list[int], count: int = 3) -> Iterator[None]:
    for number in range(count):
        taken.append(number)
        yield


@pytest.fixture
def turns(qtbot: QtBot) -> Iterator[Turns]:
    parent = QObject()
    yield Turns(parent)
    parent.deleteLater()


def test_one_step_is_taken_at_once_and_the_others_with_a_turn_of_the_window_in_between(
    turns: Turns, qtbot: QtBot
) -> None:
    taken: list[int] = []
    seen: list[int] = []
    beat = QTimer(turns)
    beat.timeout.connect(lambda: seen.append(len(taken)))
    beat.start(0)
    turns.begin(counting(taken))
    assert taken == [0]
    qtbot.waitUntil(lambda: not turns.is_running)
    assert taken == [0, 1, 2]
    assert {1, 2} <= set(seen)


def test_who_cannot_wait_has_all_steps_at_once(turns: Turns) -> None:
    taken: list[int] = []
    turns.begin(counting(taken))
    turns.finish()
    assert taken == [0, 1, 2]
    assert not turns.is_running


def test_work_that_is_stopped_takes_no_more_steps(turns: Turns, qtbot: QtBot) -> None:
    taken: list[int] = []
    turns.begin(counting(taken))
    turns.stop()
    qtbot.wait(20)
    assert taken == [0]


def test_another_work_takes_the_place_of_the_one_before(turns: Turns) -> None:
    first: list[int] = []
    second: list[int] = []
    turns.begin(counting(first))
    turns.begin(counting(second))
    turns.finish()
    assert (first, second) == ([0], [0, 1, 2])


def test_a_step_may_ask_for_the_end_and_be_taken_once(turns: Turns) -> None:
    """As a step that lets napari answer events does: somebody may not be able to wait meanwhile."""
    taken: list[int] = []

    def steps() -> Iterator[None]:
        taken.append(0)
        turns.finish()
        yield
        taken.append(1)

    turns.begin(steps())
    turns.finish()
    assert taken == [0, 1]


def test_work_that_fails_is_over(turns: Turns) -> None:
    def steps() -> Iterator[None]:
        yield
        raise ValueError("no")

    turns.begin(steps())
    with pytest.raises(ValueError, match="no"):
        turns.finish()
    assert not turns.is_running


@pytest.mark.usefixtures("qtbot")
def test_of_several_patient_works_one_takes_a_step_at_a_turn(turns: Turns) -> None:
    taken: list[int] = []
    others = [Turns(turns, is_patient=True) for _ in range(3)]
    for one in others:
        one.begin_soon(counting(taken))
    assert taken == []
    while any(one.is_running for one in others):
        before = len(taken)
        QApplication.processEvents()
        assert len(taken) <= before + 1
    assert sorted(taken) == [0, 0, 0, 1, 1, 1, 2, 2, 2]


@pytest.mark.usefixtures("qtbot")
def test_a_work_that_is_not_patient_takes_a_step_at_every_turn(turns: Turns) -> None:
    taken: list[int] = []
    patient = Turns(turns, is_patient=True)
    patient.begin_soon(counting([]))
    turns.begin_soon(counting(taken))
    for count in (1, 2, 3):
        QApplication.processEvents()
        assert len(taken) == count


@pytest.mark.usefixtures("qtbot")
def test_a_work_goes_on_when_the_one_whose_turn_it_was_is_gone(turns: Turns) -> None:
    taken: list[int] = []
    gone, other = (Turns(turns, is_patient=True) for _ in range(2))
    gone.begin_soon(counting([]))
    other.begin_soon(counting(taken))
    QApplication.processEvents()
    gone.deleteLater()
    while other.is_running:
        QApplication.processEvents()
    assert taken == [0, 1, 2]
