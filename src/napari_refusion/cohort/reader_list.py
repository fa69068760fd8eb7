"""The worklist as one reader has it: the cases in that reader's order, how far each is, and which is next."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from napari_refusion.cohort.pace import Pace, pace
from napari_refusion.cohort.progress import CaseProgress, ReaderProgress, as_repeat, project_progress
from napari_refusion.cohort.repeats import with_repeats
from napari_refusion.cohort.worklist import list_cases, next_case, shuffled
from napari_refusion.record.names import check_reader
from napari_refusion.record.project import Project, place_mark
from napari_refusion.record.project_folder import open_project

if TYPE_CHECKING:
    from pathlib import Path

    from napari_refusion.cohort.work_case import WorkCase
    from napari_refusion.volume.finding import Finding


@dataclass(frozen=True, slots=True)
class ReaderList:
    """A worklist at one moment."""

    project: Project
    reader: str
    cases: tuple[WorkCase, ...]
    """In the order in which they are shown and opened."""
    findings: tuple[Finding, ...]
    """What was left out and why, see `Worklist.findings`."""
    progress: Mapping[str, CaseProgress]
    """By place, see `project.place_mark`."""
    is_ranked: bool = False
    """Whether the order is that of the list itself, the same for every reader, see `Worklist.is_ranked`."""

    @classmethod
    def read(cls, cases: Path, folder: Path, reader: str) -> Self:
        """Return the list of a reader.

        Parameters
        ----------
        cases
            See `worklist.list_cases`.
        folder
            Of the project, made if it is not there yet.

        Raises
        ------
        RefusedError
            For a reader name that is none, and see `open_project`.
        """
        check_reader(reader)
        project = open_project(folder)
        found = list_cases(cases)
        order = found.cases if found.is_ranked else shuffled(found.cases, project.seed, reader)
        ordered = with_repeats(order, project.repeats, project.seed, reader)
        return cls(project, reader, ordered, found.findings, _progress(project), found.is_ranked)

    def again(self) -> Self:
        """Return the same cases with what was said about them meanwhile."""
        return replace(self, progress=_progress(self.project))

    def case_progress(self, case: WorkCase) -> CaseProgress | None:
        """Return how far a case is, None for one that nobody opened."""
        found = self.progress.get(place_mark(self.project, (case.first, case.second)))
        return as_repeat(found, self.reader) if found is not None and case.is_repeat else found

    def own(self, case: WorkCase) -> ReaderProgress | None:
        """Return what this reader said about a case, None for nothing."""
        progress = self.case_progress(case)
        return progress.readers.get(self.reader) if progress is not None else None

    def status(self, case: WorkCase) -> str:
        """Return how far a case is, see `status.case_status`."""
        progress = self.case_progress(case)
        return progress.status if progress is not None else "new"

    def is_read(self, case: WorkCase) -> bool:
        """Return whether this reader gave a verdict on a case."""
        own = self.own(case)
        return own is not None and own.review.verdict is not None

    def shown(self, statuses: Collection[str] = ()) -> tuple[WorkCase, ...]:
        """Return the cases of some statuses in the order of the list; all of them for none."""
        return tuple(case for case in self.cases if not statuses or self.status(case) in statuses)

    def following(self, current: str = "", statuses: Collection[str] = ()) -> WorkCase | None:
        """Return the case to be opened after the current one among those of some statuses, see `worklist.next_case`."""
        wanted = {case.label for case in self.shown(statuses)}
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
    return {place: one for one in project_progress(project).values() for place in one.places}
