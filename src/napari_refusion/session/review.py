"""One reader in front of one fusion: what may be said now, and what was said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_refusion import __version__
from napari_refusion.evidence.check_outcome import CheckOutcome, failed
from napari_refusion.evidence.flagged_slices import flagged_slices
from napari_refusion.evidence.lesions_shown import LesionsShown
from napari_refusion.evidence.trust import check_outcomes
from napari_refusion.record.case import CASE_VERDICTS, REASONS, REGISTRATION, SLICE_VERDICTS
from napari_refusion.record.coverage import Coverage, coverage, missing, possible_verdicts
from napari_refusion.record.lesions_said import payloads
from napari_refusion.session.examined import examination_record
from napari_refusion.session.journal import Journal
from napari_refusion.session.lesion_shares import KnownShares
from napari_refusion.session.lesion_source import asked_lesions, sources_of
from napari_refusion.session.seen_maps import SeenMaps
from napari_refusion.volume.finding import check_name, refuse
from napari_refusion.volume.rule import CHECKS

if TYPE_CHECKING:
    from napari_refusion.evidence.examination import Examination
    from napari_refusion.evidence.limits import Limits
    from napari_refusion.fusion.partial import PartialFusion
    from napari_refusion.lesion.lesion import Lesion
    from napari_refusion.record.case import CaseReview, SliceReview
    from napari_refusion.record.events import Event
    from napari_refusion.record.project import Project
    from napari_refusion.record.run import Run
    from napari_refusion.record.store import Store
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
        self.lesion_sources = sources_of(partial)
        """The sources that lesions are drawn on."""
        self._shown = KnownShares()
        self.flagged: Mapping[int, tuple[str, ...]] = {}
        """Index of a slice -> what the indicators say against it."""
        self.opened = datetime.now(UTC).isoformat(timespec="seconds")
        self._journal = Journal(store, project, run, partial.study.places)

    @property
    def review(self) -> CaseReview:
        """Return what this reader said about this fusion so far."""
        return self._journal.review

    @property
    def events(self) -> tuple[Event, ...]:
        """Return everything this reader recorded of this case."""
        return self._journal.events

    @property
    def stale(self) -> Mapping[int, SliceReview]:
        """Return what was said of slices under other windows or weights: shown, but it does not count."""
        return self._journal.stale

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Return what was noticed about the reader's file and about the place of the sources."""
        return self._journal.findings

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
        self._journal.keep_examination(examination_record(examination, self.flagged))

    def check_outcomes(self) -> tuple[CheckOutcome, ...]:
        """Return the trust block as it stands."""
        return check_outcomes(self._about_fusion, self.review, self.examination, self.limits, self.lesions_shown)

    @property
    def secret(self) -> tuple[str, str] | None:
        """Return the project's key and what stands for a patient without a name, None where names may be shown."""
        return None if self.project.identified else (self.project.key, self.run.case_id)

    @property
    def lesions_shown(self) -> LesionsShown:
        """Return how much the fused image shows of the lesions as they are drawn now."""
        asked = asked_lesions(self.review.lesions, self.lesion_sources)
        numbers = {one.number for one in asked}
        shown = self._shown.of(one for one in self.review.lesions if one.number in numbers)
        return LesionsShown(shown, tuple(one.number for one in asked if one.number not in shown))

    def take_shown(self, known: KnownShares) -> None:
        """Use what was computed of how much this fused image shows of lesions."""
        self._shown = known

    def check_failed(self) -> str:
        """Return what must stand on views and exports because a check failed, empty if none did."""
        return failed(self.check_outcomes(), self.review.overrides)

    def begin(self) -> None:
        """Record that the case was opened."""
        reason = self.partial.study.two_patients
        self._journal.record("open", {"version": __version__} | ({"two_patients": reason} if reason else {}))

    @property
    def is_repeat(self) -> bool:
        """Return whether the case is read once more."""
        return any(event.kind == "again" for event in self.events)

    def begin_again(self) -> None:
        """Record that a case with a verdict is read once more, from the beginning; nothing before its verdict."""
        if self.review.verdict is not None and not self.is_repeat:
            self._journal.record("again", {})

    def note_others(self, readers: Sequence[str]) -> None:
        """Record whose words on the case are shown, unless that is what was recorded last."""
        shown = [event.payload.get("readers") for event in self.events if event.kind == "others"]
        if readers and shown[-1:] != [list(readers)]:
            self._journal.record("others", {"readers": list(readers)})

    def look(self, index: int, seconds: float) -> None:
        """Record that a slice was on the screen; `RefusedError` for a time that is none."""
        if not 0 <= seconds < np.inf:
            raise refuse("slice", f"A slice is viewed for 0 seconds or more, not for {seconds}.", str(seconds))
        self._journal.record("seen", self._at(index) | {"seconds": round(float(seconds), 1)})

    def answer(self, answer: str) -> None:
        """Record how well the sources fit, one of `case.REGISTRATION`; `RefusedError` for another answer."""
        check_name("registration", answer, REGISTRATION, "answer about the registration")
        self._journal.record("registration", {"answer": answer})

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
        self._journal.record("slice", place | said)

    def mark_key(self, index: int, is_key: bool, caption: str = "") -> None:
        """Record that a slice is a key image, or no longer one."""
        self._journal.record("key", self._at(index) | {"is_key": is_key, "caption": caption})

    def comment(self, index: int, text: str) -> None:
        """Record a comment on a slice, which takes the place of the one before."""
        if text != self.review.slice(index).comment:
            self._journal.record("comment", self._at(index) | {"text": text})

    def change_lesions(self, lesions: Iterable[Lesion]) -> None:
        """Record what makes the list of lesions this one: those that were added, changed or removed."""
        for payload in payloads(self.review.lesions_said, tuple(lesions)):
            self._journal.record("lesion", payload)

    def undo_lesions(self) -> bool:
        """Take back the last thing that was said, if it is about lesions; return whether there was one.

        Raises
        ------
        RefusedError
            If it is about something else.
        """
        _check_about_lesions(self._journal.to_undo, "Undo")
        return self.undo()

    def redo_lesions(self) -> bool:
        """Say again what was taken back last, if it is about lesions; see `undo_lesions`."""
        _check_about_lesions(self._journal.to_redo, "Redo")
        return self.redo()

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
        self._journal.record("override", {"check": check, "reason": reason.strip()})

    def coverage(self) -> Coverage:
        """Return how much of the case was viewed."""
        return coverage(self.review, self.body(), tuple(self.flagged))

    def body(self) -> tuple[int, ...]:
        """Return the slices that show the body; all of them as long as nothing was examined."""
        if self.examination is None:
            return tuple(range(self.count))
        return tuple(int(index) for index in np.flatnonzero(self.examination.body))

    def missing(self) -> list[str]:
        """Return in sentences why no verdict on the case can be given yet."""
        found = [] if self.partial.is_complete else ["Not all slices are fused yet: fuse the volume."]
        return [*found, *missing(self.coverage(), self.review, self.project), *self._failures()]

    def possible_verdicts(self) -> tuple[str, ...]:
        """Return which verdicts on the case can be given now; none while something is `missing`."""
        return () if self.missing() else possible_verdicts(self.review)

    def finish(self, value: str, confidence: float, comment: str = "") -> None:
        """Record the verdict on the case.

        Parameters
        ----------
        value
            One of `possible_verdicts`.
        confidence
            0 (none) to 4 (full).

        Raises
        ------
        RefusedError
            If something is missing.
        """
        if lacking := self.missing():
            raise refuse("verdict", " ".join(lacking))
        if value not in possible_verdicts(self.review) or not 0 <= confidence <= 4:
            raise refuse("verdict", f"The verdict {CASE_VERDICTS.get(value, value)} contradicts the answers.")
        seconds = round(self.review.seconds, 1)
        colours = {outcome.check: outcome.colour for outcome in self.check_outcomes()}
        verdict = {"value": value, "confidence": confidence, "comment": comment, "seconds": seconds, "lights": colours}
        self._journal.record("verdict", verdict)

    def undo(self) -> bool:
        """Take back the last thing that was said and stands; return whether there was one."""
        return self._journal.undo()

    def redo(self) -> bool:
        """Say again what was taken back last; return whether there was anything."""
        return self._journal.redo()

    def note_export(self, kinds: Sequence[str]) -> None:
        """Record that files were written; where is not recorded."""
        self._journal.record("export", {"kinds": list(kinds), "check_failed": self.check_failed()})

    def lock(self) -> None:
        """Close the case for good; only a case with a verdict can be closed."""
        if self.review.verdict is None:
            raise refuse("lock", "A case is locked only after its verdict: finish it first.")
        self._journal.record("lock", {})

    def failed_checks(self) -> list[str]:
        """Return the checks that are to be overridden before a verdict; none after ``unacceptable``."""
        passed_over, red = self.review.overrides, [one.check for one in self.check_outcomes() if one.colour == "red"]
        return [] if self.review.registration == "unacceptable" else [name for name in red if name not in passed_over]

    def _failures(self) -> list[str]:
        red = self.failed_checks()
        return [f"{' and '.join(red)} failed: override with a typed reason."] if red else []

    def _at(self, index: int) -> dict[str, Any]:
        if index not in range(self.count):
            raise refuse("slice", f"There is no slice {index + 1}: the volume has {self.count} here.")
        return {"axis": self.run.axis, "index": int(index), "mm": round(self.millimetres(index), 2)}

    def millimetres(self, index: int) -> float:
        """Return the place of a slice's middle along its direction, in RAS+ mm: S for axial, A, or R."""
        return self.run.place.position(self.run.axis, index)


def _check_about_lesions(event: Event | None, verb: str) -> None:
    """Refuse to take back or say again, from the list of lesions, what is not about them."""
    if event is not None and event.kind != "lesion":
        sentence = f"{verb} it in the review: the last step there is not about lesions but another one ({event.kind})."
        raise refuse("review", sentence, event.kind)
