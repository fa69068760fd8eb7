"""Which of several volumes of a file or series is read: one by its number or name, their mean, their sum, or a time.

Every format that holds several volumes asks here, so that ``--volume-a`` means the same for all of them.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np

from napari_refusion.volume.finding import RefusedError, refuse

VolumeChoice: TypeAlias = int | str | None
"""A number from 0, the name of a part, ``mean``, ``sum``, or ``MM:SS-MM:SS``; None where there must be one volume."""

Times: TypeAlias = Sequence[tuple[float, float] | None]
"""Start and end of each volume, s after the start of the first one; None where that is not known."""

_MOMENT: Final = r"(\d+):([0-5]?\d(?:\.\d+)?)"
_SPAN: Final = re.compile(rf"\s*{_MOMENT}\s*-\s*{_MOMENT}\s*")

_ROUNDING: Final = 0.5
"""Seconds by which a border that is written in whole seconds may be off, or a quarter of a shorter frame."""

_MOST_NAMED: Final = 12
"""Volumes or borders that a sentence lists."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which volumes enter the one that is read."""

    indices: tuple[int, ...]
    """From 0, rising."""
    weights: tuple[float, ...]
    """What each is multiplied by before they are added."""
    choice: str
    """What was chosen, as ``3``, ``mean``, ``02:00-05:00``: it tells the result from those of other choices."""
    part: str = ""
    """`Acquisition.part` of the result."""
    time: tuple[float, float] | None = None
    """`Acquisition.time` of the result."""

    @property
    def is_sum(self) -> bool:
        """Whether frames are added up: a concentration in Bq/ml or SUV is none any more."""
        return self.choice == "sum" and len(self.indices) > 1


def choose_volume(
    path: Path, choice: VolumeChoice, names: Sequence[str], times: Times = (), *, alike: bool = True
) -> Chosen:
    """Return which of the volumes at a path are read, and with which weights.

    Parameters
    ----------
    names
        What tells each volume from the others, in the order of their numbers.
    times
        Of each volume, as many as `names`; empty where none is known.
    alike
        Whether all of them measure the same, as frames in time do and echoes do not: only those have a mean or a sum.

    Raises
    ------
    RefusedError
        If nothing is chosen among several, there is no such volume, or the choice does not apply to them.
    """
    known: Times = times or (None,) * len(names)
    text = str(choice).strip() if isinstance(choice, str) else choice
    if text is None:
        if len(names) > 1:
            raise _must_choose(path, names, alike)
        return _one(0, names, known)
    if isinstance(text, str) and list(names).count(text) == 1:
        return _one(names.index(text), names, known)
    if isinstance(text, str) and text.lower() in ("mean", "sum"):
        return _together(path, text.lower(), tuple(range(len(names))), names, known, alike)
    if isinstance(text, str) and (span := _SPAN.fullmatch(text)):
        return _together(path, "mean", _within(path, text, _seconds(span), known), names, known, alike)
    number = int(text) if isinstance(text, str) and text.isdecimal() else text
    # True and 1.0 equal 1, and are no index
    if isinstance(number, Integral) and not isinstance(number, bool) and 0 <= number < len(names):
        return _one(int(number), names, known)
    also = ", mean, sum or MM:SS-MM:SS" if alike and len(names) > 1 else ""
    sentence = f"Choose a volume from 0 to {len(names) - 1}{also}, not {choice!r}, of {_listed(names)}: {path}"
    raise refuse("frames", sentence, f"{len(names)} frames")


def is_by_name(choice: str) -> bool:
    """Return whether words can mean a volume by its name alone: they are no number, ``mean``, ``sum`` or span of time.

    Raises
    ------
    RefusedError
        For a span that ends before it begins, which holds no frame of any file.
    """
    text = choice.strip()
    if span := _SPAN.fullmatch(text):
        start, end = _seconds(span)
        if end <= start:
            sentence = f"Write the earlier time first, as 02:00-05:00: {text} ends before it begins."
            raise refuse("frames", sentence, text)
        return False
    return text.lower() not in ("mean", "sum") and not text.isdecimal()


def _seconds(span: re.Match[str]) -> tuple[float, float]:
    """Return start and end of a span, s."""
    low, high = (int(minutes) * 60 + float(seconds) for minutes, seconds in (span.groups()[:2], span.groups()[2:]))
    return low, high


def _one(index: int, names: Sequence[str], times: Times) -> Chosen:
    """Return one volume as it is."""
    return Chosen((index,), (1.0,), str(index), names[index], times[index])


def _together(
    path: Path, how: str, indices: tuple[int, ...], names: Sequence[str], times: Times, alike: bool
) -> Chosen:
    """Return the sum, or the mean, weighted by how long each lasted where that is known of all of them."""
    if not alike:
        sentence = f"Choose one volume by its number, for the {how} of {_listed(names)} means nothing: {path}"
        raise refuse("frames", sentence, f"{len(names)} frames")
    spans = [span for index in indices if (span := times[index]) is not None]
    lasted = [end - start for start, end in spans]
    weights = np.ones(len(indices))
    if how == "mean":
        weights = np.array(lasted) if len(spans) == len(indices) and min(lasted) > 0 else weights
        weights = weights / weights.sum()
    time = (min(start for start, _ in spans), max(end for _, end in spans)) if len(spans) == len(indices) else None
    every = len(indices) == len(names)
    which = f"{len(indices)} frames" if every else _numbered(indices)
    part = f"{how} of {which}" + (f", {clock(time[0])} to {clock(time[1])}" if time else "")
    choice = how if every else f"{clock(time[0])}-{clock(time[1])}" if time else how
    return Chosen(indices, tuple(weights.tolist()), choice, part, time)


def _numbered(indices: tuple[int, ...]) -> str:
    """Return ``frame 3`` or ``frames 3 to 7``."""
    first, last = indices[0], indices[-1]
    return f"frame {first}" if first == last else f"frames {first} to {last}"


def _within(path: Path, text: str, span: tuple[float, float], times: Times) -> tuple[int, ...]:
    """Return the frames that lie in a span of time; refuse one that cuts a frame or holds none."""
    if not all(times):
        sentence = (
            f"Choose a volume by its number, not {text}, for it does not say when its frames were measured: {path}"
        )
        raise refuse("frames", sentence, text)
    inside, cut = [], False
    for index, (start, end) in enumerate(time for time in times if time is not None):
        slack = min(_ROUNDING, (end - start) / 4)
        if start >= span[0] - slack and end <= span[1] + slack:
            inside.append(index)
        elif start < span[1] - slack and end > span[0] + slack:
            cut = True
    if cut or not inside:
        borders = sorted({moment for time in times if time is not None for moment in time})
        listed = ", ".join(clock(moment) for moment in borders[:_MOST_NAMED])
        more = ", ..." if len(borders) > _MOST_NAMED else ""
        what = "cuts a frame" if cut else "holds no whole frame"
        sentence = f"Choose a span between borders of frames ({listed}{more}): {text} {what}: {path}"
        raise refuse("frames", sentence, text)
    return tuple(inside)


def _must_choose(path: Path, names: Sequence[str], alike: bool) -> RefusedError:
    """Return the error for several volumes without a choice."""
    also = ", or as mean or sum" if alike else ""
    sentence = (
        f"Choose a volume by its number from 0{also} (--volume-a or --volume-b, volume= in Python), for it holds "
        f"{_listed(names)}: {path}"
    )
    return refuse("frames", sentence, f"{len(names)} frames")


def _listed(names: Sequence[str]) -> str:
    """Return how many volumes there are and what they are called."""
    plain = ("", "frame {}", "volume {}")
    spoken = [name for index, name in enumerate(names) if name not in [word.format(index) for word in plain]]
    if not spoken:
        return f"{len(names)} frames" if len(names) > 1 else "one volume"
    return f"{len(names)} frames ({'; '.join(spoken[:_MOST_NAMED])}{'; ...' if len(names) > _MOST_NAMED else ''})"


def identity_of(chosen: Chosen, identities: Sequence[str]) -> str:
    """Return what tells the volume that was chosen from all others: the same wherever it was made.

    Parameters
    ----------
    identities
        `Origin.sha256` of the volumes that enter it, in their order; a single one is itself.
    """
    if len(identities) == 1:
        return identities[0]
    return hashlib.sha256(" ".join([chosen.choice, *identities]).encode()).hexdigest()


def clock(seconds: float) -> str:
    """Return a time as ``MM:SS``, with the fraction of a second that it has."""
    whole = round(seconds * 1000)
    minutes, rest = divmod(whole, 60_000)
    text = f"{rest / 1000:06.3f}".rstrip("0").rstrip(".")
    return f"{minutes:02d}:{text}"


def name_of_frame(index: int, time: tuple[float, float] | None) -> str:
    """Return what to call a frame, ``frame 3, 02:00 to 03:00``; numbers from 0, as they are chosen."""
    return f"frame {index}" + (f", {clock(time[0])} to {clock(time[1])}" if time else "")
