"""Lesions as a binary DICOM Segmentation (PS3.3, A.51) in the frames of the series they are drawn on."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.uid import generate_uid

from napari_refusion import __version__
from napari_refusion.io.dicom.export.derivation import EQUIPMENT, LONG_STRING, shortened, spelt
from napari_refusion.io.dicom.export.identity import identity, write_identity
from napari_refusion.io.dicom.export.measured import LesionExport, Measured, tracking_words
from napari_refusion.io.dicom.export.segment_source import add_sources
from napari_refusion.io.dicom.frames import Frames, frames_of, geometry_groups
from napari_refusion.lesion.lesion import Lesion
from napari_refusion.notice import RESEARCH_ONLY

SERIES_NUMBER: Final = 9005

BY_HAND: Final = ("", "sphere", "brush", "painted", "by hand")
"""First words of the methods whose edge no algorithm finds."""


def segmentation(export: LesionExport) -> Dataset:
    """Return lesions as a Segmentation with new Series and SOP Instance UIDs, one segment for each in their order.

    Raises
    ------
    RefusedError
        If DICOM cannot hold the geometry.
    """
    frames, masks = _frames(export)
    measures, orientation, positions = geometry_groups(frames)
    source = identity(export.reference, export.frame_of_reference, export.pseudonym)
    source.Modality = export.reference.modality
    source.Rows, source.Columns = frames.data.shape[1:3]
    source.PixelSpacing, source.SliceThickness = measures[0].PixelSpacing, measures[0].SliceThickness
    source.ImageOrientationPatient = orientation[0].ImageOrientationPatient
    source.ImagePositionPatient = positions[0][0].ImagePositionPatient
    dataset = _build(export, source, masks, (measures, orientation, positions))
    dataset.SeriesDescription = shortened(f"Lesions, {RESEARCH_ONLY}", LONG_STRING)
    # type 2 in the editions before 2021, and empty: nobody's name belongs there
    dataset.ContentCreatorName = ""
    add_sources(dataset, export)
    write_identity(dataset, export.reference, export.pseudonym)
    # not beside Frame Laterality (C.7.3.1)
    del dataset.Laterality
    return dataset


def _frames(export: LesionExport) -> tuple[Frames, np.ndarray]:
    """Return the frames from the first to the last that hold a lesion, and what highdicom takes for them.

    That is (n, rows, columns) numbers of segments, and (n, rows, columns, segments) bool only where two of them share a
    voxel: the former takes less memory.
    """
    placed = [_placed(export, one.lesion) for one in export.lesions]
    held = np.any([frames.data.any(axis=(1, 2)) for frames in placed], axis=0)
    first, last = np.flatnonzero(held)[[0, -1]].tolist()
    whole = placed[0]
    affine = whole.affine.copy()
    affine[:3, 3] += first * affine[:3, 0]
    cut = [frames.data[first : last + 1] for frames in placed]
    labels = np.zeros(cut[0].shape, np.uint16)
    for number, mask in enumerate(cut, 1):
        if labels[mask].any():
            return Frames(labels, affine), np.stack(cut, axis=-1)
        labels[mask] = number
    return Frames(labels, affine), labels


def _placed(export: LesionExport, lesion: Lesion) -> Frames:
    """Return a lesion in the frames of its series, (n, rows, columns) bool."""
    return frames_of(export.source.with_data(lesion.voi.whole()), export.reference.orientation)


def _build(
    export: LesionExport, source: Dataset, masks: NDArray[np.uint16] | NDArray[np.bool_], geometry: tuple[Any, Any, Any]
) -> Dataset:
    """Return highdicom's Segmentation."""
    from highdicom.seg import Segmentation

    measures, orientation, positions = geometry
    return Segmentation(
        [source],
        masks,
        "BINARY",
        [_description(export, number, one) for number, one in enumerate(export.lesions, 1)],
        series_instance_uid=generate_uid(),
        series_number=SERIES_NUMBER,
        sop_instance_uid=generate_uid(),
        instance_number=1,
        pixel_measures=measures,
        plane_orientation=orientation,
        plane_positions=positions,
        content_label="LESIONS",
        content_description=f"Lesions of a reader's list, {len(export.lesions)}",
        **EQUIPMENT,
    )


def _description(export: LesionExport, number: int, one: Measured) -> Any:  # noqa: ANN401, a class of highdicom
    """Return what is said of a segment: what it is, and how it was drawn."""
    from highdicom import AlgorithmIdentificationSequence
    from highdicom.seg import SegmentDescription
    from pydicom.sr.codedict import codes

    lesion = one.lesion
    method = shortened(spelt(lesion.voi.method), LONG_STRING)
    is_manual = lesion.voi.method.lower().startswith(BY_HAND[1:]) or not method
    algorithm = AlgorithmIdentificationSequence(method or "manual", codes.cid7162.EdgeDetection, __version__)
    return SegmentDescription(
        number,
        tracking_words(lesion),
        codes.SCT.MorphologicallyAbnormalStructure,
        codes.SCT.Lesion,
        "MANUAL" if is_manual else "SEMIAUTOMATIC",
        algorithm_identification=None if is_manual else algorithm,
        tracking_uid=export.tracking_uid(one),
        tracking_id=tracking_words(lesion),
    )
