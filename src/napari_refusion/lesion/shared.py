"""Voxels that two lesions of a list have in common, which a sum over the list would count twice."""

from napari_refusion.lesion.lesions import Lesions
from napari_refusion.lesion.voi import VolumeOfInterest
from napari_refusion.volume.finding import Finding


def shared_findings(lesions: Lesions, number: int) -> tuple[Finding, ...]:
    """Return a warning for each lesion of the same source that holds voxels of the one with a number.

    Raises
    ------
    RefusedError
        If there is no such lesion.
    """
    own = lesions.numbered(number)
    others = [one for one in lesions if one is not own and one.source == own.source]
    found = [(one, count) for one in others if (count := common(own.voi, one.voi))]
    return tuple(
        Finding(
            "warn",
            "volume of interest",
            f"Remove one of them if they are one lesion: {own.title} has {count} of its {own.voi.count} voxels in "
            f"common with {one.title}, and a sum counts them twice.",
            f"{count} voxels",
        )
        for one, count in found
    )


def common(one: VolumeOfInterest, other: VolumeOfInterest) -> int:
    """Return how many voxels two volumes of interest on one grid have in common."""
    sides = [
        (max(first.start, second.start), min(first.stop, second.stop))
        for first, second in zip(one.box, other.box, strict=True)
    ]
    if any(start >= stop for start, stop in sides):
        return 0
    first, second = (
        voi.mask[tuple(slice(start - at, stop - at) for (start, stop), at in zip(sides, voi.corner, strict=True))]
        for voi in (one, other)
    )
    return int((first & second).sum())
