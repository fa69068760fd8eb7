"""A series of several stacks of slices: the planes of a localizer, the discs of a spine, the stacks of a protocol."""

from collections import Counter
from collections.abc import Hashable, Sequence
from typing import Final

import numpy as np

from napari_refusion.io.dicom.slice import Slice

SAME_DIRECTION: Final = 2e-3
"""Difference of direction cosines up to which slices are parallel; what jitter does to voxels is judged in mm later."""
SAME_PLACE: Final = 0.01
"""mm along the normal; images closer than this lie at one place."""
EVEN: Final = 0.05
"""Part of a step by which the steps of a stack may differ."""
FEWEST: Final = 3
"""Slices of a stack; fewer are odd slices in another one."""
MOST: Final = 60
"""Directions; more are rotating projections or radial slices, and no stacks."""
OBLIQUE: Final = 0.9
"""Share of a normal along an axis of the patient from which a plane is called after it, about 25 degrees."""

PLANES: Final = ("sagittal", "coronal", "axial")
"""Planes across the axes of the patient, x, y, z in LPS."""

Stacks = list[tuple[str, tuple[Slice, ...]]]
"""What to call each stack, and its images."""


def stacks_of(slices: Sequence[Slice]) -> Stacks:
    """Return the stacks that the images of a series make, in the order in which they come.

    Nothing where they are one stack, or where something is left that is no even stack of its own: then slices are
    missing, or odd ones were mixed in.
    """
    if any(image.place.position is None or image.place.orientation is None for image in slices):
        return []
    found: list[tuple[Slice, ...]] = []
    for parallel in _grouped(slices, _directions(slices)):
        by_name = _grouped(parallel, [image.content.stack for image in parallel])
        found += [parallel] if _is_even(parallel) else by_name
    if len(found) < 2 or not all(map(_is_even, found)):
        return []
    planes = [_plane(images[0]) for images in found]
    counts = Counter(planes)
    numbers = [planes[:index].count(plane) + 1 for index, plane in enumerate(planes)]
    names = [
        plane if counts[plane] == 1 else f"{plane} stack {number}"
        for plane, number in zip(planes, numbers, strict=True)
    ]
    return list(zip(names, found, strict=True))


def _grouped(slices: Sequence[Slice], keys: Sequence[Hashable]) -> list[tuple[Slice, ...]]:
    groups: dict[Hashable, list[Slice]] = {}
    for image, key in zip(slices, keys, strict=True):
        groups.setdefault(key, []).append(image)
    return [tuple(images) for images in groups.values()]


def _directions(slices: Sequence[Slice]) -> list[int]:
    """Return the number of the direction of each image; parallel ones have the same."""
    known: dict[tuple[float, ...], int] = {}
    firsts: list[tuple[float, ...]] = []
    for image in slices:
        cosines = image.place.orientation or ()
        if cosines not in known:
            near = [
                number
                for number, one in enumerate(firsts)
                if max(abs(first - own) for first, own in zip(one, cosines, strict=True)) < SAME_DIRECTION
            ]
            firsts += [] if near else [cosines]
            if len(firsts) > MOST:
                return list(range(len(slices)))
            known[cosines] = near[0] if near else len(firsts) - 1
    return [known[image.place.orientation or ()] for image in slices]


def _is_even(slices: Sequence[Slice]) -> bool:
    """Return whether parallel images lie at the places of one even stack, however many at each."""
    orientation = slices[0].place.orientation or ()
    normal = np.cross(orientation[:3], orientation[3:])
    along = np.sort([np.dot(normal, image.place.position or ()) for image in slices])
    steps = np.diff(along)
    steps = steps[steps >= SAME_PLACE]
    return len(steps) + 1 >= FEWEST and bool(np.ptp(steps) <= EVEN * np.median(steps))


def _plane(image: Slice) -> str:
    """Return what radiologists call the plane of an image."""
    orientation = image.place.orientation or ()
    normal = np.abs(np.cross(orientation[:3], orientation[3:]))
    axis = int(np.argmax(normal))
    return PLANES[axis] if normal[axis] >= OBLIQUE else f"oblique {PLANES[axis]}"
