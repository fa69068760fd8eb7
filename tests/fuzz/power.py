"""What a power cut can leave: contents that were not forced to the disk are gone, names that were not are old or new.

Names change one by one and whole, in any order until their folder is forced to the disk. SQLite's own writes are not
seen here: of its files, any sectors of a step that was not over may be there.
"""

import builtins
import io
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Literal
from unittest.mock import patch

SECTOR = 512
"""Bytes that a disk writes whole or not at all."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened to a file or folder, by its path."""

    kind: Literal["create", "sync", "rename", "unlink"]
    path: Path
    target: Path | None = None
    content: bytes | None = None
    """Of a file that is forced to the disk; None for a folder."""


@dataclass
class Recorder:
    """The steps of a program, in order."""

    steps: list[Step] = field(default_factory=list)


@contextmanager
def recorded(folder: Path) -> Iterator[Recorder]:
    """Yield what records every step below a folder; the program does them as ever."""
    log, really_open = Recorder(), io.open

    def add(kind: Any, path: Any, target: Any = None, content: bytes | None = None) -> None:  # noqa: ANN401
        place = Path(os.path.abspath(path))  # noqa: PTH100 - links stay
        if place.is_relative_to(folder):
            log.steps.append(Step(kind, place, None if target is None else Path(target), content))

    def opened(file: Any, mode: str = "r", *more: Any, **options: Any) -> Any:  # noqa: ANN401
        if set("wx") & set(mode) and not isinstance(file, int):
            add("create", file)
        return really_open(file, mode, *more, **options)

    def fsync(descriptor: int) -> None:
        path = Path(os.readlink(f"/proc/self/fd/{descriptor}"))  # noqa: PTH115
        add("sync", path, content=None if path.is_dir() else path.read_bytes())

    def naming(name: Literal["rename", "unlink"], function: str) -> Any:  # noqa: ANN401
        original = getattr(os, function)

        def called(path: Any, *target: Any, **options: Any) -> None:  # noqa: ANN401
            original(path, *target, **options)
            if "dir_fd" not in options:
                add(name, path, *target)

        return patch.object(os, function, called)

    with ExitStack() as stack:
        for change in (
            patch.object(builtins, "open", opened),
            patch.object(io, "open", opened),
            patch.object(os, "fsync", fsync),
            naming("rename", "replace"),
            naming("rename", "rename"),
            naming("unlink", "unlink"),
        ):
            stack.enter_context(change)
        yield log


@dataclass(frozen=True, slots=True)
class _Naming:
    """A change of names in one folder, that a power cut undoes until the folder is forced to the disk."""

    folder: Path
    gone: tuple[Path, ...]
    there: Mapping[Path, str]
    """Path -> the file that it names: where that was made first."""


def cuts(steps: list[Step], before: Mapping[Path, bytes], random: Random) -> Iterator[dict[Path, bytes]]:
    """Yield what can be on the disk after a power cut behind each step: paths -> contents.

    Parameters
    ----------
    before
        What was on the disk for certain.
    """
    contents = {f"old {path}": content for path, content in before.items()}
    durable = {path: f"old {path}" for path in before}
    live, pending = dict(durable), list[_Naming]()
    for step in (None, *steps):
        if step is not None and step.kind == "sync" and step.content is None:
            durable = _named(durable, [one for one in pending if one.folder == step.path])
            pending = [one for one in pending if one.folder != step.path]
        elif step is not None:
            if step.kind == "sync" and step.path in live:
                contents[live[step.path]] = step.content or b""
            elif (naming := _naming(step, live, durable)) is not None:
                live = _named(live, [naming])
                pending.append(naming)
                if step.kind == "sync":  # made by SQLite, which is not seen
                    contents[live[step.path]] = step.content or b""
        some = [one for one in pending if random.random() < 0.5]
        for chosen in ([], pending, pending[: random.randrange(len(pending) + 1)], some):
            yield {path: contents.get(file, b"") for path, file in _named(durable, chosen).items()}


def _naming(step: Step, live: Mapping[Path, str], durable: Mapping[Path, str]) -> _Naming | None:
    """Return how a step changes names; None for one that opens a file that is there."""
    if step.kind == "rename" and step.target is not None:
        files = [step.path] if step.path in live else [one for one in durable if step.path in one.parents]
        moved = {step.target / one.relative_to(step.path): (live | durable)[one] for one in files}
        return _Naming(step.path.parent, tuple(files), moved)
    if step.kind == "unlink":
        return _Naming(step.path.parent, (step.path,), {})
    return None if step.path in live else _Naming(step.path.parent, (), {step.path: f"new {step.path}"})


def _named(names: Mapping[Path, str], changes: list[_Naming]) -> dict[Path, str]:
    """Return names after some changes, each of which can be done without those before it."""
    found = dict(names)
    for change in changes:
        for path in change.gone:
            found.pop(path, None)
        found |= change.there
    return found


def torn(before: bytes, after: bytes, random: Random) -> bytes:
    """Return a file of which any sectors, and any length, are those before or after a step."""
    sizes = sorted((len(before), len(after)))
    length = random.choice((*sizes, random.randint(*sizes)))
    old, new = before.ljust(length, b"\0"), after.ljust(length, b"\0")
    share = random.choice((0.1, 0.5, 0.9))
    pieces = ((new if random.random() < share else old)[at : at + SECTOR] for at in range(0, length, SECTOR))
    return b"".join(pieces)[:length]
