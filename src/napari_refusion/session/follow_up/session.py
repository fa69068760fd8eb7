"""Baseline and follow-up of one patient: two lists of lesions, which of them are the same, and what changed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from psygnal import Signal

from napari_refusion.lesion.drawn_by import DrawnBy, drawn_by
from napari_refusion.session.follow_up.baseline import BaselineLesions
from napari_refusion.session.follow_up.examination import Examination, in_unit_of, noticed, why_not_compared
from napari_refusion.session.follow_up.matches import LesionMatches
from napari_refusion.session.follow_up.matching import ComparedPoint, Comparison, compared
from napari_refusion.session.follow_up.move import FollowUpMove
from napari_refusion.session.lesions.drawing import BY_CLICK
from napari_refusion.session.runner import Runner, run_at_once
from napari_refusion.volume.affine import inverse, transformed
from napari_refusion.volume.finding import Finding, RefusedError
from napari_refusion.volume.rigid import matrix_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_refusion.io.overlays.overlay import Overlay
    from napari_refusion.lesion.lesions import Lesions
    from napari_refusion.session.follow_up.matching import ChangeRow
    from napari_refusion.session.lesions.session import LesionSession
    from napari_refusion.session.lesions.source import LesionSource
    from napari_refusion.volume.rigid import RigidMove


class FollowUpSession:
    """Compares the pair that is shown, the follow-up, with a baseline; what cannot be done is said, not raised.

    Places are those of the follow-up as it is shown, (3,) RAS+ mm, unless something else is said.
    """

    changed = Signal()
    """Emitted when anything here may be another one."""
    said = Signal(object)
    """Emitted with a `Finding`: why something was refused, or what was noticed when something was drawn."""

    def __init__(
        self, later: LesionSession, runner: Runner = run_at_once, lists: BaselineLesions | None = None
    ) -> None:
        self.later = later
        """The list of the follow-up."""
        self._own = BaselineLesions() if lists is None else lists
        self.moving = FollowUpMove(runner, self._own.moves)
        """How the baseline is laid on the follow-up."""
        self.baseline: Examination | None = None
        """In the unit of the follow-up, where it can be had in that."""
        self.follow_up: Examination | None = None
        """The pair that is shown; None where there is none."""
        self.reason = ""
        """Why files that name two patients are compared all the same, as the reader typed it."""
        self.refusal, self.rule = "", ""
        """Why the two are not compared, as a sentence, and the rule by which; both empty where they are."""
        self.found = Comparison()
        """What changed; empty where the two are not compared."""
        self._chosen: Examination | None = None
        self.matches = LesionMatches(self._own, later)
        """What the reader says about which lesions are the same."""
        self._shown: tuple[tuple[str, RigidMove | None], ...] = ()
        later.changed.connect(self._follow)
        self.moving.changed.connect(self._refresh)
        self.matches.changed.connect(self._refresh)
        self._follow()

    @property
    def lesions(self) -> Lesions:
        """Return the baseline's list."""
        return self._own.now

    @property
    def reader(self) -> str:
        """Return whose review was open last; empty before there was one."""
        return self._own.reader

    @property
    def source(self) -> LesionSource | None:
        """Return the follow-up's source that is measured."""
        return next(iter(self.later.now.sources), None)

    @property
    def can_undo(self) -> bool:
        """Whether the baseline's list was changed."""
        return self._own.can_undo

    @property
    def is_compared(self) -> bool:
        """Whether there are two examinations, and nothing forbids comparing them."""
        return self.baseline is not None and self.follow_up is not None and not self.refusal

    def close(self) -> None:
        """Follow the list of the follow-up no longer."""
        self.later.changed.disconnect(self._follow)
        self.moving.show(None)

    def choose_baseline(self, baseline: Examination | None, reason: str = "") -> None:
        """Compare with this examination; None for none.

        Parameters
        ----------
        reason
            Why the files of two patients are compared all the same; empty forbids that.
        """
        self.reason = " ".join(reason.split())
        self._chosen = baseline
        self._begin()

    def in_baseline(self, point: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return where the baseline's files have what lies at a place of the follow-up."""
        return transformed(inverse(self.moving.matrix), point)

    def in_follow_up(self, point: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return where the follow-up has what the baseline's files put at a place."""
        return transformed(self.moving.matrix, point)

    def add_at(self, point: NDArray[np.float64], how: DrawnBy | None = None) -> int | None:
        """Draw a lesion of the baseline at a place; return its number, None where that was refused."""
        how = how or DrawnBy(BY_CLICK)
        if not self.is_compared:
            return None
        try:
            noticed = self._own.draw(self.in_baseline(point), how)
        except RefusedError as error:
            self._tell(error.findings)
            return None
        self._refresh()
        self._tell(noticed)
        return self.lesions.last

    def take_overlay(self, overlay: Overlay) -> int:
        """Make the regions of a file, which was read for the baseline, its lesions; return how many lie in it."""
        count = 0 if self.baseline is None else self._own.add(overlay)
        self._refresh()
        self._tell([one for one in overlay.findings if one.level != "ok"])
        return count

    def take_drawn(self) -> int:
        """Take the lesions that were drawn on the baseline when it was the pair that was shown; return how many."""
        count = 0 if self.baseline is None else self._own.take(self.later.lists.drawn_on(self.baseline.content))
        self._refresh()
        return count

    def remove(self, number: int) -> None:
        """Take a lesion from the baseline's list."""
        self._own.remove(number)
        self._refresh()

    def undo(self) -> None:
        """Take the last change of the baseline's list back."""
        self._own.undo()
        self._refresh()

    def draw_at_other(self, row: ChangeRow) -> int | None:
        """Draw a lesion that one examination has at the same place of the other one, by the same method; match both.

        Return the number of the new one, None where there is nothing to be drawn or it was refused.
        """
        before, after = row.change.before, row.change.after
        if before is not None and after is None:
            point, how = self.place_of(row), drawn_by(before.voi.method) or DrawnBy(BY_CLICK)
            number = None if point is None else self.later.add_at(point, how.method, how.amount)
            return self._matched(before.number, number)
        if after is not None and before is None:
            point, how = self.place_of(row), drawn_by(after.voi.method) or DrawnBy(BY_CLICK)
            number = None if point is None else self.add_at(point, how)
            return None if number is None or self._matched(number, after.number) is None else number
        return None

    def place_of(self, row: ChangeRow) -> NDArray[np.float64] | None:
        """Return where the lesion of a line has its maximum: in the follow-up, else in the baseline."""
        before, after = row.change.before, row.change.after
        if after is not None and (known := self.later.now.measured.get(after.number)) and known.place and self.source:
            return self.source.point_in_pair(known.place)
        own = None if before is None else self._own.measured.get(before.number)
        place = None if own is None else own.place
        return None if place is None else self.in_follow_up(np.array(place))

    def accept_proposed(self) -> None:
        """Say that all lesions that are proposed are the same."""
        for one in self.found.proposed:
            self.matches.match(one.before, one.after)

    def _matched(self, before: int | None, after: int | None) -> int | None:
        if before is not None and after is not None:
            self.matches.match(before, after)
        return after

    def _follow(self) -> None:
        """Look at the pair that is shown: what was registered holds for those two examinations alone."""
        self._take_reader()
        sources = self.later.now.sources
        shown = tuple((one.content, one.side.move) for one in sources)
        if shown == self._shown:
            self._take_unit()
            self._refresh()
            return
        if {one[0] for one in shown} != {one[0] for one in self._shown}:
            self.reason = ""  # it was typed for the two examinations that were compared then
        self._shown = shown
        first = next(iter(sources), None)
        other = next((one.side.placed() for one in sources[1:] if one.volume.is_anatomical), None)
        self.follow_up = None if first is None else Examination(first.volume, other, first.content)
        self._begin()

    def _take_reader(self) -> None:
        """Keep nothing that another reader drew, registered or gave as a reason."""
        review = self.later.lists.review
        if review is not None and self._own.take_reader(review.store.reader):
            self.reason = ""
            self._begin()

    def _take_unit(self) -> None:
        """Compare in the unit that the follow-up is shown in now; what was matched and registered stays."""
        source, follow_up = self.source, self.follow_up
        if source is None or follow_up is None or source.volume.unit == follow_up.measured.unit:
            return
        self.follow_up = replace(follow_up, measured=source.volume)
        was_compared = self.is_compared
        self._judge()
        if self.is_compared != was_compared:
            self._begin()

    def _begin(self) -> None:
        """Begin with two examinations of which at least one is another one."""
        self._judge()
        before, after = self.baseline, self.follow_up
        if before is None or after is None or self.refusal or self.source is None:
            self.moving.show(None)
        elif before.anatomy is not None and after.anatomy is not None:
            self.moving.show((after.anatomy, before.anatomy))
        else:
            self.moving.show((self.source.side.placed(), before.measured))

    def _judge(self) -> None:
        """Bring the baseline into the follow-up's unit, and find out whether the two are compared."""
        before, after = self._chosen, self.follow_up
        self.rule, self.refusal = "", ""
        if before is not None and after is not None:
            before = in_unit_of(before, after)
            self.rule, self.refusal = why_not_compared(before, after, self.reason)
        self.baseline = before
        self._own.choose(before)

    def _refresh(self) -> None:
        """Measure what is not measured yet, compare anew, and tell."""
        baseline, follow_up, source = self.baseline, self.follow_up, self.source
        self.found = Comparison()
        if baseline is not None and follow_up is not None and source is not None and not self.refusal:
            later = [one for one in self.later.lesions if self.later.now.source_of(one) is source]
            before, after = self.matches.said(later)
            # whose they are was decided above, with the reader's reason
            found = compared(
                ComparedPoint(baseline.time_point(before, self._own.measured), self.moving.matrix),
                ComparedPoint(follow_up.time_point(after, self.later.now.measured), matrix_of(source.side.move)),
            )
            before_all = *noticed(baseline, follow_up, self.reason), *self._changed_since()
            self.found = replace(found, findings=(*before_all, *found.findings))
        self.changed.emit()

    def _changed_since(self) -> tuple[Finding, ...]:
        """Return what there is to say where the baseline's lesions were taken over and drawn otherwise since."""
        if not self._own.is_behind(self.later.lists.drawn_on(self._own.content)):
            return ()
        sentence = "Take the lesions that were drawn on the baseline again (Lesions): they were changed since."
        return (Finding("warn", "volume of interest", sentence),)

    def _tell(self, findings: Sequence[Finding]) -> None:
        for one in findings:
            self.said.emit(one)
