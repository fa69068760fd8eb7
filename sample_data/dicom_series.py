"""Writes a volume as a DICOM series of single slices, identical bytes every time."""

import uuid
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian, MRImageStorage

from sample_data.scan import Grid

NAMESPACE = uuid.UUID("6d9b7f3e-52c1-4a48-9f0e-7e2b1c5a9d31")
"""Drawn once; every UID of the sample data is derived from it and a name."""

LPS = np.array([-1.0, -1.0, 1.0])
"""RAS+ to the patient coordinates of DICOM and back."""


class Series(NamedTuple):
    """What the series of one modality has of its own."""

    modality: str
    """``CT`` or ``MR``."""
    number: int
    description: str
    window: tuple[float, float]
    """Centre and width, in the unit of the volume."""
    intercept: int
    """Stored value 0 in the unit of the volume."""
    attributes: dict[str, object]
    """Further attributes by DICOM keyword."""


def fixed_uid(name: str) -> UID:
    """Return the UID that belongs to a name: 2.25 and a version-5 UUID (DICOM PS3.5 B.2)."""
    return UID(f"2.25.{uuid.uuid5(NAMESPACE, name).int}")


def decimal(value: float) -> str:
    """Return a decimal string of at most the 16 characters that DICOM allows."""
    text = f"{value:.10f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text[:16]


def patient_and_study() -> Dataset:
    """Return the attributes that all slices of all series share."""
    head = Dataset()
    head.SpecificCharacterSet = "ISO_IR 100"
    head.PatientName = "Phantom^Head"
    head.PatientID = "SYNTHETIC-0001"
    head.PatientBirthDate = ""
    head.PatientSex = "O"
    head.StudyInstanceUID = fixed_uid("study")
    head.StudyID = "1"
    head.StudyDate = head.SeriesDate = head.AcquisitionDate = head.ContentDate = "20000101"
    head.StudyTime = head.SeriesTime = head.AcquisitionTime = head.ContentTime = "120000"
    head.AccessionNumber = ""
    head.ReferringPhysicianName = ""
    head.Manufacturer = "napari-refusion (synthetic phantom)"
    head.FrameOfReferenceUID = fixed_uid("frame of reference")
    head.PositionReferenceIndicator = ""
    head.PatientPosition = "HFS"
    head.BodyPartExamined = "HEAD"
    head.BurnedInAnnotation = "NO"
    head.Laterality = ""
    return head


def slice_of(plane: NDArray[np.int16], index: int, grid: Grid, series: Series) -> Dataset:
    """Return slice `index` (columns, rows) of a volume whose indices run along columns, rows, slices."""
    slab = patient_and_study()
    slab.SOPClassUID = CTImageStorage if series.modality == "CT" else MRImageStorage
    slab.SOPInstanceUID = fixed_uid(f"{series.modality} slice {index}")
    slab.SeriesInstanceUID = fixed_uid(f"{series.modality} series")
    slab.Modality, slab.SeriesNumber = series.modality, series.number
    slab.SeriesDescription, slab.ProtocolName = series.description, series.description
    slab.InstanceNumber, slab.AcquisitionNumber = index + 1, 1
    steps = np.linalg.norm(grid.affine[:3, :3], axis=0)
    axes = grid.affine[:3, :3] / steps * LPS[:, None]
    corner = (grid.affine @ (0, 0, index, 1))[:3] * LPS
    slab.ImageOrientationPatient = [decimal(v) for v in (*axes[:, 0], *axes[:, 1])]
    slab.ImagePositionPatient = [decimal(v) for v in corner]
    slab.PixelSpacing = [decimal(steps[1]), decimal(steps[0])]
    slab.SliceThickness = slab.SpacingBetweenSlices = decimal(steps[2])
    slab.SliceLocation = decimal(float(corner @ np.cross(axes[:, 0], axes[:, 1])))
    slab.SamplesPerPixel, slab.PhotometricInterpretation = 1, "MONOCHROME2"
    slab.Columns, slab.Rows = plane.shape
    slab.BitsAllocated, slab.BitsStored, slab.HighBit, slab.PixelRepresentation = 16, 16, 15, 0
    slab.WindowCenter, slab.WindowWidth = (decimal(value) for value in series.window)
    slab.PixelData = (plane.T.astype("<i4") - series.intercept).astype("<u2").tobytes()
    for keyword, value in series.attributes.items():
        setattr(slab, keyword, value)
    return slab


def write_series(volume: NDArray[np.int16], grid: Grid, series: Series, folder: Path) -> None:
    """Write one file per slice into `folder`; as from many archives, their names tell nothing of their order.

    Parameters
    ----------
    volume
        (columns, rows, slices) in the unit that rescaling gives.
    """
    folder.mkdir(parents=True, exist_ok=True)
    shuffled = np.random.default_rng(series.number).permutation(volume.shape[2])
    for index, name in enumerate(shuffled.tolist()):
        slab = slice_of(volume[:, :, index], index, grid, series)
        slab.file_meta = FileMetaDataset()
        slab.file_meta.MediaStorageSOPClassUID = slab.SOPClassUID
        slab.file_meta.MediaStorageSOPInstanceUID = slab.SOPInstanceUID
        slab.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        # Given here, else pydicom writes its own version into the file.
        slab.file_meta.ImplementationClassUID = fixed_uid("implementation")
        slab.file_meta.ImplementationVersionName = "SAMPLE_DATA"
        slab.save_as(folder / f"IM{name + 1:04d}.dcm", enforce_file_format=True)
