"""The gate of NIfTI files: signature, kind of content, size, and checksum, before memory is taken for the voxels.

nibabel, MONAI and SimpleITK pass truncated, bit-flipped and boundless files silently, each another kind. Here the
header is parsed first, the size that it declares is compared with the real one, and a compressed file is read to its
end, where its checksum stands.

Source: NIfTI-1 and NIfTI-2 headers (nifti.nimh.nih.gov).
"""

import gzip
import hashlib
import zlib
from collections.abc import Iterator
from numbers import Integral
from pathlib import Path
from typing import Any, Final, TypeAlias

import nibabel
import numpy as np

from napari_refusion.io.formats import ending
from napari_refusion.io.plausible import MOST_COMPRESSION, MOST_VOXELS, cut_short, damaged
from napari_refusion.volume.finding import Finding, refuse

Header: TypeAlias = Any
"""nibabel's `Nifti1Header` or `Nifti2Header`, as stored; their methods carry no types."""

_LONGEST_HEADER: Final = 540
"""Bytes of a NIfTI-2 header."""

_PIECE: Final = 2**20
"""Bytes read at a time."""

_MOST_SURPLUS: Final = 2**26
"""Bytes after the voxels of a compressed file before it is taken for a decompression bomb."""

_BOMB: Final = (2**30, 500)
"""A file that declares more bytes than this and is compressed further than this is not an image."""

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


def _plain_pieces(path: Path) -> Iterator[bytes]:
    """Yield a file's bytes as they are on the disk."""
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def _is_compressed(path: Path) -> bool:
    """Return whether a file is gzip, judged by its first bytes."""
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def _pieces(path: Path) -> Iterator[bytes]:
    """Yield a file's bytes, decompressed; at the end of a compressed one its checksum has been verified.

    `read1` makes one step at a time, so that what precedes an error has been yielded when it comes.
    """
    if not _is_compressed(path):
        yield from _plain_pieces(path)
        return
    with gzip.open(path) as file:
        while piece := file.read1(_PIECE):
            yield piece


def hash_files(header_file: Path, data_file: Path) -> str:
    """Return the SHA-256 of a file as it is on the disk; of a pair, of both one after the other."""
    digest = hashlib.sha256()
    for half in dict.fromkeys((header_file, data_file)):
        for piece in _plain_pieces(half):
            digest.update(piece)
    return digest.hexdigest()


def parse(path: Path, header_file: Path) -> Header:
    """Return the header, as stored, after its signature has been checked against the file's ending."""
    compressed = _is_compressed(header_file)
    if compressed != (ending(path) == ".nii.gz"):
        sentence = (
            f"{path} is compressed although its name does not end in .nii.gz: rename it."
            if compressed
            else f"{path} is not compressed although its name ends in .gz: rename it, or copy it again."
        )
        raise refuse("file", sentence, ending(path))
    first = _head(path, header_file)
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
        raise refuse("file", f"{path} ends within its header ({value}): copy it again.", value)
    if pair and 348 in (int.from_bytes(first[:4], "little"), int.from_bytes(first[:4], "big")):
        sentence = f"{path} is in the Analyze format, which does not tell left from right: orientation unknown. Convert"
        raise refuse("orientation", f"{sentence} the original DICOM images to NIfTI instead.", "Analyze")
    raise refuse("file", f"{path} is not a NIfTI file (no NIfTI signature in its header): export it again.")


def _head(path: Path, header_file: Path) -> bytes:
    """Return the first bytes of a file, decompressed, enough for any header where the file holds as many."""
    first = b""
    try:
        for piece in _pieces(header_file):
            first += piece
            if len(first) >= _LONGEST_HEADER:
                break
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise damaged(path) from error
    return first


def check_shape(path: Path, header: Header, volume: int | None = None) -> tuple[int, int, int]:
    """Return the number of voxels along the stored axes; refuse what is not one volume of numbers or colours.

    Parameters
    ----------
    volume
        Which of several volumes is wanted, from 0; None where there must be one.
    """
    dim = [int(size) for size in header["dim"]]
    sizes = dim[1 : dim[0] + 1] if 1 <= dim[0] <= 7 else []
    written = " x ".join(str(size) for size in sizes) or f"{dim[0]} axes"
    if not sizes or min(sizes) < 1:
        raise refuse(
            "size", f"The header of {path} is damaged: it declares {written} voxels. Export it again.", written
        )
    # nibabel knows the two ways in which FreeSurfer hides the long list of a surface in three sizes.
    sizes = [int(size) for size in header.get_data_shape()]
    _check_kind(path, header, sizes, written)
    _check_volume(path, sizes, written, volume)
    if np.prod(sizes, dtype=float) > MOST_VOXELS:
        sentence = (
            f"The header of {path} declares {written} voxels, more than can be fused: crop it, unless it is damaged."
        )
        raise refuse("size", sentence, written)
    first, second, third = (*sizes, 1, 1)[:3]
    return first, second, third


def _check_kind(path: Path, header: Header, sizes: list[int], written: str) -> None:
    """Refuse surfaces, several frames, vectors, and voxels that are neither real numbers nor colours."""
    intent = int(header["intent_code"])
    if intent in _CIFTI or intent in _SURFACES or sum(size > 1 for size in sizes[:3]) < 2:
        sentence = f"{path} holds values on a brain surface or a list ({written}), not an image: choose the volume."
        raise refuse("content", sentence, written)
    if np.prod(sizes[4:], dtype=float) > 1:
        sentence = f"{path} holds several values per voxel ({written}): export one of them as a 3-D image."
        raise refuse("content", sentence, written)
    if int(header["datatype"]) in _COMPLEX:
        sentence = f"{path} holds complex numbers: export the magnitude image."
        raise refuse("content", sentence, "complex")
    if int(header["datatype"]) not in (*_NUMBERS, RGB24):
        value = f"datatype {int(header['datatype'])}"
        raise refuse("content", f"{path} has an unsupported voxel type ({value}): export it as float.", value)


def _check_volume(path: Path, sizes: list[int], written: str, volume: int | None) -> None:
    """Refuse several volumes without a choice, and a choice that there is not."""
    count = sizes[3] if len(sizes) > 3 else 1
    if volume is None and count > 1:
        sentence = f"{path} holds {count} frames ({written}). Pick one, for example: fslroi {path.name} frame 0 1"
        raise refuse("frames", f"{sentence} (or nr.read(..., volume=0) in Python).", f"{count} frames")
    # True and 1.0 equal 1, and are no index
    is_index = isinstance(volume, Integral) and not isinstance(volume, bool)
    if volume is not None and not (is_index and 0 <= volume < count):
        sentence = f"Choose a volume from 0 to {count - 1}, not {volume!r}: {path} holds {written} voxels."
        raise refuse("frames", sentence, f"{count} frames")


def check_content(path: Path, header: Header) -> list[Finding]:
    """Return warnings about a kind of content that can be read but should not be fused unseen."""
    findings = []
    if int(header["intent_code"]) == _LABELS:
        sentence = f"{path} is a label map according to its header: fuse the image it was drawn on instead."
        findings.append(Finding("warn", "content", sentence, "labels"))
    if int(header["datatype"]) == RGB24:
        sentence = (
            f"{path} holds colours: their luminance is fused, which may not follow the uptake they stand for. "
            "Use the grey original if there is one."
        )
        findings.append(Finding("warn", "content", sentence, "RGB"))
    bits = int(header.get_data_dtype().itemsize) * 8
    if int(header["bitpix"]) != bits:
        value = f"{int(header['bitpix'])} instead of {bits} bits"
        sentence = f"The header of {path} gives a wrong voxel size ({value}); its datatype was used: check it."
        findings.append(Finding("warn", "size", sentence, value))
    return findings


def check_size(path: Path, header: Header, data_file: Path) -> list[Finding]:
    """Compare the bytes that the header declares with those that are there; read a compressed file to its end."""
    offset = float(header["vox_offset"])
    least = 0 if ending(path) in (".hdr", ".img") else int(header["sizeof_hdr"]) + 4
    if not (least <= offset <= 2**40 and offset == int(offset)):
        value = f"vox_offset {offset:g}"
        raise refuse("size", f"The header of {path} is damaged ({value}): export it again.", value)
    shape = [int(size) for size in header["dim"][1 : int(header["dim"][0]) + 1]]
    declared = int(offset) + int(np.prod(shape, dtype=np.int64)) * int(header.get_data_dtype().itemsize)
    on_disk = data_file.stat().st_size
    if declared > on_disk * (MOST_COMPRESSION if _is_compressed(data_file) else 1):
        raise cut_short(path, declared, on_disk)
    if declared > _BOMB[0] and declared > on_disk * _BOMB[1]:
        value = f"{declared // 2**20} MB from {on_disk // 2**20} MB"
        raise refuse("size", f"{path} is compressed more than an image can be ({value}): do not use it.", value)
    present, junk = _measure(path, data_file, declared) if _is_compressed(data_file) else (on_disk, False)
    if present < declared:
        raise cut_short(path, declared, present)
    findings = []
    if present > declared or junk:
        value = f"{present - declared} bytes" if present > declared else "bytes after the compressed data"
        sentence = (
            f"{path} continues after its last voxel ({value}); the rest was ignored. Make sure it is the right file."
        )
        findings.append(Finding("warn", "size", sentence, value))
    return findings


def _measure(path: Path, data_file: Path, declared: int) -> tuple[int, bool]:
    """Return how many bytes a compressed file holds, and whether something else follows them."""
    present = 0
    try:
        for piece in _pieces(data_file):
            present += len(piece)
            if present > declared + _MOST_SURPLUS:
                value = f"{declared} bytes"
                sentence = f"{path} declares {value} but does not end when decompressed: it is damaged or malicious."
                raise refuse("size", f"{sentence} Do not use it.", value)
    except gzip.BadGzipFile as error:
        # After a whole member, gzip looks for another one and calls anything else "not a gzipped file".
        if present >= declared and "Not a gzipped file" in str(error):
            return present, True
        raise damaged(path) from error
    except (EOFError, zlib.error) as error:
        raise damaged(path) from error
    return present, False
