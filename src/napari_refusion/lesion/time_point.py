"""The lesions of one examination, to be compared with those of another one."""

from dataclasses import dataclass

from napari_refusion.lesion.lesion import Lesion
from napari_refusion.lesion.measured import Measured


@dataclass(frozen=True, slots=True, eq=False)
class TimePoint:
    """The lesions of one examination, measured in the source that they were drawn on."""

    title: str
    unit: str
    lesions: tuple[Lesion, ...]
    measured: tuple[Measured, ...]
