"""One reader on several computers: what was done there is taken over, each event once, in one order on all of them.

An event of another computer is kept as it is within an event of kind ``merge`` with the payload ``{"event", "clock",
"place"}``: its time, or where the clock was put back, that of an event before it; and its number in its own file.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from napari_refusion.record.events import BOOKKEEPING, Event

Placed = tuple[str, int, Event]
"""An event with its clock and place, which never change, whatever is merged where."""


def acts(chain: Sequence[Event]) -> tuple[Event, ...]:
    """Return what a reader did, in order: by time, but never against the order in which one computer recorded it."""
    return tuple(event for _, _, event in sorted_acts(placed(chain)))


def sorted_acts(events: Iterable[Placed]) -> list[Placed]:
    """Return what a reader did among events, each once, in order."""
    once = {one[2].event_id: one for one in events if one[2].kind not in BOOKKEEPING}
    return sorted(once.values(), key=lambda one: (one[0], one[1], one[2].event_id))


def placed(chain: Iterable[Event]) -> Iterator[Placed]:
    """Yield the events of a chain and those of other computers that are within it."""
    clock = ""
    for place, event in enumerate(chain):
        clock = max(clock, event.utc)
        yield clock, place, event
        if event.kind == "merge":
            yield unwrapped(event)


def unwrapped(event: Event) -> Placed:
    """Return the event of another computer that a ``merge`` event holds."""
    return event.payload["clock"], event.payload["place"], Event(**event.payload["event"])


def wrapped(one: Placed) -> dict[str, Any]:
    """Return the payload of the event that holds an event of another computer."""
    clock, place, event = one
    return {"event": asdict(event), "clock": clock, "place": place}


def news(chain: Sequence[Event], other: Sequence[Event]) -> list[Placed]:
    """Return what another chain of the same reader holds beyond this one, in order; what holds others is taken apart.

    Book-keeping comes, too: exported copies name the hashes of such events.
    """
    known = {event.event_id for _, _, event in placed(chain)}
    return [one for one in placed(other) if one[2].event_id not in known and one[2].kind != "merge"]
