"""The verdict on a case: what stands between a reader and it, and the copy of the review that it makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_refusion.record.coverage import missing, possible_verdicts
from napari_refusion.record.export import export_review
from napari_refusion.volume.finding import RefusedError

if TYPE_CHECKING:
    from napari_refusion.session.review import ReviewSession


def why_none(session: ReviewSession) -> list[str]:
    """Return in sentences why no verdict on the case can be given yet; empty where one can."""
    found = [] if session.partial.is_complete else ["Not all slices are fused yet: fuse the volume."]
    failed = failed_checks(session)
    failures = [f"{' and '.join(failed)} failed: override with a typed reason."] if failed else []
    return [*found, *missing(session.coverage(), session.review, session.project), *failures]


def possible(session: ReviewSession) -> tuple[str, ...]:
    """Return which verdicts on the case can be given now; none while something is missing, see `why_none`."""
    return () if why_none(session) else possible_verdicts(session.review)


def failed_checks(session: ReviewSession) -> list[str]:
    """Return the checks that are to be overridden before a verdict; none after ``unacceptable``."""
    if session.review.registration == "unacceptable":
        return []
    red = [one.check for one in session.check_outcomes() if one.colour == "red"]
    return [name for name in red if name not in session.review.overrides]


def export_copy(session: ReviewSession) -> str:
    """Write a review with its verdict as JSON and as a table, to be passed on, and return that in a sentence."""
    store = session.store
    written = (
        session.run,
        session.review,
        session.coverage(),
        store.reader,
        store.chain_head,
        len(session.events),
    )
    label = f"{session.run.case_id}_again" if session.is_repeat else ""
    try:
        summary, _ = export_review(session.project.exports, *written, label=label, tell=store.tell_of_files)
    except RefusedError as error:
        return f"The verdict is recorded, but its copy was not written: {error}"
    return f"The verdict is recorded; a copy to pass on is {summary.name} in {summary.parent}."
