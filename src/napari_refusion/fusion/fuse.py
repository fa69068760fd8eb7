"""A fused volume: the slices put together, coloured, and with the record of how they were made."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_refusion.fusion.preparation import Plan
from napari_refusion.fusion.provenance import Provenance, describe_origin
from napari_refusion.fusion.slices import Sources, fuse_slices, window_sources
from napari_refusion.numerics.colour import DEFAULT_PALETTE, chroma, coloured, mean_chroma, uptake_chroma
from napari_refusion.numerics.intensity import Window
from napari_refusion.volume.affine import AXES
from napari_refusion.volume.pair import Pair
from napari_refusion.volume.volume import Volume

Steps = Callable[[Iterable[Any]], Iterable[Any]]
"""Wraps an iterable to show progress, as ``rich.progress.track`` or ``tqdm`` do."""


@dataclass(frozen=True, slots=True)
class Legend:
    """What the colours of a coloured result mean."""

    palette: str
    """One of `numerics.colour.PALETTES`; empty where the colours are the source's own."""
    window: Window
    """The values at the palette's ends, in `unit`."""
    unit: str
    source: str
    """Name of the source that the colours belong to."""

    def in_words(self) -> str:
        """Return what the colours mean, as ``hot_metal_blue from 0 to 7.2 SUVbw of FDG``."""
        if not self.palette:
            return f"those of {self.source}"
        unit = self.unit or "in arbitrary units"
        return f"{self.palette} from {self.window.low:.4g} to {self.window.high:.4g} {unit} of {self.source}"


@dataclass(frozen=True, slots=True)
class Fused:
    """A fused volume on its reference's grid."""

    volume: Volume
    """(I, P, L) float32 in [0, 1], the raw output of the network."""
    provenance: Provenance
    colour: Volume | None = None
    """(I, P, L, 3) RGB with the luminance of `volume`; None where no source is functional or coloured."""
    legend: Legend | None = None

    def record(self) -> dict[str, Any]:
        """Return how it was made and what its colours mean, as plain values that JSON can hold."""
        return asdict(self.provenance) | {"legend": asdict(self.legend) if self.legend else None}


def fuse_volume(plan: Plan, pair: Pair, palette: str = DEFAULT_PALETTE, progress: Steps = iter) -> Fused:
    """Return the pair fused slice by slice.

    Parameters
    ----------
    palette
        Colours of a functional source, one of `numerics.colour.PALETTES`.
    progress
        Wraps the iteration over the slices, to show how far it is.
    """
    sources = window_sources(pair, plan.windows)
    result = empty_result(pair)
    slices = np.moveaxis(result, AXES[plan.axis], 0)
    for index, fused in progress(fuse_slices(plan.network, sources, plan.axis)):
        slices[index] = fused
    return describe_result(result, pair, plan, sources, palette)


def empty_result(pair: Pair) -> NDArray[np.float32]:
    """Return zeros on the pair's grid, (I, P, L), for fused slices to be put into."""
    return np.zeros(pair.a.grid, dtype=np.float32)


def describe_result(data: NDArray[np.float32], pair: Pair, plan: Plan, sources: Sources, palette: str) -> Fused:
    """Return fused voxels, (I, P, L) in [0, 1], with their place in the patient, colours and provenance."""
    name = f"{pair.a.name} + {pair.b.name} fused"
    volume = replace(pair.fixed, data=data, modality="OT", unit="", name=name, sha256="", findings=())
    provenance = describe_origin(pair, plan)
    colours = _colours(pair, plan.windows, sources, palette)
    if colours is None:
        return Fused(volume, provenance)
    cbcr, legend = colours
    return Fused(volume, provenance, replace(volume, data=coloured(data, cbcr)), legend)


def _colours(
    pair: Pair, windows: tuple[Window, Window], sources: Sources, palette: str
) -> tuple[NDArray[np.float32], Legend] | None:
    """Return the chroma of the result, (I, P, L, 2), and its legend; None where it stays grey."""
    members = ((pair.a, windows[0], sources.a), (pair.b, windows[1], sources.b))
    own = [(volume, window, chroma(volume.data)) for volume, window, _ in members if volume.is_rgb]
    if len(own) == 2:
        both = f"{pair.a.name} and {pair.b.name}"
        return mean_chroma(own[0][2], own[1][2]), Legend("", own[0][1], "", both)
    if own:
        volume, window, cbcr = own[0]
        return cbcr, Legend("", window, volume.unit, volume.name)
    for volume, window, unit_values in members:
        if volume.is_functional:
            cbcr = uptake_chroma(unit_values, palette)
            return cbcr, Legend(palette, window, volume.unit, volume.name)
    return None
