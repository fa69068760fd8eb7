"""How much the fused image shows of lesions: computed in a worker, and known as long as their voxels are the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from psygnal import Signal

from napari_refusion.evidence.lesions_shown import LesionsShown, hidden_findings, lesions_shown
from napari_refusion.session.lesions.measured import MeasuredLesions
from napari_refusion.session.lesions.source import asked_lesions
from napari_refusion.session.runner import Runner, run_at_once

if TYPE_CHECKING:
    from napari_refusion.fusion.engine import Engine
    from napari_refusion.fusion.partial import PartialFusion
    from napari_refusion.lesion.lesions import Lesions
    from napari_refusion.lesion.shown import Shown
    from napari_refusion.lesion.voi import VolumeOfInterest
    from napari_refusion.session.lesions.source import LesionSource
    from napari_refusion.session.runner import Running
    from napari_refusion.volume.finding import Finding


@dataclass(frozen=True, slots=True, eq=False)
class KnownShares:
    """What was computed of one fused image."""

    known: Mapping[int, tuple[VolumeOfInterest, Shown | None]] = field(default_factory=lambda: MappingProxyType({}))
    """Number of a lesion -> its voxels then, and how much of them is shown; None where they lie outside."""

    def shown(self, lesions: Lesions, sources: Sequence[LesionSource]) -> LesionsShown:
        """Return what is known of those lesions of a list that can be asked about and whose voxels are still the same.

        Parameters
        ----------
        sources
            What they are drawn on.
        """
        asked = [one.number for one in asked_lesions(lesions, sources)]
        found = ((one, self.known.get(one.number)) for one in lesions if one.number in asked)
        shown = {one.number: old[1] for one, old in found if old is not None and old[0].equals(one.voi)}
        return LesionsShown(MappingProxyType(shown), tuple(number for number in asked if number not in shown))

    def added(self, number: int, voi: VolumeOfInterest, shown: Shown | None) -> KnownShares:
        """Return it with one more lesion."""
        return KnownShares(MappingProxyType({**self.known, number: (voi, shown)}))


class LesionShares:
    """Computes, for the lesions of the pair that is shown, what is not known yet of their share in its fused image."""

    changed = Signal()
    """Emitted when more is known, and when it begins or ends."""

    def __init__(self, runner: Runner = run_at_once) -> None:
        self._runner = runner
        self._job: Running | None = None
        self._asked_of: Mapping[int, VolumeOfInterest] = {}
        self._list = MeasuredLesions()
        self.computed = KnownShares()
        """Of this fused image, whatever the list holds now."""

    @property
    def known(self) -> Mapping[int, Shown | None]:
        """Return number -> how much of a lesion is shown, as far as known; None where it lies outside."""
        return self.shown.shown

    @property
    def shown(self) -> LesionsShown:
        """Return what is known of the lesions that count."""
        return self.computed.shown(self._list.lesions, self._list.sources)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Return a warning for each lesion that the fused image hides, the least shown first."""
        return hidden_findings(self._list.lesions, self.shown)

    @property
    def is_computing(self) -> bool:
        """Whether it is at work."""
        return self._job is not None

    def are_of(self, partial: PartialFusion | None) -> bool:
        """Return whether a pair is fused to the image that is asked about."""
        return _fused_as(self._list.partial) == _fused_as(partial)

    def ask_about(self, listed: MeasuredLesions) -> None:
        """Go on with this list; see `drop` for another image."""
        self._list = listed

    def compute(self, engine: Engine) -> None:
        """Compute how much of each lesion the fused image shows, of those of which that is not known yet.

        Only lesions that are drawn on a source that shows function are asked about; nothing happens while it is at
        work, and of a pair that is compared and not fused.
        """
        partial = self._list.partial
        if self.is_computing or partial is None or partial.study.is_comparison:
            return
        known = self.known
        asked = [one for one in asked_lesions(self._list.lesions, self._list.sources) if one.number not in known]
        if asked:
            self._asked_of = {one.number: one.voi for one in self._list.lesions}
            self._job = self._runner(lesions_shown, (engine, partial, asked), self._receive, self._end)
            self._job.announce(len(asked), "How much of each lesion is shown")
            self.changed.emit()
            self._job.start()

    def cancel(self) -> None:
        """Stop; what is known stays."""
        if self._job is not None:
            self._job.cancel()

    def drop(self) -> None:
        """Stop and forget: another image is shown."""
        self.computed = KnownShares()
        if self._job is not None:
            self._job.close()

    def _receive(self, message: tuple[int, Shown | None]) -> None:
        number, shown = message
        self.computed = self.computed.added(number, self._asked_of[number], shown)
        if self._job is not None:
            self._job.advance()
        self.changed.emit()

    def _end(self, _end: str) -> None:
        self._job = None
        self.changed.emit()


def _fused_as(partial: PartialFusion | None) -> tuple[object, ...]:
    """Return what tells fused images of one pair apart."""
    if partial is None:
        return ()
    sides = [(one.source.origin.sha256, id(one.source.data), one.move) for one in partial.study.sides]
    return *sides, partial.study.windows, partial.axis, partial.study.reference, partial.weights_sha256
