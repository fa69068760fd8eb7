"""A disk that is full at the k-th call that needs room, for every k: ``python -m tests.fuzz.full WORK``."""

import argparse
import builtins
import errno
import io
import os
import sqlite3
import sys
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal
from unittest.mock import patch

import typer

from napari_refusion.volume.finding import RefusedError
from tests.fuzz.works import WORKS

Mode = Literal["once", "stays"]
"""Whether only one call fails, or all that need room from then on; names can be exchanged on a full disk."""

_NEEDS_ROOM = ("INSERT", "UPDATE", "CREATE", "COMMIT", "BEGIN;")


class Disk:
    """Counts calls, and refuses the k-th one, in mode ``stays`` those after it as well."""

    def __init__(self, k: int, mode: Mode) -> None:
        self.count = 0
        self._k, self._mode = k, mode

    def need(self, *, is_name: bool = False) -> bool:
        """Return whether a call is refused."""
        self.count += 1
        return self.count == self._k or (self._mode == "stays" and self.count > self._k and not is_name)

    def room(self, *, is_name: bool = False) -> None:
        """Refuse a call of the system."""
        if self.need(is_name=is_name):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@contextmanager
def full_at(k: int, mode: Mode = "once") -> Iterator[Disk]:
    """Yield a disk that is full at the k-th call: opening a file to write, writing, forcing to the disk, naming."""
    disk, really_open, connect = Disk(k, mode), io.open, sqlite3.connect

    class Raw(io.FileIO):
        def write(self, data: Any) -> int:  # noqa: ANN401 - whatever holds bytes
            disk.room()
            return super().write(data)

    class Connection(sqlite3.Connection):
        def __init__(self, path: Any, *values: Any, **options: Any) -> None:  # noqa: ANN401
            super().__init__(path, *values, **options)
            self._is_file = str(path) != ":memory:"

        def _room(self, statement: str) -> None:
            if self._is_file and statement.lstrip().startswith(_NEEDS_ROOM) and disk.need():
                error = sqlite3.OperationalError("database or disk is full")
                error.sqlite_errorcode = sqlite3.SQLITE_FULL
                raise error

        def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:  # noqa: ANN401
            self._room(statement)
            return super().execute(statement, *values)

        def executemany(self, statement: str, *values: Any) -> sqlite3.Cursor:  # noqa: ANN401
            self._room(statement)
            return super().executemany(statement, *values)

        def executescript(self, statement: str) -> sqlite3.Cursor:
            self._room(statement)
            return super().executescript(statement)

    def opened(
        file: Any,  # noqa: ANN401
        mode: str = "r",
        buffering: int = -1,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        *more: Any,  # noqa: ANN401
        **options: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        if not set("wxa+") & set(mode) or more or options or isinstance(file, int):
            return really_open(file, mode, buffering, encoding, errors, newline, *more, **options)
        disk.room()
        raw = Raw(os.fspath(file), mode.replace("b", "").replace("t", ""))
        if buffering == 0:
            return raw
        buffered = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
        return buffered if "b" in mode else io.TextIOWrapper(buffered, encoding, errors, newline)

    def needing(name: str, *, is_name: bool = False) -> Any:  # noqa: ANN401
        original = getattr(os, name)

        def called(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401
            disk.room(is_name=is_name)
            return original(*arguments, **options)

        return patch.object(os, name, called)

    with ExitStack() as stack:
        stack.enter_context(patch.object(builtins, "open", opened))
        stack.enter_context(patch.object(io, "open", opened))
        stack.enter_context(
            patch.object(sqlite3, "connect", lambda *a, **o: connect(*a, **o | {"factory": Connection}))
        )
        for name in ("fsync", "mkdir"):
            stack.enter_context(needing(name))
        for name in ("replace", "rename"):
            stack.enter_context(needing(name, is_name=True))
        yield disk


def filled(name: str, folder: Path, mode: Mode, most: int | None = None) -> Counter[str]:
    """Return how often what came of a work whose disk was full at the k-th call.

    Parameters
    ----------
    most
        How many k are tried, evenly from the first call to the last; None for every k.
    """
    work, found, acknowledged = WORKS[name], Counter[str](), set[str]()
    work.prepare(folder)
    with full_at(0) as disk:
        work.run(folder, acknowledged.add)
    step = 1 if most is None else max(1, -(-disk.count // most))
    k, is_over = 1, False
    while not is_over:
        with full_at(k, mode) as disk:
            try:
                work.run(folder, acknowledged.add)
                what = "done all the same"
            except (RefusedError, SystemExit, typer.Exit):
                what = "a sentence"
            except BaseException:  # a traceback, whatever it is
                what = f"call {k}: {traceback.format_exc()[-1500:]}"
        is_over = disk.count < k
        if not is_over:
            fault = work.fault(folder, frozenset(acknowledged))
            found[f"call {k}: {fault}" if fault else what] += 1
        work.run(folder, acknowledged.add)
        if fault := work.fault(folder, frozenset(acknowledged)):
            found[f"done again after call {k}: {fault}"] += 1
        k += step
    return found


EXPECTED = frozenset({"a sentence", "done all the same"})


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status, 0 if every failure was a sentence and nothing was mixed or lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.full", description=__doc__)
    parser.add_argument("works", nargs="+", choices=[*WORKS, "all"])
    chosen, is_bad = parser.parse_args(arguments), False
    for name in WORKS if "all" in chosen.works else chosen.works:
        for mode in ("once", "stays"):
            with TemporaryDirectory() as folder:
                found = filled(name, Path(folder), mode)
            is_bad |= bool(found.keys() - EXPECTED)
            sys.stdout.write(f"{name} | {mode} | {dict(found)}\n")
            sys.stdout.flush()
    return int(is_bad)


if __name__ == "__main__":
    sys.exit(main())
