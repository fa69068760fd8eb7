"""Interrupting and killing works at random moments: ``python -m tests.fuzz.kills WORK --count N --seed S``."""

import argparse
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.fuzz.works import WORKS

SIGNALS = {"interrupt": signal.SIGINT, "kill": signal.SIGKILL}

_ROUNDS = 3
"""How often a work is done while it waits for its end: former results are there to be mixed with."""


def ended(name: str, how: str, count: int, seed: int, folder: Path) -> Counter[str]:
    """Return how often what was found after a work was ended by a signal at a random moment, and done again."""
    chance, work = random.Random(f"{name} {how} {seed}"), WORKS[name]
    work.prepare(folder)
    acknowledged: set[str] = set()
    began = time.monotonic()
    for _ in range(2):
        work.run(folder, acknowledged.add)
    seconds = (time.monotonic() - began) / 2
    found: Counter[str] = Counter()
    for _ in range(count):
        acknowledged.update(_child(name, how, chance.uniform(0, (_ROUNDS - 1) * seconds), folder))
        fault = work.fault(folder, frozenset(acknowledged))
        found[fault or "nothing mixed, nothing lost"] += 1
        work.run(folder, acknowledged.add)
        if again := work.fault(folder, frozenset(acknowledged)):
            found[f"after it was done again: {again}"] += 1
        _tidied(folder, acknowledged)
    return found


def _tidied(folder: Path, acknowledged: set[str]) -> None:
    """Remove all but the newest results, so that checking does not take ever longer."""
    for path in sorted(folder.glob("*-[0-9]*"), key=lambda one: one.stat().st_mtime)[:-2]:
        acknowledged.discard(path.name)
        for below in path.iterdir() if path.is_dir() else ():
            below.unlink()
        path.rmdir() if path.is_dir() else path.unlink()


def _child(name: str, how: str, seconds: float, folder: Path) -> list[str]:
    """Return what a child acknowledged before it was ended."""
    context: Any = get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(name, folder, sender))
    process.start()
    sender.close()
    receiver.recv()
    time.sleep(seconds)
    for _ in range(60):  # Python drops an interrupt that meets a destructor
        os.kill(process.pid, SIGNALS[how])
        process.join(1)
        if process.exitcode is not None:
            break
    assert process.exitcode is not None, f"{name} went on for a minute after it was ended"
    told = []
    while True:
        try:
            told.append(receiver.recv())
        except EOFError:
            receiver.close()
            return told


def _work(name: str, folder: Path, told: Connection) -> None:
    """Do a work again and again."""
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (1, 2):
        os.dup2(null, stream)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    told.send("begun")
    try:
        while True:
            WORKS[name].run(folder, told.send)
    except (KeyboardInterrupt, SystemExit):
        os._exit(130)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status, 0 if nothing was mixed or lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.kills", description=__doc__)
    parser.add_argument("works", nargs="+", choices=[*WORKS, "all"])
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--signal", choices=[*SIGNALS, "both"], default="both")
    chosen = parser.parse_args(arguments)
    for name in WORKS if "all" in chosen.works else chosen.works:
        for how in SIGNALS if chosen.signal == "both" else (chosen.signal,):
            with TemporaryDirectory() as folder:
                began = time.monotonic()
                found = ended(name, how, chosen.count, chosen.seed, Path(folder))
                sys.stdout.write(f"{name} | {how} | {dict(found)} | {time.monotonic() - began:.0f} s\n")
                sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
