"""From a request to a checked study and an engine, using again what still holds."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from napari_refusion.session.messages import Compared, Paired, Stage
from napari_refusion.session.source import Request
from napari_refusion.study.study import is_same_file
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


Preparing = Generator[Stage | Paired | Compared, int | None, FusionCache]
"""Says what it does, and returns what the slices can be fused with."""


def prepare(request: Request, kept: FusionCache | None) -> Preparing:
    """Return study and engine for a request.

    Raises
    ------
    RefusedError
        If a source holds no volume, a finding of the study forbids fusing, or window, weights or device cannot be had.
    """
    kept = yield from _pair(request, kept)
    if kept.study.is_comparison and kept.study.can_be_compared:
        yield _compared(request, kept)
    kept.study.check()
    return (yield from _choose(request, kept))


def _compared(request: Request, kept: FusionCache) -> Compared:
    """Return two sources that are compared and not fused, with the windows that are asked for."""
    from napari_refusion.fusion.partial import new_partial
    from napari_refusion.fusion.preparation import usable_axis

    study = _windowed(request, kept)
    axis, _ = usable_axis(study, request.settings.axis)
    return Compared(replace(kept, request=request, study=study), new_partial(study, axis))


def _pair(request: Request, kept: FusionCache | None) -> Preparing:
    """Return the study to be fused: the one at hand where it is still the same, or else a new one."""
    same = kept is not None and _holds(request, kept)
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


def _holds(request: Request, kept: FusionCache) -> bool:
    """Return whether a study is that of a request; of one file in two windows these tell the order."""
    windows = [(one.first.window, one.second.window) for one in (request, kept.request)]
    is_one_file = is_same_file(kept.study.a.source, kept.study.b.source)
    return request.is_same_pair(kept.request) and (windows[0] == windows[1] or not is_one_file)


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
        two_patients=request.two_patients,
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
    keys = kept.study.a.key, kept.study.b.key
    sources = kept.study.a.source, kept.study.b.source

    def window(key: str) -> ChosenWindow:
        one, other = sources if key == keys[0] else sources[::-1]
        purpose = purpose_beside(one, other, request.scales, is_medical=kept.study.task.is_medical)
        return choose_window(one, request.source(key).window, purpose)

    def new_window(key: str) -> ChosenWindow | None:
        now, before = request.source(key).window, kept.request.source(key).window
        holds = now == before and (now or request.scales == kept.request.scales)
        return None if holds else window(key)

    if kept.study.is_comparison:
        # what is kept is the window of both, not each one's own
        chosen = bool(request.source(keys[0]).window), bool(request.source(keys[1]).window)
        return kept.study.in_one_scale(window(keys[0]), window(keys[1]), chosen=chosen)
    return kept.study.with_windows(new_window(keys[0]), new_window(keys[1]))
