"""One reader in front of one fusion: what may be said now, what was said, and where to look next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_refusion import __version__
from napari_refusion.evidence.light import Light, failed
from napari_refusion.evidence.trust import flagged_slices, lights
from napari_refusion.record.case import (
    CASE_VERDICTS,
    REASONS,
    REGISTRATION,
    CaseReview,
    can_redo,
    can_undo,
    follow,
    replay,
    stale_slices,
)
from napari_refusion.record.coverage import Coverage, coverage, missing, possible_verdicts
from napari_refusion.record.project import place_mark
from napari_refusion.volume.finding import Finding, RefusedError, refuse

if TYPE_CHECKING:
    from pathlib import Path

    from napari_refusion.evidence.examination import Examination
    from napari_refusion.evidence.limits import Limits
    from napari_refusion.fusion.canvas import Canvas
    from napari_refusion.record.case import SliceReview
    from napari_refusion.record.events import Event, Kind
    from napari_refusion.record.project import Project
    from napari_refusion.record.run import Run
    from napari_refusion.record.store import Store


class Session:
    """A review that is going on. What is said is stored before it counts; `review` is what all of it adds up to."""

    def __init__(
        self,
        store: Store,
        project: Project,
        run: Run,
        canvas: Canvas,
        about_fusion: Sequence[Finding] = (),
        paths: Sequence[Path] = (),
    ) -> None:
        """Begin with what the store holds of this case.

        Parameters
        ----------
        about_fusion
            What was noticed about pair and weights; by default the pair's own findings.
        paths
            Where the sources lie; only a keyed hash of it is stored, see `project.place_mark`.
        """
        self.store, self.project, self.run, self.canvas = store, project, run, canvas
        self._about_fusion = tuple(about_fusion) or canvas.pair.findings
        self.examination: Examination | None = None
        self.limits: Limits | None = None
        self.flagged: Mapping[int, tuple[str, ...]] = {}
        """Index of a slice -> what the indicators say against it."""
        self.opened = datetime.now(UTC).isoformat(timespec="seconds")
        self._place = place_mark(project, paths)
        self.findings = (*store.findings, *self._other_content())
        self._events: tuple[Event, ...] = ()
        self.review = CaseReview()
        """What this reader said about this fusion so far."""
        self._read_events()
        self.stale: Mapping[int, SliceReview] = stale_slices(self._events, run.run_id)
        """What was said of slices under other windows or weights: shown, but it does not count."""
        self._is_remembered = False

    @property
    def events(self) -> tuple[Event, ...]:
        """Return everything this reader recorded of this case."""
        return self._events

    @property
    def count(self) -> int:
        """Return the number of slices."""
        return len(self.canvas.done)

    def take(self, examination: Examination, limits: Limits | None) -> None:
        """Use what the examination of this fusion found, and keep its numbers in the store."""
        self.examination, self.limits = examination, limits
        self.flagged = flagged_slices(examination, limits)
        if not self.store.is_read_only:
            self._remember()
            self.store.remember_examination(self.run.run_id, _numbers(examination, self.flagged))

    def lights(self) -> tuple[Light, ...]:
        """Return the trust block as it stands."""
        return lights(self._about_fusion, self.review, self.examination, self.limits)

    def check_failed(self) -> str:
        """Return what must stand on views and exports because a check failed, empty if none did."""
        return failed(self.lights(), self.review.overrides)

    def begin(self) -> None:
        """Record that the case was opened."""
        self._say("open", {"version": __version__})

    def look(self, index: int, seconds: float) -> None:
        """Record that a slice was on the screen."""
        self._say("seen", self._at(index) | {"seconds": round(seconds, 1)})

    def answer(self, answer: str) -> None:
        """Record how well the sources fit, one of `case.REGISTRATION`."""
        if answer not in REGISTRATION:
            raise ValueError(answer)
        self._say("registration", {"answer": answer})

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
            If the registration was not answered, or is unacceptable; without a reason; if the slice is not fused yet.
        """
        review = self.review
        if not review.registration:
            raise refuse("registration", "Answer first how well the two sources fit: look at their edges.")
        if review.registration == "unacceptable":
            sentence = "The registration is unacceptable, so slices are not judged: register the sources, or finish."
            raise refuse("registration", sentence)
        if not self.canvas.done[index]:
            raise refuse("slice", f"Slice {index + 1} of {self.count} is not fused yet: fuse the volume.")
        known = [reason for reason in REASONS if reason in reasons]
        if verdict != "accept" and not known:
            raise refuse("reason", f"Say why with a key from 1 to {len(REASONS)}.")
        self._say("slice", self._at(index) | {"verdict": verdict, "reasons": [] if verdict == "accept" else known})

    def mark_key(self, index: int, is_key: bool, caption: str = "") -> None:
        """Record that a slice is a key image, or no longer one."""
        self._say("key", self._at(index) | {"is_key": is_key, "caption": caption})

    def comment(self, index: int, text: str) -> None:
        """Record a comment on a slice, which takes the place of the one before."""
        if text != self.review.slice(index).comment:
            self._say("comment", self._at(index) | {"text": text})

    def override(self, check: str, reason: str) -> None:
        """Record why a failed check is passed over.

        Raises
        ------
        RefusedError
            Without a reason.
        """
        if not reason.strip():
            raise refuse("override", f"Type why the check {check} is passed over: the reason stands in the report.")
        self._say("override", {"check": check, "reason": reason.strip()})

    def coverage(self) -> Coverage:
        """Return how much of the case was looked at."""
        return coverage(self.review, self.body(), tuple(self.flagged))

    def body(self) -> tuple[int, ...]:
        """Return the slices that show the body; all of them as long as nothing was examined."""
        if self.examination is None:
            return tuple(range(self.count))
        return tuple(int(index) for index in np.flatnonzero(self.examination.body))

    def missing(self) -> list[str]:
        """Return in sentences why no verdict on the case can be given yet."""
        found = [] if self.canvas.is_complete else ["Not all slices are fused yet: fuse the volume."]
        return [*found, *missing(self.coverage(), self.review, self.project), *self._failed_checks()]

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
            raise refuse("verdict", f"The verdict {CASE_VERDICTS.get(value, value)} does not fit what was answered.")
        seconds = round(self.review.seconds, 1)
        colours = {light.check: light.colour for light in self.lights()}
        verdict = {"value": value, "confidence": confidence, "comment": comment, "seconds": seconds, "lights": colours}
        self._say("verdict", verdict)

    def undo(self) -> bool:
        """Take back the last thing that was said and stands; return whether there was one."""
        return can_undo(self._events, self.run.run_id) and self._say("undo", {})

    def redo(self) -> bool:
        """Say again what was taken back last; return whether there was anything."""
        return can_redo(self._events, self.run.run_id) and self._say("redo", {})

    def note_export(self, kinds: Sequence[str]) -> None:
        """Record that files were written; where is not recorded."""
        self._say("export", {"kinds": list(kinds), "check_failed": self.check_failed()})

    def lock(self) -> None:
        """Close the case for good; only a case with a verdict can be closed."""
        if self.review.verdict is None:
            raise refuse("lock", "A case is locked after its verdict: finish it first.")
        self._say("lock", {})

    def next_flagged(self, index: int) -> int | None:
        """Return the next slice that an indicator warns of and that has no verdict; after the last one the first."""
        open_ones = [one for one in sorted(self.flagged) if not self.review.slice(one).verdict]
        return _after(open_ones or sorted(self.flagged), index)

    def next_unseen(self, index: int) -> int | None:
        """Return the next slice of the body without a verdict: unseen before seen; None when all have one."""
        body = self.body()
        for states in (("unseen",), ("unseen", "seen")):
            found = [one for one in body if self.review.slice(one).state in states]
            if found:
                return _after(found, index)
        return None

    def _failed_checks(self) -> list[str]:
        passed_over = self.review.overrides
        red = [light.check for light in self.lights() if light.colour == "red" and light.check not in passed_over]
        if not red or self.review.registration == "unacceptable":
            return []
        return [f"{' and '.join(red)} failed: click the red light and type why that is passed over."]

    def _at(self, index: int) -> dict[str, Any]:
        if not 0 <= index < self.count:
            raise refuse("slice", f"There is no slice {index + 1}: the volume has {self.count} here.")
        return {"axis": self.run.axis, "index": index, "mm": round(self.millimetres(index), 2)}

    def millimetres(self, index: int) -> float:
        """Return the place of a slice's middle along its direction, in RAS+ mm: S for axial, A, or R."""
        return self.run.place.position(self.run.axis, index)

    def _say(self, kind: Kind, payload: Mapping[str, Any]) -> bool:
        if self.review.is_locked and kind not in ("open", "seen", "export"):
            raise refuse("locked", "This case is locked: nothing in it can be changed any more.")
        self._remember()
        try:
            event = self.store.append(self.run.case_id, self.run.run_id, kind, payload)
        except RefusedError:
            self._read_events()  # what could not be written yet was said all the same
            raise
        self._events = (*self._events, event)
        whole = kind in ("undo", "redo")
        self.review = replay(self._events, self.run.run_id) if whole else follow(self.review, event)
        return True

    def _read_events(self) -> None:
        self._events = self.store.events(self.run.case_id)
        self.review = replay(self._events, self.run.run_id)

    def _remember(self) -> None:
        """Put the case and the fusion into the store, before the first thing that is said about them."""
        if not self._is_remembered and not self.store.is_read_only:
            self.store.remember_case(self.run.case_id, {"place": self._place, "words": self.run.words})
            self.store.remember_run(self.run)
            self._is_remembered = True

    def _other_content(self) -> tuple[Finding, ...]:
        """Return a warning if files in the same place held something else when they were reviewed."""
        others = [
            case_id
            for case_id, record in self.store.cases().items()
            if self._place and record.get("place") == self._place and case_id != self.run.case_id
        ]
        if not others:
            return ()
        sentence = (
            "The files in this place are not those that were reviewed here before: what was said then belongs to "
            f"{others[0]} and is not shown. Check that the right files are open."
        )
        return (Finding("warn", "changed source", sentence, others[0]),)


def _after(indices: Sequence[int], index: int) -> int | None:
    """Return the first of sorted indices after one, from the first again at the end; None for an empty list."""
    return next((one for one in indices if one > index), indices[0] if indices else None)


def _numbers(examination: Examination, flagged: Mapping[int, tuple[str, ...]]) -> dict[str, Any]:
    """Return what an examination found, as plain values; NaN is None."""
    return {
        "numbers": {
            name: [None if np.isnan(value) else round(float(value), 5) for value in values]
            for name, values in examination.numbers.items()
        },
        "body": [int(index) for index in np.flatnonzero(examination.body)],
        "flagged": {str(index): list(sentences) for index, sentences in flagged.items()},
        "missed": [
            [one.index, *(round(value, 1) for value in one.point), round(one.transfer, 3)] for one in examination.missed
        ],
    }
