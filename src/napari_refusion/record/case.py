"""The state of a case: what its events add up to.

Payloads by kind of event:

- ``seen``: ``{"axis", "index", "mm", "seconds"}``, seconds as long as the slice was on the screen
- ``registration``: ``{"answer"}``, one of `REGISTRATION`
- ``slice``: ``{"axis", "index", "mm", "verdict", "reasons"}``, verdict one of `SLICE_VERDICTS`, reasons of `REASONS`
- ``key``: ``{"axis", "index", "mm", "is_key", "caption"}``
- ``comment``: ``{"axis", "index", "mm", "text"}``
- ``lesion``: ``{"action", "marks", "lesions"}``, action ``add``, ``change`` or ``remove``, a mark for each lesion, and
  the lesions as `lesion.written.to_json` has them, nothing for ``remove``; see `lesions_said`. The list is one of the
  case: what was said of it under another window or other weights holds.
- ``verdict``: ``{"value", "confidence", "comment", "seconds", "lights"}``, value one of `CASE_VERDICTS`, confidence 0
  to 4, lights the colour of each check when it was given
- ``override``: ``{"check", "reason"}``, check the name of a check
- ``open``: free, with ``{"two_patients"}`` where the sources are of two patients: why they were paired, as it was typed
- ``others``: ``{"readers"}``, whose words on the case were shown
- ``again``: ``{}``, the case is read once more; what was said before is another reading, see `readings`
- ``undo``, ``redo``: ``{}``; ``export``, ``lock``: free
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from types import MappingProxyType
from typing import Any, Final

from napari_refusion.lesion.lesions import Lesions
from napari_refusion.record.events import Event
from napari_refusion.record.lesions_said import LesionsSaid, after, highest_number, numbered_up_to

REGISTRATION: Final[Mapping[str, str]] = MappingProxyType(
    {
        "aligned": "aligned within a voxel",
        "slight": "slightly off",
        "unacceptable": "unacceptable",
        "cannot_judge": "cannot be judged",
    }
)
"""Answers to how well the sources are aligned -> in words."""

SLICE_VERDICTS: Final = ("accept", "flag", "reject")

REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "misregistration": "misregistration",
        "uptake_lost": "uptake lost or hidden",
        "invented": "invented structure",
        "saturation": "saturation",
        "step": "flicker or step between slices",
        "source_artefact": "motion or artefact in a source",
        "wrong_side": "wrong side or orientation",
        "other": "other (see the comment)",
    }
)
"""Reasons to flag or reject, in the order of the keys 1 to 8 -> in words."""

CASE_VERDICTS: Final[Mapping[str, str]] = MappingProxyType(
    {"usable": "usable", "usable_with_flags": "usable with flags", "not_usable": "not usable"}
)
"""Verdicts on a case -> in words."""

UNDOABLE: Final = frozenset({"registration", "slice", "key", "comment", "lesion", "verdict", "override"})
"""Kinds of events that `undo` takes back; having seen, opened, exported or locked cannot be taken back."""

RETROACTIVE: Final = frozenset({"undo", "redo", "again"})
"""Kinds of events that change what the events before them add up to."""

NOT_UNDERSTOOD: Final = (KeyError, TypeError, ValueError, AttributeError)
"""What `replay` raises for events that this program would not have written."""


NO_LESIONS: Final = LesionsSaid()


@dataclass(frozen=True, slots=True)
class SliceReview:
    """What was said about one slice."""

    mm: float = 0.0
    """Place along the direction of the slices, in RAS+ mm."""
    seconds: float = 0.0
    """How long it was on the screen; 0 for never."""
    verdict: str = ""
    """One of `SLICE_VERDICTS`, or empty."""
    reasons: tuple[str, ...] = ()
    comment: str = ""
    is_key: bool = False
    caption: str = ""
    """Of the key image."""

    @property
    def state(self) -> str:
        """Return ``unseen``, ``seen``, or the verdict."""
        return self.verdict or ("seen" if self.seconds > 0 else "unseen")


@dataclass(frozen=True, slots=True)
class CaseVerdict:
    """What was said about the whole case."""

    value: str
    """One of `CASE_VERDICTS`."""
    confidence: float
    """0 (none) to 4 (full)."""
    comment: str
    utc: str


@dataclass(frozen=True, slots=True)
class CaseReview:
    """What one reader said about one fusion of a case."""

    registration: str = ""
    """One of `REGISTRATION`, or empty."""
    slices: Mapping[int, SliceReview] = field(default_factory=lambda: MappingProxyType({}))
    """Index along the direction of the fusion -> what was said; slices without an event are missing."""
    verdict: CaseVerdict | None = None
    """None also when the registration or a slice was judged after it."""
    overrides: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Name of a failed check -> why it was overridden."""
    two_patients: str = ""
    """Why the sources were paired although their files name two patients; empty where they do not."""
    is_locked: bool = False
    lesions_said: LesionsSaid = NO_LESIONS
    """The list of lesions, and what tells each of them from others."""

    @property
    def lesions(self) -> Lesions:
        """Return the list of lesions, that of the case: fused otherwise, it is the same."""
        return self.lesions_said.lesions

    def slice(self, index: int) -> SliceReview:
        """Return what was said about a slice."""
        return self.slices.get(index, SliceReview())

    @property
    def seconds(self) -> float:
        """Return how long slices of the case were on the screen."""
        return sum(one.seconds for one in self.slices.values())


def replay(events: Iterable[Event], run_id: str) -> CaseReview:
    """Return what one reader's events in a case, oldest first, add up to for one fusion.

    Events of other fusions say nothing here but of lesions, nor does anything after a ``lock``.
    """
    all_events = list(events)
    review = reduce(_after, (one for one in _standing(_own(all_events, run_id)) if one.kind != "lesion"), CaseReview())
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
    kept = {event.event_id for other in others for event in _standing(_own(all_events, other))}
    words = [event for event in all_events if event.kind == "slice" and event.event_id in kept]
    return {event.payload["index"]: reviews[event.run_id].slice(event.payload["index"]) for event in words}


def can_undo(events: Sequence[Event], run_id: str) -> bool:
    """Return whether there is anything to take back."""
    return to_undo(events, run_id) is not None


def can_redo(events: Sequence[Event], run_id: str) -> bool:
    """Return whether something that was taken back can be said again."""
    return to_redo(events, run_id) is not None


def to_undo(events: Sequence[Event], run_id: str) -> Event | None:
    """Return what an ``undo`` would take back; None where there is nothing, or the fusion is locked."""
    own = _own(events, run_id)
    return None if _is_locked(own) else next(iter(_split(own)[0][-1:]), None)


def to_redo(events: Sequence[Event], run_id: str) -> Event | None:
    """Return what a ``redo`` would say again; None where there is nothing, or the fusion is locked."""
    own = _own(events, run_id)
    return None if _is_locked(own) else next(iter(_split(own)[1][-1:]), None)


def _own(events: Iterable[Event], run_id: str) -> list[Event]:
    """Return the events of a fusion since the case was last begun from the beginning, up to the one that locked it."""
    own: list[Event] = []
    for event in events:
        if event.kind == "again":
            own.clear()
        elif event.run_id == run_id and not _is_locked(own):
            own.append(event)
    return own


def _lesions_of(events: Sequence[Event], run_id: str) -> LesionsSaid:
    """Return the list of lesions of a case, whatever it was fused to, as it stood when this fusion was locked."""
    known = _up_to_lock(events, run_id)
    kept = {event.event_id for one in {event.run_id for event in known} for event in _split(_own(known, one))[0]}
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


def _is_locked(own: Sequence[Event]) -> bool:
    return bool(own) and own[-1].kind == "lock"


def _standing(events: Sequence[Event]) -> list[Event]:
    """Return the events that count: without those that were undone."""
    kept = {event.event_id for event in _split(events)[0]}
    return [event for event in events if event.kind not in UNDOABLE or event.event_id in kept]


def _split(events: Sequence[Event]) -> tuple[list[Event], list[Event]]:
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
