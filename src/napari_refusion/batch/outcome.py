"""How a case ended, as plain values that lie beside its results: fused, refused or failed, and everything measured."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from pydantic import TypeAdapter, ValidationError

from napari_refusion.batch.inputs import InputFile
from napari_refusion.io.write_json import as_json
from napari_refusion.replacing import replacing

if TYPE_CHECKING:
    from pathlib import Path

    from napari_refusion.batch.cases import BatchCase

Status = Literal["fused", "refused", "failed"]
"""``refused``: its sources must not be fused or cannot be read, which the next run would find again. ``failed``:
something else went wrong, so that the next run tries it once more."""

STATUSES: Final[tuple[Status, ...]] = get_args(Status)


@dataclass(frozen=True, slots=True)
class Noticed:
    """A finding without names of files."""

    level: str
    rule: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Missed:
    """Uptake that the fused image hides, see `evidence.missed_uptake`."""

    index: int
    place: str
    """In words."""
    transfer: float


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of one slice, in the folder of the case."""

    file: str
    why: str


@dataclass(frozen=True, slots=True)
class Measured:
    """What was found of a fused case."""

    pair: str
    """``PET + MRI``."""
    slices: int
    body: int
    """Of the slices, those that show the body."""
    checks: Mapping[str, str]
    """Check -> colour."""
    sentences: Mapping[str, str]
    """Check -> what was found."""
    medians: Mapping[str, float]
    """Name in `evidence.indicators`, or in `metrics.METRICS` -> median over the slices of the body; those that were not
    run are missing."""
    flagged: Mapping[int, tuple[str, ...]]
    """Slice -> what the indicators say against it."""
    missed_run: bool
    """Whether missed uptake was looked for."""
    missed: tuple[Missed, ...]
    pictures: tuple[Picture, ...]
    device: str

    @property
    def badness(self) -> tuple[int, ...]:
        """Return how much is against it, to put the worst first: red and amber checks, missed uptake, flags."""
        colours = list(self.checks.values())
        return colours.count("red"), colours.count("amber"), len(self.missed), len(self.flagged)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a case ended."""

    case: str
    """See `cases.BatchCase.name`."""
    status: Status
    rule: str = ""
    """Why it is not fused: one of `volume.rule.RULES`, or empty."""
    sentence: str = ""
    """The same in words, without names of files."""
    recipe: Mapping[str, Any] = field(default_factory=dict)
    """See `recipe.Recipe.fingerprint`."""
    asked: Mapping[str, Any] = field(default_factory=dict)
    """See `asked.asked_of`."""
    volumes: tuple[str, str] = ("", "")
    """What was chosen of sources that hold several volumes."""
    inputs: tuple[InputFile, ...] = ()
    findings: tuple[Noticed, ...] = ()
    measured: Measured | None = None
    """None where it is not fused."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Name of each result -> SHA-256."""
    seconds: float = 0.0
    created: str = ""
    """Coordinated universal time, ISO 8601."""
    is_kept: bool = field(default=True, compare=False)
    """Whether it could be written; a full disk takes no outcome either."""


_READ: Final = TypeAdapter(Outcome)

_ENDING: Final = "_outcome.json"


def outcome_file(case: BatchCase, output: Path) -> Path:
    """Return where the outcome of a case lies in an output."""
    return output / case.folder / f"{case.name}{_ENDING}"


def outcomes_of(subject: Path) -> list[Path]:
    """Return the outcomes that lie in the folder of a subject, of whatever run, by their names."""
    found = [path for pattern in ("*", "*/*") for path in subject.glob(f"{pattern}/*{_ENDING}")]
    # what is not finished is hidden
    whole = [path for path in found if not any(part[0] == "." for part in path.relative_to(subject).parts)]
    return sorted(whole, key=lambda path: path.name.casefold())


def case_of(path: Path) -> str:
    """Return the name of the case whose outcome lies at a path."""
    return path.name.removesuffix(_ENDING)


def outcome_text(outcome: Outcome, path: Path) -> str:
    """Return the text of the file of an outcome."""
    return as_json({name: value for name, value in asdict(outcome).items() if name != "is_kept"}, path)


def read_outcome(path: Path) -> Outcome | None:
    """Return an outcome, None where there is none or it cannot be read: the case is then fused again."""
    try:
        return _READ.validate_python(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, ValidationError, RecursionError):
        return None


def renew_outcome(outcome: Outcome, path: Path) -> None:
    """Write an outcome of which nothing but times of its inputs changed, in its place and with its date.

    Pages by that date are still right. Where it cannot be written, the next run finds out again.
    """
    with contextlib.suppress(OSError):
        date = path.stat()
        with replacing(path) as temporary:
            temporary.write_text(outcome_text(outcome, path), encoding="utf-8", newline="\n")
            os.utime(temporary, ns=(date.st_atime_ns, date.st_mtime_ns))
