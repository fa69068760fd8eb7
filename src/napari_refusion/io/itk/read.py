"""NRRD and MetaImage in (``.nrrd .nhdr .mha .mhd``), by SimpleITK after a look at header and size of our own."""

import zlib
from pathlib import Path
from typing import Any, Final

import numpy as np

from napari_refusion.io.formats import ending
from napari_refusion.io.identify import as_dicom, identify, stem
from napari_refusion.io.itk.header import Declared, read_header
from napari_refusion.io.nifti.gate import hash_files
from napari_refusion.io.plausible import (
    MOST_COMPRESSION,
    MOST_VOXELS,
    check_spacing,
    check_values,
    cut_short,
    damaged,
    unreadable,
)
from napari_refusion.volume.affine import LPS_TO_RAS, Affine, spans_space, to_ipl
from napari_refusion.volume.finding import Finding, RefusedError, refuse
from napari_refusion.volume.origin import Origin
from napari_refusion.volume.volume import Volume

_PIECE: Final = 2**20
"""Bytes read at a time."""


def read_itk(path: Path, modality: str | None = None) -> Volume:
    """Return the volume in an NRRD or MetaImage file.

    Parameters
    ----------
    modality
        DICOM Modality that the user chose; None takes it from the header, the JSON sidecar or the file's name.

    Raises
    ------
    RefusedError
        If the file is damaged, holds no single volume of numbers or 8-bit colours, or does not say how it lies in
        the patient. The sentence names the file, the value, and the remedy.
    """
    try:
        declared = read_header(path)
        _check_shape(path, declared)
        about_size = _check_size(path, declared)
        digest = hash_files(path, declared.data_file)
        paths = dict.fromkeys((path, declared.data_file))
    except OSError as error:
        raise unreadable(path, error) from error
    stored, grid = _load(path)
    data, affine, axes = to_ipl(stored, grid)
    identity = identify(path, data, stated=as_dicom(declared.modality), chosen=modality)
    return Volume(
        data=data,
        affine=affine,
        modality=identity.modality,
        unit=identity.unit,
        name=stem(path),
        origin=Origin((*paths, *identity.files), sha256=digest),
        stored_axes=axes,
        findings=(*about_size, *check_spacing(path, affine), *check_values(path, data), *identity.findings),
    )


def _check_shape(path: Path, declared: Declared) -> None:
    """Refuse what is not one volume of a number or three colours per voxel."""
    written = " x ".join(str(size) for size in declared.sizes)
    if declared.spatial == 2:
        sentence = f"{path} is a 2-D image ({written}) without a position in the patient: export it as PNG or TIFF."
        raise refuse("content", sentence, written)
    if declared.spatial != 3:
        sentence = f"{path} holds several frames ({written}): export one of them as a 3-D image."
        raise refuse("frames", sentence, written)
    if np.prod(declared.sizes, dtype=float) > MOST_VOXELS:
        sentence = (
            f"The header of {path} declares {written} voxels, more than can be fused: crop it, unless it is damaged."
        )
        raise refuse("size", sentence, written)


def _check_size(path: Path, declared: Declared) -> list[Finding]:
    """Compare the bytes that the header declares with those that are there; decompress to the end to verify them."""
    on_disk = declared.data_file.stat().st_size - declared.offset
    if declared.n_bytes > on_disk * (MOST_COMPRESSION if declared.compressed else 1):
        raise cut_short(path, declared.n_bytes, on_disk)
    present = _measure(path, declared) if declared.compressed else on_disk
    if present < declared.n_bytes:
        raise cut_short(path, declared.n_bytes, present)
    if present == declared.n_bytes:
        return []
    value = f"{present - declared.n_bytes} bytes"
    sentence = f"{path} continues after its last voxel ({value} or more); the rest was ignored. Is it the right file?"
    return [Finding("warn", "size", sentence, value)]


def _measure(path: Path, declared: Declared) -> int:
    """Return how many bytes the compressed voxels hold, one more than declared standing for any surplus."""
    stream = zlib.decompressobj(wbits=47)  # zlib (MetaImage) or gzip (NRRD), whichever it is
    present = 0
    try:
        with declared.data_file.open("rb") as file:
            file.seek(declared.offset)
            while not stream.eof:
                piece = stream.unconsumed_tail or file.read(_PIECE)
                if not piece:
                    raise zlib.error("the data end too early")
                present += len(stream.decompress(piece, _PIECE))
                if present > declared.n_bytes:
                    return declared.n_bytes + 1
    except zlib.error as error:
        raise damaged(path) from error
    return present


def _load(path: Path) -> tuple[np.ndarray, Affine]:
    """Return the voxels as (i, j, k) or (i, j, k, 3) float32, and their indices -> RAS+ mm."""
    import SimpleITK

    reader = "NrrdImageIO" if ending(path) in (".nrrd", ".nhdr") else "MetaImageIO"
    try:
        image: Any = SimpleITK.ReadImage(str(path), imageIO=reader)
        voxels = SimpleITK.GetArrayFromImage(image)
    except (RuntimeError, ValueError, MemoryError) as error:
        if "determinant" in str(error):
            raise _singular(path) from error
        reason = " ".join(str(error).partition("ERROR")[2].split()) or str(error).partition("\n")[0]
        raise refuse("file", f"{path} cannot be read ({reason}): export it again.", reason) from error
    channels = image.GetNumberOfComponentsPerPixel()
    if channels != 1 and not (channels == 3 and voxels.dtype == np.uint8):
        value = f"{channels} values of type {voxels.dtype}"
        sentence = f"{path} holds {value} per voxel: export one of them as a 3-D image (colours as 8-bit RGB)."
        raise refuse("content", sentence, value)
    if voxels.dtype.kind == "c":
        raise refuse("content", f"{path} holds complex numbers: export the magnitude image.", "complex")
    lps = np.eye(4)
    lps[:3, :3] = np.reshape(image.GetDirection(), (3, 3)) * image.GetSpacing()
    lps[:3, 3] = image.GetOrigin()
    if not spans_space(lps):
        raise _singular(path)
    ordered = np.swapaxes(voxels, 0, 2).astype(np.float32)
    return ordered / np.float32(255) if channels == 3 else ordered, LPS_TO_RAS @ lps


def _singular(path: Path) -> RefusedError:
    """Return the error for axes that do not span space."""
    return refuse("grid", f"{path} puts all voxels into one plane (singular directions): export it again.")
