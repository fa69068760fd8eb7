"""Label maps in and out: a NIfTI file whose voxels are numbers of labels, and the table with their names beside it."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from scipy.ndimage import find_objects

from napari_refusion.io.one_pass import sha256_of
from napari_refusion.io.open import open_volume
from napari_refusion.io.overlays.belonging import Said, check_belongs, listed, unknown_space
from napari_refusion.io.overlays.label_names import Label, as_table, read_labels, table_of
from napari_refusion.io.overlays.overlay import Overlay, Segment, own_grid, placed
from napari_refusion.io.whole_files import together
from napari_refusion.io.write import save_label_map
from napari_refusion.lesion.lesion import Lesion
from napari_refusion.study.checks import space
from napari_refusion.volume.finding import Finding, RefusedError, refuse
from napari_refusion.volume.volume import Volume

KIND: Final = "label map"

MOST_LABELS: Final = 2000
"""Of one file; a parcellation of a brain has a few hundred. More of them are values of an image."""


def read_label_map(path: Path, source: Volume) -> Overlay:
    """Return the labels of an image file, 0 left out; see `read.read_overlay`."""
    volume = _opened(path)
    said = Said(path.name, volume.origin.mark)
    findings = check_belongs(said, source)
    labels = _labels(path, volume)
    names = read_labels(path)
    grid = own_grid(volume.shape, volume.affine, source.grid)
    segments = []
    for number, box in _boxes(volume.data, labels).items():
        named = names.get(number, Label(""))
        affine = volume.affine.copy()
        affine[:3, 3] = volume.grid.point_at(np.array([end.start for end in box], np.float64))
        voi = placed(volume.data[box] == number, affine, grid, KIND)
        segments.append(Segment(number, named.name or f"Label {number}", voi, named.colour))
    findings += [*unknown_space(said, source, grid), *(one for one in volume.findings if one.check == "Geometry")]
    findings += [one for one in space(source, volume) if one.rule == "frame of reference"]
    missing = [label.name or f"Label {number}" for number, label in names.items() if number and number not in labels]
    if missing:
        sentence = f"Look at {path.name} where it was drawn if you miss them: no voxel lies in {listed(missing)}."
        findings.append(Finding("warn", "volume of interest", sentence, f"{len(missing)} left out"))
    return Overlay(KIND, path.name, sha256_of(path), tuple(segments), tuple(findings))


def _opened(path: Path) -> Volume:
    """Return the one volume of a file; of several there is no choice here."""
    try:
        return open_volume(path)
    except RefusedError as error:
        several = next((one.value for one in error.findings if one.rule == "frames"), "")
        if not several:
            raise
        sentence = f"Split {path.name} into label maps of one volume each: it holds several ({several})."
        raise refuse("frames", sentence, several) from error


def _labels(path: Path, volume: Volume) -> list[int]:
    """Return the labels of a volume without 0; refuse what is no label map."""
    if volume.is_rgb:
        raise refuse("content", f"Choose a label map: {path.name} holds colours.", "RGB")
    values = np.unique(np.concatenate([np.unique(plane) for plane in volume.data]))
    whole = np.isfinite(values) & (values == np.rint(values))
    if not whole.all():
        odd = values[~whole][0]
        sentence = f"Choose a label map, or apply a threshold: {path.name} holds {odd:g}, and labels are whole numbers."
        raise refuse("content", sentence, f"{odd:g}")
    labels = [int(value) for value in values if value]
    if not labels or len(labels) > MOST_LABELS:
        sentence = f"Choose a label map: {path.name} holds {len(labels)} labels."
        raise refuse("volume of interest", sentence, f"{len(labels)} labels")
    return labels


def _boxes(data: np.ndarray, labels: Sequence[int]) -> dict[int, tuple[slice, ...]]:
    """Return label -> the box around its voxels, for all of them from one look at every voxel."""
    known = np.array([0, *labels])
    order = np.argsort(known)
    ranks = np.zeros(data.shape, np.int16)
    for plane, values in zip(ranks, data, strict=True):
        plane[...] = order[np.searchsorted(known, values, sorter=order)]
    return dict(zip(labels, find_objects(ranks, len(labels)), strict=True))


def write_label_map(
    lesions: Sequence[Lesion], source: Volume, path: Path, overwrite: bool = False, keep: Iterable[Path] = ()
) -> tuple[Path, Path]:
    """Write lesions as a NIfTI label map on their source's grid with the table of their names, both or none.

    A voxel holds the number of its lesion. The file's axes run as those of the source's file.

    Parameters
    ----------
    path
        Ends in ``_dseg.nii.gz`` or another name with ``.nii.gz`` or ``.nii``; the table is ``.tsv`` beside it.
    keep
        Files that are never replaced, see `io.whole_files.atomic`.

    Raises
    ------
    RefusedError
        If two lesions share a voxel, which one label cannot tell, one is drawn on another grid or source, or the file
        cannot be written.
    """
    check_lesions(lesions, source)
    labels = np.zeros(source.shape, np.int32)
    for one in lesions:
        place = labels[one.voi.box]
        if taken := np.unique(place[one.voi.mask & (place > 0)]).tolist():
            sentence = f"Write a DICOM SEG: {one.title} shares voxels with lesion {taken[0]}, a label holds one."
            raise refuse("volume of interest", sentence, f"lesions {taken[0]} and {one.number}")
        place[one.voi.mask] = one.number
    names = {one.number: Label(one.title) for one in lesions}
    table = table_of(path)
    with together((path, table), overwrite, keep) as temporary:
        save_label_map(labels, source, path, temporary[path])
        temporary[table].write_text(as_table(names), encoding="utf-8", newline="\n")
    return path, table


def check_lesions(lesions: Sequence[Lesion], source: Volume) -> None:
    """Refuse lesions that are none, or that are not drawn on the grid and the files of a source."""
    if not lesions:
        raise refuse("volume of interest", "Draw a lesion first: there is none to be written.", "0 lesions")
    for one in lesions:
        if not one.voi.grid.matches(source.grid):
            sentence = f"Draw it on {source.title}: {one.title} lies on another grid."
            raise refuse("volume of interest", sentence, one.title)
        if one.source and source.origin.sha256 and one.source != source.origin.sha256:
            sentence = f"Open the files that {one.title} was drawn on: {source.title} is made of others."
            raise refuse("volume of interest", sentence, one.title)
