"""The sample volumes: which grid, which scanner, which file."""

import gzip
import json
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np

from sample_data.dicom_series import LPS, Series, write_series
from sample_data.scan import Grid, scan_ct, scan_emission, scan_mri
from sample_data.shapes import Array

T1_GRID = Grid.around((0, 1, 7), (116, 144, 110), (1.5, 1.5, 1.5), np.eye(3))
"""Stored RAS."""

PET_GRID = Grid.around((2, -3, 4), (68, 80, 58), (3.0, 3.0, 3.0), np.diag([-1.0, 1.0, 1.0]))
"""Stored LAS: fused with the T1 by array index, left and right would change places."""

SPECT_GRID = Grid.around((-3, 2, 6), (52, 62, 46), (4.0, 4.0, 4.0), np.diag([-1.0, -1.0, 1.0]))
"""Stored LPS."""

CT_GRID = Grid.around((0, 0, 10), (128, 128, 40), (2.0, 2.0, 4.0), np.diag(LPS))
"""Columns run to the left, rows to posterior, slices upwards."""


def oblique_axes(about_x: float, about_z: float) -> Array:
    """Return the axes of axial slices turned about the left-right, then about the superior axis, degrees, (3, 3)."""
    a, b = np.radians(about_x), np.radians(about_z)
    tilt = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    turn = np.array([[np.cos(b), -np.sin(b), 0], [np.sin(b), np.cos(b), 0], [0, 0, 1]])
    return turn @ tilt @ np.diag(LPS)


MR_GRID = Grid.around((0, 2, 10), (112, 112, 32), (2.0, 2.0, 5.0), oblique_axes(12.0, 5.0))
"""Axial slices tilted by 12 degrees about the left-right axis and turned by 5 about the superior one."""

CT_SERIES = Series(
    modality="CT",
    number=2,
    description="Head CT, synthetic",
    window=(40, 80),
    intercept=-1024,
    attributes={
        "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
        "KVP": "120",
        "RescaleIntercept": "-1024",
        "RescaleSlope": "1",
        "RescaleType": "HU",
        "ConvolutionKernel": "SYNTHETIC",
    },
)

MR_SERIES = Series(
    modality="MR",
    number=3,
    description="Head T2w oblique, synthetic",
    window=(500, 1000),
    intercept=0,
    attributes={
        "ImageType": ["ORIGINAL", "PRIMARY", "OTHER"],
        "ScanningSequence": "SE",
        "SequenceVariant": "NONE",
        "ScanOptions": "",
        "MRAcquisitionType": "2D",
        "RepetitionTime": "4000",
        "EchoTime": "95",
        "EchoTrainLength": 8,
        "MagneticFieldStrength": "3",
    },
)


def write_nifti(stored: Array, slope: float, grid: Grid, path: Path, sidecar: dict[str, Any]) -> None:
    """Write integers as int16 NIfTI (value = `slope` times stored) with its BIDS sidecar beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = nib.Nifti1Image(stored.astype(np.int16), grid.affine)
    image.set_sform(grid.affine, code="scanner")
    image.set_qform(grid.affine, code="scanner")
    image.header.set_xyzt_units("mm")
    raw = bytearray(image.to_bytes())
    # scl_slope lies at byte 112 of the header; nibabel would scale the data once more on writing.
    raw[112:120] = np.array([slope, 0.0], dtype="<f4").tobytes()
    # No time and no file name in the gzip header: the same bytes every time on one Python.
    path.write_bytes(gzip.compress(bytes(raw), compresslevel=9, mtime=0))
    text = json.dumps({"Manufacturer": "napari-refusion (synthetic phantom)", **sidecar}, indent=2)
    path.with_name(path.name.replace(".nii.gz", ".json")).write_text(text + "\n", encoding="utf-8")


def write_t1(root: Path) -> None:
    """Write the T1-weighted MRI, arbitrary units."""
    # Steps of 4 are well below the noise and halve the file.
    path, slope = root / "mri_pet" / "sub-phantom_T1w.nii.gz", 4.0
    signal = scan_mri(T1_GRID, "T1", (1, 1, 1), seed=1)
    write_nifti(np.rint(signal / slope), slope, T1_GRID, path, {"Modality": "MR"})


def write_pet(root: Path) -> None:
    """Write the FDG-PET, SUVbw in g/ml."""
    path, slope = root / "mri_pet" / "sub-phantom_pet.nii.gz", 0.005
    suv = scan_emission(PET_GRID, "PET", fwhm=5.0, noise=0.04, seed=2)
    sidecar = {"Modality": "PT", "Units": "SUVbw", "TracerName": "FDG", "TracerRadionuclide": "F18"}
    write_nifti(np.rint(suv / slope), slope, PET_GRID, path, sidecar)


def write_spect(root: Path) -> None:
    """Write the perfusion SPECT, counts."""
    path = root / "mri_spect" / "sub-phantom_spect.nii.gz"
    counts = scan_emission(SPECT_GRID, "SPECT", fwhm=9.0, noise=0.06, seed=3)
    sidecar = {"Modality": "NM", "Units": "counts", "TracerName": "HMPAO", "TracerRadionuclide": "Tc99m"}
    write_nifti(np.rint(counts), 1.0, SPECT_GRID, path, sidecar)


def write_ct(root: Path) -> None:
    """Write the CT series, HU."""
    write_series(scan_ct(CT_GRID, seed=4), CT_GRID, CT_SERIES, root / "mri_ct" / "ct_dicom")


def write_mr(root: Path) -> None:
    """Write the oblique T2-weighted series, arbitrary units."""
    volume = scan_mri(MR_GRID, "T2", (1, 1, 3), seed=5)
    write_series(volume, MR_GRID, MR_SERIES, root / "mri_ct" / "mr_dicom")
