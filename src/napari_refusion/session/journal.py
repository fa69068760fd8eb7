"""What one reader says about one fusion, on its way into the reader's file; and what all of it adds up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from napari_refusion.record.case import NOT_UNDERSTOOD, RETROACTIVE, CaseReview
from napari_refusion.record.places import CasePlaces
from napari_refusion.record.replay import follow, replay, stale_slices
from napari_refusion.record.undoing import locked_run, to_redo, to_undo
from napari_refusion.volume.finding import Finding, RefusedError, refuse

if TYPE_CHECKING:
    from pathlib import Path

    from napari_refusion.record.case import SliceReview
    from napari_refusion.record.events import Event, Kind
    from napari_refusion.record.project import Project
    from napari_refusion.record.run import Run
    from napari_refusion.record.store import Store


class Journal:
    """The events of one reader about one case. What is said is stored before it counts."""

    def __init__(self, store: Store, project: Project, run: Run, sources: Sequence[tuple[Path, str]] = ()) -> None:
        """Begin with what the store holds of this case.

        Parameters
        ----------
        sources
            Where they lie and what was asked for there, see `Study.places`; only keyed hashes of it are stored.

        Raises
        ------
        RefusedError
            If the store holds events of this case that this program would not have written.
        """
        self._store, self._run = store, run
        self._places = CasePlaces.of(project, sources)
        self._is_remembered = False
        self.events: tuple[Event, ...] = ()
        """Everything this reader recorded of this case."""
        self.review = CaseReview()
        """What this reader said about this fusion so far."""
        self._read()
        self.stale: Mapping[int, SliceReview] = stale_slices(self.events, run.run_id)
        """What was said of slices under other windows or weights: shown, but it does not count."""
        self.findings = (*store.findings, *self._other_content(), *self._locked_otherwise())
        """What was noticed about the reader's file, about this place, and about a lock."""

    def record(self, kind: Kind, payload: Mapping[str, Any]) -> None:
        """Record an event.

        Raises
        ------
        RefusedError
            If the case is locked, or the store can only be read. If the store cannot be written: then it was said all
            the same, see `Store.append`.
        """
        if self.review.is_locked and kind not in ("open", "seen", "export", "others", "again"):
            raise refuse("locked", "This case is locked and can no longer be changed.")
        self._remember()
        try:
            event = self._store.append(self._run.case_id, self._run.run_id, kind, payload)
        except RefusedError:
            self._read()  # what could not be written yet was said all the same
            raise
        self.events = (*self.events, event)
        whole = kind in RETROACTIVE
        self.review = self._replayed() if whole else follow(self.review, event)
        if kind == "again":
            self.stale = {}

    def undo(self) -> bool:
        """Take back the last thing that was said and stands; return whether there was one."""
        there_is = self.to_undo is not None
        if there_is:
            self.record("undo", {})
        return there_is

    def redo(self) -> bool:
        """Say again what was taken back last; return whether there was anything."""
        there_is = self.to_redo is not None
        if there_is:
            self.record("redo", {})
        return there_is

    @property
    def to_undo(self) -> Event | None:
        """Return what `undo` would take back."""
        return None if self.review.is_locked else to_undo(self.events, self._run.run_id)

    @property
    def to_redo(self) -> Event | None:
        """Return what `redo` would say again."""
        return None if self.review.is_locked else to_redo(self.events, self._run.run_id)

    def keep_examination(self, content: Mapping[str, Any]) -> None:
        """Keep what the examination of this fusion found, where anything can be kept."""
        if not self._store.is_read_only:
            self._remember()
            self._store.rows.keep_examination(self._run.run_id, content)

    def _read(self) -> None:
        self.events = self._store.events(self._run.case_id)
        try:
            # those of other fusions are shown as stale
            for other in {event.run_id for event in self.events}:
                replay(self.events, other)
            self.review = self._replayed()
        except NOT_UNDERSTOOD as error:
            sentence = (
                f"Restore a copy of {self._store.path.name}, or choose another reader name: another program wrote "
                "events of this case that cannot be understood, so it is not shown. review verify tells more."
            )
            raise refuse("altered review", sentence, self._run.case_id) from error

    def _replayed(self) -> CaseReview:
        """Return what was said about this fusion; locked with whichever fusion, a case is closed for all."""
        review = replay(self.events, self._run.run_id)
        return replace(review, is_locked=True) if locked_run(self.events) else review

    def _locked_otherwise(self) -> tuple[Finding, ...]:
        """Return a warning if the case was locked as it was fused otherwise: that verdict is not shown here."""
        locked = locked_run(self.events)
        if locked in ("", self._run.run_id):
            return ()
        sentence = (
            "This case is locked with another window, other weights or another grid: what was said then stands, and "
            "nothing can be added here."
        )
        return (Finding("warn", "locked", sentence, locked),)

    def _remember(self) -> None:
        """Put the case and the fusion into the store, before the first thing that is said about them."""
        if not self._is_remembered and not self._store.is_read_only:
            rows, case_id = self._store.rows, self._run.case_id
            places = self._places.after(CasePlaces.read(rows.case(case_id)))
            rows.keep_case(case_id, places.record() | {"words": self._run.words})
            rows.keep_run(self._run)
            self._is_remembered = True

    def _other_content(self) -> tuple[Finding, ...]:
        """Return a warning if files in the same place held something else when they were reviewed."""
        others = [
            case_id
            for case_id, record in self._store.rows.cases().items()
            if case_id != self._run.case_id and not self._places.is_elsewhere(CasePlaces.read(record))
        ]
        if not others:
            return ()
        sentence = (
            "These files are not those that were reviewed here before: the earlier review belongs to "
            f"{others[0]} and is not shown. Check that the right files are open."
        )
        return (Finding("warn", "changed source", sentence, others[0]),)
