"""The lesions of one examination, to be compared with those of another one."""

from dataclasses import dataclass, field

from napari_refusion.lesion.lesion import Lesion
from napari_refusion.lesion.lesions import Lesions
from napari_refusion.lesion.measured import Measured, measure
from napari_refusion.volume.probe import unit_of
from napari_refusion.volume.volume import Volume


@dataclass(frozen=True, slots=True, eq=False)
class TimePoint:
    """The lesions of one examination, measured in the source that they were drawn on."""

    title: str
    patient: str = field(repr=False)
    """The source's `Origin.mark`."""
    unit: str
    lesions: tuple[Lesion, ...]
    measured: tuple[Measured, ...]


def time_point(volume: Volume, lesions: Lesions) -> TimePoint:
    """Return the lesions that were drawn on a source, measured in it; those of other sources are left out."""
    own = tuple(one for one in lesions if one.source == volume.origin.sha256)
    measured = tuple(measure(volume, one.voi) for one in own)
    return TimePoint(volume.title, volume.origin.mark, unit_of(volume), own, measured)
