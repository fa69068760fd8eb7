"""The reader's list of lesions of the pair that is shown: what a reader does, one method each.

Read it from here: `MeasuredLesions` is the list on its sources, `LesionLists` keeps it, `lesion_drawing` draws, and
`LesionShares` computes what the fused image shows of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
from psygnal import Signal

from napari_refusion.io.given_path import given_path
from napari_refusion.lesion.search import RADIUS
from napari_refusion.lesion.shared import shared_findings
from napari_refusion.session.lesions.drawing import BY_CLICK, corrected, drawn_at, with_regions
from napari_refusion.session.lesions.files import Files, lesion_rows, with_marks, write_lesions
from napari_refusion.session.lesions.lists import LesionLists, behind
from napari_refusion.session.lesions.measured import MeasuredLesions
from napari_refusion.session.lesions.shares import LesionShares
from napari_refusion.session.lesions.source import LesionSource, sources_of
from napari_refusion.session.runner import Runner, run_at_once
from napari_refusion.volume.finding import Finding, RefusedError, refuse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_refusion.evidence.missed_uptake import MissedUptake
    from napari_refusion.fusion.partial import PartialFusion
    from napari_refusion.io.given_path import GivenPath
    from napari_refusion.io.overlays.overlay import Overlay
    from napari_refusion.lesion.lesions import Lesions
    from napari_refusion.lesion.voi import VolumeOfInterest
    from napari_refusion.session.review import ReviewSession


NO_SOURCE: Final = "Choose two images of a patient first: there is nothing that lesions can be drawn on."


class LesionSession:
    """A list of lesions for each pair; every change makes a new one, which is recorded first while a review is open.

    What cannot be done is not raised but said: `said` is emitted with each finding, and nothing changes.
    """

    changed = Signal()
    """Emitted when anything here may be another one."""
    said = Signal(object)
    """Emitted with a `Finding`: why something was refused, or what was noticed when something was drawn."""

    def __init__(self, runner: Runner = run_at_once) -> None:
        self.lists = LesionLists()
        """Those of all pairs."""
        self.now = MeasuredLesions()
        """That of the pair that is shown, on its sources."""
        self.shares = LesionShares(runner)
        """How much the fused image shows of it."""
        self.shares.changed.connect(self._hear_of_shares)
        self.selected: int | None = None
        """Number of the lesion that the reader looks at."""

    @property
    def lesions(self) -> Lesions:
        """Return the list of the pair that is shown: that of the open review, or that of this window."""
        return self.lists.now

    def rows(self) -> tuple[tuple[str, ...], ...]:
        """Return headings and a line for each lesion that counts, see `lesion_files.lesion_rows`."""
        return lesion_rows(self.now.drawn(), self.shares.known)

    def write(self, kind: str, folder: GivenPath) -> Files:
        """Return the generator that writes the lesions that count to a new folder and yields its files.

        While a review is open, DICOM objects hide the patient as its project says.

        Parameters
        ----------
        kind
            One of `lesion_files.WRITERS`.

        Raises
        ------
        RefusedError
            By the generator, for what cannot be written.
        """
        folder = given_path(folder)
        drawn, review = self.now.drawn(), self.lists.recording
        if review is None:
            return write_lesions((kind,), drawn, self.rows(), folder)
        rows = lesion_rows(drawn, self.shares.known, identified=review.project.identified)
        marked = with_marks(drawn, review.review.lesions_said.by_number)
        return write_lesions((kind,), marked, rows, folder, review.secret)

    def show_pair(self, partial: PartialFusion | None) -> None:
        """Show the lesions of a pair; None where there is no pair."""
        if not self.shares.are_of(partial):
            self.shares.drop()
        sources = sources_of(partial, self.now.sources)
        self.lists.leave_record()
        self.lists.sources = sources
        self._measure(partial, sources)

    def open_review(self, review: ReviewSession | None) -> None:
        """Record every change in a review from now on, and show what is recorded there; None when it is closed.

        What was drawn of its pair before is recorded behind what is in it already.
        """
        self.lists.leave_record()
        self.lists.review = review
        self._hear_of_shares()
        self.read_again()
        drawn = self.lists.unrecorded_before
        if not drawn:
            return
        last = self.lesions.last
        with self._telling():
            self._put(behind(self.lesions, drawn))
        if self.lesions.last > last:  # also where the disk was full: it was said all the same
            self.lists.forget_in_window()
            words = "1 lesion" if len(drawn) == 1 else f"{len(drawn)} lesions"
            sentence = f"What was drawn before is in the record of the review now: {words}."
            self._tell([Finding("ok", "volume of interest", sentence, words)])

    def restore(self, lesions: Lesions) -> None:
        """Show a list that was kept in place of that of the pair; an open review records it behind what it holds."""
        self.lists.keep_in_window(lesions)
        self.open_review(self.lists.review)

    def read_again(self) -> None:
        """Show the list as it is kept now: something else may have been undone or redone in the open review."""
        self._measure(self.now.partial, self.now.sources)

    def select(self, number: int | None) -> None:
        """Look at a lesion, or at none."""
        if number != self.selected:
            self.selected = number
            self.changed.emit()

    def add_at(
        self,
        point: NDArray[np.float64],
        method: str = BY_CLICK,
        amount: float | None = None,
        source: int = 0,
        *,
        radius: float = RADIUS,
    ) -> int | None:
        """Draw a lesion where the reader clicked; return its number, None where that was refused.

        Parameters
        ----------
        point
            (3,) RAS+ mm, as the pair is shown.
        method
            One of `lesion.methods.METHODS`.
        amount
            Its number; by default the first that is offered.
        source
            Index in `MeasuredLesions.sources`.
        radius
            mm about the click, within which a contour grows.
        """
        with self._telling():
            lesions, noticed = drawn_at(self.lesions, self._source(source), point, method, amount, radius=radius)
            self._put(lesions, lesions.last)
            last = self.lesions.last
            self._tell((*noticed, *self.now.measured[last].findings, *shared_findings(self.lesions, last)))
            return last
        return None

    def add_voi(self, voi: VolumeOfInterest, source: int = 0, name: str = "", site: str = "") -> int | None:
        """Add voxels that were drawn or read elsewhere, on any grid; return the number, None where it was refused."""
        with self._telling():
            drawn_on = self._source(source)
            lesions = self.lesions.added(drawn_on.own(voi), drawn_on.content, name, site)
            self._put(lesions, lesions.last)
            return self.lesions.last
        return None

    def add_from_missed(self, spot: MissedUptake) -> int | None:
        """Draw a lesion at a place of the list of missed uptake; return its number, None where it was refused."""
        return self.add_at(np.array(spot.point))

    def take_overlay(self, overlay: Overlay, names: Sequence[str], source: int = 0) -> tuple[int, ...]:
        """Add regions of an overlay, by their names, in one step; return their numbers, none where it was refused.

        Parameters
        ----------
        source
            Index in `MeasuredLesions.sources`: the one that the overlay was read for.
        """
        with self._telling():
            lesions, first = with_regions(self.lesions, self._source(source), overlay, names), self.lesions.last + 1
            numbers = tuple(range(first, lesions.last + 1))
            if numbers:
                self._put(lesions, lesions.last)
            for number in numbers:
                self._tell(shared_findings(self.lesions, number))
            return numbers
        return ()

    def replace_voi(self, number: int, voi: VolumeOfInterest) -> None:
        """Give a lesion other voxels of its source, as the brush left them."""
        with self._telling():
            source = self.now.source_of(self.lesions.numbered(number))
            self._put(corrected(self.lesions, source, number, voi))

    def rename(self, number: int, name: str) -> None:
        """Call a lesion otherwise; an empty name gives ``Lesion 1``."""
        self._change(number, name=" ".join(name.split()))

    def set_site(self, number: int, site: str) -> None:
        """Say where in the body a lesion lies, in the reader's words."""
        self._change(number, site=" ".join(site.split()))

    def comment(self, number: int, text: str) -> None:
        """Comment on a lesion, in place of the comment before."""
        self._change(number, comment=text.strip())

    def mark_key(self, number: int, is_key: bool) -> None:
        """Make the slice through a lesion's middle a key image, or no longer one."""
        self._change(number, is_key=is_key)

    def set_group(self, number: int, group: str) -> None:
        """Join a lesion with the same one of another time point by a word that both have; empty for none."""
        self._change(number, group=" ".join(group.split()))

    def remove(self, number: int) -> None:
        """Take a lesion from the list; its number is not given again."""
        with self._telling():
            self._put(self.lesions.removed(number))

    def undo(self) -> bool:
        """Take the last change of the list back; return whether there was one."""
        return self._step(self.lists.undo)

    def redo(self) -> bool:
        """Do again what was taken back last; return whether there was anything."""
        return self._step(self.lists.redo)

    def _source(self, index: int) -> LesionSource:
        if not 0 <= index < len(self.now.sources):
            raise refuse("volume of interest", NO_SOURCE)
        return self.now.sources[index]

    def _change(self, number: int, **words: object) -> None:
        with self._telling():
            lesion = self.lesions.numbered(number)
            if any(getattr(lesion, name) != value for name, value in words.items()):
                self._put(self.lesions.replaced(replace(lesion, **words)))  # type: ignore[arg-type]

    def _put(self, lesions: Lesions, selected: int | None = None) -> None:
        """Make this the list, and look at one of its lesions; while a review is open, record it first."""
        self._source(0)  # without a pair there is none to change
        try:
            self.lists.change(lesions)
            self.selected = selected or self.selected
        finally:
            self.read_again()  # what could not be written yet was said all the same

    def _step(self, step: Callable[[], None]) -> bool:
        before = self.lesions
        with self._telling():
            step()
        self.read_again()
        return self.lesions is not before

    def _measure(self, partial: PartialFusion | None, sources: tuple[LesionSource, ...]) -> None:
        """Measure what is not measured yet, forget what is gone, and tell."""
        self.now = self.now.followed_by(self.lesions, partial, sources)
        self.shares.ask_about(self.now)
        if self.selected not in {one.number for one in self.lesions}:
            self.selected = None
        self.changed.emit()

    def _hear_of_shares(self) -> None:
        review = self.lists.recording
        if review is not None and self.shares.are_of(review.partial):
            review.lesions.take_shown(self.shares.computed)
        self.changed.emit()

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Say why something is refused, in place of raising it."""
        try:
            yield
        except RefusedError as error:
            self._tell(error.findings)

    def _tell(self, findings: Sequence[Finding]) -> None:
        for one in findings:
            self.said.emit(one)
