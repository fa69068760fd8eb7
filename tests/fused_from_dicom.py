"""A fused volume and the two DICOM series it was fused from, without a network: PET in (a) over MRI (b)."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from pydicom import Dataset, dcmread

from napari_refusion.fusion.fuse import Fused
from napari_refusion.fusion.provenance import Provenance, SourceRecord
from napari_refusion.io.dicom.export.objects import Pseudonym, ReferenceSeries, export_dicom, read_reference
from napari_refusion.io.dicom.read import read_dicom
from napari_refusion.volume.volume import Volume
from tests.dicom_series import MARKER_RAS, series, write

WEIGHTS_SHA256 = "5c" * 32
CHECK = "CHECK FAILED: Registration (overridden)"
STAYS = ((1.0, 0.0, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0), (0.0, 0.0, 1.0, 0.0), (0.0, 0.0, 0.0, 1.0))
"""The matrix of a move that moves nothing."""

OBLIQUE = (0.9961946981, 0.0871557427, 0.0, -0.0852511807, 0.9744254538, -0.2079116908)
"""Image orientation: 5 degrees about z, then 12 degrees about the row."""


@dataclass(frozen=True)
class Case:
    """What an export needs."""

    fused: Fused
    references: tuple[ReferenceSeries, ReferenceSeries]
    headers: tuple[list[Dataset], list[Dataset]]
    """The images of both series as they were written."""


def case(
    folder: Path, modalities: tuple[str, str] = ("PT", "MR"), change: Callable[[Dataset], None] | None = None
) -> Case:
    """Write two series of one patient, study and frame of reference, and return a fused volume on the second's grid.

    `change` edits every image before it is written.
    """
    pair = [series(modality, number) for number, modality in enumerate(modalities, 3)]
    for images in pair:
        for image in images:
            image.FrameOfReferenceUID = pair[0][0].FrameOfReferenceUID
            image.PatientBirthDate, image.PatientSex, image.StudyDate = "19500101", "F", "20240229"
            if change is not None:
                change(image)
    paths = [write(folder / name, images) for name, images in zip("ab", pair, strict=True)]
    a, b = (read_dicom(path) for path in paths)
    first, second = (read_reference(volume.origin) for volume in (a, b))
    return Case(Fused(fused_values(b), provenance(a, b)), (first, second), (pair[0], pair[1]))


def dicom_object(
    kind: str,
    fused: Fused,
    references: tuple[ReferenceSeries, ReferenceSeries],
    check_failed: str = "",
    pseudonym: Pseudonym | None = None,
) -> Dataset:
    """Return one object as `export_dicom` writes it."""
    with TemporaryDirectory() as folder:
        made = Path(folder) / "objects"
        export_dicom(fused, references, made, check_failed=check_failed, pseudonym=pseudonym, kinds=(kind,))
        return dcmread(made / f"{kind}.dcm")


def fused_values(place: Volume) -> Volume:
    """Return random brightness below 0.9 in the place of a volume, 1 in the voxel nearest to the phantom's mark."""
    data = np.random.default_rng(7).uniform(0, 0.9, place.shape).astype(np.float32)
    index = np.linalg.inv(place.affine) @ [*MARKER_RAS, 1]
    data[tuple(np.clip(np.rint(index[:3]).astype(int), 0, np.array(place.shape) - 1))] = 1.0
    return place.with_data(data, "fused of canaries", modality="OT")


def provenance(a: Volume, b: Volume, reference: str = "b") -> Provenance:
    """Return the record of a fusion that never ran."""
    records = [
        SourceRecord(v.name, v.origin.sha256, v.modality, v.unit, limits) for v, limits in ((a, (0, 5)), (b, (0, 100)))
    ]
    return Provenance(
        *records,
        reference=reference,
        axis="axial",
        task="medical",
        weights="medical.safetensors",
        weights_sha256=WEIGHTS_SHA256,
        device="cpu",
        created="2026-01-01T00:00:00+00:00",
        versions={},
        findings=(),
    )


def turn(image: Dataset) -> None:
    """Lay the slices of an image's series obliquely, 4 mm apart along their normal."""
    normal = np.cross(OBLIQUE[:3], OBLIQUE[3:])
    place = np.array([-15.0, -40.0, 20.0]) + 4.0 * (image.InstanceNumber - 1) * normal
    image.ImageOrientationPatient = list(OBLIQUE)
    image.ImagePositionPatient = [round(float(value), 10) for value in place]


def lps_of(dataset: Dataset) -> np.ndarray:
    """Return (4, 4) (frame, row, column) -> LPS mm of an object's functional groups (PS3.3, C.7.6.16.2.3 and .4)."""
    shared = dataset.SharedFunctionalGroupsSequence[0]
    frames = dataset.PerFrameFunctionalGroupsSequence
    first, last = (np.array(frames[n].PlanePositionSequence[0].ImagePositionPatient, float) for n in (0, -1))
    cosines = np.array(shared.PlaneOrientationSequence[0].ImageOrientationPatient, float)
    rows, columns = map(float, shared.PixelMeasuresSequence[0].PixelSpacing)
    affine = np.eye(4)
    affine[:3, 0] = (last - first) / max(len(frames) - 1, 1)
    affine[:3, 1], affine[:3, 2], affine[:3, 3] = cosines[3:] * rows, cosines[:3] * columns, first
    return affine
