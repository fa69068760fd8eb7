"""Running cases in child processes that may neither hang nor take more than their share of memory."""

import os
import random
import resource
import shutil
import signal
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, replace
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

from napari_refusion.io.open import open_volume
from tests.fuzz.case import Case, Outcome
from tests.fuzz.kinds import KINDS
from tests.fuzz.nifti import sound_case

SECONDS = 10.0
"""Of a processor for one case: beside other work a good file can take long, too."""

PATIENCE = 60.0
"""Seconds after which a child that says nothing hangs, whatever it waits for."""

MEMORY = 2 * 2**30
"""Bytes that a child may take beyond what its parent had."""

_TOLD = 1500
"""Characters of a traceback that are kept."""


def case_of(kind: str, seed: int, number: int) -> Case:
    """Return a case, always the same for the same numbers."""
    return KINDS[kind].make(random.Random(f"{kind} {seed} {number}"))


@dataclass
class _Child:
    process: Any
    told: Connection
    last: int
    """Its last case."""
    number: int
    """Its present case, -1 for none yet."""
    since: float


def outcomes(kind: str, seed: int, numbers: range, children: int = 2) -> Iterator[Outcome]:
    """Yield what came of each case, in no order; a child that hangs or dies is replaced by another one."""
    context = get_context("fork")
    case_of(kind, seed, 0)  # seeds are made once, before the children are
    with TemporaryDirectory() as one:  # and what reading imports is there
        open_volume(sound_case().write(Path(one)))
    folder = Path(mkdtemp(prefix="refusion-fuzz-"))
    todo = [range(start, min(start + 500, numbers.stop)) for start in range(numbers.start, numbers.stop, 500)][::-1]
    running: list[_Child] = []
    try:
        while todo or running:
            while todo and len(running) < children:
                running.append(_start(context, kind, seed, todo.pop(), folder))
            for child in list(running):
                yield from _hear(child, running, todo)
            wait([child.told for child in running], timeout=0.5)
    finally:
        for child in running:
            child.process.kill()
        shutil.rmtree(folder, ignore_errors=True)


def _start(context: Any, kind: str, seed: int, numbers: range, folder: Path) -> _Child:  # noqa: ANN401
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(kind, seed, numbers, folder, sender))
    process.start()
    sender.close()
    return _Child(process, receiver, numbers[-1], -1, time.monotonic())


def _hear(child: _Child, running: list[_Child], todo: list[range]) -> Iterator[Outcome]:
    """Yield what a child tells; take it away when it is done, dead, or has been at one case for too long."""
    ended: Outcome | None = None
    try:
        while child.told.poll():
            message = child.told.recv()
            child.since = time.monotonic()
            if isinstance(message, int):
                child.number = message
            else:
                yield message
        if time.monotonic() - child.since <= PATIENCE:
            return
        ended = Outcome(child.number, "hang", f"nothing for {PATIENCE:g} s", PATIENCE)
        child.process.kill()
    except EOFError:
        child.process.join()
        code = child.process.exitcode
        if code != 0:
            ended = Outcome(child.number, "traceback", f"the process ended with {code}")
    running.remove(child)
    child.told.close()
    child.process.join()
    if ended is not None:
        yield ended
        if child.number < child.last:
            todo.append(range(child.number + 1, child.last + 1))


def _work(kind: str, seed: int, numbers: range, folder: Path, told: Connection) -> None:
    """Look at cases, telling the number of each before and the outcome after."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (1, 2):  # native code prints what it dislikes
        os.dup2(null, stream)
    used = _kilobytes("VmSize") * 1024
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for number in numbers:
        told.send(number)
        case = case_of(kind, seed, number)
        place = folder / f"{os.getpid()}-{number}"
        place.mkdir()
        try:
            told.send(judged(kind, case, number, place))
        finally:
            shutil.rmtree(place, ignore_errors=True)


def judged(kind: str, case: Case, number: int, folder: Path) -> Outcome:
    """Return what comes of a case that is written to a folder and looked at."""
    opened = case.write(folder)
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before, began = _kilobytes("VmRSS"), time.process_time()
    try:
        result, words = KINDS[kind].look(opened, case)
    except MemoryError:
        result, words = "over memory", traceback.format_exc()[-_TOLD:]
    except BaseException:  # also what native code throws: a traceback whatever it is
        result, words = "traceback", traceback.format_exc()[-_TOLD:]
    used = (_kilobytes("VmHWM") - before) / 1024
    outcome = Outcome(number, result, words, time.process_time() - began, used)
    return replace(outcome, result="hang") if outcome.seconds > SECONDS else outcome


def _kilobytes(name: str) -> int:
    """Return a line of what the system says of this process's memory."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))
