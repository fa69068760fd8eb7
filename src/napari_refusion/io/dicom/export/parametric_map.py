"""The archive master: a fused volume as a DICOM Parametric Map (PS3.3, A.75), its float32 values unchanged."""

from typing import Any, Final

import numpy as np
from pydicom import Dataset
from pydicom.uid import generate_uid

from napari_refusion.io.dicom.export.anatomy import frame_anatomy
from napari_refusion.io.dicom.export.derivation import (
    EQUIPMENT,
    derivation_codes,
    derivation_words,
    describe,
    series_description,
    shortened,
)
from napari_refusion.io.dicom.export.identity import identity, write_identity
from napari_refusion.io.dicom.export.inputs import Export
from napari_refusion.io.dicom.export.references import source_images
from napari_refusion.io.dicom.frames import Frames, check_written, frames_of, geometry_groups
from napari_refusion.io.dicom.header import quiet

SERIES_NUMBER: Final = 9001
"""High enough to follow a scanner's own series."""


def parametric_map(export: Export) -> Dataset:
    """Return a fused volume as a Parametric Map with new Series and SOP Instance UIDs.

    Frames lie like the images of the reference series. The real world value is the stored one and has no unit. Rescale
    Type is ``US`` (unspecified), which the standard demands of every Parametric Map.

    Raises
    ------
    RefusedError
        If DICOM cannot hold the geometry.
    """
    frames = frames_of(export.fused.volume, export.reference.orientation)
    with quiet():
        measures, orientation, positions = geometry_groups(frames)
        source = identity(export.reference, export.frame_of_reference, export.pseudonym)
        source.Rows, source.Columns = frames.data.shape[1:]
        source.PixelSpacing, source.SliceThickness = measures[0].PixelSpacing, measures[0].SliceThickness
        source.ImageOrientationPatient = orientation[0].ImageOrientationPatient
        source.ImagePositionPatient = positions[0][0].ImagePositionPatient
        dataset = _build(export, source, frames.data.astype(np.float32), (measures, orientation, positions))
        _put_in_order(dataset, frames)
        # type 2 in the editions before 2021, and empty: nobody's name belongs there
        dataset.ContentCreatorName = ""
        describe(dataset, export)
        _complete_groups(dataset, export)
        write_identity(dataset, export.reference, export.pseudonym)
        # not beside Frame Laterality (C.7.3.1)
        del dataset.Laterality
    check_written(dataset, frames)
    return dataset


def _build(export: Export, source: Dataset, data: np.ndarray, geometry: tuple[Any, Any, Any]) -> Dataset:
    """Return highdicom's Parametric Map of (n, rows, columns) values in [0, 1]."""
    from highdicom import VOILUTTransformation
    from highdicom.pm import ParametricMap, RealWorldValueMapping
    from pydicom.sr.codedict import codes

    mapping = RealWorldValueMapping(
        "FUSED", "Fused brightness, no HU, SUV or activity", codes.UCUM.NoUnits, (0.0, 1.0), slope=1.0, intercept=0.0
    )
    measures, orientation, positions = geometry
    return ParametricMap(
        [source],
        data,
        series_instance_uid=generate_uid(),
        series_number=SERIES_NUMBER,
        sop_instance_uid=generate_uid(),
        instance_number=1,
        contains_recognizable_visual_features=export.recognizable,
        real_world_value_mappings=[mapping],
        voi_lut_transformations=[VOILUTTransformation(window_center=0.5, window_width=1.0)],
        pixel_measures=measures,
        plane_orientation=orientation,
        plane_positions=positions,
        content_label="FUSED",
        content_description=shortened(series_description(export), 64),
        **EQUIPMENT,
    )


def _put_in_order(dataset: Dataset, frames: Frames) -> None:
    """Put the frames in the order of their normal again: highdicom sorts them against it.

    Readers that look at the first frame's place only would else turn the patient upside down.
    """
    dataset.FloatPixelData = frames.data.astype("<f4").tobytes()
    groups = list(dataset.PerFrameFunctionalGroupsSequence)
    normal = np.cross(frames.orientation[:3], frames.orientation[3:])
    groups.sort(key=lambda group: float(np.dot(normal, group.PlanePositionSequence[0].ImagePositionPatient)))
    for number, group in enumerate(groups, 1):
        group.FrameContentSequence[0].DimensionIndexValues = [number]
    dataset.PerFrameFunctionalGroupsSequence = groups


def _complete_groups(dataset: Dataset, export: Export) -> None:
    """Add anatomy and derivation, once for all frames: each was made from resampled volumes of both series.

    highdicom writes the derivation frame by frame, with the header it was built from as the only source.
    """
    for group in dataset.PerFrameFunctionalGroupsSequence:
        group.pop("DerivationImageSequence", None)
    item = Dataset()
    item.DerivationDescription = derivation_words(export)
    item.DerivationCodeSequence = derivation_codes(export)
    item.SourceImageSequence = source_images(export)
    shared = dataset.SharedFunctionalGroupsSequence[0]
    shared.DerivationImageSequence = [item]
    shared.FrameAnatomySequence = [frame_anatomy(export.reference)]
