"""What a reader did: one event each, never changed, in a chain of hashes.

The chain shows whether an event was altered, moved or taken out of the middle. It is evidence of tampering, no
protection from it: who can write the file can also compute a new chain.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, Literal
from uuid import uuid4

Kind = Literal[
    "open",
    "seen",
    "registration",
    "slice",
    "key",
    "comment",
    "lesion",
    "verdict",
    "override",
    "undo",
    "redo",
    "export",
    "lock",
    "others",
    "again",
    "born",
    "record",
    "recover",
    "sign",
    "merge",
    "readers",
    "files",
]
"""``open``: the case was opened. ``seen``: a slice was viewed. ``registration``: how well the sources are aligned.
``slice``: accept, flag or reject. ``key``: a key image, or no longer one. ``comment``: on a slice. ``lesion``: of the
reader's list of lesions some were added, changed or removed. ``verdict``: on the case. ``override``: a failed check was
overridden, with a reason. ``export``: files were written. ``lock``: the case is closed for good. ``others``: what other
readers said of the case was shown. ``again``: the case is read once more, from the beginning. The rest are
`BOOKKEEPING`."""

BOOKKEEPING: Final = frozenset({"born", "record", "recover", "sign", "merge", "readers", "files"})
"""Kinds of events that the program records about the file. ``born``: the file was made. ``record``: a row beside the
events was written, see `seals`. ``recover``: the file was damaged, and what was left. ``sign``: the chain up to here
was signed, see `signing`. ``merge``: an event of the same reader on another computer, see `merging`. ``readers``: how
far other readers' records went. ``files``: what was written outside of the record, see `witness` for both."""

START: Final = ""
"""Hash before a reader's first event."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that a reader did."""

    event_id: str
    """UUID."""
    case_id: str
    run_id: str
    """Identity of the fusion that was viewed, see `record.run.run_id`."""
    reader: str
    utc: str
    """Coordinated universal time, ISO 8601 with milliseconds."""
    kind: Kind
    payload: Mapping[str, Any]
    """Plain JSON values, see `record.case` for those of each kind."""
    previous: str
    """Hash of the event that this reader recorded before, in whatever case."""
    hash: str


def new_event(
    previous: str, case_id: str, run_id: str, reader: str, kind: Kind, payload: Mapping[str, Any], utc: str = ""
) -> Event:
    """Return an event that follows the one with the hash `previous`, `START` for the first.

    Parameters
    ----------
    utc
        When it happened; empty for now.

    Raises
    ------
    ValueError
        If the payload holds something that JSON cannot.
    """
    when = utc or datetime.now(UTC).isoformat(timespec="milliseconds")
    plain = json.loads(_text(payload))
    draft = Event(str(uuid4()), case_id, run_id, reader, when, kind, plain, previous, "")
    return replace(draft, hash=digest(draft))


def digest(event: Event) -> str:
    """Return the SHA-256, in hexadecimal, of everything in an event but its own hash."""
    return hashlib.sha256(_text([getattr(event, name) for name in _HASHED]).encode()).hexdigest()


def first_broken(events: Iterable[Event]) -> int | None:
    """Return the place of the first of a reader's events that does not fit the chain, None if all fit."""
    previous = START
    for place, event in enumerate(events):
        if event.previous != previous or event.hash != digest(event):
            return place
        previous = event.hash
    return None


_HASHED: Final = ("event_id", "case_id", "run_id", "reader", "utc", "kind", "payload", "previous")


def _text(value: object) -> str:
    """Return JSON that is the same for equal values."""
    try:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    except TypeError as error:
        raise ValueError(f"An event cannot store that: {error}.") from error
