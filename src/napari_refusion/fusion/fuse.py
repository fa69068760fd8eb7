"""A fused volume: the slices put together, coloured, and with the record of how they were made."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_refusion.fusion.provenance import Provenance, describe_origin
from napari_refusion.fusion.slices import Sources, fuse_slices, window_sources
from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.model.weights import Weights
from napari_refusion.numerics.colour import chroma, coloured, mean_chroma, palette_colours
from napari_refusion.numerics.intensity import Window
from napari_refusion.volume.affine import AXES
from napari_refusion.volume.finding import blocking, refuse
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


@dataclass(frozen=True, slots=True)
class Fused:
    """A fused volume on its reference's grid."""

    volume: Volume
    """(I, P, L) float32 in [0, 1], the raw output of the network."""
    provenance: Provenance
    colour: Volume | None = None
    """(I, P, L, 3) RGB with the luminance of `volume`; None where no source is functional or coloured."""
    legend: Legend | None = None


def fuse_volume(
    network: FusionNet,
    weights: Weights,
    pair: Pair,
    windows: tuple[Window, Window],
    axis: str = "axial",
    palette: str = "hot_iron",
    progress: Steps = iter,
) -> Fused:
    """Return the pair fused slice by slice.

    Parameters
    ----------
    network
        Built from `weights`, on the device that shall do the work.
    windows
        One for each source, in its unit.
    axis
        ``axial``, ``coronal`` or ``sagittal``.
    palette
        Colours of a functional source, one of `numerics.colour.PALETTES`.
    progress
        Wraps the iteration over the slices, to show how far it is.

    Raises
    ------
    RefusedError
        If a finding of the pair forbids fusing.
    """
    if blocked := blocking(pair.findings):
        raise refuse(blocked[0].rule, blocked[0].sentence, blocked[0].value)
    sources = window_sources(pair, windows)
    result = empty_result(pair)
    slices = np.moveaxis(result, AXES[axis], 0)
    for index, fused in progress(fuse_slices(network, sources, axis)):
        slices[index] = fused
    device = str(next(network.parameters()).device)
    return describe_result(result, pair, windows, sources, axis, weights, device, palette)


def empty_result(pair: Pair) -> NDArray[np.float32]:
    """Return zeros on the pair's grid, (I, P, L), for fused slices to be put into."""
    return np.zeros(pair.a.grid, dtype=np.float32)


def describe_result(
    data: NDArray[np.float32],
    pair: Pair,
    windows: tuple[Window, Window],
    sources: Sources,
    axis: str,
    weights: Weights,
    device: str,
    palette: str,
) -> Fused:
    """Return fused voxels, (I, P, L) in [0, 1], with their place in the patient, colours and provenance."""
    reference = pair.a if pair.reference == "a" else pair.b
    name = f"{pair.a.name} + {pair.b.name} fused"
    volume = replace(reference, data=data, modality="OT", unit="", name=name, sha256="", findings=())
    provenance = describe_origin(pair, windows, axis, weights, device)
    colours = _colours(pair, windows, sources, palette)
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
            cbcr = chroma(palette_colours(unit_values, palette))
            return cbcr, Legend(palette, window, volume.unit, volume.name)
    return None
