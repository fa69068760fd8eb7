"""Maps of an examination as a viewer shows them: kept, computed as they are seen, or made slice by slice on request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.evidence.map_kinds import KINDS
from napari_refusion.evidence.maps import outside_both, saturation
from napari_refusion.fusion.comparison import grey_levels
from napari_refusion.fusion.computed_data import ComputedData
from napari_refusion.fusion.partial import next_slice
from napari_refusion.volume.affine import AXES

if TYPE_CHECKING:
    from napari_refusion.evidence.examination import Examination
    from napari_refusion.fusion.partial import PartialFusion

_OF_SLICES: Final = {"overshoot": outside_both, "saturation": saturation}
"""Maps that are computed from the sources and the fused image voxel by voxel."""


@dataclass(frozen=True, slots=True, eq=False)
class QuickMap(ComputedData):
    """The data of a layer, (I, P, L): a map that is computed for the voxels that are seen."""

    partial: PartialFusion
    name: str
    """One of `_OF_SLICES`."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Numbers of voxels."""
        return self.partial.fused.shape

    def __getitem__(self, index: Any) -> NDArray[np.float32]:  # noqa: ANN401 - whatever numpy takes
        study = self.partial.study
        a, b = (grey_levels(side.volume, side.window, index) for side in study.sides)
        return _OF_SLICES[self.name](a, b, self.partial.fused[index])


@dataclass(frozen=True, slots=True, eq=False)
class SlowMap:
    """A map that takes a network for each slice: made for the slices that are looked at; `put` fills its arrays."""

    examination: Examination
    name: str
    """One of `maps.KINDS` with `EvidenceKind.is_slow`."""
    values: NDArray[np.float16] = field(repr=False)
    """(I, P, L); NaN in slices that were not made."""
    done: NDArray[np.bool_] = field(repr=False)
    """(n,) for the n slices: which were made."""

    def missing(self, looked_at: int) -> Iterator[tuple[int, NDArray[np.float32]]] | None:
        """Return what makes the next slice about the one that is looked at, in any thread; None if none is left.

        Yields its index and the map, (H, W), which the receiver hands to `put`.
        """
        index = next_slice(self.done, looked_at, "near")
        return None if index is None else self._made(index)

    def put(self, index: int, image: NDArray[np.float32]) -> None:
        """Put a slice, (H, W), in its place."""
        np.moveaxis(self.values, AXES[self.examination.partial.axis], 0)[index] = image
        self.done[index] = True

    def _made(self, index: int) -> Iterator[tuple[int, NDArray[np.float32]]]:
        yield index, self.examination.map_of(self.name, index)


class SeenMaps:
    """The maps of one examination; what was made on request is kept, 2 bytes for each voxel."""

    def __init__(self, examination: Examination) -> None:
        self.examination = examination
        self._slow: dict[str, SlowMap] = {}

    def slow(self, name: str) -> SlowMap | None:
        """Return a map that is made on request; None for another one."""
        if name not in self.examination.kinds or not KINDS[name].is_slow:
            return None
        if name not in self._slow:
            partial = self.examination.partial
            values = np.full(partial.fused.shape, np.nan, np.float16)
            self._slow[name] = SlowMap(self.examination, name, values, np.zeros_like(partial.done))
        return self._slow[name]

    def data(self, name: str) -> NDArray[np.float16] | QuickMap:
        """Return what a layer shows of one of `Examination.kinds`, (I, P, L)."""
        if name in self.examination.maps:
            return self.examination.maps[name]
        slow = self.slow(name)
        return QuickMap(self.examination.partial, name) if slow is None else slow.values
