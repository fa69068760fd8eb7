"""MetaImage headers, read by ourselves.

Source: MetaIO (itk.org/Wiki/ITK/MetaIO/Documentation). Its names are case-sensitive: ``offset`` is passed over there.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from nibabel.orientations import aff2axcodes, axcodes2ornt

from napari_refusion.io.itk.header import (
    Declared,
    data_file_of,
    finite_numbers,
    no_orientation,
    not_one_volume,
    several_values,
    whole_numbers,
)
from napari_refusion.io.voxels import COLOURS, Stored
from napari_refusion.volume.affine import LPS_TO_RAS, Affine, spans_space
from napari_refusion.volume.finding import refuse

_TYPES: Final = {
    "MET_CHAR": "i1",
    "MET_UCHAR": "u1",
    "MET_SHORT": "i2",
    "MET_USHORT": "u2",
    "MET_INT": "i4",
    "MET_UINT": "u4",
    "MET_LONG_LONG": "i8",
    "MET_ULONG_LONG": "u8",
    "MET_FLOAT": "f4",
    "MET_DOUBLE": "f8",
}
"""MetaImage type -> numpy's name; MET_LONG is left out because its size depends on the computer."""

_MATRIX: Final = ("TransformMatrix", "Rotation", "Orientation")
_ORIGIN: Final = ("Offset", "Position", "Origin")
_SPACING: Final = ("ElementSpacing", "ElementSize")
"""Names for the same thing, the usual one first."""

_INTENSITY: Final = {"ElementToIntensityFunctionSlope": 1.0, "ElementToIntensityFunctionOffset": 0.0}
"""Names of what turns stored numbers into values -> what changes nothing. ITK passes both over."""

_NAMES: Final = (
    *_INTENSITY,
    *_MATRIX,
    *_ORIGIN,
    *_SPACING,
    *("ObjectType", "NDims", "DimSize", "BinaryData", "BinaryDataByteOrderMSB", "ElementByteOrderMSB"),
    *("CompressedData", "CompressedDataSize", "CenterOfRotation", "AnatomicalOrientation", "DistanceUnits"),
    *("HeaderSize", "Modality", "ElementNumberOfChannels", "ElementType", "ElementDataFile", "Comment"),
)

_UNIT_TOLERANCE: Final = 1e-3
"""By which a direction may differ from the length 1; 4 digits after the point leave less."""

_OPPOSITE: Final = str.maketrans("RLAPSI", "LRPAIS")

_NAMED: Final = 0.37
"""Least cosine between an axis of voxels and the direction that its letter names. An axis between two directions has
the letter of either: ITK and nibabel 5.3 name one rotation in sixteen differently, and ITK, which gives one axis after
the other the letter that is left, names directions from a cosine of 0.377 on."""


def read_meta(path: Path, first: bytes) -> Declared:
    """Return what a MetaImage header declares; `first` holds it as a whole."""
    fields, end = _fields(path, first)
    if fields.get("BinaryData", "True").lower() != "true" or int(fields.get("HeaderSize", "0")):
        raise refuse(
            "header", f"Export it as one .mha file, for it is stored as text or points into another file: {path}"
        )
    sizes = whole_numbers("DimSize", fields["DimSize"])
    if int(fields.get("NDims", "0")) != len(sizes):
        raise ValueError(f"NDims {fields.get('NDims', 'missing')} for {len(sizes)} sizes in DimSize")
    affine = _affine(path, fields, len(sizes))
    if len(sizes) not in (3, 4):
        raise not_one_volume(path, " x ".join(str(size) for size in sizes), len(sizes))
    for name, neutral in _INTENSITY.items():
        if float(fields.get(name, neutral)) != neutral:
            value = f"{name} {fields[name]}"
            sentence = f"Export it with real values, for its voxels are to be scaled, which others pass over ({value})"
            raise refuse("header", f"{sentence}: {path}", value)
    unit = fields.get("DistanceUnits", "mm")
    if unit.lower() not in ("mm", "?", "", "millimeter", "millimetre"):
        raise refuse("unit of length", f"Export it in millimetres, for it is measured in {unit}: {path}", unit)
    channels, dtype = int(fields.get("ElementNumberOfChannels", "1")), _dtype(fields)
    if channels != 1 and not (channels == COLOURS and dtype == np.uint8):
        raise several_values(path, channels, dtype.name)
    named = fields["ElementDataFile"]
    is_local = named.upper() == "LOCAL"
    first_size, second, third, frames = (*sizes, 1)[:4]
    if frames > 1 and channels != 1:
        raise several_values(path, channels, dtype.name)
    return Declared(
        stored=Stored((first_size, second, third), dtype, frames=frames, channels=channels),
        affine=affine,
        compressed=fields.get("CompressedData", "False").lower() == "true",
        data_file=data_file_of(path, "" if is_local else named),
        offset=end if is_local else 0,
        modality=fields.get("Modality", "").removeprefix("MET_MOD_"),
        description=fields.get("Comment", ""),
        fields=fields,
    )


def _fields(path: Path, first: bytes) -> tuple[dict[str, str], int]:
    """Return the fields of a header, and where it ends: after ``ElementDataFile``."""
    fields: dict[str, str] = {}
    usual = {name.lower(): name for name in _NAMES}
    end = 0
    while "ElementDataFile" not in fields:
        stop = first.find(b"\n", end) + 1 or len(first)  # in place: what follows is not copied for every line
        line, newline, _ = first[end:stop].partition(b"\n")
        name, equals, value = line.decode("utf-8", "replace").partition("=")
        name, value = name.strip(), value.strip()
        if not equals or not (newline or name == "ElementDataFile"):
            raise refuse("file", f"Export it again, for it is not a MetaImage file or ends within its header: {path}")
        if name not in _NAMES and (meant := usual.get(name.lower())):
            sentence = (
                f"Correct it, or export it again, for it writes {name} for {meant}, which others pass over: {path}"
            )
            raise refuse("header", sentence, name)
        if fields.get(name, value) != value:
            raise ValueError(f"{name} is stated twice")
        fields[name] = value
        end += len(line) + len(newline)
    return fields, end


def _one_of(fields: Mapping[str, str], names: tuple[str, ...], count: int) -> np.ndarray | None:
    """Return the numbers that stand under one of several names, None for none; ValueError where they differ."""
    given = {name: np.array(finite_numbers(name, fields[name], count)) for name in names if name in fields}
    found = list(given.values())
    if any(not np.allclose(found[0], other, rtol=0, atol=1e-6) for other in found[1:]):
        raise ValueError(f"{' and '.join(given)} contradict each other")
    return found[0] if found else None


def _affine(path: Path, fields: Mapping[str, str], count: int) -> Affine:
    """Return (4, 4) stored indices -> RAS+ mm, of the first three axes."""
    matrix = _one_of(fields, _MATRIX, count * count)
    if matrix is None:
        raise no_orientation(path, "TransformMatrix")
    origin = _one_of(fields, _ORIGIN, count)
    if origin is None:
        raise refuse(
            "orientation",
            f"Export it again, for it does not state where its first voxel lies (no Offset): {path}",
            "Offset",
        )
    # ElementSize is the size of a voxel, which a gap or an overlap of slices makes differ from their distance.
    sizes = _one_of(fields, _SPACING[:1] if "ElementSpacing" in fields else _SPACING[1:], count)
    if sizes is None:
        raise refuse("voxel size", f"Export it again, for it does not state its voxel size (no ElementSpacing): {path}")
    value = " x ".join(f"{size:g}" for size in sizes)
    if sizes.min() <= 0:
        sentence = f"Export it again, for it declares voxels of {value}, and sizes must be positive: {path}"
        raise refuse("voxel size", sentence, value)
    if "CenterOfRotation" in fields:
        finite_numbers("CenterOfRotation", fields["CenterOfRotation"], count)
    if count not in (3, 4):
        return np.eye(4)
    whole = matrix.reshape(count, count).T  # the file has one direction after the other
    if count == 4 and np.abs([*whole[3, :3], *whole[:3, 3], whole[3, 3] - 1]).max() > _UNIT_TOLERANCE:
        raise ValueError("TransformMatrix mixes the frames with the axes of space")
    directions = whole[:3, :3]
    lps = np.eye(4)
    lps[:3, :3] = directions * sizes[:3]
    lps[:3, 3] = origin[:3]
    if not spans_space(lps):
        raise refuse("grid", f"Export it again, for it puts all voxels into one plane (singular directions): {path}")
    lengths = np.linalg.norm(directions, axis=0)
    if np.abs(lengths - 1).max() > _UNIT_TOLERANCE:
        value = " x ".join(f"{length:g}" for length in lengths)
        sentence = (
            f"Export it again, for it scales its voxels twice (directions of length {value} in TransformMatrix): {path}"
        )
        raise refuse("voxel size", sentence, value)
    ras: Affine = LPS_TO_RAS @ lps
    _check_letters(path, fields.get("AnatomicalOrientation", ""), ras)
    return ras


def _check_letters(path: Path, letters: str, affine: Affine) -> None:
    """Refuse letters of an orientation that neither name where the axes come from nor where they lead to."""
    stated = letters.strip().upper()
    if len(stated) != 3 or set(stated) - set("RLAPSI"):
        return
    axes, ways = axcodes2ornt(stated).T  # of each letter, the axis of RAS that it names, and which way
    leads = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
    named = ways * leads[axes.astype(int), range(3)]
    if len(set(axes)) < 3 or (min(named) < _NAMED and max(named) > -_NAMED):
        leading = "".join(aff2axcodes(affine))
        value = f"{stated} and {leading.translate(_OPPOSITE)}"
        sentence = (
            f"Export it again from the original images, for it states two different orientations ({stated} in "
            f"AnatomicalOrientation, {leading.translate(_OPPOSITE)} by TransformMatrix): {path}"
        )
        raise refuse("orientation", sentence, value)


def _dtype(fields: Mapping[str, str]) -> np.dtype[Any]:
    """Return the kind of number with its byte order; without a word the least significant byte comes first."""
    name = fields["ElementType"]
    if name not in _TYPES:
        raise KeyError(name)
    orders = {fields[key].lower() for key in ("BinaryDataByteOrderMSB", "ElementByteOrderMSB") if key in fields}
    if len(orders) > 1 or orders - {"true", "false"}:
        raise ValueError(f"the byte order {' and '.join(sorted(orders))} is not known")
    return np.dtype((">" if "true" in orders else "<") + _TYPES[name])
