"""Whether the records of a project are what was recorded: each reader's file, and all that tells how far it went.

A reader's file is compared with itself (`inspection`), with the roster, with the file beside it, with what other
readers' files tell of it (`witness`), and with exported copies and reports, which name the newest event of the moment
when they were written; these in turn are compared with what was written (`written`).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from napari_refusion.record.case import NOT_UNDERSTOOD
from napari_refusion.record.conflicts import conflicts
from napari_refusion.record.events import Event
from napari_refusion.record.inspection import inspect
from napari_refusion.record.merging import acts
from napari_refusion.record.project import Project
from napari_refusion.record.project_folder import as_stored
from napari_refusion.record.replay import replay
from napari_refusion.record.roster import (
    Head,
    database_path,
    file_sha256,
    head_path,
    heads_beside,
    known_hashes,
    read_head,
    readers_in,
)
from napari_refusion.record.signing import NOT_SIGNED, signed
from napari_refusion.record.traces import traces
from napari_refusion.record.written import written_faults
from napari_refusion.volume.finding import RefusedError

State = Literal["sound", "damaged", "altered", "missing", "unchecked"]
"""``damaged``: something that was recorded can no longer be read. ``altered``: something else is there than what was
recorded. ``missing``: there is no file. ``unchecked``: a newer version wrote it."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found about the record of one reader."""

    reader: str
    state: State
    events: int = 0
    """What the reader did, as far as it can be read and trusted."""
    head: str = ""
    """Hash of the newest event that can be read; empty for none."""
    faults: tuple[str, ...] = ()
    """Each as ``expected ..., found ...``."""
    notes: tuple[str, ...] = ()
    """What is no fault and must be known."""
    signed: str = NOT_SIGNED
    copies: tuple[str, ...] = ()
    """Which exported copies and reports are not what was written, in words; the record itself may be sound."""

    @property
    def is_sound(self) -> bool:
        """Return whether the record can be relied upon."""
        return self.state == "sound"

    @property
    def words(self) -> str:
        """Return what is known of the record in one line."""
        count = f"{self.events} event{'' if self.events == 1 else 's'}"
        readable = "" if self.is_sound else " can be read"
        said = [f"{self.state}, {count}{readable}", self.signed]
        return "; ".join([*said, *([f"ends in {self.head[:12]}"] if self.head else [])])


def verify_project(project: Project) -> tuple[Verified, ...]:
    """Return what was found about everybody who ever recorded something in a project, by name; nothing is changed.

    Someone whom the project names and who left no trace yet is not among them.
    """
    project, heads = as_stored(project), traces(project)
    readers = sorted({*readers_in(project.folder), *project.roster, *heads})
    return tuple(_verified(project, reader, heads.get(reader, [])) for reader in readers)


def verify_reader(project: Project, reader: str) -> Verified:
    """Return what was found about one reader's record, see `verify_project`."""
    return _verified(as_stored(project), reader, traces(project).get(reader, []))


def _verified(project: Project, reader: str, heads: list[Head]) -> Verified:
    path = database_path(project.folder, reader)
    heads = [*heads_beside(path), *heads]
    if not path.exists():
        return Verified(reader, "missing", faults=(f"expected the file {path.name}, found none", *_told(heads)))
    try:
        found = inspect(path, reader)
    except RefusedError as error:
        return Verified(reader, "unchecked", faults=(f"expected a file that can be read, found: {error}",))
    chain = found.records.events
    signatures = signed(reader, chain, project.keys.get(reader, ""))
    lost = [event for event in chain if event.kind == "recover"]
    apart = (*_first_faults(project, reader, chain), *_head_faults(heads, chain), *signatures.faults)
    apart += (*_unclear(path), *_meaning_faults(chain))
    state: State = found.state
    faults = found.faults + apart
    if state == "damaged":
        faults = ("expected a sound database, found a damaged one", *faults)
    elif lost:
        state = "damaged" if state == "sound" else state
        faults = (*map(_recovered, lost), *faults)
    elif apart:
        state = "altered"
    head = chain[-1].hash if chain else ""
    copies, not_covered = written_faults(project, reader, chain)
    beside = (one.sentence for one in conflicts(path, reader, lambda: chain))
    notes = (*_notes(found.uncovered, chain), *_bytes(path), *not_covered, *beside)
    return Verified(reader, state, len(acts(chain)), head, faults, notes, signatures.words, copies)


def _recovered(event: Event) -> str:
    """Return what is known of a damage that was repaired as far as possible."""
    when = event.utc[:16].replace("T", " ")
    return (
        f"expected a file that was never damaged, found one of which {event.payload['kept']} events were left on {when}"
    )


def _first_faults(project: Project, reader: str, chain: tuple[Event, ...]) -> tuple[str, ...]:
    expected, found = project.roster.get(reader, ""), chain[0].hash if chain else ""
    if not expected or expected == found:
        return ()
    return (f"expected the first event {expected[:12]}, as the project has it, found {found[:12] or 'none'}",)


def _head_faults(heads: list[Head], chain: tuple[Event, ...]) -> tuple[str, ...]:
    """Return which events are not there that were the newest ones once."""
    known = known_hashes(chain)
    return tuple(dict.fromkeys(_told([head for head in heads if head.hash and head.hash not in known])))


def _meaning_faults(chain: tuple[Event, ...]) -> tuple[str, ...]:
    """Return which cases have events that fit the chain and that this program would not have written."""
    cases: dict[tuple[str, str], list[Event]] = {}
    for event in acts(chain):
        cases.setdefault((event.case_id, event.run_id), []).append(event)
    faults = []
    for (case_id, run_id), events in cases.items():
        try:
            replay(events, run_id)
        except NOT_UNDERSTOOD:
            faults.append(f"expected events of {case_id[:40]} that can be understood, found others")
    return tuple(faults)


def _told(heads: list[Head]) -> list[str]:
    """Return what events are not there, and which file tells of them."""
    words = []
    named = [head for head in heads if head.hash]
    for head in named or heads:
        count = "" if head.events is None else f", the last of {head.events}"
        what = f"the event {head.hash[:12]}{count}, of which" if head.hash else "a record, of which"
        words.append(f"expected {what} {head.said_by} tells, found none")
    return list(dict.fromkeys(words))


def _unclear(path: Path) -> tuple[str, ...]:
    """Return whether the file beside a reader's file is there and cannot be understood."""
    if not head_path(path).exists() or read_head(path):
        return ()
    words = f"expected where the record ended in {head_path(path).name}, found something that cannot be read"
    return (f"{words}: remove it once it is explained",)


def _notes(uncovered: str, chain: tuple[Event, ...]) -> tuple[str, ...]:
    """Return what is no fault and must be known of a sound chain."""
    notes = []
    if uncovered:
        notes.append(f"written by an older version: no event covers {uncovered}, so a change of them is not noticed")
    backwards = [place for place in range(1, len(chain)) if chain[place].utc < chain[place - 1].utc]
    if backwards:
        words = f"the clock was put back before the event of {chain[backwards[0]].utc}"  # its number counts hidden ones
        notes.append(words + (f" and {len(backwards) - 1} more" if len(backwards) > 1 else ""))
    return tuple(notes)


def _bytes(path: Path) -> tuple[str, ...]:
    """Return whether a file that was closed has other bytes now, where that touched nothing that is recorded."""
    expected, found = read_head(path).get("sha256", ""), file_sha256(path)
    if not expected or not found or expected == found:
        return ()
    words = f"expected the file with the SHA-256 {expected[:12]} as it was closed, found {found[:12]}"
    return (f"{words}: the disk may be failing, or another program wrote to it",)
