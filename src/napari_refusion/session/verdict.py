"""What stands between a reader and the verdict on a case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_refusion.record.coverage import missing, possible_verdicts

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
