"""DICOM Segmentation objects (PS3.3, A.51 and C.8.20) in, on the grid of their own frames.

Read with pydicom, not with highdicom, which refuses what other programs leave out and takes all segments into memory at
once; the tests hold what is read here against highdicom.
"""

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from napari_refusion.io.dicom.dataset import read_dataset
from napari_refusion.io.dicom.header import text, whole
from napari_refusion.io.one_pass import sha256_of
from napari_refusion.io.overlays.belonging import Said, check_belongs, listed, unknown_space
from napari_refusion.io.overlays.frame_places import FramePlaces, places_of
from napari_refusion.io.overlays.overlay import Overlay, Segment, own_grid, placed
from napari_refusion.io.overlays.segment_frames import LABEL_MAP, Patch, patches_of
from napari_refusion.io.overlays.segment_words import Described, described
from napari_refusion.volume.finding import Finding, refuse
from napari_refusion.volume.grid import Grid
from napari_refusion.volume.origin import patient_mark
from napari_refusion.volume.volume import Volume

KIND: Final = "DICOM SEG"


def read_segmentation(path: Path, source: Volume) -> Overlay:
    """Return the segments of a DICOM Segmentation or Label Map Segmentation object; see `read.read_overlay`."""
    dataset = read_dataset(path)
    said = _said(dataset, path.name)
    findings = check_belongs(said, source)
    places = places_of(dataset, path.name, source)
    words = described(dataset, path.name)
    is_label_map = text(dataset, "SOPClassUID") == LABEL_MAP
    patches = patches_of(dataset, path.name, frozenset(words), is_label_map=is_label_map)
    grid = own_grid(places.shape, places.affine, source.grid)
    found = [_segment(words[number], patches[number], places, grid) for number in words if number in patches]
    empty = [one.name for number, one in words.items() if number not in patches]
    if not found:
        raise refuse(
            "volume of interest", f"Choose another file: no segment of {path.name} holds a voxel.", "0 segments"
        )
    findings += unknown_space(said, source, grid)
    findings += [*_fractional(dataset, path.name), *left_out(path.name, empty, "no voxel lies in them")]
    findings += _grid_words(path.name, grid, source)
    return Overlay(KIND, path.name, sha256_of(path), tuple(found), tuple(findings))


def left_out(name: str, names: list[str], why: str) -> list[Finding]:
    """Return the warning about segments that were left out, none where there are none."""
    if not names:
        return []
    sentence = f"Look at {name} where it was drawn if you miss them: left out {listed(names)}, for {why}."
    return [Finding("warn", "volume of interest", sentence, f"{len(names)} left out")]


def _grid_words(name: str, grid: Grid, source: Volume) -> list[Finding]:
    """Return that the segments keep a grid that is not the source's."""
    if grid is source.grid or grid.matches(source.grid):
        return []
    sizes = " x ".join(f"{size:.3g}" for size in grid.spacing) + " mm"
    sentence = f"{name} was drawn on another grid ({sizes}) than {source.title}, which its regions keep."
    return [Finding("ok", "grid", sentence, sizes)]


def _said(dataset: Dataset, name: str) -> Said:
    series = {text(item, "SeriesInstanceUID") for item in dataset.get("ReferencedSeriesSequence") or []} - {""}
    patient = patient_mark(*(text(dataset, tag) for tag in ("PatientID", "IssuerOfPatientID", "PatientBirthDate")))
    spaces = {text(dataset, "FrameOfReferenceUID")} - {""}
    return Said(name, patient, frozenset(spaces), frozenset(series))


def _fractional(dataset: Dataset, name: str) -> list[Finding]:
    if text(dataset, "SegmentationType") != "FRACTIONAL":
        return []
    most = whole(dataset, "MaximumFractionalValue")
    sentence = f"Check the edges: the segments of {name} hold fractions, voxels from {most / 2:g} of {most} on are in."
    return [Finding("warn", "volume of interest", sentence, f"0.5 of {most}")]


def _segment(words: Described, patches: list[Patch], places: FramePlaces, grid: Grid) -> Segment:
    """Return one segment from its frames."""
    planes = [places.planes[patch.frame] for patch in patches]
    first = min(planes), min(one.row for one in patches), min(one.column for one in patches)
    ends = (
        max(planes) + 1,
        max(one.row + one.mask.shape[0] for one in patches),
        max(one.column + one.mask.shape[1] for one in patches),
    )
    mask: NDArray[np.bool_] = np.zeros([end - start for start, end in zip(first, ends, strict=True)], np.bool_)
    for plane, one in zip(planes, patches, strict=True):
        rows = slice(one.row - first[1], one.row - first[1] + one.mask.shape[0])
        columns = slice(one.column - first[2], one.column - first[2] + one.mask.shape[1])
        mask[plane - first[0], rows, columns] |= one.mask
    affine = places.affine.copy()
    affine[:3, 3] += affine[:3, :3] @ np.array(first, np.float64)
    return Segment(words.number, words.name, placed(mask, affine, grid, words.method), words.colour)
