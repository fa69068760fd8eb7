"""Programs of the training that Ctrl+C stops: one sentence, and the exit status of what was stopped so."""

import sys
from types import TracebackType
from typing import Final, NoReturn

STATUS: Final = 130
"""128 and the number of the signal, as shells have it."""


def stop(sentence: str) -> NoReturn:
    """End the program with a sentence that says what is left to go on with."""
    print(sentence, file=sys.stderr)
    sys.exit(STATUS)


def in_a_sentence(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Print Ctrl+C as a sentence and any other error as Python does; for `sys.excepthook`."""
    if issubclass(kind, KeyboardInterrupt):
        print("Stopped by hand.", file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, trace)
