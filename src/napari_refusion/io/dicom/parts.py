"""A series of several volumes, taken apart: stacks, echoes, Dixon parts, phases, b-values, passes, dynamic frames.

A trait (`io.dicom.traits`) splits images only into complete and alike stacks. What it cannot split is either alike in
it, or holds a few odd slices, which `io.dicom.alike` refuses.
"""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from napari_refusion.io.choice import name_of_frame
from napari_refusion.io.dicom.alike import same_patient
from napari_refusion.io.dicom.frame_times import frame_times
from napari_refusion.io.dicom.placed import placed_along
from napari_refusion.io.dicom.quantity import PetQuantity
from napari_refusion.io.dicom.series import Series
from napari_refusion.io.dicom.slice import Slice
from napari_refusion.io.dicom.split import Group, split
from napari_refusion.io.dicom.stacks import stacks_of
from napari_refusion.io.dicom.traits import NUMBER, TRAITS, Trait

_STACK: Final = Trait("frames", "content", lambda _image: None, str)
"""Of what is split before any trait."""


def parts_of(series: Series) -> tuple[Series, ...]:
    """Return the volumes of a series, each again as a series with its `part`; itself where it holds one."""
    stacks = stacks_of(series.slices)
    placed = () if stacks else placed_along(series.slices)
    if not stacks and (len(placed) < len(series.slices) or len(placed) < 2):
        return (series,)
    starts = [Group(placed_along(images), ((_STACK, words, words),)) for words, images in stacks] or [Group(placed)]
    groups = [group for start in starts for group in split(start, TRAITS)]
    if len(groups) == 1 or not same_patient([[one.image for one in group.images] for group in groups]):
        return (series,)
    return _named(series, groups)


def _named(series: Series, groups: Sequence[Group]) -> tuple[Series, ...]:
    """Return groups as series with the names and times of their parts."""
    are_frames = all(group.traits and group.traits[-1][0].is_time for group in groups)
    same = len({tuple(value for trait, value, _ in group.traits if not trait.is_time) for group in groups}) == 1
    times = frame_times([[one.image for one in group.images] for group in groups]) if are_frames and same else None
    parts: list[Series] = []
    for index, group in enumerate(groups):
        time = times[index] if times else None
        words = [mark.replace(NUMBER, str(index)) for _, _, mark in group.traits]
        if time is not None:
            words[-1] = name_of_frame(index, time) if words[-1].startswith("frame ") else words[-1]
        order = {id(image): k for k, image in enumerate(series.slices)}
        # A stack in another direction than most of the series was sorted along their normal, which is not its own.
        placed = sorted(group.images, key=lambda one: (one.place, order[id(one.image)]))
        slices = tuple(one.image for one in placed)
        parts.append(
            replace(
                series,
                slices=slices,
                part=", ".join(words),
                time=time,
                began=_began(series, slices[0]),
                lost=group.lost,
                has_mean=are_frames and same,
            )
        )
    return tuple(_distinct(parts))


def _began(series: Series, image: Slice) -> datetime | None:
    """Return the first acquisition of a PET series after the injection that an image tells of."""

    def injection(tracer: PetQuantity) -> Hashable:
        return tracer.injected, tracer.injected_clock, tracer.dose, tracer.half_life

    own = image.pet_quantity
    tracers = [one.pet_quantity for one in series.slices if one.pet_quantity is not None]
    moments = [one.acquired for one in tracers if own is not None and injection(one) == injection(own)]
    return min((moment for moment in moments if moment is not None), default=None)


def _distinct(parts: Sequence[Series]) -> list[Series]:
    """Return parts with names that differ: equal ones are numbered."""
    counts = Counter(one.part for one in parts)
    return [
        replace(one, part=f"{one.part} ({index})") if counts[one.part] > 1 else one for index, one in enumerate(parts)
    ]
