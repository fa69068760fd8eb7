"""Whether an overlay belongs to a source: patient, frame of reference, series, and whether it lies within it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from napari_refusion.io.overlays.overlay import Segment
from napari_refusion.lesion.voi import VolumeOfInterest
from napari_refusion.volume.finding import Finding, refuse
from napari_refusion.volume.grid import Grid
from napari_refusion.volume.origin import what_differs
from napari_refusion.volume.rigid import is_displaced
from napari_refusion.volume.volume import Volume


@dataclass(frozen=True, slots=True)
class Said:
    """What a file says about the images that it was drawn on."""

    name: str
    """Of the file."""
    patient: str = field(default="", repr=False)
    """See `volume.origin.patient_mark`."""
    frames_of_reference: frozenset[str] = frozenset()
    """Frame of Reference UIDs (0020,0052); empty where it names none."""
    series: frozenset[str] = frozenset()
    """Series Instance UIDs (0020,000E) of the images."""


def check_belongs(said: Said, source: Volume) -> list[Finding]:
    """Return what to look at before an overlay is believed on a source.

    Raises
    ------
    RefusedError
        If it is of another patient, or in another frame of reference; or if the source was moved.
    """
    if is_displaced(source):
        sentence = (
            f"Open {source.title} again: it was moved, and {said.name} lies where the files of the images place them."
        )
        raise refuse("moved", sentence)
    if differs := what_differs(said.patient, source.origin.mark):
        sentence = f"Choose this patient's overlay: {said.name} is of another than {source.title} ({differs} differs)."
        raise refuse("patient", sentence, differs)
    here = source.frame_of_reference
    if here and said.frames_of_reference and here not in said.frames_of_reference:
        sentence = (
            f"Open the series that {said.name} was drawn on, or one in its frame of reference: that of {source.title} "
            "is another, so the same coordinates are another place."
        )
        value = f"{len(said.frames_of_reference)} other frame(s) of reference"
        raise refuse("frame of reference", sentence, value)
    return [*_other_series(said, source)]


def unknown_space(said: Said, source: Volume, grid: Grid | None = None) -> Iterator[Finding]:
    """Yield a warning where nothing but coordinates says that an overlay lies in the space of a source.

    Parameters
    ----------
    grid
        That the regions keep; where it is the source's, they were drawn on it, for no two images share one by chance.
    """
    is_named = bool(source.frame_of_reference and said.frames_of_reference)
    if is_named or (grid is not None and grid.matches(source.grid)):
        return
    which = said.name if not said.frames_of_reference else source.title
    sentence = (
        f"Compare the outlines of {said.name} with {source.title} before you rely on them: {which} names no frame of "
        "reference, so only the coordinates say where they lie."
    )
    yield Finding("warn", "frame of reference", sentence, "no frame of reference")


def _other_series(said: Said, source: Volume) -> Iterator[Finding]:
    if said.series and source.origin.series_uid and source.origin.series_uid not in said.series:
        sentence = (
            f"Make sure that the patient did not move in between: {said.name} was drawn on another series of the frame "
            f"of reference of {source.title}."
        )
        yield Finding("warn", "series", sentence, f"{len(said.series)} other series")


def check_within(name: str, segments: Iterable[Segment], source: Volume) -> Iterator[Finding]:
    """Yield a warning for the segments that lie wholly or partly where the source has no voxels."""
    outside: list[str] = []
    partly: list[str] = []
    for one in segments:
        if one.voi.grid is source.grid or one.voi.grid.matches(source.grid):
            continue
        within, count = _within(one.voi, source), one.voi.count
        if within < count:
            (partly if within else outside).append(one.name)
    for names, how in ((outside, "outside"), (partly, "partly outside")):
        if names:
            sentence = f"Check that {name} belongs to {source.title}: {listed(names)} lie(s) {how} of its voxels."
            yield Finding("warn", "overlap", sentence, f"{len(names)} segment(s)")


def _within(voi: VolumeOfInterest, source: Volume) -> int:
    """Return how many voxels lie in a voxel of the source; plane by plane, for a body has a hundred million."""
    change = np.linalg.inv(source.affine) @ voi.grid.affine
    first, corner = np.array(voi.corner), np.array(source.shape) - 0.5
    count = 0
    for plane, mask in enumerate(voi.mask):
        rows, columns = np.nonzero(mask)
        there = np.stack([np.full(len(rows), plane), rows, columns], axis=1) + first
        indices = there @ change[:3, :3].T + change[:3, 3]
        count += int(((indices >= -0.5) & (indices < corner)).all(axis=1).sum())
    return count


def listed(names: Iterable[str], most: int = 5) -> str:
    """Return names for a sentence, not more than some of them."""
    every = list(names)
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return ", ".join(every[:most]) + more
