"""A series of several volumes, taken apart: stacks, echoes, Dixon parts, phases, b-values, passes, dynamic frames.

A trait (`io.dicom.traits`) splits images only into complete and alike stacks. What it cannot split is either alike in
it, or holds a few odd slices, which `io.dicom.alike` refuses.
"""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Final

import numpy as np

from napari_refusion.io.choice import name_of_frame
from napari_refusion.io.dicom.alike import same_patient
from napari_refusion.io.dicom.frame_times import frame_times
from napari_refusion.io.dicom.quantity import PetQuantity
from napari_refusion.io.dicom.series import Series
from napari_refusion.io.dicom.slice import Slice
from napari_refusion.io.dicom.stacks import stacks_of
from napari_refusion.io.dicom.traits import NUMBER, TRAITS, Trait, classes_of, frames_numbered, kind_words

SAME_PLACE: Final = 0.01
"""mm along the normal; images closer than this lie at one place."""
EVEN: Final = 0.05
"""Part of a step by which the steps of one pass may differ."""
FEWEST: Final = 3
"""Slices of a pass that is recognised by its even steps: two always have them."""


_STACK: Final = Trait("frames", "content", lambda _image: None, str)
"""Of what is split before any trait."""


@dataclass(frozen=True, slots=True)
class _Placed:
    """An image with the number of its place along the stack, and where that is."""

    image: Slice
    place: int
    along: float


@dataclass(frozen=True, slots=True)
class _Group:
    """Images that make one volume."""

    images: tuple[_Placed, ...]
    traits: tuple[tuple[Trait, Hashable, str], ...] = ()
    """What it was split by: trait, value, and what that is called."""
    lost: int = 0
    """Slices that its sisters have and it lacks."""


def parts_of(series: Series) -> tuple[Series, ...]:
    """Return the volumes of a series, each again as a series with its `part`; itself where it holds one."""
    stacks = stacks_of(series.slices)
    placed = () if stacks else _placed(series.slices)
    if not stacks and (len(placed) < len(series.slices) or len(placed) < 2):
        return (series,)
    starts = [_Group(_placed(images), ((_STACK, words, words),)) for words, images in stacks] or [_Group(placed)]
    groups = [group for start in starts for group in _split(start, TRAITS)]
    if len(groups) == 1 or not same_patient([[one.image for one in group.images] for group in groups]):
        return (series,)
    return _named(series, groups)


def _placed(slices: Sequence[Slice]) -> tuple[_Placed, ...]:
    """Return images with their places, those without one left out."""
    orientations = [image.place.orientation for image in slices if image.place.orientation]
    if not orientations:
        return ()
    common = Counter(orientations).most_common(1)[0][0]
    normal = np.cross(common[:3], common[3:])
    # Images that are tilted against the rest have no place in its stack.
    known = [
        (float(np.dot(normal, image.place.position)), image)
        for image in slices
        if image.place.position
        and image.place.orientation
        and np.abs(np.subtract(image.place.orientation, common)).max() < EVEN
    ]
    known.sort(key=lambda one: one[0])
    steps = np.diff([along for along, _ in known], prepend=known[0][0] if known else 0)
    numbers = np.cumsum(steps >= SAME_PLACE)
    return tuple(_Placed(image, int(number), along) for (along, image), number in zip(known, numbers, strict=True))


def _split(group: _Group, traits: Sequence[Trait]) -> list[_Group]:
    """Return the volumes of a group: itself, or its parts by the first trait that takes it apart well."""
    crowded = len({one.place for one in group.images}) < len(group.images)
    for trait in traits:
        if trait.weight != "content" and not (crowded or trait.interleaves):
            continue
        ways = []
        for one, classes in _classings(group, trait, crowded):
            lost = _lost(list(classes.values()), crowded, trait) if len(classes) > 1 else None
            if lost is not None:
                ways.append((one, classes, lost))
        if ways:
            # Values that jitter from slice to slice may look alike late in a series and unlike at its start.
            one, classes, lost = min(ways, key=lambda way: sum(way[2]))
            return _taken_apart(group, one, classes, lost, [other for other in traits if other is not trait])
    return [group]


def _taken_apart(
    group: _Group, trait: Trait, classes: dict[Hashable, list[_Placed]], lost: list[int], rest: Sequence[Trait]
) -> list[_Group]:
    """Return the volumes of each class of a group."""
    words = kind_words(list(classes)) if trait.rule == "image type" else {}
    found = []
    for (value, images), missing in zip(classes.items(), lost, strict=True):
        mark = (trait, value, words.get(value) or trait.words(value))
        found += _split(_Group(tuple(images), (*group.traits, mark), group.lost or missing), rest)
    return found


def _classings(group: _Group, trait: Trait, crowded: bool) -> list[tuple[Trait, dict[Hashable, list[_Placed]]]]:
    """Return the ways in which a trait may take images apart: by its value, or by the order at each place.

    Volumes that were counted have no value of their own, so that their numbers are all that they are called.
    """
    ways = [(trait, _by_value(group.images, trait))] if trait.has_value else []
    if trait.by_rank and crowded and (trait.has_value or len({one.place for one in group.images}) >= FEWEST):
        ways.append((replace(trait, words=frames_numbered(trait.counted)), _by_rank(group.images, trait)))
    return ways


def _by_value(images: Sequence[_Placed], trait: Trait) -> dict[Hashable, list[_Placed]]:
    classes: dict[Hashable, list[_Placed]] = {}
    values = classes_of([trait.of(one.image) for one in images], trait)
    for one, value in zip(images, values, strict=True):
        classes.setdefault(value, []).append(one)
    return dict(sorted(classes.items(), key=lambda item: _order(item[0])))


def _order(value: Hashable) -> tuple[int, float, str]:
    """Return the order of values: numbers by size, also those that are stored as text, then words.

    It is the same whenever the program is started, unlike that of a set: users call volumes by their numbers.
    """
    if isinstance(value, frozenset):
        return (1, 0.0, " ".join(sorted(map(str, value))))
    try:
        return (0, float(value), "") if isinstance(value, int | float | str) else (1, 0.0, str(value))
    except ValueError:
        return (1, 0.0, str(value))


def _by_rank(images: Sequence[_Placed], trait: Trait) -> dict[Hashable, list[_Placed]]:
    """Return images by their order at each place: the first ones, the second ones...; none where it is ambiguous.

    Moments must not overlap from one class to the next, as those of time points do not. Trigger times may, as long as
    there are as many images at each place: else those behind a missing one would move up into another phase.
    """
    at: dict[int, list[tuple[float, _Placed]]] = {}
    for one in images:
        value = trait.of(one.image)
        if not isinstance(value, float):
            return {}
        at.setdefault(one.place, []).append((value, one))
    classes: dict[Hashable, list[_Placed]] = {}
    spans: list[list[float]] = []
    for found in at.values():
        found.sort(key=lambda item: item[0])
        if any(after[0] - before[0] <= trait.absolute for before, after in pairwise(found)):
            return {}
        for rank, (value, one) in enumerate(found):
            classes.setdefault(float(rank), []).append(one)
            if rank == len(spans):
                spans.append([])
            spans[rank].append(value)
    overlap = any(max(before) > min(after) for before, after in pairwise(spans))
    same_count = len({len(found) for found in at.values()}) == 1
    return {} if overlap and not (trait.rule == "trigger time" and same_count) else classes


def _lost(classes: Sequence[Sequence[_Placed]], crowded: bool, trait: Trait) -> list[int] | None:
    """Return how many slices each class lacks beside the complete ones; None where they are no alike stacks.

    Parameters
    ----------
    crowded
        Whether several images lie at one place.
    trait
        By which they were told apart. Classes of different content are volumes whatever their number.
    """
    if trait.own_places:
        return [0] * len(classes) if _are_passes(classes, crowded, trait) else None
    places = [{one.place for one in images} for images in classes]
    largest = max(places, key=len)
    complete = [images for images, own in zip(classes, places, strict=True) if own == largest]
    if crowded and all(own <= largest for own in places):
        regular = all(len(set(Counter(one.place for one in images).values())) == 1 for images in complete)
        # One image that was sent twice is no second volume; an aborted pass is one.
        real = len(complete) > 1 or min(map(len, places)) >= FEWEST or trait.weight == "content"
        if regular and real and sum(map(len, complete)) * 2 >= sum(map(len, classes)):
            return [len(largest) - len(own) for own in places]
    return [0] * len(classes) if _are_passes(classes, crowded, trait) else None


def _are_passes(classes: Sequence[Sequence[_Placed]], crowded: bool, trait: Trait) -> bool:
    """Return whether classes are stacks of their own that interleave, or lie over each other at some places."""
    spans = []
    for images in classes:
        along = np.sort([one.along for one in images])
        steps = np.diff(along)
        if len(along) < FEWEST or steps.min() < SAME_PLACE or np.ptp(steps) > EVEN * np.median(steps):
            return False
        spans.append((along[0], along[-1]))
    shared = min(end for _, end in spans) - max(start for start, _ in spans)
    shortest = min(end - start for start, end in spans)
    counts = [len(images) for images in classes]
    alike = trait.own_places or max(counts) - min(counts) <= 1
    return shared > 0 and (crowded or (shared > shortest / 2 and alike))


def _named(series: Series, groups: Sequence[_Group]) -> tuple[Series, ...]:
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
