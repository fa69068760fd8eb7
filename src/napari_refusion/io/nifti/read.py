"""NIfTI in: the gate (`nifti_gate`), the grid (`nifti_grid`), then MONAI's reader.

nibabel, MONAI and SimpleITK each pass files silently that are damaged or that do not know left from right. So the
voxels are read only after the header has been judged, and the affine is the one that was judged.
"""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import nibabel
import numpy as np
from nibabel.filebasedimages import ImageFileError
from nibabel.spatialimages import HeaderDataError

from napari_refusion.io.identify import identify, stem
from napari_refusion.io.nifti.gate import (
    RGB24,
    Header,
    check_content,
    check_shape,
    check_size,
    halves,
    hash_files,
    parse,
)
from napari_refusion.io.nifti.grid import place
from napari_refusion.io.plausible import check_spacing, check_values, unreadable
from napari_refusion.io.quiet_monai import quiet_monai
from napari_refusion.volume.affine import Affine, to_ipl
from napari_refusion.volume.finding import Finding, RefusedError, refuse
from napari_refusion.volume.origin import Origin
from napari_refusion.volume.volume import Volume

_READING_ERRORS: Final = (OSError, ValueError, EOFError, RuntimeError, MemoryError, ImageFileError, HeaderDataError)
"""What nibabel and MONAI raise over a file that the gate could not fault."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A NIfTI file that passed the gate; its voxels are not read yet."""

    header: Header
    shape: tuple[int, int, int]
    """Voxels along the stored axes."""
    affine: Affine
    """(4, 4) stored indices -> RAS+ mm, units honoured."""
    origin: Origin
    """Header and data file; the hash is of both, one after the other, where they are two, and of which volume it is
    where there are several: a review of one is none of another."""
    findings: tuple[Finding, ...]


def read_nifti(path: Path, modality: str | None = None, volume: int | None = None) -> Volume:
    """Return the volume in a NIfTI-1 or NIfTI-2 file (``.nii``, ``.nii.gz``, ``.hdr`` with ``.img``).

    Parameters
    ----------
    modality
        DICOM Modality that the user chose; None takes it from the file's name or its JSON sidecar.
    volume
        Which of several volumes is read, from 0; None where the file holds one.

    Raises
    ------
    RefusedError
        If the file is damaged, holds no single volume of real numbers or colours, or does not say how it lies in
        the patient. The sentence names the file, the value, and the remedy.
    """
    checked = check_nifti(path, volume)
    colours = int(checked.header["datatype"]) == RGB24
    frame = volume or 0
    if colours:
        stored = _one_of(_load_colours(path), checked.shape, frame, 3)
    else:
        stored = _one_of(_load(path), checked.shape, frame)
    data, affine, axes = to_ipl(stored, checked.affine)
    identity = identify(path, data, chosen=modality)
    return Volume(
        data=data,
        affine=affine,
        modality=identity.modality,
        unit=identity.unit,
        name=f"{stem(path)} volume {frame}" if _count(checked.header) > 1 else stem(path),
        origin=replace(checked.origin, paths=(*checked.origin.paths, *identity.files)),
        stored_axes=axes,
        findings=(*checked.findings, *check_values(path, data), *identity.findings),
    )


def check_nifti(path: Path, volume: int | None = None) -> Checked:
    """Return what a NIfTI file declares, after every check that can be made without its voxels in memory.

    Raises
    ------
    RefusedError
        See `read_nifti`.
    """
    try:
        header_file, data_file = halves(path)
        header = parse(path, header_file)
        shape = check_shape(path, header, volume)
        findings = check_size(path, header, data_file)
        paths = tuple(dict.fromkeys((header_file, data_file)))
        origin = Origin(paths, sha256=_identity(hash_files(header_file, data_file), header, volume))
    except OSError as error:
        raise unreadable(path, error) from error
    affine, about_place = place(path, header, shape)
    doubts = (*check_content(path, header), *about_place, *check_spacing(path, affine))
    return Checked(header, shape, affine, origin, (*findings, *doubts))


def _count(header: Header) -> int:
    """Return how many volumes a file holds."""
    return int(np.prod(header.get_data_shape()[3:], dtype=int))


def _identity(files: str, header: Header, volume: int | None) -> str:
    """Return what tells one volume from all others: the hash of its files, with its place where they hold several."""
    if _count(header) == 1:
        return files
    return hashlib.sha256(f"{files} volume {volume}".encode()).hexdigest()


def _one_of(values: np.ndarray, shape: tuple[int, int, int], frame: int, *channels: int) -> np.ndarray:
    """Return one of the volumes in an array, (i, j, k, *channels); NIfTI counts them along the fourth axis."""
    volumes = values.reshape(*shape, -1, *channels)
    return np.ascontiguousarray(volumes[:, :, :, frame])


def _load(path: Path) -> np.ndarray:
    """Return the voxels as float32, scaled by slope and intercept, read by MONAI."""
    from monai.data.image_reader import NibabelReader
    from monai.transforms.io.array import LoadImage

    quiet_monai()
    load = LoadImage(image_only=True, ensure_channel_first=False, expanduser=False)
    try:
        # The reader is given here and not to the constructor: that one falls back to other readers without a word.
        # MONAI's affine is left alone: where pixdim and sform differ it takes the qform, even one of code 0.
        return np.asarray(load(str(path), reader=NibabelReader()).numpy())
    except _READING_ERRORS as error:
        raise _not_loaded(path, error) from error


def _load_colours(path: Path) -> np.ndarray:
    """Return RGB24 voxels, (..., 3) in [0, 1]; by nibabel, since MONAI cannot turn their three fields into a tensor."""
    try:
        image: Any = nibabel.load(path)
        fields = np.asarray(image.dataobj)
    except _READING_ERRORS as error:
        raise _not_loaded(path, error) from error
    return np.stack([fields[channel] for channel in "RGB"], axis=-1).astype(np.float32) / np.float32(255)


def _not_loaded(path: Path, error: Exception) -> RefusedError:
    """Return the error for a file whose voxels a library could not read."""
    if isinstance(error, MemoryError):
        return refuse("file", f"{path} does not fit into this computer's memory: crop it, or use a larger computer.")
    return refuse("file", f"{path} cannot be read ({error}): export it again.")
