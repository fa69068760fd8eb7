"""The volumes of one series or file as layers: frames as one of four dimensions and their mean, echoes one by one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from napari_refusion.io.choice import choose_volume, identity_of
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.frames import frame_stack, on_one_grid
from napari_refusion.widgets.layers import LayerData, to_layer_data
from napari_refusion.widgets.opening.frames_layer import to_frames_data
from napari_refusion.widgets.opening.offer import SEPARATE


def are_frames(volumes: Sequence[Volume], is_listed_so: bool) -> bool:
    """Return whether volumes are one measurement over time, or one array of a 4-D file: they have a mean.

    Parameters
    ----------
    is_listed_so
        See `Offer.has_frames`.
    """
    several = len(volumes) > 1 and on_one_grid(volumes) and not any(one.is_rgb for one in volumes)
    return several and (is_listed_so or all(one.acquisition.time is not None for one in volumes))


def arrange(
    volumes: Sequence[Volume], name: str, is_listed_so: bool = False, *, with_mean: bool = True
) -> list[LayerData]:
    """Return the layers of all volumes of a series or file: what is fused by default first.

    Parameters
    ----------
    name
        What to call the series or file.
    is_listed_so
        See `Offer.has_frames`.
    with_mean
        Whether frames come with a layer of their mean, under which they are hidden.
    """
    own = own_identities(volumes)
    title = name or own[0].name
    if are_frames(own, is_listed_so):
        stack, called = frame_stack(own), f"{title}, {len(own)} frames"
        if not with_mean:
            return [to_frames_data(stack, called)]
        mean = to_layer_data(mean_volume(own, title))
        limits = mean[1]["contrast_limits"]
        return [mean, to_frames_data(stack, called, has_mean=True, visible=False, contrast_limits=limits)]
    if len(own) > SEPARATE and on_one_grid(own):
        return [to_frames_data(frame_stack(own), f"{title}, {len(own)} volumes")]
    return [to_layer_data(one) for one in own]


def own_identities(volumes: Sequence[Volume]) -> tuple[Volume, ...]:
    """Return volumes of which each has its part in its name and a hash of its own, so that no reviews of two mix."""
    if len(volumes) < 2:
        return tuple(volumes)
    hashes = [one.origin.sha256 for one in volumes]
    return tuple(_named(one, index, hashes.count(one.origin.sha256) > 1) for index, one in enumerate(volumes))


def _named(volume: Volume, index: int, is_shared: bool) -> Volume:
    part = volume.acquisition.part or f"frame {index}"
    name = volume.name if part in volume.name else ", ".join(word for word in (volume.name, part) if word)
    named = replace(volume, name=name, acquisition=replace(volume.acquisition, part=part))
    if not is_shared or not volume.origin.sha256:
        return named
    return replace(named, origin=replace(volume.origin, sha256=_digest(f"{volume.origin.sha256} volume {index}")))


def mean_volume(volumes: Sequence[Volume], name: str) -> Volume:
    """Return the mean of frames, weighted by how long each lasted where that is known of all.

    One frame at a time is added, so that it takes the memory of one volume of float64.
    """
    parts, times = [one.acquisition.part for one in volumes], [one.acquisition.time for one in volumes]
    chosen = choose_volume(Path(name), "mean", parts, times)
    total = np.zeros(volumes[0].data.shape, np.float64)
    for index, weight in zip(chosen.indices, chosen.weights, strict=True):
        total += volumes[index].data * np.float64(weight)
    first = volumes[0]
    paths = tuple(dict.fromkeys(path for one in volumes for path in one.origin.paths))
    together = identity_of(chosen, [one.origin.sha256 for one in volumes]) if first.origin.sha256 else ""
    return replace(
        first,
        data=total.astype(np.float32),
        name=f"{name}, {chosen.part.partition(', ')[0]}",
        origin=replace(first.origin, paths=paths, sha256=together),
        acquisition=replace(first.acquisition, part=chosen.part, time=chosen.time),
        findings=tuple(dict.fromkeys(finding for one in volumes for finding in one.findings)),
    )


def _digest(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()
