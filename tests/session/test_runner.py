"""A generator that is run at once, in the thread that starts it."""

from collections.abc import Callable, Generator

import pytest

from napari_refusion.session.runner import Running, run_at_once


def counting(stop: int) -> Generator[object, object, None]:
    """Yield numbers, and in between whatever was sent."""
    for number in range(stop):
        sent = yield number
        if sent is not None:
            yield sent


class Log:
    """What a generator yielded and how it ended."""

    def __init__(self, act: Callable[["Log"], None] = lambda _log: None) -> None:
        self.messages: list[object] = []
        self.ends: list[str] = []
        self._act = act
        self.running: Running = run_at_once(counting, (4,), self.receive, self.ends.append)

    def receive(self, message: object) -> None:
        self.messages.append(message)
        self._act(self)


def test_it_runs_to_the_end_and_says_so_once() -> None:
    log = Log()
    assert log.messages == []
    log.running.start()
    assert log.messages == [0, 1, 2, 3]
    assert log.ends == ["finished"]


def test_a_generator_without_messages_ends_too() -> None:
    ends: list[str] = []
    run_at_once(counting, (0,), ends.append, ends.append).start()
    assert ends == ["finished"]


def test_of_several_values_the_newest_is_sent() -> None:
    def answer(log: Log) -> None:
        if log.messages == [0]:
            log.running.send("old")
            log.running.send("new")

    log = Log(answer)
    log.running.start()
    assert log.messages == [0, "new", 1, 2, 3]


@pytest.mark.parametrize(("stop", "end"), [("cancel", "cancelled"), ("close", "closed")])
def test_it_stops_after_the_message_that_is_being_received(stop: str, end: str) -> None:
    log = Log(lambda log: getattr(log.running, stop)() if log.messages[-1] == 1 else None)
    log.running.start()
    assert log.messages == [0, 1]
    assert log.ends == [end]


def test_closing_what_was_cancelled_reports_the_end_at_once() -> None:
    log = Log(lambda log: (log.running.cancel(), log.running.close())[0])
    log.running.start()
    assert log.ends == ["closed"]


def test_an_error_is_raised_and_its_end_reported() -> None:
    def broken() -> Generator[int, object, None]:
        yield 1
        raise RuntimeError("shapes cannot be multiplied")

    found: list[object] = []
    with pytest.raises(RuntimeError, match="multiplied"):
        run_at_once(broken, (), found.append, found.append).start()
    assert found == [1, "failed"]
