"""How far a project is: what every reader said about every case, read from the readers' files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from napari_refusion.cohort.agreement import Agreement, agreement
from napari_refusion.cohort.status import ReaderState, case_status
from napari_refusion.record.case import NOT_UNDERSTOOD, CaseReview
from napari_refusion.record.places import CasePlaces
from napari_refusion.record.replay import before_others, judged_run, readings, replay
from napari_refusion.record.store import Store
from napari_refusion.record.verify import Verified, verify_project
from napari_refusion.volume.affine import AXES

if TYPE_CHECKING:
    from napari_refusion.record.project import Project


@dataclass(frozen=True, slots=True)
class ReaderProgress:
    """What one reader said about one case, in the fusion that the reader judged last when reading it first."""

    reader: str
    review: CaseReview
    independent: CaseReview
    """What of it was said before others' words on the case were shown."""
    repeat: CaseReview | None
    """What was said when the case came again, see `repeats`; None where it did not."""
    independent_repeat: CaseReview | None
    """What of it was said before others' words were shown once more."""
    repeat_run_id: str
    """Which fusion was judged then, see `replay.judged_run`; empty for none."""
    run_id: str
    touched: str
    """When the reader did something last in that reading, UTC."""
    warned: int
    """Number of slices with a warning of an indicator."""
    check_outcomes: Mapping[str, str]
    """Check -> colour when the verdict was given; empty before."""
    axis: str = ""
    """Direction of the slices of that fusion; empty where it is not known."""
    count: int = 0
    """Of those slices."""
    repeat_touched: str = ""
    """When the reader did something last when the case came again, UTC; empty where it did not."""

    @property
    def last(self) -> str:
        """Return when the reader did something last in either reading, UTC."""
        return max(self.touched, self.repeat_touched)

    @property
    def verdict_before(self) -> str:
        """Return the verdict before others' words were shown, where it is another one now or none; else empty."""
        before, now = self.independent.verdict, self.review.verdict
        return before.value if before and (now is None or before.value != now.value) else ""


@dataclass(frozen=True, slots=True)
class CaseProgress:
    """A case and what its readers said."""

    case_id: str
    words: str
    """The pair, as ``PET + MRI``."""
    places: tuple[CasePlaces, ...]
    """Where each reader found it."""
    readers: Mapping[str, ReaderProgress]
    """By the reader's name."""
    status: str
    """See `status.case_status`."""
    unsound: tuple[str, ...] = ()
    """Readers of whom this says what can be read, while their records are not sound."""


def project_progress(project: Project, verified: Sequence[Verified] | None = None) -> dict[str, CaseProgress]:
    """Return every case of a project that a reader opened, by its identity; files are only read.

    Of a record that is not sound it tells what can be read and trusted, and no case that this reader may have read is
    called agreed, or decided in another way.

    Parameters
    ----------
    verified
        What `verify_project` found; None to verify the project now.
    """
    found: dict[str, dict[str, ReaderProgress]] = {}
    records: dict[str, list[dict[str, Any]]] = {}
    checked = verify_project(project) if verified is None else verified
    for one in checked:
        if one.state not in ("missing", "unchecked"):
            _read(project, one.reader, found, records)
    unsound = tuple(one.reader for one in checked if not one.is_sound)
    return {
        case_id: CaseProgress(
            case_id,
            next((str(one.get("words", "")) for one in records.get(case_id, [])), ""),
            tuple(CasePlaces.read(one) for one in records.get(case_id, [])),
            MappingProxyType(readers),
            _status(project, readers, unsound),
            unsound,
        )
        for case_id, readers in found.items()
    }


def _read(
    project: Project, reader: str, found: dict[str, dict[str, ReaderProgress]], records: dict[str, list[dict[str, Any]]]
) -> None:
    """Add what one reader said of every case, and what each case is."""
    with Store.open(project.folder, reader, read_only=True) as store:
        for case_id, record in store.rows.cases().items():
            records.setdefault(case_id, []).append(record)
        for case_id in dict.fromkeys([*store.rows.cases(), *(event.case_id for event in store.all_events())]):
            with suppress(*NOT_UNDERSTOOD):  # `verify_project` tells
                if (one := _progress(store, case_id)) is not None:
                    found.setdefault(case_id, {})[reader] = one


def by_place(progress: Iterable[CaseProgress]) -> dict[str, CaseProgress]:
    """Return which case lies in a place, by the marks of `CasePlaces`.

    Of several it is the one that was found there last, before those that were found elsewhere since.
    """
    ordered = sorted(progress, key=lambda case: max((one.last for one in case.readers.values()), default=""))
    earlier = {mark: case for case in ordered for place in case.places for mark in place.earlier}
    return earlier | {mark: case for case in ordered for place in case.places for mark in place.marks}


def as_repeat(project: Project, case: CaseProgress, reader: str) -> CaseProgress:
    """Return a case as a reader sees it who gets it a second time: as any other, with what was said then for the first.

    How far others are with it decides its status as that of all cases: a case that nobody else seems to have read,
    among those that they have, would be known as a repeat.
    """
    readers = {name: one for name, one in case.readers.items() if name != reader}
    own = case.readers.get(reader)
    if own is not None and own.repeat is not None:
        again = replace(own, review=own.repeat, run_id=own.repeat_run_id, touched=own.repeat_touched)
        readers[reader] = again
    return replace(case, readers=readers, status=_status(project, readers, case.unsound))


def readers_agreement(project: Project, progress: Iterable[CaseProgress]) -> tuple[Agreement, tuple[str, str]] | None:
    """Return how the project's two readers agree, and who they are; None where no case was read by both.

    What counts is what each said before the other's words were shown: later words are no second opinion. Cases that
    they read under different windows or weights are left out: their slices are not the same. There is no agreement
    as long as a record that counts is not sound.
    """
    all_cases = list(progress)
    cases = [case.readers for case in all_cases]
    names = _pair_of_readers(project, {name for readers in cases for name in readers})
    if names is None or any(counts(project, name) for case in all_cases for name in case.unsound):
        return None
    both = [(one[names[0]], one[names[1]]) for one in cases if names[0] in one and names[1] in one]
    same = [(first.independent, second.independent) for first, second in both if first.run_id == second.run_id]
    read = [(first, second) for first, second in same if first.verdict and second.verdict]
    changed = (
        sum(bool(first.verdict_before) for first, _ in both),
        sum(bool(second.verdict_before) for _, second in both),
    )
    return (agreement(read, project.seed, changed), names) if read else None


def repeated_agreement(project: Project, progress: Iterable[CaseProgress]) -> dict[str, Agreement]:
    """Return how each reader agrees with the own first reading over the cases that came again; others are missing."""
    pairs: dict[str, list[tuple[CaseReview, CaseReview]]] = {}
    for case in progress:
        for name, one in case.readers.items():
            is_sound = name not in case.unsound and one.run_id == one.repeat_run_id
            again = one.independent_repeat
            if is_sound and one.independent.verdict and again and again.verdict:
                pairs.setdefault(name, []).append((one.independent, again))
    return {name: agreement(both, project.seed) for name, both in sorted(pairs.items())}


def _progress(store: Store, case_id: str) -> ReaderProgress | None:
    """Return what a reader said about a case, None where nothing was."""
    parts = readings(store.events(case_id))
    if not parts:
        return None
    events, run_id = parts[0], judged_run(parts[0])
    again = parts[1] if len(parts) > 1 else []
    run_again = judged_run(again) if again else ""
    verdicts = [event for event in events if event.run_id == run_id and event.kind == "verdict"]
    examination = store.rows.examination(run_id) or {}
    check_outcomes = verdicts[-1].payload.get("lights", {}) if verdicts else {}
    return ReaderProgress(
        store.reader,
        replay(events, run_id),
        replay(before_others(events), run_id),
        replay(again, run_again) if again else None,
        replay(before_others(again), run_again) if again else None,
        run_again,
        run_id,
        parts[0][-1].utc,
        len(examination.get("flagged", {})),
        MappingProxyType(dict(check_outcomes)),
        *_slices(store.rows.run(run_id)),
        again[-1].utc if again else "",
    )


def _slices(run: Mapping[str, Any]) -> tuple[str, int]:
    """Return the direction of a fusion's slices and how many there are."""
    axis = str(run.get("axis", ""))
    return (axis, int(run["grid"][AXES[axis]])) if axis in AXES else ("", 0)


def _pair_of_readers(project: Project, seen: Iterable[str]) -> tuple[str, str] | None:
    """Return the two readers of a project: those that it names, or the only two there are."""
    named = [project.readers[role] for role in ("first", "second") if role in project.readers]
    others = [name for name in sorted(seen) if name not in project.readers.values()]
    readers = [*named, *others][:2] if len(named) == 2 or len(named) + len(others) == 2 else []
    return (readers[0], readers[1]) if len(readers) == 2 else None


def counts(project: Project, reader: str) -> bool:
    """Return whether what a reader says decides about cases: all do where the project names none."""
    return not project.readers or reader in project.readers.values()


def _status(project: Project, readers: Mapping[str, ReaderProgress], unsound: Sequence[str] = ()) -> str:
    """Return how far a case is; what is decided by a record that is not sound is not decided."""
    found = _said_status(project, readers)
    is_open = found in ("new", "in review")
    return found if is_open or not any(counts(project, name) for name in unsound) else "not verified"


def _said_status(project: Project, readers: Mapping[str, ReaderProgress]) -> str:
    states = {name: ReaderState(one.review, one.run_id) for name, one in readers.items()}
    roles = [project.readers[role] for role in ("first", "second") if role in project.readers]
    names = roles or [name for name in sorted(states) if name not in project.adjudicators]
    ordered = [states.get(name, ReaderState(CaseReview())) for name in names]
    deciding = [states.get(name, ReaderState(CaseReview())) for name in project.adjudicators]
    first, second, adjudicator, other = (one for some in (ordered, deciding) for one in (*some[:2], None, None)[:2])
    return case_status(first, second, adjudicator, other, more=ordered[2:])
