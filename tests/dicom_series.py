"""Writer of small DICOM series, good ones and broken ones, whose truth is known from the numbers below.

The truth: 8 axial slices of 12 rows and 10 columns, 3 mm between columns, 2 mm between rows, 4 mm between slices;
slice k holds the value 10 (k + 1), with one brighter voxel off every centre and diagonal.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    CTImageStorage,
    EnhancedMRImageStorage,
    ExplicitVRLittleEndian,
    MRImageStorage,
    NuclearMedicineImageStorage,
    PositronEmissionTomographyImageStorage,
    generate_uid,
)

from napari_refusion.io.dicom.read import read_dicom
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.volume import Volume

SLICES, ROWS, COLUMNS = 8, 12, 10
BETWEEN_COLUMNS, BETWEEN_ROWS, BETWEEN_SLICES = 3.0, 2.0, 4.0
FIRST = (-15.0, -40.0, 20.0)
"""Centre of the first voxel, LPS mm."""
AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
SAGITTAL = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)

MARKER = (5, 2, 7)
"""Slice, row, column of the brighter voxel."""
MARKER_VALUE = 200
MARKER_RAS = (15.0 - 7 * 3.0, 40.0 - 2 * 2.0, 20.0 + 5 * 4.0)
"""Where it lies: FIRST + column * 3 mm, row * 2 mm, slice * 4 mm, with the signs of x and y turned from LPS to RAS."""

SOP_CLASSES = {
    "MR": MRImageStorage,
    "CT": CTImageStorage,
    "PT": PositronEmissionTomographyImageStorage,
    "NM": NuclearMedicineImageStorage,
}


def series(modality: str = "MR", number: int = 3, count: int = SLICES) -> list[Dataset]:
    """Return the images of a good series, first to last slice."""
    uid, frame_of_reference = generate_uid(), generate_uid()
    images = [image_of(k, modality) for k in range(count)]
    for image in images:
        image.SeriesInstanceUID, image.FrameOfReferenceUID, image.SeriesNumber = uid, frame_of_reference, number
        image.SeriesDescription = "phantom"
        if modality == "PT":
            _describe_tracer(image)
    return images


def image_of(k: int, modality: str) -> Dataset:
    """Return slice k of a series, without what ties it to the others."""
    image = Dataset()
    image.SOPClassUID, image.SOPInstanceUID = SOP_CLASSES[modality], generate_uid()
    image.StudyInstanceUID = generate_uid(entropy_srcs=["study"])
    image.PatientName, image.PatientID = "Canary^Name", "CANARY-ID"
    image.Modality, image.InstanceNumber = modality, k + 1
    image.ImageType = ["ORIGINAL", "PRIMARY"]
    image.ImagePositionPatient = [FIRST[0], FIRST[1], FIRST[2] + k * BETWEEN_SLICES]
    image.ImageOrientationPatient = list(AXIAL)
    image.PixelSpacing = [BETWEEN_ROWS, BETWEEN_COLUMNS]
    image.SliceThickness = BETWEEN_SLICES
    image.Rows, image.Columns = ROWS, COLUMNS
    image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
    image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation = 16, 16, 15, 0
    image.PixelData = stored_values(k).tobytes()
    return image


def stored_values(k: int) -> np.ndarray:
    """Return the stored numbers of slice k, (ROWS, COLUMNS) uint16."""
    values = np.full((ROWS, COLUMNS), 10 * (k + 1), np.uint16)
    if k == MARKER[0]:
        values[MARKER[1:]] = MARKER_VALUE
    return values


def _describe_tracer(image: Dataset) -> None:
    """Add what SUV needs: 74 MBq of F-18 (here with a half-life of 2 h), injected 2 h before the scan, into 74 kg."""
    image.SeriesDate = image.AcquisitionDate = "20200101"
    image.SeriesTime = image.AcquisitionTime = "120000"
    image.Units, image.DecayCorrection, image.CorrectedImage = "BQML", "START", ["ATTN", "DECY"]
    image.PatientWeight, image.NumberOfSlices = 74, SLICES
    image.RescaleSlope, image.RescaleIntercept = 1, 0
    injection = Dataset()
    injection.RadiopharmaceuticalStartTime = "100000"
    injection.RadionuclideTotalDose, injection.RadionuclideHalfLife = 74e6, 7200
    image.RadiopharmaceuticalInformationSequence = Sequence([injection])


def multi_frame(modality: str = "MR") -> Dataset:
    """Return the good series as one enhanced multi-frame image, its frames in a muddled order."""
    order = [3, 0, 7, 1, 6, 2, 5, 4]
    image = series(modality)[0]
    image.SOPClassUID = EnhancedMRImageStorage
    for keyword in ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "SliceThickness"):
        del image[keyword]
    image.NumberOfFrames = SLICES
    image.PixelData = np.stack([stored_values(k) for k in order]).tobytes()
    shared, measures, orientation = Dataset(), Dataset(), Dataset()
    measures.PixelSpacing, measures.SliceThickness = [BETWEEN_ROWS, BETWEEN_COLUMNS], BETWEEN_SLICES
    orientation.ImageOrientationPatient = list(AXIAL)
    shared.PixelMeasuresSequence = Sequence([measures])
    shared.PlaneOrientationSequence = Sequence([orientation])
    image.SharedFunctionalGroupsSequence = Sequence([shared])
    image.PerFrameFunctionalGroupsSequence = Sequence([_frame(k) for k in order])
    return image


def _frame(k: int) -> Dataset:
    frame, position = Dataset(), Dataset()
    position.ImagePositionPatient = [FIRST[0], FIRST[1], FIRST[2] + k * BETWEEN_SLICES]
    frame.PlanePositionSequence = Sequence([position])
    return frame


def spect(spacing: float = BETWEEN_SLICES) -> Dataset:
    """Return the good series as a reconstructed SPECT; with a negative spacing from the last slice to the first."""
    order = range(SLICES) if spacing > 0 else range(SLICES - 1, -1, -1)
    image = series("NM")[0]
    image.ImageType = ["ORIGINAL", "PRIMARY", "RECON TOMO", "EMISSION"]
    image.NumberOfFrames = image.NumberOfSlices = SLICES
    image.SpacingBetweenSlices, image.SliceVector = spacing, list(range(1, SLICES + 1))
    image.PixelData = np.stack([stored_values(k) for k in order]).tobytes()
    detector = Dataset()
    detector.ImagePositionPatient = [FIRST[0], FIRST[1], FIRST[2] + order[0] * BETWEEN_SLICES]
    detector.ImageOrientationPatient = list(AXIAL)
    image.DetectorInformationSequence = Sequence([detector])
    del image.ImagePositionPatient
    del image.ImageOrientationPatient
    return image


def write(folder: Path, images: Iterable[Dataset], prefix: str = "IM") -> Path:
    """Write images as files whose names tell nothing about their order, and return the folder.

    The first image is ``IM007``, the next ``IM014``, ``IM021`` and so on, modulo 100; no file has an extension.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for k, image in enumerate(images):
        write_file(folder / f"{prefix}{(k + 1) * 37 % 100:03d}", image)
    return folder


def name_of(k: int, prefix: str = "IM") -> str:
    """Return the file name that `write` gives the k-th image."""
    return f"{prefix}{(k + 1) * 37 % 100:03d}"


def write_file(path: Path, image: Dataset, syntax: str = ExplicitVRLittleEndian) -> None:
    """Write one image in the DICOM file format."""
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = syntax
    image.save_as(path, enforce_file_format=True)


def assert_truth(volume: Volume) -> None:
    """Check that the marker lies where the numbers above put it, and that every slice has its value."""
    assert volume.shape == (SLICES, ROWS, COLUMNS)
    assert volume.data.dtype == np.float32
    found = np.argwhere(volume.data == MARKER_VALUE)
    assert len(found) == 1
    world = volume.affine @ [*found[0], 1]
    np.testing.assert_allclose(world[:3], MARKER_RAS, atol=1e-3)
    # Index 0 runs from head to foot: the last slice, worth 80, comes first.
    np.testing.assert_array_equal(volume.data[:, 0, 0], [80, 70, 60, 50, 40, 30, 20, 10])
    np.testing.assert_allclose(volume.spacing, (4.0, 2.0, 3.0))
    # The first voxel: last slice (z = 20 + 7 * 4), first row (y = 40), first column (x = 15), all axes decreasing.
    np.testing.assert_allclose(volume.affine[:3, 3], (15.0, 40.0, 48.0), atol=1e-9)
    np.testing.assert_allclose(volume.affine[:3, :3], [[0, 0, -3], [0, -2, 0], [-4, 0, 0]], atol=1e-9)


def refusal(folder: Path) -> str:
    """Return the message with which a folder is refused."""
    with pytest.raises(RefusedError) as caught:
        read_dicom(folder)
    return str(caught.value)
