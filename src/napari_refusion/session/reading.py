"""A reader at work in a project: the object behind the Review page, to be driven by a script or a notebook as well."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, Self

from psygnal import Signal

from napari_refusion.record.case import REASONS, REGISTRATION
from napari_refusion.record.project import Project
from napari_refusion.record.project_folder import open_project
from napari_refusion.record.run import describe_run
from napari_refusion.record.store import Store
from napari_refusion.record.written import hashes_of
from napari_refusion.session.closing import close_store
from napari_refusion.session.examined import Examined, examined
from napari_refusion.session.navigation import MissedInTurn
from napari_refusion.session.review import ReviewSession
from napari_refusion.session.verdict import export_copy
from napari_refusion.volume.finding import RefusedError, refuse

if TYPE_CHECKING:
    from napari_refusion.evidence.examination import ExaminedSlice
    from napari_refusion.io.given_path import GivenPath
    from napari_refusion.session.reviewed_fusion import ReviewedFusion

Reasoned = Literal["flag", "reject"]

REASONED: Final[tuple[Reasoned, ...]] = ("flag", "reject")
"""Verdicts that need a reason."""


class Reading:
    """One reader who reviews fusions of a project, one after the other, slice by slice.

    Slices are given by their index along the direction of the fusion. What cannot be said is a `RefusedError` with a
    sentence for the reader. To be used in the thread that opened it, except for what `examine` returns.
    """

    changed = Signal()
    """Emitted when something was said, found or begun: what is shown of the review is old."""

    def __init__(self, project: Project, store: Store, fusion: ReviewedFusion) -> None:
        self.project, self.store = project, store
        self.pending: Reasoned | Literal[""] = ""
        """``flag`` or ``reject`` while its reason is awaited."""
        self.fusion, self.session = fusion, self._session(fusion)
        self.missed = MissedInTurn(self.session)
        """What the fused image does not show, one place after the other."""

    @classmethod
    def open(cls, folder: GivenPath, reader: str, fusion: ReviewedFusion) -> Self:
        """Return a reader's work on a fusion; project and file are made if they are not there yet.

        Parameters
        ----------
        folder
            Of the project.
        reader
            What the reader calls himself or herself, see `names.check_reader`.

        Raises
        ------
        RefusedError
            See `project_folder.open_project` and `Store.open`, and for a case whose events cannot be understood.
        """
        project, store = open_project(folder), Store.open(folder, reader)
        try:
            return cls(project, store, fusion)
        except RefusedError:
            store.close()
            raise

    def attach(self, fusion: ReviewedFusion) -> bool:
        """Review this fusion from now on; return whether it is another one, not the same one shown anew.

        Raises
        ------
        RefusedError
            For a case whose events cannot be understood; the fusion before is then reviewed still.
        """
        before, session = self.session, self._session(fusion)
        self.fusion = fusion
        if before.partial is session.partial and before.run == session.run:
            return False
        self.session, self.pending, self.missed = session, "", MissedInTurn(session)
        self.changed.emit()
        return True

    def _session(self, fusion: ReviewedFusion) -> ReviewSession:
        run = describe_run(fusion.partial)
        return ReviewSession(self.store, self.project, run, fusion.partial, fusion.findings)

    def begin(self) -> None:
        """Record that the case was opened, unless the file is only read."""
        if not self.store.is_read_only:
            with self._recording() as session:
                session.begin()

    def begin_again(self) -> None:
        """Read a case once more that has a verdict, see `ReviewSession.begin_again`, unless the file is only read."""
        if not self.store.is_read_only:
            with self._recording() as session:
                session.begin_again()

    def note_others(self, readers: Sequence[str]) -> None:
        """Record whose words on the case are shown, unless the file is only read."""
        if not self.store.is_read_only:
            with self._recording() as session:
                session.note_others(readers)

    def left_at(self) -> int | None:
        """Return the slice where this case was left, None for a new one or along another direction."""
        session = self.session
        view = self.store.view(session.run.case_id) or {}
        index = view.get("index", -1)
        return index if view.get("axis") == session.run.axis and 0 <= index < session.count else None

    def examine(self, looked_at: int = 0) -> Iterator[ExaminedSlice | Examined] | None:
        """Return the examination of the fusion, to be run in any thread; its last item is for `take`.

        None where slices are missing, where it was done, or without an engine.
        """
        fusion = self.fusion
        if not fusion.partial.is_complete or fusion.engine is None or self.session.examination is not None:
            return None
        return examined(fusion.engine, fusion.partial, max(looked_at, 0))

    def take(self, found: Examined) -> bool:
        """Use what an examination found; return whether it belongs to this fusion, another one is left alone."""
        if found.examination.partial is not self.session.partial:
            return False
        with self._recording() as session:
            session.take(found.examination, found.limits)
        return True

    def look(self, index: int, seconds: float) -> None:
        """Record that a slice was on the screen, and where the case is left; nothing where it does not count."""
        session = self.session
        is_missing = 0 <= index < session.count and not session.partial.done[index]
        if not session.is_open or is_missing:
            return
        with self._recording():
            session.look(index, seconds)

    def answer(self, answer: str) -> None:
        """Say how well the sources fit, one of `case.REGISTRATION`."""
        with self._recording() as session:
            session.answer(answer)

    def choose(self, index: int, place: int) -> None:
        """Answer about the registration by the place in `case.REGISTRATION`; once answered, give a reason likewise.

        Parameters
        ----------
        index
            Of the slice that the reason is for; -1 for none, which takes answers only.
        """
        if self.session.review.registration:
            if index >= 0:
                self.toggle_reason(index, list(REASONS)[place])
        elif place < len(REGISTRATION):
            self.answer(list(REGISTRATION)[place])

    def accept(self, index: int) -> None:
        """Accept a slice."""
        self.pending = ""
        with self._recording() as session:
            session.judge(index, "accept")

    def pend(self, index: int, verdict: Reasoned) -> None:
        """Flag or reject a slice as soon as a reason is given; reasons that stand are taken over."""
        self.pending = verdict
        here = self.session.review.slice(index)
        with self._recording() as session:
            if here.verdict in REASONED and here.verdict != verdict:
                session.judge(index, verdict, here.reasons)

    def drop_pending(self) -> None:
        """Await no reason any longer: the reader moves on to another slice."""
        self.pending = ""

    def toggle_reason(self, index: int, reason: str) -> None:
        """Flag or reject a slice with one reason more, or one less if it is given already."""
        here = self.session.review.slice(index)
        verdict = self.pending or here.verdict
        if verdict not in REASONED:
            raise refuse("reason", "Press S to flag or R to reject, then the reason.")
        standing = here.reasons if here.verdict == verdict else ()
        reasons = [one for one in standing if one != reason] if reason in standing else [*standing, reason]
        with self._recording() as session:
            session.judge(index, verdict, reasons)

    def toggle_key(self, index: int, caption: str = "") -> None:
        """Make a slice a key image, or no longer one."""
        with self._recording() as session:
            session.mark_key(index, not session.review.slice(index).is_key, caption)

    def comment(self, index: int, text: str) -> None:
        """Comment on a slice, in place of the comment before."""
        if not self.store.is_read_only:
            with self._recording() as session:
                session.comment(index, text)

    def override(self, check: str, reason: str) -> None:
        """Say why a failed check is overridden."""
        with self._recording() as session:
            session.override(check, reason)

    def undo(self) -> bool:
        """Take back what was said last; return whether there was anything."""
        self.pending = ""
        with self._recording() as session:
            return session.undo()

    def redo(self) -> bool:
        """Say again what was taken back last; return whether there was anything."""
        self.pending = ""
        with self._recording() as session:
            return session.redo()

    def finish(self, value: str, confidence: float, comment: str = "") -> str:
        """Give the verdict on the case, write its copy to pass on, and return what was done in a sentence."""
        with self._recording() as session:
            session.finish(value, confidence, comment)
        return export_copy(self.session)

    def lock(self) -> None:
        """Close the case for good, after its verdict."""
        with self._recording() as session:
            session.lock()

    def note_export(
        self, kinds: Sequence[str], files: Sequence[Path] = (), written_of: ReviewSession | None = None
    ) -> None:
        """Record that files were written and what is in those that tell of the review, unless all is only read.

        Parameters
        ----------
        written_of
            The review that they were written of, which may be of a case before: writing takes its time. By default
            the one of now.
        """
        if not self.store.is_read_only:
            with self._recording() as session:
                (written_of or session).note_export(kinds)
                if hashes := hashes_of(files):
                    session.store.tell_of_files(hashes)

    def settle(self) -> None:
        """Notice that slices were fused meanwhile."""
        self.changed.emit()

    def close(self, rescue: Callable[[int], Path | None] = lambda _count: None) -> str:
        """Close the reader's file, and return what the reader must know, see `closing.close_store`."""
        return close_store(self.store, rescue)

    @contextmanager
    def _recording(self) -> Iterator[ReviewSession]:
        """Yield the session to say something to; also what was refused may have changed it, as on a full disk."""
        try:
            yield self.session
        finally:
            self.changed.emit()
