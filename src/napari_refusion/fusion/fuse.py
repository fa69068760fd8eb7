"""A fused volume: the slices put together, coloured, and with the record of how they were made."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_refusion.fusion.colouring import Legend, choose_colouring
from napari_refusion.fusion.preparation import Plan
from napari_refusion.fusion.provenance import Provenance, describe_origin
from napari_refusion.fusion.slices import fuse_slices, window_sources
from napari_refusion.numerics.colour import DEFAULT_PALETTE, coloured
from napari_refusion.volume.affine import AXES
from napari_refusion.volume.pair import Pair
from napari_refusion.volume.volume import Volume

Steps = Callable[[Iterable[Any]], Iterable[Any]]
"""Wraps an iterable to show progress, as ``rich.progress.track`` or ``tqdm`` do."""


@dataclass(frozen=True, slots=True)
class Fused:
    """A fused volume on its reference's grid."""

    volume: Volume
    """(I, P, L) float32 in [0, 1], the raw output of the engine."""
    provenance: Provenance
    colour: Volume | None = None
    """(I, P, L, 3) RGB with the luminance of `volume`; None where no source is functional or coloured."""
    legend: Legend | None = None

    def record(self) -> dict[str, Any]:
        """Return how it was made and what its colours mean, as plain values that JSON can hold."""
        return asdict(self.provenance) | {"legend": asdict(self.legend) if self.legend else None}

    def without_names(self) -> "Fused":
        """Return the same with a `record` that names no file and no series, see `Provenance.without_names`."""
        legend = replace(self.legend, source="") if self.legend else None
        return replace(self, provenance=self.provenance.without_names(), legend=legend)


def fuse_volume(plan: Plan, pair: Pair, palette: str = DEFAULT_PALETTE, progress: Steps = iter) -> Fused:
    """Return the pair fused slice by slice.

    Parameters
    ----------
    palette
        Colours of a functional source, one of `numerics.colour.PALETTES`.
    progress
        Wraps the iteration over the slices, to show how far it is.
    """
    result = np.zeros(pair.a.shape, dtype=np.float32)
    slices = np.moveaxis(result, AXES[plan.axis], 0)
    for index, fused in progress(fuse_slices(plan.engine, window_sources(pair, plan.windows), plan.axis)):
        slices[index] = fused
    volume = fused_volume(result, pair)
    provenance = describe_origin(pair, plan)
    colouring = choose_colouring(pair, plan.windows, palette)
    if colouring is None:
        return Fused(volume, provenance)
    return Fused(volume, provenance, replace(volume, data=coloured(result, colouring.chroma(...))), colouring.legend)


def fused_volume(data: NDArray[np.float32], pair: Pair) -> Volume:
    """Return fused voxels, (I, P, L) in [0, 1], as a volume in the place of the pair's reference."""
    name = f"{pair.a.name} + {pair.b.name} fused"
    return pair.fixed.with_data(data, name, modality="OT")
