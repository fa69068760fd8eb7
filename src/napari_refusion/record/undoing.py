"""Which events of a fusion stand, and what an undo or a redo is about."""

from collections.abc import Iterable, Sequence

from napari_refusion.record.case import UNDOABLE
from napari_refusion.record.events import Event


def to_undo(events: Sequence[Event], run_id: str) -> Event | None:
    """Return what an ``undo`` would take back; None where there is nothing, or the fusion is locked."""
    own = own_events(events, run_id)
    return None if is_locked(own) else next(iter(done_and_undone(own)[0][-1:]), None)


def to_redo(events: Sequence[Event], run_id: str) -> Event | None:
    """Return what a ``redo`` would say again; None where there is nothing, or the fusion is locked."""
    own = own_events(events, run_id)
    return None if is_locked(own) else next(iter(done_and_undone(own)[1][-1:]), None)


def own_events(events: Iterable[Event], run_id: str) -> list[Event]:
    """Return the events of a fusion since the case was last begun from the beginning, up to the one that locked it."""
    own: list[Event] = []
    for event in events:
        if event.kind == "again":
            own.clear()
        elif event.run_id == run_id and not is_locked(own):
            own.append(event)
    return own


def is_locked(own: Sequence[Event]) -> bool:
    """Return whether the last of a fusion's events locked it."""
    return bool(own) and own[-1].kind == "lock"


def locked_run(events: Iterable[Event]) -> str:
    """Return the fusion that a case was locked with since it was last begun from the beginning; empty for none.

    It stays the first one: whatever is locked under other windows later, the case was closed for good by then.
    """
    found = ""
    for event in events:
        if event.kind == "again":
            found = ""
        elif event.kind == "lock":
            found = found or event.run_id
    return found


def standing(events: Sequence[Event]) -> list[Event]:
    """Return the events that count: without those that were undone."""
    kept = {event.event_id for event in done_and_undone(events)[0]}
    return [event for event in events if event.kind not in UNDOABLE or event.event_id in kept]


def done_and_undone(events: Sequence[Event]) -> tuple[list[Event], list[Event]]:
    """Return the undoable events that stand, and those that were undone and can be redone, the next one last."""
    done: list[Event] = []
    undone: list[Event] = []
    for event in events:
        if event.kind == "undo" and done:
            undone.append(done.pop())
        elif event.kind == "redo" and undone:
            done.append(undone.pop())
        elif event.kind in UNDOABLE:
            done.append(event)
            undone.clear()
    return done, undone
