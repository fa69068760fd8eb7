"""The reader's list of lesions of the pair that is shown: what a reader does, one method each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np
from psygnal import Signal

from napari_refusion.evidence.lesions_shown import LesionsShown, hidden_findings
from napari_refusion.lesion.lesions import Lesions
from napari_refusion.lesion.measured import Measured, measure
from napari_refusion.lesion.methods import METHODS, draw
from napari_refusion.lesion.search import RADIUS
from napari_refusion.lesion.shared import shared_findings
from napari_refusion.session.lesion_files import DrawnOn, Files, lesion_rows, write_lesions
from napari_refusion.session.lesion_shares import LesionShares
from napari_refusion.session.lesion_source import LesionSource, asked_lesions, sources_of, words_of
from napari_refusion.session.lesion_steps import LesionSteps
from napari_refusion.session.runner import Runner, run_at_once
from napari_refusion.volume.finding import Finding, RefusedError, refuse

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_refusion.evidence.missed_uptake import MissedUptake
    from napari_refusion.fusion.engine import Engine
    from napari_refusion.fusion.partial import PartialFusion
    from napari_refusion.io.overlays.overlay import Overlay
    from napari_refusion.lesion.lesion import Lesion
    from napari_refusion.lesion.shown import Shown
    from napari_refusion.lesion.voi import VolumeOfInterest
    from napari_refusion.session.review import ReviewSession

BY_CLICK: Final = next(iter(METHODS))
"""What one click on uptake draws with."""

CORRECTED: Final = ", corrected by hand"
"""Behind the method of a lesion that the brush changed."""


class LesionSession:
    """A list of lesions for each pair; every change makes a new one, which is recorded first while a review is open.

    What cannot be done is not raised but said: `said` is emitted with each finding, and nothing changes.
    """

    changed = Signal()
    """Emitted when anything here may be another one."""
    said = Signal(object)
    """Emitted with a `Finding`: why something was refused, or what was noticed when something was drawn."""

    def __init__(self, runner: Runner = run_at_once) -> None:
        self._shares = LesionShares(runner)
        self._shares.changed.connect(self._hear_of_shares)
        self._lists: dict[frozenset[str], LesionSteps] = {}
        self._review: ReviewSession | None = None
        self._kept: dict[int, tuple[VolumeOfInterest, LesionSource, Measured]] = {}
        self.partial: PartialFusion | None = None
        """The pair that is shown."""
        self.sources: tuple[LesionSource, ...] = ()
        """Of the pair, those that show function first; none without a pair of medical images."""
        self.selected: int | None = None
        """Number of the lesion that the reader looks at."""
        self.measured: Mapping[int, Measured] = MappingProxyType({})
        """Number -> what its source holds in it; stale lesions are missing, they do not count."""

    @property
    def lesions(self) -> Lesions:
        """Return the list of the pair that is shown: that of the open review, or that of this window."""
        review = self._recording
        return self._steps.now if review is None else review.review.lesions

    @property
    def stale(self) -> frozenset[int]:
        """Return the numbers of lesions whose source was replaced, edited or moved by hand: shown, but not counted."""
        return frozenset(one.number for one in self.lesions if self.source_of(one) is None)

    @property
    def shares(self) -> Mapping[int, Shown | None]:
        """Return number -> how much of a lesion the fused image shows, as far as known; None where it lies outside."""
        return self._shares.known.of(one for one in self.lesions if self.source_of(one) is not None)

    @property
    def shown(self) -> LesionsShown:
        """Return what is known of how much the fused image shows of the lesions that count."""
        shares = self.shares
        asked = (one.number for one in asked_lesions(self.lesions, self.sources))
        return LesionsShown(shares, tuple(number for number in asked if number not in shares))

    @property
    def hidden(self) -> tuple[int, ...]:
        """Return the numbers of lesions that the fused image hides, the least shown first."""
        return tuple(self.shown.hidden)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Return a warning for each lesion that the fused image hides, the least shown first."""
        return hidden_findings(self.lesions, self.shown)

    @property
    def is_computing(self) -> bool:
        """Whether it is being computed how much the fused image shows."""
        return self._shares.is_computing

    def source_of(self, lesion: Lesion) -> LesionSource | None:
        """Return the source that a lesion was drawn on, None for a stale one."""
        return next((one for one in self.sources if one.holds(lesion)), None)

    def placed(self, number: int) -> VolumeOfInterest | None:
        """Return a lesion's voxels where views show them; None for a stale one."""
        lesion = self.lesions.numbered(number)
        source = self.source_of(lesion)
        return None if source is None else source.placed(lesion.voi)

    def rows(self) -> tuple[tuple[str, ...], ...]:
        """Return headings and a line for each lesion that counts, see `lesion_files.lesion_rows`."""
        return lesion_rows(self._drawn(), self.shares)

    def write(self, kind: str, folder: Path) -> Files:
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
        review = self._recording
        if review is None:
            return write_lesions((kind,), self._drawn(), self.rows(), folder)
        rows = lesion_rows(self._drawn(), self.shares, identified=review.project.identified)
        return write_lesions((kind,), self._drawn(), rows, folder, review.secret)

    def elsewhere(self, number: int) -> tuple[Measured, ...]:
        """Return what the other sources of the pair hold in a lesion: HU, or the signal of MRI."""
        place = self.placed(number)
        own = self.source_of(self.lesions.numbered(number))
        others = [one for one in self.sources if one is not own] if place is not None else []
        return tuple(measure(one.side.placed(), place) for one in others if place is not None)

    def drawn_on(self, content: str) -> tuple[Lesion, ...]:
        """Return the lesions that were drawn on a source with this content, whichever pair was shown then."""
        lists = (self.lesions, *(one.now for one in self._lists.values()))
        return next((found for one in lists if (found := tuple(x for x in one if x.source == content))), ())

    def show_pair(self, partial: PartialFusion | None) -> None:
        """Show the lesions of a pair; None where there is no pair."""
        if _fused_as(self.partial) != _fused_as(partial):
            self._shares.drop()
        self.partial = partial
        self.sources = sources_of(partial, self.sources)
        self._refresh()

    def open_review(self, review: ReviewSession | None) -> None:
        """Record every change in a review from now on, and show what is recorded there; None when it is closed.

        What was drawn of its pair before is recorded behind what is in it already.
        """
        self._review = review
        self._hear_of_shares()
        self._refresh()
        drawn = [one for one in self._steps.now if self.source_of(one) is not None]
        if self._recording is None or not self._recording.is_open or not drawn:
            return
        last = self.lesions.last
        with self._telling():
            self._put(_behind(self.lesions, drawn))
        if self.lesions.last > last:  # also where the disk was full: it was said all the same
            del self._lists[self._key]
            words = "1 lesion" if len(drawn) == 1 else f"{len(drawn)} lesions"
            sentence = f"What was drawn before is in the record of the review now: {words}."
            self._tell([Finding("ok", "volume of interest", sentence, words)])

    @property
    def unrecorded(self) -> Lesions:
        """Return the list of the pair that is in no record of a review; empty where one holds it."""
        return Lesions() if self._recording is not None else self._steps.now

    def restore(self, lesions: Lesions) -> None:
        """Show a list that was kept in place of that of the pair; an open review records it behind what it holds."""
        self._lists[self._key] = LesionSteps(lesions)
        self.open_review(self._review)

    def read_again(self) -> None:
        """Show what the open review holds now: something else was undone or redone there."""
        self._refresh()

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
            Index in `sources`.
        radius
            mm about the click, within which a contour grows.
        """
        with self._telling():
            drawn_on = self._source(source)
            place = drawn_on.point(np.asarray(point, np.float64))
            drawn = draw(drawn_on.volume, place, method, amount, radius=radius)
            self._add(self.lesions.added(drawn.voi, drawn_on.content))
            last = self.lesions.last
            self._tell((*drawn.findings, *self.measured[last].findings, *shared_findings(self.lesions, last)))
            return last
        return None

    def add_voi(self, voi: VolumeOfInterest, source: int = 0, name: str = "", site: str = "") -> int | None:
        """Add voxels that were drawn or read elsewhere, on any grid; return the number, None where it was refused."""
        with self._telling():
            drawn_on = self._source(source)
            self._add(self.lesions.added(drawn_on.own(voi), drawn_on.content, name, site))
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
            Index in `sources`: the one that the overlay was read for.
        """
        with self._telling():
            drawn_on = self._source(source)
            lesions, first = self.lesions, self.lesions.last + 1
            for one in (one for one in overlay.segments if one.name in names):
                method = one.voi.method or overlay.kind
                lesions = lesions.added(drawn_on.own(replace(one.voi, method=method)), drawn_on.content, one.name)
            numbers = tuple(range(first, lesions.last + 1))
            if numbers:
                self._add(lesions)
            for number in numbers:
                self._tell(shared_findings(self.lesions, number))
            return numbers
        return ()

    def replace_voi(self, number: int, voi: VolumeOfInterest) -> None:
        """Give a lesion other voxels of its source, as the brush left them."""
        with self._telling():
            lesion = self.lesions.numbered(number)
            source = self.source_of(lesion)
            if source is None:
                sentence = f"Open the files that {lesion.title} was drawn on: its source was replaced since."
                raise refuse("volume of interest", sentence, lesion.title)
            method = lesion.voi.method.removesuffix(CORRECTED) + CORRECTED
            self._put(self.lesions.replaced(replace(lesion, voi=replace(source.own(voi), method=method))))

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
        review = self._recording
        return self._step(LesionSteps.undone, None if review is None else review.undo_lesions)

    def redo(self) -> bool:
        """Do again what was taken back last; return whether there was anything."""
        review = self._recording
        return self._step(LesionSteps.redone, None if review is None else review.redo_lesions)

    def compute_shares(self, engine: Engine) -> None:
        """Compute how much of each lesion the fused image shows, of those of which that is not known yet.

        Only lesions that are drawn on a source that shows function are asked about.
        """
        if self.partial is not None and not self.partial.study.is_comparison:
            known = self.shares
            asked = [one for one in asked_lesions(self.lesions, self.sources) if one.number not in known]
            self._shares.compute(engine, self.partial, self.lesions, asked)

    def cancel(self) -> None:
        """Stop computing; what is known stays."""
        self._shares.cancel()

    def _drawn(self) -> tuple[DrawnOn, ...]:
        """Return the lesions that count by source, as they are measured."""
        words = words_of(self.partial, self.sources)
        counted = [one for one in self.lesions if one.number in self.measured]
        return tuple(
            DrawnOn(source.volume, word, own, tuple(self.measured[one.number] for one in own))
            for source, word in zip(self.sources, words, strict=True)
            if (own := tuple(one for one in counted if source.holds(one)))
        )

    @property
    def _recording(self) -> ReviewSession | None:
        """Return the open review if it is one of the pair that is shown."""
        review = self._review
        if review is None or {one.content for one in self.sources} != {one.content for one in review.lesion_sources}:
            return None
        return review

    @property
    def _steps(self) -> LesionSteps:
        return self._lists.get(self._key, LesionSteps())

    @property
    def _key(self) -> frozenset[str]:
        """Return what tells a pair of images from others, whatever they hold at the moment."""
        return frozenset(one.side.key or one.content for one in self.sources)

    def _source(self, index: int) -> LesionSource:
        if not 0 <= index < len(self.sources):
            sentence = "Choose two images of a patient first: there is nothing that lesions can be drawn on."
            raise refuse("volume of interest", sentence)
        return self.sources[index]

    def _add(self, lesions: Lesions) -> None:
        self._put(lesions, lesions.last)

    def _change(self, number: int, **words: object) -> None:
        with self._telling():
            lesion = self.lesions.numbered(number)
            if any(getattr(lesion, name) != value for name, value in words.items()):
                self._put(self.lesions.replaced(replace(lesion, **words)))  # type: ignore[arg-type]

    def _put(self, lesions: Lesions, selected: int | None = None) -> None:
        """Make this the list; while a review is open, record it first."""
        if not self.sources:
            self._source(0)
        review = self._recording
        if review is None:
            self._lists[self._key] = self._steps.changed(lesions)
        else:
            try:
                review.change_lesions(lesions)
            finally:
                self._refresh()  # what could not be written yet was said all the same
        self.selected = selected or self.selected
        self._refresh()

    def _step(self, how: Callable[[LesionSteps], LesionSteps], in_review: Callable[[], bool] | None) -> bool:
        before = self.lesions
        with self._telling():
            if in_review is not None:
                in_review()
            else:
                self._lists[self._key] = how(self._steps)
        self._refresh()
        return self.lesions is not before

    def _refresh(self) -> None:
        """Measure what is not measured yet, forget what is gone, and tell."""
        kept = {}
        for one in self.lesions:
            source, old = self.source_of(one), self._kept.get(one.number)
            if source is not None:
                same = old is not None and old[0].equals(one.voi) and old[1].volume is source.volume
                measured = old[2] if old is not None and same else measure(source.volume, one.voi)
                kept[one.number] = (one.voi, source, measured)
        self._kept = kept
        self.measured = MappingProxyType({number: one[2] for number, one in kept.items()})
        if self.selected not in {one.number for one in self.lesions}:
            self.selected = None
        self.changed.emit()

    def _hear_of_shares(self) -> None:
        review = self._recording
        if review is not None and _fused_as(review.partial) == _fused_as(self.partial):
            review.take_shown(self._shares.known)
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


def _behind(lesions: Lesions, others: Sequence[Lesion]) -> Lesions:
    """Return a list with the lesions of another one behind its own, with numbers of its own."""
    for one in others:
        lesions = lesions.added(one.voi, one.source)
        lesions = lesions.replaced(replace(one, number=lesions.last))
    return lesions


def _fused_as(partial: PartialFusion | None) -> tuple[object, ...]:
    """Return what tells fused images of one pair apart."""
    if partial is None:
        return ()
    sides = [(one.source.origin.sha256, id(one.source.data), one.move) for one in partial.study.sides]
    return *sides, partial.study.windows, partial.axis, partial.study.reference, partial.weights_sha256
