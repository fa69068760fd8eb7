"""The gate of NIfTI files: signature, kind of content and size, before memory is taken for the voxels.

nibabel, MONAI and SimpleITK pass truncated, bit-flipped and boundless files silently, each another kind. Here the
header is parsed first, and the size that it declares is compared with the real one.

Source: NIfTI-1 and NIfTI-2 headers (nifti.nimh.nih.gov).
"""

from pathlib import Path
from typing import Any, Final, TypeAlias

import nibabel
import numpy as np

from napari_refusion.io.formats import ending
from napari_refusion.io.plausible import MOST_VOXELS, check_declared
from napari_refusion.volume.finding import Finding, refuse

Header: TypeAlias = Any
"""nibabel's `Nifti1Header` or `Nifti2Header`, as stored; their methods carry no types."""

LONGEST_HEADER: Final = 540
"""Bytes of a NIfTI-2 header."""

_NUMBERS: Final = (2, 4, 8, 16, 64, 256, 512, 768, 1024, 1280)
"""NIfTI datatype codes of real numbers."""

RGB24: Final = 128
"""NIfTI datatype code of colours."""

_COMPLEX: Final = (32, 1792, 2048)

_CIFTI: Final = range(3000, 3100)
_SURFACES: Final = (1008, 1009, 2001, 2002, 2003, 2004, 2005)
_LABELS: Final = 1002
"""NIfTI intent codes."""


def halves(path: Path) -> tuple[Path, Path]:
    """Return the files of the header and of the voxels: the same one for ``.nii``."""
    if ending(path) not in (".hdr", ".img"):
        return path, path
    header, data = (_other_half(path, ending) for ending in (".hdr", ".img"))
    for missing, there in ((header, data), (data, header)):
        if not missing.is_file() and there.is_file():
            sentence = f"{there} is only half of an image: {missing.name} belongs beside it, copy both."
            raise refuse("file", sentence, missing.name)
    return header, data


def _other_half(path: Path, ending: str) -> Path:
    """Return the file of a pair with an ending, written in capitals where the given one is."""
    if path.suffix.lower() == ending:
        return path
    return path.with_suffix(ending.upper() if path.suffix.isupper() else ending)


def parse(path: Path, first: bytes, compressed: bool) -> Header:
    """Return the header, as stored, after its signature has been checked against the file's ending.

    Parameters
    ----------
    first
        The first `LONGEST_HEADER` bytes, decompressed, fewer where the file holds no more.
    compressed
        Whether they were compressed.
    """
    if compressed != (ending(path) == ".nii.gz"):
        sentence = (
            f"Rename it, for it is compressed although its name does not end in .nii.gz: {path}"
            if compressed
            else f"Rename it, or copy it again, for it is not compressed although its name ends in .gz: {path}"
        )
        raise refuse("file", sentence, ending(path))
    pair = ending(path) in (".hdr", ".img")
    for kind, size, start, signature in (
        (nibabel.Nifti1Header, 348, 344, b"ni1\0" if pair else b"n+1\0"),
        (nibabel.Nifti2Header, 540, 4, b"ni2\0" if pair else b"n+2\0"),
    ):
        if len(first) < size or first[start : start + 4] != signature:
            continue
        order = {size.to_bytes(4, "little"): "<", size.to_bytes(4, "big"): ">"}.get(first[:4])
        if order:
            header: Header = kind(first[:size], endianness=order, check=False)
            return header
    if len(first) < 348:
        value = f"{len(first)} bytes"
        raise refuse("file", f"Copy it again, for it ends within its header ({value}): {path}", value)
    if pair and 348 in (int.from_bytes(first[:4], "little"), int.from_bytes(first[:4], "big")):
        sentence = "Convert the original DICOM images to NIfTI instead, for Analyze does not tell left from right"
        raise refuse("orientation", f"{sentence}, orientation unknown: {path}", "Analyze")
    raise refuse("file", f"Export it again, for it is not a NIfTI file (no NIfTI signature in its header): {path}")


def check_shape(path: Path, header: Header) -> tuple[tuple[int, int, int], int]:
    """Return the number of voxels along the stored axes, and of volumes; refuse what is no numbers and no colours."""
    dim = [int(size) for size in header["dim"]]
    sizes = dim[1 : dim[0] + 1] if 1 <= dim[0] <= 7 else []
    written = " x ".join(str(size) for size in sizes) or f"{dim[0]} axes"
    if not sizes or min(sizes) < 1:
        raise refuse(
            "size", f"Export it again, for its header is damaged and declares {written} voxels: {path}", written
        )
    # nibabel knows the two ways in which FreeSurfer hides the long list of a surface in three sizes.
    sizes = [int(size) for size in header.get_data_shape()]
    _check_kind(path, header, sizes, written)
    if np.prod(sizes[:3], dtype=float) > MOST_VOXELS:
        sentence = (
            f"Crop it if it is not damaged, for its header declares {written} voxels, more than can be fused: {path}"
        )
        raise refuse("size", sentence, written)
    first, second, third, frames = (*sizes, 1, 1, 1)[:4]
    return (first, second, third), frames


def _check_kind(path: Path, header: Header, sizes: list[int], written: str) -> None:
    """Refuse surfaces, several frames, vectors, and voxels that are neither real numbers nor colours."""
    intent = int(header["intent_code"])
    if intent in _CIFTI or intent in _SURFACES or sum(size > 1 for size in sizes[:3]) < 2:
        sentence = (
            f"Choose the volume, for it holds values on a brain surface or a list ({written}), not an image: {path}"
        )
        raise refuse("content", sentence, written)
    if np.prod(sizes[4:], dtype=float) > 1:
        sentence = f"Export one of its values as a 3-D image, for it holds several values per voxel ({written}): {path}"
        raise refuse("content", sentence, written)
    if int(header["datatype"]) in _COMPLEX:
        sentence = f"Export the magnitude image, for it holds complex numbers: {path}"
        raise refuse("content", sentence, "complex")
    if int(header["datatype"]) not in (*_NUMBERS, RGB24):
        value = f"datatype {int(header['datatype'])}"
        raise refuse("content", f"Export it as float, for it has an unsupported voxel type ({value}): {path}", value)


def check_content(path: Path, header: Header) -> list[Finding]:
    """Return warnings about a kind of content that can be read but should not be fused unseen."""
    findings = []
    if int(header["intent_code"]) == _LABELS:
        sentence = f"Choose the image it was drawn on instead, for by its header it is a label map: {path}"
        findings.append(Finding("warn", "content", sentence, "labels"))
    if int(header["datatype"]) == RGB24:
        sentence = (
            "Use the grey original if there is one, for of these colours the luminance is fused, which may not follow "
            f"the uptake they stand for: {path}"
        )
        findings.append(Finding("warn", "content", sentence, "RGB"))
    if np.isinf(header["scl_slope"]):
        value = f"scl_slope {float(header['scl_slope']):g}"
        sentence = (
            f"Export it again or check its values, for the factor that turns stored numbers into values is lost "
            f"({value}); the stored numbers were read: {path}"
        )
        findings.append(Finding("warn", "values", sentence, value))
    bits = int(header.get_data_dtype().itemsize) * 8
    if int(header["bitpix"]) != bits:
        value = f"{int(header['bitpix'])} instead of {bits} bits"
        sentence = f"Check it, for its header gives a wrong voxel size ({value}); its datatype was used: {path}"
        findings.append(Finding("warn", "size", sentence, value))
    return findings


def check_size(path: Path, header: Header, on_disk: int, compressed: bool) -> int:
    """Compare the bytes that the header declares with those of the file; return how many it declares, decompressed.

    Parameters
    ----------
    on_disk
        Bytes of the file of the voxels.
    """
    offset = float(header["vox_offset"])
    least = 0 if ending(path) in (".hdr", ".img") else int(header["sizeof_hdr"]) + 4
    if not (least <= offset <= 2**40 and offset == int(offset)):
        value = f"vox_offset {offset:g}"
        raise refuse("size", f"Export it again, for its header is damaged ({value}): {path}", value)
    shape = [int(size) for size in header["dim"][1 : int(header["dim"][0]) + 1]]
    declared = int(offset) + int(np.prod(shape, dtype=object)) * int(header.get_data_dtype().itemsize)
    check_declared(path, declared, on_disk, compressed)
    return declared
