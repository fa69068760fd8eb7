"""The events of several readers, or of several copies of one reader's file, in one order."""

from collections.abc import Iterable

from napari_refusion.record.events import Event
from napari_refusion.record.store import Store
from napari_refusion.volume.finding import RefusedError, blocking, refuse


def united(stores: Iterable[Store]) -> tuple[Event, ...]:
    """Return the events of several stores, each once, in the order of their times, of their readers, of their places.

    A reader's own order stays, also where the clock was put back meanwhile: an event counts as no older than those
    before it.

    Raises
    ------
    RefusedError
        If a store has a blocking finding, or if two stores hold different events under one identity.
    """
    found: dict[str, tuple[tuple[str, str, int], Event]] = {}
    for store in stores:
        if blocking(store.findings):
            raise RefusedError(store.findings)
        newest = ""
        for place, event in enumerate(store.all_events()):
            newest = max(newest, event.utc)
            _, known = found.setdefault(event.event_id, ((newest, event.reader, place), event))
            if known != event:
                sentence = f"An event of {event.reader} differs between two files: {event.event_id}. One was altered."
                raise refuse("altered review", sentence, event.event_id)
    return tuple(event for _, event in sorted(found.values(), key=lambda entry: entry[0]))
