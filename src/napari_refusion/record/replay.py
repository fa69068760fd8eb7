"""What the events of a case add up to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from types import MappingProxyType
from typing import Any

from napari_refusion.record.case import JUDGEMENTS, NO_LESIONS, RETROACTIVE, CaseReview, CaseVerdict, SliceReview
from napari_refusion.record.events import Event
from napari_refusion.record.lesions_said import LesionsSaid, after, highest_number, numbered_up_to
from napari_refusion.record.undoing import done_and_undone, locked_run, own_events, standing


def replay(events: Iterable[Event], run_id: str) -> CaseReview:
    """Return what one reader's events in a case, oldest first, add up to for one fusion.

    Events of other fusions say nothing here but of lesions, nor does anything after a ``lock``.
    """
    all_events = list(events)
    review = reduce(
        _after, (one for one in standing(own_events(all_events, run_id)) if one.kind != "lesion"), CaseReview()
    )
    return replace(review, lesions_said=_lesions_of(all_events, run_id))


def readings(events: Iterable[Event]) -> list[list[Event]]:
    """Return the events of each time that a reader read a case from the beginning; `replay` tells of the last one."""
    found: list[list[Event]] = [[]]
    for event in events:
        if event.kind == "again":
            found.append([])
        else:
            found[-1].append(event)
    return [one for one in found if one]


def judged_run(reading: Sequence[Event]) -> str:
    """Return the fusion that tells what a reader said in a reading, see `readings`: what was said of it stands.

    That is the one that was locked, else the one of the newest judgement that was not undone, else the one that was
    viewed last: to look at a case once more under another window takes no verdict back.
    """
    runs = {event.run_id for event in reading}
    kept = {event.event_id for one in runs for event in standing(own_events(reading, one))}
    judged = [event.run_id for event in reading if event.kind in JUDGEMENTS and event.event_id in kept]
    return locked_run(reading) or (judged[-1] if judged else reading[-1].run_id)


def before_others(events: Sequence[Event]) -> Sequence[Event]:
    """Return the events of a reading before others' words on the case were shown: those that are independent."""
    shown = [place for place, event in enumerate(events) if event.kind == "others"]
    return events[: shown[0]] if shown else events


def follow(review: CaseReview, event: Event) -> CaseReview:
    """Return a case after one more event of its fusion that is not one of `RETROACTIVE`: what `replay` would say.

    Those need all events, since what they take back is not in the state.
    """
    assert event.kind not in RETROACTIVE
    return review if review.is_locked else _after(review, event)


def stale_slices(events: Iterable[Event], run_id: str) -> dict[int, SliceReview]:
    """Return what was said of slices under another window, other weights or another grid, the newest word for each.

    Shown struck through beside what stands; slices without a verdict are left out. Index and millimetres are those of
    the fusion that was viewed then.
    """
    all_events = list(events)
    others = {event.run_id for event in all_events} - {run_id}
    reviews = {other: replay(all_events, other) for other in others}
    kept = {event.event_id for other in others for event in standing(own_events(all_events, other))}
    words = [event for event in all_events if event.kind == "slice" and event.event_id in kept]
    return {event.payload["index"]: reviews[event.run_id].slice(event.payload["index"]) for event in words}


def _lesions_of(events: Sequence[Event], run_id: str) -> LesionsSaid:
    """Return the list of lesions of a case, whatever it was fused to, as it stood when this fusion was locked."""
    known = _up_to_lock(events, run_id)
    kept = {
        event.event_id
        for one in {event.run_id for event in known}
        for event in done_and_undone(own_events(known, one))[0]
    }
    said = NO_LESIONS
    for event in (one for one in known if one.kind == "lesion"):
        if event.event_id in kept:
            said = after(said, event.payload)
        else:
            said = numbered_up_to(said, highest_number(event.payload))
    return said


def _up_to_lock(events: Sequence[Event], run_id: str) -> list[Event]:
    """Return a case's events since it was last begun from the beginning, of all fusions, until this one was locked."""
    known: list[Event] = []
    locked = False
    for event in events:
        if event.kind == "again":
            known.clear()
            locked = False
        elif not locked:
            known.append(event)
            locked = event.kind == "lock" and event.run_id == run_id
    return known


def _after(review: CaseReview, event: Event) -> CaseReview:
    """Return a case after one more event that counts."""
    said: Mapping[str, Any] = event.payload
    match event.kind:
        case "registration":
            return replace(review, registration=said["answer"], verdict=None)
        case "slice":
            change = {"verdict": said["verdict"], "reasons": tuple(said["reasons"])}
            return replace(_with_slice(review, said, **change), verdict=None)
        case "comment":
            return _with_slice(review, said, comment=said["text"])
        case "key":
            return _with_slice(review, said, is_key=said["is_key"], caption=said["caption"])
        case "seen":
            return _with_slice(review, said, seconds=review.slice(said["index"]).seconds + said["seconds"])
        case "lesion":
            return replace(review, lesions_said=after(review.lesions_said, said))
        case "verdict":
            verdict = CaseVerdict(said["value"], said["confidence"], said["comment"], event.utc)
            return replace(review, verdict=verdict)
        case "override":
            return replace(review, overrides=MappingProxyType({**review.overrides, said["check"]: said["reason"]}))
        case "open":
            return replace(review, two_patients=str(said.get("two_patients", "")))
        case "lock":
            return replace(review, is_locked=True)
        case "others" if not all(isinstance(name, str) for name in said["readers"]):
            raise ValueError("Readers are named by texts.")
        case _:
            return review


def _with_slice(review: CaseReview, said: Mapping[str, Any], **change: Any) -> CaseReview:  # noqa: ANN401
    """Return a case in which something more was said of a slice."""
    index = said["index"]
    changed = replace(review.slice(index), mm=said["mm"], **change)
    return replace(review, slices=MappingProxyType({**review.slices, index: changed}))
