"""Whether what a file says about itself in its events can be understood: someone else may have computed the chain."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from napari_refusion.record.events import BOOKKEEPING, Event, digest
from napari_refusion.record.merging import unwrapped
from napari_refusion.record.names import is_reader
from napari_refusion.record.schema import TABLES


def first_unclear(events: Iterable[Event]) -> int | None:
    """Return the place of the first event that cannot be understood, None for none.

    Only `BOOKKEEPING` is looked at; `replay.replay` finds what else cannot be understood.
    """
    for place, event in enumerate(events):
        if event.kind in BOOKKEEPING and not is_clear(event, place):
            return place
    return None


def is_clear(event: Event, place: int) -> bool:
    """Return whether an event of `BOOKKEEPING` at a place of a chain can be understood."""
    try:
        return _CLEAR[event.kind](event, place)
    except (KeyError, TypeError, ValueError, AttributeError):
        return False


def _born(event: Event, place: int) -> bool:
    meta = event.payload["meta"]
    names = {"schema_version", "reader", "tool_version"}
    return place == 0 and meta.keys() == names and _are_texts(meta.values())


def _record(event: Event, _: int) -> bool:
    said = event.payload
    return said["table"] in TABLES and _are_texts([said["key"], said["sha256"]])


def _recover(event: Event, _: int) -> bool:
    lost = event.payload["lost"]
    return isinstance(event.payload["kept"], int) and all(len(one) == 2 and _are_texts(one) for one in lost)


def _sign(event: Event, _: int) -> bool:
    return _are_texts([event.payload["key"], event.payload["signature"]])


def _merge(event: Event, _: int) -> bool:
    clock, place, other = unwrapped(event)
    is_placed = isinstance(clock, str) and isinstance(place, int)
    texts = [value for name in other.__slots__ if name != "payload" for value in [getattr(other, name)]]
    return (
        is_placed
        and _are_texts(texts)
        and isinstance(other.payload, dict)
        and other.hash == digest(other)
        and (other.case_id, other.reader) == (event.case_id, event.reader)
        and (other.kind not in BOOKKEEPING or (other.kind != "merge" and is_clear(other, place)))
    )


def _readers(event: Event, _: int) -> bool:
    said = event.payload["readers"]
    return all(map(is_reader, said)) and _are_texts(said.values())


def _files(event: Event, _: int) -> bool:
    return _are_texts(event.payload["files"].values())


def _are_texts(values: Iterable[object]) -> bool:
    return all(isinstance(value, str) for value in values)


_CLEAR: Final[Mapping[str, Callable[[Event, int], bool]]] = {
    "born": _born,
    "record": _record,
    "recover": _recover,
    "sign": _sign,
    "merge": _merge,
    "readers": _readers,
    "files": _files,
}
"""Kind of event -> whether one can be understood."""
