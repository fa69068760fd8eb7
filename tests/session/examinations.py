"""Examinations of PET and CT whose lesions are known, and the session that compares them."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from napari_refusion.fusion.partial import new_partial
from napari_refusion.session.follow_up.examination import Examination, examination
from napari_refusion.session.follow_up.session import FollowUpSession
from napari_refusion.session.lesions.session import LesionSession
from napari_refusion.study.pairing import pair
from napari_refusion.volume.origin import Origin, patient_mark
from napari_refusion.volume.volume import Volume
from tests.lesion.uptake import blob, pet, place

SHAPE = (24, 24, 24)

SPOTS = ((6, 6, 6), (16, 16, 16))
"""Voxels of 4 mm where the baseline has uptake of 10 SUV."""


def spots(*middles: tuple[int, int, int], height: float = 10.0) -> NDArray[np.float64]:
    """Return uptake of a height at voxels of 4 mm."""
    return np.max([blob(SHAPE, middle=middle, height=height, width=4.0) for middle in middles], axis=0)


def examined(data: NDArray[np.float64], name: str, patient: str = "P1", unit: str = "SUVbw") -> tuple[Volume, Volume]:
    """Return PET with this uptake, and a CT on its grid."""
    made = pet(data, unit=unit, origin=Origin(sha256=name * 64, patient=patient_mark(patient)), name=f"PET {name}")
    inside = np.linalg.norm(np.argwhere(np.ones(SHAPE)).reshape(*SHAPE, 3) - 11.5, axis=-1) < 11
    ct = replace(
        made,
        data=np.where(inside, 40.0, -1000.0).astype(np.float32),
        modality="CT",
        unit="HU",
        name=f"CT {name}",
        origin=replace(made.origin, sha256=f"ct{name}"),
    )
    return made, ct


def follow_up_of(sources: tuple[Volume, Volume]) -> FollowUpSession:
    """Return a session whose follow-up is a pair."""
    later = LesionSession()
    later.show_pair(new_partial(pair(*sources), "axial"))
    return FollowUpSession(later)


def baseline_of(sources: tuple[Volume, Volume]) -> Examination:
    """Return a pair as a baseline."""
    return examination(*sources)


def at(index: tuple[int, int, int]) -> NDArray[np.float64]:
    """Return where a voxel lies, RAS+ mm."""
    return place(index)
