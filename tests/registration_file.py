"""DICOM Spatial Registration objects put together by hand, after PS3.3 C.20.2, and a rotation by hand."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, SpatialRegistrationStorage, generate_uid

TURN = np.array([[0.0, -1.0, 0.0, 5.0], [1.0, 0.0, 0.0, -7.0], [0.0, 0.0, 1.0, 30.0], [0.0, 0.0, 0.0, 1.0]])
"""LPS mm: (x, y, z) goes to (5 - y, x - 7, z + 30)."""


def item(frame_of_reference: str, *matrices: np.ndarray, images: Sequence[Dataset] = ()) -> Dataset:
    """An item of Registration Sequence; matrices are LPS mm."""
    made, how = Dataset(), Dataset()
    if frame_of_reference:
        made.FrameOfReferenceUID = frame_of_reference
    how.RegistrationTypeCodeSequence, how.MatrixSequence = [], []
    for matrix in matrices:
        one = Dataset()
        one.FrameOfReferenceTransformationMatrix = [f"{value:.10g}" for value in matrix.ravel()]
        one.FrameOfReferenceTransformationMatrixType = "RIGID"
        how.MatrixSequence.append(one)
    made.MatrixRegistrationSequence = [how]
    made.ReferencedImageSequence = []
    for image in images:
        reference = Dataset()
        reference.ReferencedSOPClassUID, reference.ReferencedSOPInstanceUID = image.SOPClassUID, image.SOPInstanceUID
        made.ReferencedImageSequence.append(reference)
    return made


def registration(frame_of_reference: str, *items: Dataset, series: Sequence[Sequence[Dataset]] = ()) -> Dataset:
    """A registration into a frame of reference, which refers to the images of some series."""
    made = Dataset()
    made.SOPClassUID, made.SOPInstanceUID, made.Modality = SpatialRegistrationStorage, generate_uid(), "REG"
    made.PatientID, made.PatientName = "CANARY-ID", "Canary^Name"
    made.FrameOfReferenceUID = frame_of_reference
    made.RegistrationSequence = list(items)
    made.ReferencedSeriesSequence = []
    for images in series:
        one = Dataset()
        one.SeriesInstanceUID = images[0].SeriesInstanceUID
        one.ReferencedInstanceSequence = [
            item("", images=images).ReferencedImageSequence[k] for k in range(len(images))
        ]
        made.ReferencedSeriesSequence.append(one)
    return made


def save(path: Path, made: Dataset) -> Path:
    """Write an object as a DICOM file."""
    made.file_meta = FileMetaDataset()
    made.file_meta.MediaStorageSOPClassUID, made.file_meta.MediaStorageSOPInstanceUID = made.SOPClassUID, "2.25.7"
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.save_as(path, enforce_file_format=True)
    return path
