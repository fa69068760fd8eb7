"""The worklist as one reader has it: the cases in that reader's order, how far each is, and which is next."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Self

from napari_refusion.cohort.pace import Pace, pace
from napari_refusion.cohort.progress import CaseProgress, ReaderProgress, as_repeat, by_place, project_progress
from napari_refusion.cohort.repeats import with_repeats
from napari_refusion.cohort.work_case import UNREAD
from napari_refusion.cohort.worklist import list_cases, next_case, shuffled
from napari_refusion.io.given_path import given_path
from napari_refusion.record.names import check_reader
from napari_refusion.record.places import place_mark, row_mark
from napari_refusion.record.project_folder import open_project
from napari_refusion.record.project_settings import SETTINGS
from napari_refusion.record.roster import check_spelling
from napari_refusion.volume.finding import Finding

if TYPE_CHECKING:
    from napari_refusion.cohort.work_case import WorkCase
    from napari_refusion.io.given_path import GivenPath
    from napari_refusion.record.project import Project

_NAMED: Final = 4
"""Cases that a sentence lists."""


@dataclass(frozen=True, slots=True)
class ReaderList:
    """A worklist at one moment."""

    project: Project
    reader: str
    cases: tuple[WorkCase, ...]
    """In the order in which they are shown and opened."""
    left_out: tuple[Finding, ...]
    """What is no case and why, see `Worklist.findings`."""
    marks: Mapping[str, str]
    """Label of a case -> the mark of its place, see `record.places`."""
    progress: Mapping[str, CaseProgress]
    """By such marks."""
    is_ranked: bool = False
    """Whether the order is that of the list itself, the same for every reader, see `Worklist.is_ranked`."""
    stopped: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Label of a case that could not be shown when it was opened -> in two words why, until the list is read again."""
    is_new: bool = False
    """Whether the project was made for this list: in the folder that was written there was none."""

    @classmethod
    def read(cls, cases: GivenPath, folder: GivenPath, reader: str, *, create: bool = True) -> Self:
        """Return the list of a reader.

        Parameters
        ----------
        cases
            See `worklist.list_cases`.
        folder
            Of the project.
        create
            Whether it is made if it is not there yet.

        Raises
        ------
        RefusedError
            For a reader name that is none, see `roster.check_spelling` and `open_project`.
        """
        check_reader(reader)
        is_new = not os.path.lexists(given_path(folder) / SETTINGS)  # False also where it cannot be looked for
        project = open_project(folder, create=create)
        check_spelling(project.folder, reader)
        found = list_cases(cases)
        order = found.cases if found.is_ranked else shuffled(found.cases, project.seed, reader)
        ordered = with_repeats(order, project.repeats, project.seed, reader)
        marks = _marks(project, ordered)
        known = _progress(project)
        return cls(project, reader, ordered, found.findings, marks, known, found.is_ranked, is_new=is_new)

    def again(self) -> Self:
        """Return the same cases with what was said about them meanwhile."""
        return replace(self, progress=_progress(self.project))

    def after_opening(self, label: str, why_not: str = "") -> Self:
        """Return the list after a case was opened; `why_not`, in two words, where it could not be shown."""
        others = {one: why for one, why in self.stopped.items() if one != label}
        return replace(self, stopped=MappingProxyType({**others, label: why_not} if why_not else others))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Return what was left out, and which cases are the same one as far as they were opened, the level ``warn``."""
        return (*self.left_out, *(_as_one(labels) for labels in self._same_images()))

    def labels_of(self, case_id: str) -> tuple[str, ...]:
        """Return what a case is called that was opened before; several labels where it is listed more than once."""
        return tuple(
            case.label
            for case in self.cases
            if not case.is_repeat and (known := self.progress.get(self.marks[case.label])) and known.case_id == case_id
        )

    def _same_images(self) -> list[list[str]]:
        """Return labels of cases that share one record, each group in the order of the list; no hidden repeats."""
        found: dict[str, list[str]] = {}
        for case in self.cases:
            if not case.is_repeat:
                mark = self.marks[case.label]
                known = self.progress.get(mark)
                found.setdefault(known.case_id if known is not None else mark, []).append(case.label)
        return [labels for labels in found.values() if len(labels) > 1]

    def case_progress(self, case: WorkCase) -> CaseProgress | None:
        """Return how far a case is, None for one that nobody opened."""
        found = self.progress.get(self.marks[case.label])
        return as_repeat(self.project, found, self.reader) if found is not None and case.is_repeat else found

    def own(self, case: WorkCase) -> ReaderProgress | None:
        """Return what this reader said about a case, None for nothing."""
        progress = self.case_progress(case)
        return progress.readers.get(self.reader) if progress is not None else None

    def status(self, case: WorkCase) -> str:
        """Return how far a case is, see `status.case_status`, or why it cannot be shown to this reader."""
        progress = self.case_progress(case)
        if case.label in self.stopped and not self.is_read(case):
            return self.stopped[case.label]
        return progress.status if progress is not None else "new"

    def is_read(self, case: WorkCase) -> bool:
        """Return whether this reader gave a verdict on a case."""
        own = self.own(case)
        return own is not None and own.review.verdict is not None

    def shown(self, statuses: Collection[str] = ()) -> tuple[WorkCase, ...]:
        """Return the cases of some statuses, or `UNREAD`, in the order of the list; all of them for none."""
        return tuple(case for case in self.cases if not statuses or not self._states(case).isdisjoint(statuses))

    def _states(self, case: WorkCase) -> set[str]:
        return {self.status(case)} if self.is_read(case) else {self.status(case), UNREAD}

    def following(self, current: str = "", statuses: Collection[str] = ()) -> WorkCase | None:
        """Return the case to be opened after the current one among those of some statuses, see `worklist.next_case`.

        None of those that could not be shown: they would come again without end.
        """
        wanted = {case.label for case in self.shown(statuses) if case.label not in self.stopped}
        passed = {case.label for case in self.cases if case.label not in wanted or self.is_read(case)}
        return next_case(self.cases, passed, current)

    def paces(self) -> Sequence[Pace]:
        """Return the pace of this reader in every case with a verdict."""
        return [pace(own.review) for case in self.cases if (own := self.own(case)) and own.review.verdict is not None]

    @property
    def unsound(self) -> list[str]:
        """Return readers whose records are not sound."""
        return sorted({name for one in self.progress.values() for name in one.unsound})


def _progress(project: Project) -> Mapping[str, CaseProgress]:
    return by_place(project_progress(project).values())


def _marks(project: Project, cases: Iterable[WorkCase]) -> Mapping[str, str]:
    """Return the mark of every case: by its place, and by what is asked for there where several lie in one place."""
    places = {case.label: place_mark(project, (case.first, case.second)) for case in cases}
    rows = {case.label: row_mark(project, case.asked) for case in cases}
    there: dict[str, set[str]] = {}
    for label, place in places.items():
        there.setdefault(place, set()).add(rows[label])
    return {label: place if len(there[place]) == 1 else rows[label] for label, place in places.items()}


def _as_one(labels: Sequence[str]) -> Finding:
    named = f"{', '.join(labels[:-1])} and {labels[-1]}" if len(labels) <= _NAMED else f"{len(labels)} cases"
    more = "" if len(labels) <= _NAMED else f" ({', '.join(labels[:_NAMED])} ...)"
    sentence = f"Keep one of them: {named}{more} hold the same images, so that what is said of one counts for all."
    return Finding("warn", "worklist", sentence, str(len(labels)))
