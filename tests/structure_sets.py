"""RT Structure Sets as a planning system writes them, made with pydicom, never with the code under test."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pydicom import Dataset
from pydicom.uid import RTStructureSetStorage, generate_uid

from tests.dicom_series import write_file

Regions = dict[str, Sequence[tuple[str, np.ndarray]]]
"""Name -> type and points, (n, 3) LPS mm, of each contour."""


def structure_set(image: Dataset, regions: Regions) -> Dataset:
    """Return a structure set that was drawn on the series of an image."""
    made = Dataset()
    made.SOPClassUID, made.SOPInstanceUID, made.Modality = RTStructureSetStorage, generate_uid(), "RTSTRUCT"
    made.StudyInstanceUID, made.SeriesInstanceUID = image.StudyInstanceUID, generate_uid()
    made.PatientName, made.PatientID = image.PatientName, image.PatientID
    series, study, space = Dataset(), Dataset(), Dataset()
    series.SeriesInstanceUID = image.SeriesInstanceUID
    study.RTReferencedSeriesSequence = [series]
    space.FrameOfReferenceUID, space.RTReferencedStudySequence = image.FrameOfReferenceUID, [study]
    made.ReferencedFrameOfReferenceSequence = [space]
    made.StructureSetROISequence, made.ROIContourSequence = [], []
    for number, (name, contours) in enumerate(regions.items(), 1):
        roi, item = Dataset(), Dataset()
        roi.ROINumber, roi.ROIName, roi.ROIGenerationAlgorithm = number, name, "MANUAL"
        roi.ReferencedFrameOfReferenceUID = image.FrameOfReferenceUID
        item.ReferencedROINumber, item.ROIDisplayColor = number, [255, 0, 51]
        item.ContourSequence = [_contour(kind, points) for kind, points in contours]
        made.StructureSetROISequence.append(roi)
        made.ROIContourSequence.append(item)
    return made


def _contour(kind: str, points: np.ndarray) -> Dataset:
    contour = Dataset()
    contour.ContourGeometricType, contour.NumberOfContourPoints = kind, len(points)
    contour.ContourData = [f"{number:.4f}" for number in np.ravel(points).tolist()]
    return contour


def saved(folder: Path, made: Dataset, name: str = "regions.dcm") -> Path:
    """Write an object and return its file."""
    write_file(folder / name, made)
    return folder / name
