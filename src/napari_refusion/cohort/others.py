"""What a reader may see of other readers' words on a case: an independent opinion comes first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_refusion.cohort.progress import CaseProgress, counts, project_progress
from napari_refusion.cohort.status import ReaderState, differ, may_open
from napari_refusion.record.case import CASE_VERDICTS

if TYPE_CHECKING:
    from napari_refusion.record.project import Project


def visible_others(project: Project, case: CaseProgress | None, reader: str) -> tuple[str, ...]:
    """Return whose verdict on a case a reader may see now; nobody's while that is closed.

    An adjudicator sees both readers at once, another adjudicator after the own verdict, as readers see each other.
    """
    if case is None:
        return ()
    own = case.readers.get(reader)
    is_rereading = own is not None and own.repeat is not None and own.repeat.verdict is None
    state = ReaderState(own.review) if own and not is_rereading else None
    deciding = project.adjudicators
    return tuple(
        name
        for name, other in case.readers.items()
        if name != reader
        and other.review.verdict
        and not may_open(name, state, reader in deciding and name not in deciding)
    )


def said_by_others(project: Project, case: CaseProgress | None, reader: str) -> list[str]:
    """Return what other readers said about a case and where they differ, in sentences; see `visible_others`."""
    names = visible_others(project, case, reader)
    if case is None or not names:
        return []
    given = {name: case.readers[name].review.verdict for name in names}
    found = [f"Reader {name}: {CASE_VERDICTS[verdict.value]}." for name, verdict in given.items() if verdict]
    readers = [one for one in case.readers.values() if one.reader not in project.adjudicators]
    if unsound := [name for name in case.unsound if counts(project, name)]:
        found.append(f"Whether the readers agree cannot be said: the record of {' and '.join(unsound)} is not sound.")
    elif len(readers) == 2 and all(one.review.verdict for one in readers):
        first, second = (ReaderState(one.review, one.run_id, one.axis, one.count) for one in readers)
        is_one = first.run_id == second.run_id
        found += differ(first, second) or [f"Both readers agree{'' if is_one else ' on the case'}."]
        found += [] if is_one else ["They viewed different fusions of it, so that their slices are not compared."]
    return found


def words_of_others(project: Project, case_id: str, reader: str) -> tuple[str, tuple[str, ...]]:
    """Return `said_by_others` about a case, read from their files now, a sentence in each line, and who they are."""
    case = project_progress(project).get(case_id)
    return "\n".join(said_by_others(project, case, reader)), visible_others(project, case, reader)
