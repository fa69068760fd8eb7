"""From a request to a checked study and an engine, using again what still holds."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from napari_refusion.session.messages import Paired, Stage
from napari_refusion.session.source import Request
from napari_refusion.volume.checksum import checksum
from napari_refusion.volume.volume import Volume
from napari_refusion.volume.window import choose_window, purpose_beside

if TYPE_CHECKING:
    from napari_refusion.fusion.engine import Engine
    from napari_refusion.study.pairing import Given
    from napari_refusion.study.study import Study
    from napari_refusion.volume.chosen_window import ChosenWindow


@dataclass(frozen=True, slots=True, eq=False)
class FusionCache:
    """What was prepared for a fusion; the next one uses again what still holds."""

    request: Request
    checksums: tuple[int, int]
    """Of the voxels of both sources, in the order of the request."""
    study: Study
    """Its sides go by the keys of the request."""
    engine: Engine | None = None


Preparing = Generator[Stage | Paired, int | None, FusionCache]
"""Says what it does, and returns what the slices can be fused with."""


def prepare(request: Request, kept: FusionCache | None) -> Preparing:
    """Return study and engine for a request.

    Raises
    ------
    RefusedError
        If a source holds no volume, a finding of the study forbids fusing, or window, weights or device cannot be had.
    """
    kept = yield from _pair(request, kept)
    kept.study.check()
    return (yield from _choose(request, kept))


def _pair(request: Request, kept: FusionCache | None) -> Preparing:
    """Return the study to be fused: the one at hand where it is still the same, or else a new one."""
    same = kept is not None and request.is_same_pair(kept.request)
    if kept is not None and same and request.extent != "volume":
        return kept
    yield Stage("Reading the sources ...")
    first, second = (source.image.to_volume(source.modality) for source in (request.first, request.second))
    checksums = checksum(first.data), checksum(second.data)
    # voxels may have been changed in place, which is not reported
    if kept is not None and same and checksums == kept.checksums:
        return kept
    yield Stage("Aligning and checking the pair ...")
    kept = FusionCache(request, checksums, _checked_pair(first, second, request))
    yield Paired(kept)
    return kept


def _checked_pair(first: Volume, second: Volume, request: Request) -> Study:
    from napari_refusion.study.pairing import pair

    return pair(
        first,
        second,
        request.settings.task,
        windows=(request.first.window, request.second.window),
        reference=cast("Given | None", request.settings.reference or None),
        moves=(request.first.move, request.second.move),
        keys=request.keys,
        scales=request.scales,
    )


def _choose(request: Request, kept: FusionCache) -> Preparing:
    """Return the study with the windows and the engine that are asked for."""
    from napari_refusion.fusion.engines import start_engine

    old, new = kept.request.settings, request.settings
    study = _windowed(request, kept)
    engine = kept.engine
    chosen = new.task, new.weights, new.device, new.engine
    if engine is None or (old.task, old.weights, old.device, old.engine) != chosen:
        yield Stage("Loading the network ...")
        engine = start_engine(*chosen)
    return replace(kept, request=request, study=study, engine=engine)


def _windowed(request: Request, kept: FusionCache) -> Study:
    """Return the study with the windows that are asked for; those that still hold are not computed again."""

    def window(key: str) -> ChosenWindow | None:
        now, before = request.source(key).window, kept.request.source(key).window
        if now == before and (now or request.scales == kept.request.scales):
            return None
        a, b = (side.source for side in kept.study.sides)
        one, other = (a, b) if key == kept.study.a.key else (b, a)
        purpose = purpose_beside(one, other, request.scales, is_medical=kept.study.task.is_medical)
        return choose_window(one, now, purpose)

    return kept.study.with_windows(window(kept.study.a.key), window(kept.study.b.key))
