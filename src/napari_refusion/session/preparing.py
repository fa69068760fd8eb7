"""From a request to a checked pair with windows and a network, using again what still holds."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from napari_refusion.session.messages import Paired, Stage
from napari_refusion.session.source import Request
from napari_refusion.volume.checksum import checksum
from napari_refusion.volume.finding import RefusedError, blocking
from napari_refusion.volume.volume import Volume
from napari_refusion.volume.window import volume_window

if TYPE_CHECKING:
    from napari_refusion.fusion.preparation import Engine
    from napari_refusion.numerics.intensity import Window
    from napari_refusion.volume.pair import Pair


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """What was prepared for a fusion; the next one uses again what still holds."""

    request: Request
    checksums: tuple[int, int]
    """Of the voxels of both sources."""
    volumes: tuple[Volume, Volume]
    """In the order in which they were chosen, on their own grids."""
    pair: Pair
    windows: tuple[Window, Window] | None = None
    """In the order in which they were chosen; None before they were found."""
    engine: Engine | None = None

    @property
    def paired_volumes(self) -> tuple[Volume, Volume]:
        """Return the volumes in the order of the pair."""
        return (self.volumes[1], self.volumes[0]) if self.pair.swapped else self.volumes


Preparing = Generator[Stage | Paired, int | None, Kept]
"""Says what it does, and returns what the slices can be fused with."""


def prepare(request: Request, kept: Kept | None) -> Preparing:
    """Return pair, windows and network for a request.

    Raises
    ------
    RefusedError
        If a source holds no volume, a finding of the pair forbids fusing, or window, weights or device cannot be had.
    """
    kept = yield from _pair(request, kept)
    if blocking(kept.pair.findings):
        raise RefusedError(kept.pair.findings)
    return (yield from _choose(request, kept))


def _pair(request: Request, kept: Kept | None) -> Preparing:
    """Return the pair to be fused: the one at hand where it is still the same, or else a new one."""
    same = kept is not None and request.is_same_pair(kept.request)
    if kept is not None and same and request.extent != "volume":
        return kept
    yield Stage("Reading the sources ...")
    first, second = (source.image.to_volume(source.modality) for source in (request.first, request.second))
    checksums = checksum(first.data), checksum(second.data)
    # somebody may have changed voxels in place, which nobody tells
    if kept is not None and same and checksums == kept.checksums:
        return kept
    yield Stage("Aligning and checking the pair ...")
    kept = Kept(request, checksums, (first, second), _checked_pair((first, second), request))
    yield Paired(kept)
    return kept


def _checked_pair(volumes: tuple[Volume, Volume], request: Request) -> Pair:
    from napari_refusion.volume.pair import pair_volumes

    chosen = request.settings.reference
    reference: Literal["first", "second"] | None = None
    if chosen:
        reference = "first" if chosen == "first" else "second"
    moves = request.first.move, request.second.move
    return pair_volumes(*volumes, request.settings.task, reference, moves)


def _choose(request: Request, kept: Kept) -> Preparing:
    """Return the pair with the windows and the network that are asked for."""
    from napari_refusion.fusion.preparation import start_engine

    old, new = kept.request.settings, request.settings
    windows = _windows(request, kept)
    engine = kept.engine
    if engine is None or (old.task, old.weights, old.device) != (new.task, new.weights, new.device):
        yield Stage("Loading the network ...")
        engine = start_engine(new.task, new.weights, new.device)
    return replace(kept, request=request, windows=windows, engine=engine)


def _windows(request: Request, kept: Kept) -> tuple[Window, Window]:
    """Return the windows of both volumes in the order in which they were chosen; old ones where they still hold."""
    olds = kept.windows or (None, None)
    before = kept.request.first.window, kept.request.second.window
    now = request.first.window, request.second.window
    first, second = (
        old if old is not None and was == choice else volume_window(volume, choice)
        for volume, choice, was, old in zip(kept.volumes, now, before, olds, strict=True)
    )
    return first, second
