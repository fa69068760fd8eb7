"""The reference regions of a pair, liver and blood pool, and the five-point score of lesions by them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from psygnal import Signal

from napari_refusion.lesion.deauville import Score, deauville, why_no_score
from napari_refusion.lesion.lesions import Lesions
from napari_refusion.lesion.measured import measure
from napari_refusion.lesion.reference import TISSUES, ReferenceRegion, reference_region
from napari_refusion.volume.finding import Finding, RefusedError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from napari_refusion.lesion.measured import Measured
    from napari_refusion.lesion.voi import VolumeOfInterest
    from napari_refusion.session.lesions.source import LesionSource

_UNKNOWN: Final = "?"
"""In place of a reader's name: whoever placed the regions of a session that was saved without a review."""

NO_FUNCTION = "Choose a pair with PET first: reference regions lie in its healthy tissue."
"""Why there is none where no source shows function."""


class ReferenceSession:
    """One region for each tissue and source; a new click moves it, and nothing of it is in the record of a review."""

    changed = Signal()
    """Emitted when anything here may be another one."""
    said = Signal(object)
    """Emitted with a `Finding`: why something was refused, or what was noticed when a region was placed."""

    def __init__(self) -> None:
        self._placed: Mapping[tuple[str, str], ReferenceRegion] = MappingProxyType({})
        self._reader = ""
        self.source: LesionSource | None = None
        """The one that shows function, of the pair that is shown."""

    @property
    def regions(self) -> Mapping[str, ReferenceRegion]:
        """Return tissue -> region, of the source that is shown, in its unit."""
        if self.source is None:
            return MappingProxyType({})
        found = {tissue: self._placed.get((self.source.content, tissue)) for tissue in TISSUES}
        return MappingProxyType({tissue: one for tissue, one in found.items() if one is not None})

    @property
    def why_not(self) -> str:
        """Return why there is no score, as a sentence; empty where there can be one."""
        return NO_FUNCTION if self.source is None else why_no_score(self.source.volume)

    def show_sources(self, sources: Sequence[LesionSource]) -> None:
        """Show the regions of a pair's functional source; what was placed in it is measured in its unit of now."""
        source = next((one for one in sources if one.volume.is_functional), None)
        if source is self.source:
            return
        self.source = source
        if source is not None:
            again = {tissue: _measured(one, source) for tissue, one in self.regions.items()}
            self._keep({(source.content, tissue): one for tissue, one in again.items()})
        self.changed.emit()

    def place(self, tissue: str, point: NDArray[np.float64]) -> None:
        """Place the region of a tissue, one of `lesion.reference.TISSUES`, about a place of the pair, (3,) RAS+ mm."""
        if self.source is None or self.why_not:
            return
        try:
            region = reference_region(self.source.volume, self.source.point(point), tissue)
        except RefusedError as error:
            for finding in error.findings:
                self.said.emit(finding)
            return
        self._keep({(self.source.content, tissue): region})
        self.changed.emit()
        for finding in (*region.findings, *region.measured.findings):
            self.said.emit(finding)

    def remove(self, tissue: str) -> None:
        """Take the region of a tissue away."""
        if self.source is not None:
            gone = (self.source.content, tissue)
            self._placed = MappingProxyType({key: one for key, one in self._placed.items() if key != gone})
            self.changed.emit()

    def take_reader(self, reader: str) -> None:
        """Keep nothing of what another reader's scores rest on; what was placed before any review is of this one."""
        before, self._reader = self._reader, reader
        if before in ("", reader):
            return
        if before == _UNKNOWN and self.regions:
            sentence = "Place the reference regions again: the session that they came with does not say whose they are."
            self.said.emit(Finding("warn", "volume of interest", sentence))
        self._placed = MappingProxyType({})
        self.changed.emit()

    def kept(self) -> tuple[str, Lesions]:
        """Return who placed the regions of the source that is shown, empty where no review said it, and the regions.

        They are written as a list of lesions that are named after their tissues.
        """
        kept = Lesions()
        for tissue, region in self.regions.items():
            assert self.source is not None
            kept = kept.added(region.voi, self.source.content, tissue)
        return self._reader.replace(_UNKNOWN, ""), kept

    def restore(self, reader: str, kept: Lesions) -> bool:
        """Have back what `kept` returned, in place of what is placed; return whether all of it came back.

        None does where the window has another reader, or shows other images than those that they were placed in.
        """
        source = self.source
        if source is None or self._reader not in ("", _UNKNOWN, reader):
            return False
        held = [one for one in kept if one.name in TISSUES and source.holds(one)]
        again = [ReferenceRegion(one.name, one.voi, measure(source.volume, one.voi), ()) for one in held]
        if again:
            self._reader = reader or _UNKNOWN
            self._placed = MappingProxyType({(source.content, one.tissue): one for one in again})
            self.changed.emit()
        return len(again) == len(kept)

    def placed(self, tissue: str) -> VolumeOfInterest:
        """Return the voxels of a region where views show them."""
        assert self.source is not None
        return self.source.placed(self.regions[tissue].voi)

    def missing(self) -> tuple[str, ...]:
        """Return the tissues without a region."""
        return tuple(tissue for tissue in TISSUES if tissue not in self.regions)

    def score(self, measured: Measured) -> Score | None:
        """Return the score of a lesion, None where a region is missing or the lesion is measured in another unit."""
        regions = self.regions
        if self.missing() or self.why_not or any(one.measured.unit != measured.unit for one in regions.values()):
            return None
        try:
            return deauville(measured, regions["blood pool"].measured, regions["liver"].measured)
        except RefusedError:
            return None  # a region or a lesion without a value, which its own words say

    def _keep(self, regions: Mapping[tuple[str, str], ReferenceRegion]) -> None:
        self._placed = MappingProxyType({**self._placed, **regions})


def _measured(region: ReferenceRegion, source: LesionSource) -> ReferenceRegion:
    """Return a region as its source has it now: in its unit, by the same voxels."""
    return ReferenceRegion(region.tissue, region.voi, measure(source.volume, region.voi), region.findings)
