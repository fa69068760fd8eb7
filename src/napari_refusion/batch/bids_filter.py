"""A BIDS filter file: which images of a BIDS tree are taken, as fMRIPrep and others read it.

::

    {"pet": {"tracer": "FDG", "reconstruction": ["acdyn", null]}, "T1w": {"acquisition": "mprage"}}
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from napari_refusion.cohort.bids_tree import ANATOMY, OTHERS, BidsChoice, Wanted
from napari_refusion.unknown_name import unknown_name
from napari_refusion.volume.finding import refuse

SHORT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "subject": "sub",
        "session": "ses",
        "acquisition": "acq",
        "ceagent": "ce",
        "description": "desc",
        "direction": "dir",
        "echo": "echo",
        "part": "part",
        "reconstruction": "rec",
        "run": "run",
        "sample": "sample",
        "space": "space",
        "task": "task",
        "tracer": "trc",
        "datatype": "datatype",
    }
)
"""Entity as filter files call it -> as it stands in names."""

_LARGEST: Final = 2**20
"""Bytes."""


def bids_choice(
    participants: Iterable[str] = (), sessions: Iterable[str] = (), filters: Path | None = None
) -> BidsChoice:
    """Return what is taken of a BIDS tree.

    Parameters
    ----------
    participants, sessions
        Labels, with or without ``sub-`` and ``ses-``.
    filters
        A BIDS filter file.

    Raises
    ------
    RefusedError
        If that cannot be read, or asks for images or entities that are not known.
    """
    chosen = tuple(dict.fromkeys(one.removeprefix("sub-") for one in participants))
    of_sessions = tuple(dict.fromkeys(one.removeprefix("ses-") for one in sessions))
    return BidsChoice(chosen, of_sessions, MappingProxyType(_filters(filters) if filters is not None else {}))


def _filters(path: Path) -> dict[str, Wanted]:
    try:
        if path.stat().st_size > _LARGEST:
            raise ValueError("it is far too large")
        content = json.loads(path.read_text(encoding="utf-8-sig"))
        if not isinstance(content, dict) or not all(isinstance(one, dict) for one in content.values()):
            raise ValueError("it is no object of objects")
    except (OSError, ValueError, RecursionError) as error:
        why = getattr(error, "strerror", "") or error
        raise refuse("worklist", f"Correct the BIDS filter file, which cannot be read ({why}): {path}") from error
    return {_suffix(name): MappingProxyType(_wanted(one)) for name, one in content.items()}


def _suffix(name: str) -> str:
    """Return the suffix that a filter is for, whatever its capitals (``t1w``)."""
    known = {suffix.casefold(): suffix for suffix in (*OTHERS, *ANATOMY)}
    if name.casefold() not in known:
        raise refuse("worklist", f"In the BIDS filter file: {unknown_name('image', name, known.values())}", name)
    return known[name.casefold()]


def _wanted(entities: Mapping[str, Any]) -> dict[str, tuple[str | None, ...]]:
    wanted = {}
    for name, value in entities.items():
        if name in ("suffix", "extension"):  # they say again what the key and the format say
            continue
        short = SHORT.get(name, name)
        if short not in SHORT.values():
            raise refuse("worklist", f"In the BIDS filter file: {unknown_name('entity', name, SHORT)}", name)
        values = value if isinstance(value, list) else [value]
        wanted[short] = tuple(None if one is None else str(one).removeprefix(f"{short}-") for one in values)
    return wanted
