"""A fused volume: the slices put together, coloured, and with the record of how they were made."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from napari_refusion.fusion.coloured_volume import ColouredVolume
from napari_refusion.fusion.colouring import Colouring, Legend, choose_colouring
from napari_refusion.fusion.filling import Filling, FusedSlice, missing_slices
from napari_refusion.fusion.nameless import role
from napari_refusion.fusion.partial import PartialFusion, new_partial
from napari_refusion.fusion.preparation import Plan
from napari_refusion.fusion.provenance import Provenance, describe_origin
from napari_refusion.numerics.colour import DEFAULT_PALETTE
from napari_refusion.study.study import Study
from napari_refusion.volume.finding import refuse
from napari_refusion.volume.volume import Volume

Steps = Callable[[Iterable[Any]], Iterable[Any]]
"""Wraps an iterable to show progress, as ``rich.progress.track`` or ``tqdm`` do."""


@dataclass(frozen=True, slots=True, eq=False)
class Fused:
    """A fused volume on its reference's grid."""

    volume: Volume
    """(I, P, L) float32 in [0, 1], the raw output of the network."""
    provenance: Provenance
    painted: Volume | None = None
    """(I, P, L, 3) RGB, see `Legend.method`, computed for the voxels that are read (`ColouredVolume`): a writer goes
    through it plane by plane. None where no source is functional or coloured."""
    legend: Legend | None = None
    sources: tuple[Path, ...] = field(default=(), repr=False)
    """Files and folders that were read, which no result is written over or into; names may be patients'."""

    @property
    def colour(self) -> Volume | None:
        """The whole fused volume in colours, (I, P, L, 3) RGB, computed now: three times the memory of `volume`."""
        return self.painted and replace(self.painted, data=np.asarray(self.painted.data))

    def record(self, *, identified: bool = False) -> dict[str, Any]:
        """Return how it was made and what its colours mean, as plain values that JSON can hold.

        Parameters
        ----------
        identified
            Whether sources have the names of their files and series, see `Provenance.record`.
        """
        return record_with(self.provenance, self.legend, identified=identified)


def record_with(provenance: Provenance, legend: Legend | None, *, identified: bool = False) -> dict[str, Any]:
    """Return the record of a fusion with what its colours mean; see `Provenance.record`."""
    if legend is not None and not identified:
        legend = _nameless(legend, provenance)
    return provenance.record(identified=identified) | {"legend": asdict(legend) if legend else None}


def _nameless(legend: Legend, made: Provenance) -> Legend:
    """Return a legend that calls its source, or both of them, by part and modality."""
    a, b = role("a", made.a.modality), role("b", made.b.modality)
    words = {f"{made.a.name} and {made.b.name}": f"{a} and {b}", made.b.name: b, made.a.name: a}
    return replace(legend, source=words.get(legend.source, ""))


@dataclass(frozen=True, slots=True, eq=False)
class _Counted:
    """Slices that are still to be fused, and how many: a progress bar asks for that, to say how far it is."""

    messages: Filling
    count: int

    def __iter__(self) -> Filling:
        return self.messages

    def __len__(self) -> int:
        return self.count


def fuse_volume(plan: Plan, study: Study, palette: str = DEFAULT_PALETTE, progress: Steps = iter) -> Fused:
    """Return the study fused slice by slice, from the first one to the last.

    Parameters
    ----------
    palette
        Colours of a functional source, one of `numerics.colour_maps.FUSED_MAPS`.
    progress
        Wraps the iteration over the slices, to show how far it is.

    Raises
    ------
    RefusedError
        If the progress did not hand on every slice: what is missing would be black, as where there is nothing.
    """
    partial = new_partial(study, plan.axis, plan.engine.identity)
    plan = fill(partial, plan, progress)
    if not partial.is_complete:
        value = f"{int(partial.done.sum())} of {len(partial.done)} slices"
        sentence = f"Let progress hand on every step, as tqdm does, or take a FusionSession: {value} were fused."
        raise refuse("output", sentence, value)
    return fused_of(partial, describe_origin(study, plan), choose_colouring(study, palette))


def fill(partial: PartialFusion, plan: Plan, progress: Steps = iter) -> Plan:
    """Put the missing slices into a partial fusion, and return the plan by which the last of them was fused.

    Parameters
    ----------
    progress
        See `fuse_volume`.
    """
    steps = progress(_Counted(missing_slices(partial, plan.engine), int((~partial.done).sum())))
    if not isinstance(steps, Iterable):
        sentence = f"Let progress hand on every step, as tqdm does: it returned {type(steps).__name__}."
        raise refuse("output", sentence, type(steps).__name__)
    for message in steps:
        if isinstance(message, FusedSlice):
            partial.put(message.index, message.image, message.made_with)
        else:
            plan = replace(plan, engine=message.engine, findings=(*plan.findings, message.finding))
    return plan


def fused_of(
    partial: PartialFusion, provenance: Provenance, colouring: Colouring | None, *, with_colour: bool = True
) -> Fused:
    """Return what is on a partial fusion as a result, with its legend where it has colours.

    Parameters
    ----------
    with_colour
        Whether it can be had in colours, too.
    """
    provenance = provenance.made_of(partial)
    volume = fused_volume(partial.fused, partial.study)
    sources = tuple(path for side in partial.study.sides for path in side.source.origin.read)
    if colouring is None:
        return Fused(volume, provenance, sources=sources)
    painted = replace(volume, data=cast(np.ndarray, ColouredVolume(partial, colouring))) if with_colour else None
    return Fused(volume, provenance, painted, colouring.legend, sources)


def fused_volume(data: NDArray[np.float32], study: Study) -> Volume:
    """Return fused voxels, (I, P, L) in [0, 1], as a volume on the study's grid."""
    name = f"{study.a.volume.name} + {study.b.volume.name} fused"
    return study.fixed.with_data(data, name, modality="OT")
