"""What the Fuse widget computes, free of any window: plain settings in, messages out.

torch and MONAI are imported when the job runs, never when the widget opens.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from napari_refusion.numerics.colour import DEFAULT_PALETTE
from napari_refusion.numerics.intensity import Window
from napari_refusion.volume.affine import AXES
from napari_refusion.volume.finding import Finding, RefusedError, blocking, refuse
from napari_refusion.volume.volume import Volume
from napari_refusion.volume.window import volume_window
from napari_refusion.widgets.layers import LayerImage, checksum, to_volume
from napari_refusion.widgets.world import slice_index

if TYPE_CHECKING:
    from napari_refusion.fusion.fuse import Fused
    from napari_refusion.volume.pair import Pair


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """One of the two layers to be fused."""

    image: LayerImage
    modality: str = ""
    """DICOM Modality that the user chose; empty for what the layer says."""
    window: str = ""
    """As `choose_window` takes it; empty for automatic."""


@dataclass(frozen=True, slots=True)
class FuseSettings:
    """What the user chose."""

    task: str = "medical"
    weights: str = ""
    """Name of installed weights or a file; empty for those of the task."""
    axis: str = "axial"
    reference: str = ""
    """``first``, ``second``, or empty for automatic."""
    palette: str = DEFAULT_PALETTE
    point: tuple[float, float, float] | None = None
    """Place in napari's world: only the slice there is fused. None for the whole volume."""
    device: str = "auto"


@dataclass(frozen=True, slots=True)
class Stage:
    """What is being done now, in words."""

    sentence: str


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A checked pair, kept so that fusing the next slice need not align it again."""

    key: tuple[object, ...]
    pair: Pair


@dataclass(frozen=True, slots=True, eq=False)
class Started:
    """The pair is good, the network is ready, slices follow."""

    prepared: Prepared
    findings: tuple[Finding, ...]
    device: str
    """In words."""
    template: Volume
    """The grid of the result, zero everywhere."""
    axis: str
    count: int
    """Number of slices."""


@dataclass(frozen=True, slots=True, eq=False)
class FusedSlice:
    """One finished slice, (H, W) in [0, 1]."""

    index: int
    image: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Finished:
    """The result."""

    fused: Fused


@dataclass(frozen=True, slots=True)
class Refused:
    """The pair must not be fused; a blocking finding says why."""

    findings: tuple[Finding, ...]


Message = Stage | Started | FusedSlice | Finished | Refused


def fuse_layers(
    first: Source, second: Source, settings: FuseSettings, kept: Prepared | None = None
) -> Iterator[Message]:
    """Yield what happens while two layers are fused: stages, `Started`, slices, and `Finished` or `Refused`."""
    try:
        yield from _fuse(first, second, settings, kept)
    except RefusedError as error:
        yield Refused(error.findings)
    except (MemoryError, RuntimeError) as error:
        if not isinstance(error, MemoryError) and type(error).__name__ != "OutOfMemoryError":
            raise
        sentence = "The volumes do not fit into this computer's memory: crop them or fuse at a coarser reference grid."
        yield Refused((Finding("block", "memory", sentence),))


def _fuse(first: Source, second: Source, settings: FuseSettings, kept: Prepared | None) -> Iterator[Message]:
    yield Stage("Reading the layers ...")
    volumes = to_volume(first.image, first.modality), to_volume(second.image, second.modality)
    windows = volume_window(volumes[0], first.window), volume_window(volumes[1], second.window)
    key = _key(volumes, settings)
    if kept is not None and kept.key == key:
        prepared = kept
    else:
        yield Stage("Aligning and checking the pair ...")
        prepared = prepare(volumes, settings, key)
    if blocking(prepared.pair.findings):
        raise RefusedError(prepared.pair.findings)
    yield Stage("Loading the network ...")
    yield from _run(prepared, windows, settings)


def prepare(volumes: tuple[Volume, Volume], settings: FuseSettings, key: tuple[object, ...] = ()) -> Prepared:
    """Return two volumes as a checked pair."""
    from napari_refusion.volume.pair import pair_volumes

    reference = settings.reference or None
    pair = pair_volumes(*volumes, task=settings.task, reference=reference)  # type: ignore[arg-type]
    return Prepared(key, pair)


def _run(prepared: Prepared, windows: tuple[Window, Window], settings: FuseSettings) -> Iterator[Message]:
    """Yield the slices of a checked pair and the result."""
    from napari_refusion.fusion.device import describe_device
    from napari_refusion.fusion.fuse import describe_result, empty_result
    from napari_refusion.fusion.preparation import plan_fusion
    from napari_refusion.fusion.slices import fuse_slices, window_sources

    plan = plan_fusion(prepared.pair, windows, settings.task, settings.weights, settings.axis, settings.device)
    pair = prepared.pair if settings.point is None else _slice_pair(prepared.pair, plan.axis, settings.point)
    sources = window_sources(pair, plan.windows)
    result = empty_result(pair)
    slices = np.moveaxis(result, AXES[plan.axis], 0)
    template = replace(pair.fixed, data=np.zeros_like(result), modality="OT", unit="", sha256="", findings=())
    findings = (*prepared.pair.findings, *plan.findings)
    yield Started(prepared, findings, describe_device(plan.device), template, plan.axis, len(slices))
    for index, image in fuse_slices(plan.network, sources, plan.axis):
        slices[index] = image
        yield FusedSlice(index, image)
    yield Finished(describe_result(result, pair, plan, sources, settings.palette))


def _slice_pair(pair: Pair, axis: str, point: tuple[float, float, float]) -> Pair:
    """Return a pair of one slice: the one at a point in napari's world."""
    direction = AXES[axis]
    reference = pair.fixed
    index = slice_index(point, direction, reference.grid, reference.affine)
    count = reference.grid[direction]
    if not 0 <= index < count:
        sentence = (
            f"The viewer shows a place outside {reference.name}, whose {count} {axis} slices are fused on: move the "
            "slider to where both volumes are."
        )
        raise refuse("slice", sentence, f"slice {index + 1} of {count}")
    covered = np.take(pair.covered, [index], axis=direction)
    a, b = take_slice(pair.a, direction, index), take_slice(pair.b, direction, index)
    return replace(pair, a=a, b=b, covered=covered)


def take_slice(volume: Volume, axis: int, index: int) -> Volume:
    """Return one slice of a volume as a volume in the same place."""
    affine = volume.affine.copy()
    affine[:, 3] += index * affine[:, axis]
    return replace(volume, data=np.take(volume.data, [index], axis=axis), affine=affine)


def _key(volumes: tuple[Volume, Volume], settings: FuseSettings) -> tuple[object, ...]:
    """Return what a prepared pair depends on."""
    about = tuple(
        (checksum(volume.data), zlib.crc32(volume.affine.tobytes()), volume.grid, volume.modality, volume.name)
        for volume in volumes
    )
    return (*about, settings.task, settings.reference)
