"""Running a generator: in a window's worker thread, or at once in the thread that asks."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, Literal, Protocol

End = Literal["finished", "cancelled", "failed", "closed"]

Work = Callable[..., Generator[Any, Any, None]]
"""Returns the generator that is to be run."""


class Running(Protocol):
    """A generator that is run from `start` on."""

    def start(self) -> None:
        """Begin."""

    def send(self, value: object) -> None:
        """Let the generator's next ``yield`` return this; of several values only the newest."""

    def announce(self, total: int, description: str) -> None:
        """Say how many steps it will have."""

    def advance(self) -> None:
        """Say that one of these steps was done."""

    def cancel(self) -> None:
        """Stop after the step that is being computed; its end is reported then."""

    def close(self) -> None:
        """Stop, report the end at once, and drop what is still to come."""


class Runner(Protocol):
    """Prepares a generator to be run."""

    def __call__(
        self,
        work: Work,
        arguments: tuple[object, ...],
        receive: Callable[[Any], None],
        end: Callable[[str], None],
    ) -> Running:
        """Return what runs ``work(*arguments)``.

        Parameters
        ----------
        receive
            Called with everything that the generator yields.
        end
            Called once, with one of `End`.
        """


class RunningAtOnce:
    """Runs a generator to its end when it is started, for a command line, a notebook or a test; see `Running`."""

    def __init__(
        self, work: Work, arguments: tuple[object, ...], receive: Callable[[Any], None], end: Callable[[str], None]
    ) -> None:
        self._work, self._arguments, self._receive, self._report = work, arguments, receive, end
        self._sent: object = None
        self._is_stopped = self._is_over = False

    def start(self) -> None:
        """Run all of it; an error in it is raised, after its end was reported."""
        generator = self._work(*self._arguments)
        try:
            message = next(generator)
            self._receive(message)
            while not self._is_stopped:
                value, self._sent = self._sent, None
                message = generator.send(value)
                self._receive(message)
        except StopIteration:
            self._finish("finished")
        except BaseException:
            self._finish("failed")
            raise
        finally:
            generator.close()
        self._finish("cancelled")

    def send(self, value: object) -> None:
        """Let the generator's next ``yield`` return this."""
        self._sent = value

    def announce(self, total: int, description: str) -> None:
        """Show nothing: a progress bar can count the messages."""

    def advance(self) -> None:
        """Show nothing."""

    def cancel(self) -> None:
        """Stop after the message that is being received."""
        self._is_stopped = True

    def close(self) -> None:
        """Stop and report the end at once."""
        self._is_stopped = True
        self._finish("closed")

    def _finish(self, end: End) -> None:
        if not self._is_over:
            self._is_over = True
            self._report(end)


def run_at_once(
    work: Work, arguments: tuple[object, ...], receive: Callable[[Any], None], end: Callable[[str], None]
) -> Running:
    """Return what runs a generator in the thread that starts it, see `Runner`."""
    return RunningAtOnce(work, arguments, receive, end)
