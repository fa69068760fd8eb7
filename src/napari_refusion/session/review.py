"""One reader in front of one fusion: what may be said now, and what was said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_refusion import __version__
from napari_refusion.evidence.check_outcome import CheckOutcome, failed
from napari_refusion.evidence.flagged_slices import flagged_slices
from napari_refusion.evidence.trust import check_outcomes
from napari_refusion.record.case import CASE_VERDICTS, REASONS, REGISTRATION, SLICE_VERDICTS
from napari_refusion.record.coverage import Coverage, coverage, possible_verdicts
from napari_refusion.session.examined import examination_record
from napari_refusion.session.journal import Journal
from napari_refusion.session.lesions.measured import MeasuredLesions
from napari_refusion.session.lesions.recorded import RecordedLesions
from napari_refusion.session.lesions.source import sources_of
from napari_refusion.session.seen_maps import SeenMaps
from napari_refusion.session.verdict import why_none
from napari_refusion.volume.finding import check_name, refuse
from napari_refusion.volume.rule import CHECKS

if TYPE_CHECKING:
    from napari_refusion.evidence.examination import Examination
    from napari_refusion.evidence.limits import Limits
    from napari_refusion.fusion.partial import PartialFusion
    from napari_refusion.record.case import CaseReview
    from napari_refusion.record.events import Event
    from napari_refusion.record.project import Project
    from napari_refusion.record.run import Run
    from napari_refusion.record.store import Store
    from napari_refusion.session.lesions.files import DrawnOn
    from napari_refusion.volume.finding import Finding


class ReviewSession:
    """A review that is going on. What is said is stored before it counts; `review` is what all of it adds up to."""

    def __init__(
        self,
        store: Store,
        project: Project,
        run: Run,
        partial: PartialFusion,
        about_fusion: Sequence[Finding] = (),
    ) -> None:
        """Begin with what the store holds of this case.

        Parameters
        ----------
        about_fusion
            What was noticed about pair and weights; by default the pair's own findings.
        """
        self.store, self.project, self.run, self.partial = store, project, run, partial
        self._about_fusion = tuple(about_fusion) or partial.study.findings
        self.examination: Examination | None = None
        self.maps: SeenMaps | None = None
        """Its maps, as they are looked at."""
        self.limits: Limits | None = None
        self.flagged: Mapping[int, tuple[str, ...]] = {}
        """Index of a slice -> what the indicators say against it."""
        self.opened = datetime.now(UTC).isoformat(timespec="seconds")
        self.journal = Journal(store, project, run, partial.study.places)
        """What was recorded of this case."""
        self.lesions = RecordedLesions(self.journal, sources_of(partial))
        """The list of lesions, as it is recorded."""

    @property
    def review(self) -> CaseReview:
        """Return what this reader said about this fusion so far."""
        return self.journal.review

    @property
    def events(self) -> tuple[Event, ...]:
        """Return everything this reader recorded of this case."""
        return self.journal.events

    @property
    def is_open(self) -> bool:
        """Return whether anything can be said: the case is not locked, and the reader's file is not only read."""
        return not self.review.is_locked and not self.store.is_read_only

    @property
    def count(self) -> int:
        """Return the number of slices."""
        return len(self.partial.done)

    def take(self, examination: Examination, limits: Limits | None) -> None:
        """Use what the examination of this fusion found, and keep its numbers in the store."""
        self.examination, self.limits, self.maps = examination, limits, SeenMaps(examination)
        self.flagged = flagged_slices(examination, limits)
        self.journal.keep_examination(examination_record(examination, self.flagged))

    def check_outcomes(self) -> tuple[CheckOutcome, ...]:
        """Return the trust block as it stands."""
        return check_outcomes(self._about_fusion, self.review, self.examination, self.limits, self.lesions.shown)

    def drawn(self) -> tuple[DrawnOn, ...]:
        """Return the recorded lesions that count, by source, with what it holds in them."""
        return MeasuredLesions().followed_by(self.lesions.now, self.partial, self.lesions.sources).drawn()

    @property
    def secret(self) -> tuple[str, str] | None:
        """Return the project's key and what stands for a patient without a name, None where names may be shown."""
        return None if self.project.identified else (self.project.key, self.run.case_id)

    def check_failed(self) -> str:
        """Return what must stand on views and exports because a check failed, empty if none did."""
        return failed(self.check_outcomes(), self.review.overrides)

    def begin(self) -> None:
        """Record that the case was opened."""
        reason = self.partial.study.two_patients
        self.journal.record("open", {"version": __version__} | ({"two_patients": reason} if reason else {}))

    @property
    def is_repeat(self) -> bool:
        """Return whether the case is read once more."""
        return any(event.kind == "again" for event in self.events)

    def begin_again(self) -> None:
        """Record that a case with a verdict is read once more, from the beginning; nothing before its verdict."""
        if self.review.verdict is not None and not self.is_repeat:
            self.journal.record("again", {})

    def note_others(self, readers: Sequence[str]) -> None:
        """Record whose words on the case are shown, unless that is what was recorded last."""
        shown = [event.payload.get("readers") for event in self.events if event.kind == "others"]
        if readers and shown[-1:] != [list(readers)]:
            self.journal.record("others", {"readers": list(readers)})

    def look(self, index: int, seconds: float) -> None:
        """Record that a slice was on the screen; `RefusedError` for a time that is none."""
        if not 0 <= seconds < np.inf:
            raise refuse("slice", f"A slice is viewed for 0 seconds or more, not for {seconds}.", str(seconds))
        self.journal.record("seen", self._at(index) | {"seconds": round(float(seconds), 1)})

    def answer(self, answer: str) -> None:
        """Record how well the sources fit, one of `case.REGISTRATION`; `RefusedError` for another answer."""
        check_name("registration", answer, REGISTRATION, "answer about the registration")
        self.journal.record("registration", {"answer": answer})

    def judge(self, index: int, verdict: str, reasons: Sequence[str] = ()) -> None:
        """Record a verdict on a slice.

        Parameters
        ----------
        verdict
            One of `case.SLICE_VERDICTS`.
        reasons
            Keys of `case.REASONS`, at least one to flag or reject, none to accept.

        Raises
        ------
        RefusedError
            If the registration was not answered, or is unacceptable; without a reason; for a verdict that is not
            known, and a slice that does not exist or is not fused yet.
        """
        check_name("verdict", verdict, SLICE_VERDICTS, "verdict on a slice")
        for reason in reasons:
            check_name("reason", reason, REASONS)
        review = self.review
        if not review.registration:
            raise refuse("registration", "First answer how well the two sources are aligned: compare their edges.")
        if review.registration == "unacceptable":
            sentence = "The registration is unacceptable, so slices are not judged: register the sources, or finish."
            raise refuse("registration", sentence)
        place = self._at(index)
        if not self.partial.done[place["index"]]:
            raise refuse("slice", f"Slice {index + 1} of {self.count} is not fused yet: fuse the volume.")
        known = [reason for reason in REASONS if reason in reasons]
        if verdict != "accept" and not known:
            raise refuse("reason", f"Give the reason with a key from 1 to {len(REASONS)}.")
        said = {"verdict": verdict, "reasons": [] if verdict == "accept" else known}
        self.journal.record("slice", place | said)

    def mark_key(self, index: int, is_key: bool, caption: str = "") -> None:
        """Record that a slice is a key image, or no longer one."""
        self.journal.record("key", self._at(index) | {"is_key": is_key, "caption": caption})

    def comment(self, index: int, text: str) -> None:
        """Record a comment on a slice, which takes the place of the one before."""
        if text != self.review.slice(index).comment:
            self.journal.record("comment", self._at(index) | {"text": text})

    def override(self, check: str, reason: str) -> None:
        """Record why a failed check is overridden.

        Raises
        ------
        RefusedError
            Without a reason, or for a check that is not known.
        """
        check_name("override", check, CHECKS, "check")
        if not reason.strip():
            raise refuse("override", f"Type why the check {check} is overridden: the reason appears in the report.")
        self.journal.record("override", {"check": check, "reason": reason.strip()})

    def coverage(self) -> Coverage:
        """Return how much of the case was viewed."""
        return coverage(self.review, self.body(), tuple(self.flagged))

    def body(self) -> tuple[int, ...]:
        """Return the slices that show the body; all of them as long as nothing was examined."""
        if self.examination is None:
            return tuple(range(self.count))
        return tuple(int(index) for index in np.flatnonzero(self.examination.body))

    def finish(self, value: str, confidence: float, comment: str = "") -> None:
        """Record the verdict on the case.

        Parameters
        ----------
        value
            One of `verdict.possible`.
        confidence
            0 (none) to 4 (full).

        Raises
        ------
        RefusedError
            If something is missing.
        """
        if lacking := why_none(self):
            raise refuse("verdict", " ".join(lacking))
        if value not in possible_verdicts(self.review) or not 0 <= confidence <= 4:
            raise refuse("verdict", f"The verdict {CASE_VERDICTS.get(value, value)} contradicts the answers.")
        seconds = round(self.review.seconds, 1)
        colours = {outcome.check: outcome.colour for outcome in self.check_outcomes()}
        verdict = {"value": value, "confidence": confidence, "comment": comment, "seconds": seconds, "lights": colours}
        self.journal.record("verdict", verdict)

    def undo(self) -> bool:
        """Take back the last thing that was said and stands; return whether there was one."""
        return self.journal.undo()

    def redo(self) -> bool:
        """Say again what was taken back last; return whether there was anything."""
        return self.journal.redo()

    def note_export(self, kinds: Sequence[str]) -> None:
        """Record that files were written; where is not recorded."""
        self.journal.record("export", {"kinds": list(kinds), "check_failed": self.check_failed()})

    def lock(self) -> None:
        """Close the case for good; only a case with a verdict can be closed."""
        if self.review.verdict is None:
            raise refuse("lock", "A case is locked only after its verdict: finish it first.")
        self.journal.record("lock", {})

    def _at(self, index: int) -> dict[str, Any]:
        if index not in range(self.count):
            raise refuse("slice", f"There is no slice {index + 1}: the volume has {self.count} here.")
        return {"axis": self.run.axis, "index": int(index), "mm": round(self.millimetres(index), 2)}

    def millimetres(self, index: int) -> float:
        """Return the place of a slice's middle along its direction, in RAS+ mm: S for axial, A, or R."""
        return self.run.place.position(self.run.axis, index)
