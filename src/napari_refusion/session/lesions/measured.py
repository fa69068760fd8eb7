"""A list of lesions on the sources of the pair that is shown: which of them count, where, and what the sources hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from napari_refusion.lesion.lesions import Lesions
from napari_refusion.lesion.measured import Measured, measure
from napari_refusion.session.lesions.files import DrawnOn
from napari_refusion.session.lesions.source import LesionSource, words_of

if TYPE_CHECKING:
    from napari_refusion.fusion.partial import PartialFusion
    from napari_refusion.lesion.lesion import Lesion
    from napari_refusion.lesion.voi import VolumeOfInterest

_NONE: Final = Lesions()


@dataclass(frozen=True, slots=True, eq=False)
class MeasuredLesions:
    """A list as it is measured; stale lesions, whose source was replaced, edited or moved by hand, do not count."""

    lesions: Lesions = _NONE
    partial: PartialFusion | None = None
    """The pair that is shown."""
    sources: tuple[LesionSource, ...] = ()
    """Of the pair, those that show function first; none without a pair of medical images."""
    measured: Mapping[int, Measured] = field(default_factory=lambda: MappingProxyType({}))
    """Number -> what its source holds in it; stale lesions are missing."""

    @property
    def stale(self) -> frozenset[int]:
        """Return the numbers of lesions that are shown in the list, but not counted."""
        return frozenset(one.number for one in self.lesions if self.source_of(one) is None)

    def source_of(self, lesion: Lesion) -> LesionSource | None:
        """Return the source that a lesion was drawn on, None for a stale one."""
        return next((one for one in self.sources if one.holds(lesion)), None)

    def placed(self, number: int) -> VolumeOfInterest | None:
        """Return a lesion's voxels where views show them; None for a stale one."""
        lesion = self.lesions.numbered(number)
        source = self.source_of(lesion)
        return None if source is None else source.placed(lesion.voi)

    def elsewhere(self, number: int) -> tuple[Measured, ...]:
        """Return what the other sources of the pair hold in a lesion: HU, or the signal of MRI."""
        place = self.placed(number)
        own = self.source_of(self.lesions.numbered(number))
        others = [one for one in self.sources if one is not own] if place is not None else []
        return tuple(measure(one.side.placed(), place) for one in others if place is not None)

    def drawn(self) -> tuple[DrawnOn, ...]:
        """Return the lesions that count, by source."""
        words = words_of(self.partial, self.sources)
        counted = [one for one in self.lesions if one.number in self.measured]
        return tuple(
            DrawnOn(source.volume, word, own, tuple(self.measured[one.number] for one in own))
            for source, word in zip(self.sources, words, strict=True)
            if (own := tuple(one for one in counted if source.holds(one)))
        )

    def followed_by(
        self, lesions: Lesions, partial: PartialFusion | None, sources: tuple[LesionSource, ...]
    ) -> MeasuredLesions:
        """Return another list, perhaps of another pair; lesions and volumes that stayed are not measured again."""
        following = MeasuredLesions(lesions, partial, sources)
        before = {one.number: one for one in self.lesions}
        measured = {}
        for one in lesions:
            if (source := following.source_of(one)) is not None:
                known = self._measured_in(before.get(one.number), one, source)
                measured[one.number] = known or measure(source.volume, one.voi)
        return MeasuredLesions(lesions, partial, sources, MappingProxyType(measured))

    def _measured_in(self, before: Lesion | None, now: Lesion, source: LesionSource) -> Measured | None:
        """Return what is known of a lesion if it has the same voxels of the same volume still."""
        own = None if before is None else self.source_of(before)
        if before is None or own is None or own.volume is not source.volume or not before.voi.equals(now.voi):
            return None
        return self.measured.get(now.number)
