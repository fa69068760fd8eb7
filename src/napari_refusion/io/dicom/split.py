"""Images split by their traits into complete and alike stacks, or into passes that interleave."""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np

from napari_refusion.io.dicom.placed import EVEN, SAME_PLACE, Placed
from napari_refusion.io.dicom.traits import Trait, classes_of, frames_numbered, kind_words

FEWEST: Final = 3
"""Slices of a pass that is recognised by its even steps: two always have them."""


@dataclass(frozen=True, slots=True)
class Group:
    """Images that make one volume."""

    images: tuple[Placed, ...]
    traits: tuple[tuple[Trait, Hashable, str], ...] = ()
    """What it was split by: trait, value, and what that is called."""
    lost: int = 0
    """Slices that its sisters have and it lacks."""


def split(group: Group, traits: Sequence[Trait]) -> list[Group]:
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
    group: Group, trait: Trait, classes: dict[Hashable, list[Placed]], lost: list[int], rest: Sequence[Trait]
) -> list[Group]:
    """Return the volumes of each class of a group."""
    words = kind_words(list(classes)) if trait.rule == "image type" else {}
    found = []
    for (value, images), missing in zip(classes.items(), lost, strict=True):
        mark = (trait, value, words.get(value) or trait.words(value))
        found += split(Group(tuple(images), (*group.traits, mark), group.lost or missing), rest)
    return found


def _classings(group: Group, trait: Trait, crowded: bool) -> list[tuple[Trait, dict[Hashable, list[Placed]]]]:
    """Return the ways in which a trait may take images apart: by its value, or by the order at each place.

    Volumes that were counted have no value of their own, so that their numbers are all that they are called.
    """
    ways = [(trait, _by_value(group.images, trait))] if trait.has_value else []
    if trait.by_rank and crowded and (trait.has_value or len({one.place for one in group.images}) >= FEWEST):
        ways.append((replace(trait, words=frames_numbered(trait.counted)), _by_rank(group.images, trait)))
    return ways


def _by_value(images: Sequence[Placed], trait: Trait) -> dict[Hashable, list[Placed]]:
    classes: dict[Hashable, list[Placed]] = {}
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


def _by_rank(images: Sequence[Placed], trait: Trait) -> dict[Hashable, list[Placed]]:
    """Return images by their order at each place: the first ones, the second ones...; none where it is ambiguous.

    Moments must not overlap from one class to the next, as those of time points do not. Trigger times may, as long as
    there are as many images at each place: else those behind a missing one would move up into another phase.
    """
    at: dict[int, list[tuple[float, Placed]]] = {}
    for one in images:
        value = trait.of(one.image)
        if not isinstance(value, float):
            return {}
        at.setdefault(one.place, []).append((value, one))
    classes: dict[Hashable, list[Placed]] = {}
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


def _lost(classes: Sequence[Sequence[Placed]], crowded: bool, trait: Trait) -> list[int] | None:
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


def _are_passes(classes: Sequence[Sequence[Placed]], crowded: bool, trait: Trait) -> bool:
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
