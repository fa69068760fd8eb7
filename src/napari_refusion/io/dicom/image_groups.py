"""Images made into series: by Series Instance UID, scouts and what shares one by mistake apart, sorted by position."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from napari_refusion.io.dicom.copies import without_copies
from napari_refusion.io.dicom.header import Numbers
from napari_refusion.io.dicom.series import Series
from napari_refusion.io.dicom.slice import Slice

FEWEST: Final = 3
"""Images that are a series of their own under a Series Instance UID that they share with others."""

ACROSS: Final = 0.5
"""Cosine between the normals of two images from which they lie across each other: 60 degrees, gantries tilt by 30."""


def series_of(groups: Mapping[str, Sequence[Slice]]) -> list[Series]:
    """Return the series of images that are grouped by Series Instance UID, sorted by series number."""
    series = [_series(uid, images) for uid, slices in groups.items() for images in _series_under(slices)]
    series.sort(key=lambda one: (_as_number(one.number), one.uid, one.modality))
    return _with_studies(series)


def _series(uid: str, slices: Sequence[Slice]) -> Series:
    several = len({(image.sop_instance, image.frame) for image in slices}) < len(slices)
    once, copies = without_copies(slices) if several else (slices, ())
    return Series(uid, _sorted(once), copies=copies)


def _series_under(slices: Sequence[Slice]) -> list[list[Slice]]:
    """Return the images of each modality and series number, where of each are too many to be damaged headers.

    Some programs that remove identities write one Series Instance UID into all of an examination. Scouts are a series
    of their own; one or two only where they lie across all other images, as damaged headers do not make slices lie.
    """
    scouts = [image for image in slices if image.is_scout]
    others = [image for image in slices if not image.is_scout]
    if scouts and others and (len(scouts) >= FEWEST or _lie_across(scouts, others)):
        return [*_series_under(others), scouts]
    groups: dict[tuple[str, str], list[Slice]] = {}
    for image in slices:
        groups.setdefault((image.modality, image.series_number), []).append(image)
    return list(groups.values()) if min(map(len, groups.values())) >= FEWEST else [list(slices)]


def _lie_across(scouts: Sequence[Slice], others: Sequence[Slice]) -> bool:
    """Return whether scouts are of one modality, and none is nearly parallel to another image of it."""
    if len({image.modality for image in scouts}) > 1:
        return False
    others = [image for image in others if image.modality == scouts[0].modality]
    normals = [
        np.array([np.cross(place[:3], place[3:]) for image in images if (place := image.place.orientation)])
        for images in (scouts, others)
    ]
    if not others or len(normals[0]) < len(scouts) or len(normals[1]) < len(others):
        return False
    return bool(np.abs(normals[0] @ normals[1].T).max() < ACROSS)


def _with_studies(series: Sequence[Series]) -> list[Series]:
    """Return series that say of which study they are, where there are several: their dates are the patient's."""
    firsts: dict[str, float] = {}
    for one in series:
        moments = [image.content.acquired for image in one.slices if image.content.acquired is not None]
        study = one.slices[0].content.study
        firsts[study] = min([firsts.get(study, float("inf")), *moments])
    ordered = sorted(firsts, key=lambda study: firsts[study])
    if len(ordered) < 2 or "" in firsts:
        return list(series)
    words = {study: f"study {number} of {len(ordered)}" for number, study in enumerate(ordered, start=1)}
    return [replace(one, study=words[one.slices[0].content.study]) for one in series]


def _sorted(slices: Sequence[Slice]) -> tuple[Slice, ...]:
    """Return slices by their position along the commonest normal; file names and instance numbers tell no place."""
    oriented = [image.place.orientation for image in slices if image.place.orientation]
    common: Numbers = Counter(oriented).most_common(1)[0][0] if oriented else (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
    normal = np.cross(common[:3], common[3:])

    def rank(image: Slice) -> tuple[float, float, str, int]:
        position = image.place.position
        along = float("inf") if position is None else round(float(np.dot(normal, position)), 6)
        return along, _as_number(image.instance_number), str(image.path), image.frame

    return tuple(sorted(slices, key=rank))


def _as_number(written: str) -> float:
    try:
        return float(written)
    except ValueError:
        return float("inf")
