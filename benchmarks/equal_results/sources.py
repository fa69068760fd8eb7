"""The two sources of a case as they are given to the program: where they lie, or a small copy of them."""

import shutil
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pydicom
from pydicom.errors import InvalidDicomError

from benchmarks.equal_results.cases import CHECKOUT, Case


def find_sources(case: Case, folder: Path, shared: Path) -> tuple[Path, Path] | None:
    """Return where the sources of a case lie, None where they are real data that is not here.

    Parameters
    ----------
    folder
        For the copies that a slab or a pick needs.
    shared
        The folder of the real data.
    """
    given = [_located(name, shared) for name in (case.first, case.second)]
    if not all(path.exists() for path in given):
        return None
    copies = (folder / "first", folder / "second")
    first, second = (
        _prepared(case, path, modality, copy) for path, modality, copy in zip(given, case.picked, copies, strict=True)
    )
    return first, second


def _located(name: str, shared: Path) -> Path:
    return shared / name.removeprefix("shared/") if name.startswith("shared/") else CHECKOUT / name


def _prepared(case: Case, path: Path, modality: str, copy: Path) -> Path:
    if modality:
        return _pick_series(path, modality, copy)
    if case.slab is not None:
        return _cut_slab(path, case.slab, copy)
    return path


def _cut_slab(path: Path, slab: tuple[float, float], folder: Path) -> Path:
    """Write the slices of a NIfTI file between two positions along superior, in mm, and return the new file.

    The third axis must be the superior one; the file is not compressed, for a compressed one holds the time. What lies
    beside it and says what it is comes along.
    """
    image: Any = nibabel.load(path)
    affine = image.affine
    if abs(affine[2, 2]) < 0.99 * np.linalg.norm(affine[:3, 2]):
        raise ValueError(f"Choose no slab for a volume whose third axis is not the superior one: {path}")
    positions = affine[2, 3] + affine[2, 2] * np.arange(image.shape[2])
    inside = np.flatnonzero((positions >= slab[0]) & (positions <= slab[1]))
    folder.mkdir(parents=True)
    stem = path.name.removesuffix(".gz").removesuffix(".nii")
    target = folder / f"{stem}.nii"
    image.slicer[:, :, int(inside[0]) : int(inside[-1]) + 1].to_filename(target)
    sidecar = path.with_name(f"{stem}.json")
    if sidecar.exists():
        shutil.copy(sidecar, folder)
    return target


def _pick_series(path: Path, modality: str, folder: Path) -> Path:
    """Copy the images of one Modality out of a DICOM folder, and return the new folder."""
    folder.mkdir(parents=True)
    for file in sorted(path.iterdir()):
        try:
            header = pydicom.dcmread(file, specific_tags=["Modality"])
        except InvalidDicomError:
            continue  # a text about the series
        if header.Modality == modality:
            shutil.copy(file, folder)
    return folder
