"""The summary of a project: all cases, how its readers agree, and whether their records can be relied upon."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from napari_refusion.cohort.agreement_words import COLUMNS, agreement_rows, agreement_words, repeat_rows, repeat_words
from napari_refusion.cohort.progress import (
    CaseProgress,
    counts,
    project_progress,
    readers_agreement,
    repeated_agreement,
)
from napari_refusion.record.project import ROLES
from napari_refusion.record.verify import Verified, verify_project
from napari_refusion.report.summary import CohortRow, RecordRow, write_cohort, write_rows, write_table

if TYPE_CHECKING:
    from napari_refusion.record.case import CaseVerdict
    from napari_refusion.record.project import Project


def cohort_rows(project: Project, progress: Iterable[CaseProgress]) -> list[CohortRow]:
    """Return the cases as the summary shows them; of several readers the first one's slices and times.

    The verdict is that of who decided the case; there is none while readers differ.
    """
    return [_row(project, case) for case in progress if case.readers]


def _new_page(project: Project) -> Path:
    """Return a name for a page that is not there yet, nor its tables."""
    name = f"summary_{datetime.now(UTC):%Y%m%dT%H%M%S}"
    taken = {path.name.split(".")[0] for path in project.reports.glob(f"{name}*")}
    names = (name if number == 1 else f"{name}_{number}" for number in count(1))
    return project.reports / f"{next(one for one in names if one not in taken)}.html"


def write_summary(project: Project) -> tuple[Path, ...]:
    """Return what was written about all cases of a project that were reviewed: a page and a table.

    Where two readers read the same cases, a table of how they agree is beside them, named ``..._agreement.tsv``.

    Raises
    ------
    RefusedError
        If a reader's file cannot be read, or the summary not be written.
    """
    verified = verify_project(project)
    progress = list(project_progress(project, verified).values())
    rows, page = cohort_rows(project, progress), _new_page(project)
    agreed, again = readers_agreement(project, progress), repeated_agreement(project, progress)
    words = agreement_words(*agreed) if agreed else _not_computed(project, verified)
    for reader, one in again.items():
        words |= repeat_words(one, reader)
    write_cohort(rows, words, page, records=_records(verified))
    write_table(rows, page.with_suffix(".tsv"))
    if agreed is None and not again:
        return page, page.with_suffix(".tsv")
    table = page.with_name(f"{page.stem}_agreement.tsv")
    of_repeats = [row for reader, one in again.items() for row in repeat_rows(one, reader)]
    write_rows(COLUMNS, [*(agreement_rows(*agreed) if agreed else ()), *of_repeats], table)
    return page, page.with_suffix(".tsv"), table


def _not_computed(project: Project, verified: Iterable[Verified]) -> dict[str, str]:
    """Return why there is no agreement of readers; nothing where that is not for a record."""
    unsound = [one.reader for one in verified if not one.is_sound and counts(project, one.reader)]
    return {"Agreement": f"not computed: the record of {' and '.join(unsound)} is not sound"} if unsound else {}


def _records(verified: Iterable[Verified]) -> tuple[RecordRow, ...]:
    """Return what the page says of each reader's record."""
    return tuple(
        RecordRow(one.reader, one.state, one.events, one.signed, one.head, (*one.faults, *_changed(one), *one.notes))
        for one in verified
    )


def _changed(one: Verified) -> list[str]:
    return [f"changed after it was written: {copy}" for copy in one.copies]


def _decided(project: Project, case: CaseProgress) -> CaseVerdict | None:
    """Return the verdict on a case: of those who decided it, else of those who read it; None while they differ.

    They also differ in the registration or in a slice, by one verdict on the case: that is for whoever decides.
    """
    if case.status == "discordant":
        return None
    given = {name: one.review.verdict for name, one in case.readers.items() if one.review.verdict}
    deciding = [given[name] for name in project.adjudicators if name in given]
    if case.status in ("adjudicated", "locked") and deciding:
        return deciding[0]
    reading = [name for name in given if counts(project, name)]
    sound = [name for name in reading if name not in case.unsound]
    verdicts = [given[name] for name in sound or reading]
    return verdicts[0] if len({verdict.value for verdict in verdicts}) == 1 else None


def _answered(project: Project, case: CaseProgress) -> str:
    """Return the answer about the registration: of those who decided the case, else of those who read it, if one."""
    given = {name: one.review.registration for name, one in case.readers.items() if one.review.registration}
    deciding = [given[name] for name in project.adjudicators if name in given and case.readers[name].review.verdict]
    if case.status in ("adjudicated", "locked") and deciding:
        return deciding[0]
    reading = [name for name in given if counts(project, name) and name not in project.adjudicators]
    sound = [name for name in reading if name not in case.unsound]
    answers = [given[name] for name in sound or reading or given]
    return answers[0] if len(set(answers)) == 1 else ""


def _row(project: Project, case: CaseProgress) -> CohortRow:
    # a sound record before others, the first reader before the second, both before whoever decides
    order = [project.readers[role] for role in ROLES if role in project.readers]
    ranks = {name: place for place, name in enumerate(order)}
    first = min(case.readers.values(), key=lambda one: (one.reader in case.unsound, ranks.get(one.reader, len(order))))
    slices = list(first.review.slices.values())
    verdict = _decided(project, case)
    reasons = [reason for one in slices for reason in one.reasons]
    return CohortRow(
        label=case.case_id,
        words=case.words,
        status=case.status,
        registration=_answered(project, case),
        verdict=verdict.value if verdict else "",
        confidence=verdict.confidence if verdict else None,
        flagged=sum(one.verdict == "flag" for one in slices),
        rejected=sum(one.verdict == "reject" for one in slices),
        reasons={reason: reasons.count(reason) for reason in dict.fromkeys(reasons)},
        check_outcomes=first.check_outcomes,
        seconds=tuple(one.seconds for one in slices if one.seconds > 0),
        readers={name: one.review.verdict.value for name, one in case.readers.items() if one.review.verdict}
        if len(case.readers) > 1 or case.unsound
        else {},
        changed={name: one.verdict_before for name, one in case.readers.items() if one.verdict_before},
        unsound=tuple(case.unsound),
    )
