"""NRRD headers, read by ourselves.

Source: NRRD0005 (teem.sourceforge.net/nrrd/format.html); Slicer's multivolumes and sequences (slicer.readthedocs.io).
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

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
from napari_refusion.volume.finding import refuse

_TYPES: Final = {
    "i1": "signed_char int8 int8_t",
    "u1": "uchar unsigned_char uint8 uint8_t",
    "i2": "short short_int signed_short signed_short_int int16 int16_t",
    "u2": "ushort unsigned_short unsigned_short_int uint16 uint16_t",
    "i4": "int signed_int int32 int32_t",
    "u4": "uint unsigned_int uint32 uint32_t",
    "i8": "longlong long_long long_long_int signed_long_long signed_long_long_int int64 int64_t",
    "u8": "ulonglong unsigned_long_long unsigned_long_long_int uint64 uint64_t",
    "f4": "float",
    "f8": "double",
}
"""numpy's name of a number -> NRRD names of the type, spaces as underscores."""

_TO_RAS: Final = {
    "lps": (-1, -1, 1),
    "left-posterior-superior": (-1, -1, 1),
    "ras": (1, 1, 1),
    "right-anterior-superior": (1, 1, 1),
    "las": (-1, 1, 1),
    "left-anterior-superior": (-1, 1, 1),
}
"""Space -> signs that turn its axes to right, anterior, superior."""

_MILLIMETRES: Final = {"mm", "millimeter", "millimeters", "millimetre", "millimetres", "none", "???"}

_COLOUR_KINDS: Final = {"rgb-color", "3-color", "vector", "3-vector", "none", "???"}
_FRAME_KINDS: Final = {"list", "time"}

_LONGEST: Final = 900
"""Bytes of a field. SimpleITK's parser writes one that it does not understand into a buffer of 1 kB and crashes."""

_SAMPLE_SPACING: Final = 1e-3
"""Relative difference of a spacing that stands beside a direction."""

_TIMES: Final = ("triggertime", "acquisitiontime", "contenttime", "temporalpositionidentifier")
"""What Slicer calls the attribute by which frames in time were told apart."""


def read_nrrd(path: Path, first: bytes) -> Declared:
    """Return what an NRRD header declares; `first` holds it as a whole."""
    if not first.startswith(b"NRRD000"):
        raise refuse("file", f"Export it again, for it is not an NRRD file (no NRRD signature): {path}")
    fields, keys = _fields(first)
    sizes = whole_numbers("sizes", fields["sizes"])
    if int(fields.get("dimension", len(sizes))) != len(sizes):
        raise ValueError(f"dimension {fields['dimension']} for {len(sizes)} sizes")
    directions = _directions(path, fields, len(sizes))
    spatial = tuple(axis for axis, vector in enumerate(directions) if vector is not None)
    written = " x ".join(str(size) for size in sizes)
    if len(spatial) != 3:
        raise not_one_volume(path, written, len(spatial))
    _check_units(path, fields, spatial)
    encoding = fields["encoding"].lower()
    if encoding not in ("raw", "gzip", "gz"):
        raise refuse("header", f"Export it as raw or gzip, for it is stored as {encoding}: {path}", encoding)
    if any(float(fields.get(key, "0")) for key in ("line skip", "lineskip", "byte skip", "byteskip")):
        raise refuse("header", f"Export it as one .nrrd file, for it points into the middle of another file: {path}")
    stored, names = _stored(path, fields, sizes, spatial, written)
    named = fields.get("data file", fields.get("datafile", ""))
    labels, alike = _frame_names(keys, len(names))
    return Declared(
        stored=stored,
        affine=_affine(path, fields, directions),
        compressed=encoding != "raw",
        data_file=data_file_of(path, named),
        offset=0 if named else _end_of_header(first),
        modality=keys.get("modality", fields.get("modality", "")),
        names=labels or names,
        alike=alike,
        description=fields.get("content", ""),
        fields=fields,
    )


def _fields(first: bytes) -> tuple[dict[str, str], dict[str, str]]:
    """Return the fields and the keys (``key:=value``) of a header, names in lower case."""
    text = first.replace(b"\r\n", b"\n").partition(b"\n\n")[0].decode("utf-8", "replace")
    fields: dict[str, str] = {}
    keys: dict[str, str] = {}
    for line in text.split("\n")[1:]:
        if line.startswith("#"):
            continue
        name, colon, value = line.partition(":")
        if len(line.encode()) > _LONGEST and not value.startswith("="):
            raise ValueError(f"a line of {len(line)} characters")
        if not colon:
            continue
        into, value = (keys, value[1:]) if value.startswith("=") else (fields, value)
        name = name.strip().lower()
        if into is fields and name in fields and fields[name] != value.strip():
            raise ValueError(f"{name} is stated twice")
        into[name] = value.strip()
    return fields, keys


def _end_of_header(first: bytes) -> int:
    """Return where the voxels begin: after the first empty line."""
    ends = [place + len(mark) for mark in (b"\n\n", b"\n\r\n") if (place := first.find(mark)) >= 0]
    return min(ends, default=len(first))


def _directions(path: Path, fields: Mapping[str, str], count: int) -> list[tuple[float, ...] | None]:
    """Return the vector of each axis from one sample to the next, None for axes that do not lie in space."""
    text, space = fields.get("space directions", ""), fields.get("space", "")
    if space and space.lower() not in _TO_RAS:
        sentence = (
            "Export it again in left-posterior-superior coordinates, for how those that it uses lie in the patient is "
            f"not defined (space: {space}), orientation unknown: {path}"
        )
        raise refuse("orientation", sentence, space)
    if not space or not text:
        raise no_orientation(path, "space and space directions")
    vectors = re.findall(r"\([^()]*\)|[^\s()]+", text)
    if len(vectors) != count:
        raise ValueError(f"space directions holds {text!r} instead of {count} vectors")
    return [None if one.lower() == "none" else _vector("space directions", one) for one in vectors]


def _vector(name: str, text: str) -> tuple[float, ...]:
    """Return three numbers in parentheses."""
    if not (text.startswith("(") and text.endswith(")") and text.count(",") == 2):
        raise ValueError(f"{name} holds {text!r} instead of (x,y,z)")
    return finite_numbers(name, text[1:-1], 3)


def _affine(path: Path, fields: Mapping[str, str], directions: list[tuple[float, ...] | None]) -> np.ndarray:
    """Return (4, 4) stored indices -> RAS+ mm."""
    if not fields.get("space origin"):
        sentence = f"Export it again, for it does not state where its first voxel lies (no space origin): {path}"
        raise refuse("orientation", sentence, "space origin")
    columns = [vector for vector in directions if vector is not None]
    spacings = fields.get("spacings", "").split()
    if spacings and len(spacings) != len(directions):
        raise ValueError(f"spacings holds {fields['spacings']!r} instead of {len(directions)} numbers")
    for vector, spacing in zip(directions, map(float, spacings), strict=False):
        length = float(np.linalg.norm(vector)) if vector is not None else np.nan
        if not np.isnan(spacing) and not np.isnan(length) and abs(spacing - length) > _SAMPLE_SPACING * length:
            value = f"{spacing:g} and {length:g}"
            sentence = (
                f"Export it again, for it states two different voxel sizes ({value}, in spacings and space directions)"
            )
            raise refuse("voxel size", f"{sentence}: {path}", value)
    affine = np.eye(4)
    affine[:3, :3] = np.array(columns).T
    affine[:3, 3] = _vector("space origin", fields["space origin"])
    return np.diag([*_TO_RAS[fields["space"].lower()], 1.0]) @ affine


def _check_units(path: Path, fields: Mapping[str, str], spatial: tuple[int, ...]) -> None:
    """Refuse lengths in anything but millimetres, in ``space units`` or in the ``units`` of an axis in space."""
    of_space = _quoted(fields.get("space units", ""))
    of_axes = _quoted(fields.get("units", ""))
    stated = {*of_space, *(of_axes[axis] for axis in spatial if axis < len(of_axes))}
    others = sorted(unit for unit in stated if unit and unit.lower() not in _MILLIMETRES)
    if others:
        value = " ".join(others)
        raise refuse("unit of length", f"Export it in millimetres, for it is measured in {value}: {path}", value)


def _quoted(text: str) -> list[str]:
    """Return texts that stand in quotes, or words where there are no quotes."""
    return [one.strip() for one in (re.findall(r'"([^"]*)"', text) if '"' in text else text.split())]


def _stored(
    path: Path, fields: Mapping[str, str], sizes: tuple[int, ...], spatial: tuple[int, ...], written: str
) -> tuple[Stored, tuple[str, ...]]:
    """Return how the voxels lie in the file, and as many empty names as there are volumes."""
    dtype = _dtype(fields)
    first, second, third = (sizes[axis] for axis in spatial)
    others = tuple(axis for axis in range(len(sizes)) if axis not in spatial and sizes[axis] > 1)
    if not others:
        return Stored((first, second, third), dtype), ("",)
    kinds = fields.get("kinds", "").lower().split() or ["???"] * len(sizes)
    if len(kinds) != len(sizes):
        raise ValueError(f"kinds holds {fields['kinds']!r} instead of {len(sizes)} words")
    axis, count, kind = others[0], sizes[others[0]], kinds[others[0]]
    is_first = axis < spatial[0]
    if len(others) > 1 or not (is_first or axis > spatial[-1]):
        raise not_one_volume(path, written, len(others) + 3)
    if kind in _FRAME_KINDS:
        return Stored((first, second, third), dtype, frames=count, frames_first=is_first), ("",) * count
    if kind == "complex":
        raise refuse("content", f"Export the magnitude image, for it holds complex numbers: {path}", "complex")
    if is_first and kind in _COLOUR_KINDS and count == COLOURS and dtype == np.uint8:
        return Stored((first, second, third), dtype, channels=COLOURS), ("",)
    if kind == "domain":
        raise not_one_volume(path, written, 4)
    raise several_values(path, count, dtype.name)


def _dtype(fields: Mapping[str, str]) -> np.dtype[Any]:
    """Return the kind of number with its byte order, which a number of more than one byte must state."""
    name = fields["type"].strip().lower().replace(" ", "_")
    known = next((code for code, names in _TYPES.items() if name in names.split()), None)
    if name == "char":
        known = "i1"
    if known is None:
        raise KeyError(name)
    if known[1] == "1":
        return np.dtype(known)
    order = {"little": "<", "big": ">"}.get(fields.get("endian", "").lower())
    if order is None:
        raise ValueError(f"endian {fields.get('endian', '')!r}")
    return np.dtype(order + known)


def _frame_names(keys: Mapping[str, str], count: int) -> tuple[tuple[str, ...], bool]:
    """Return what Slicer says that frames are, empty where it does not; and whether they measure the same."""
    if "dwmri" in keys.get("modality", "").lower() or any(key.startswith("dwmri_gradient") for key in keys):
        return tuple(f"volume {number}, diffusion" for number in range(count)) if count > 1 else (), False
    if any(key.startswith("segment0_") for key in keys):  # Slicer: segments that overlap lie in several volumes
        return tuple(f"volume {number}, segments" for number in range(count)) if count > 1 else (), False
    labels = [label.strip() for label in keys.get("multivolume.framelabels", "").split(",")]
    tag = keys.get("multivolume.frameidentifyingdicomtagname", "")
    if count < 2 or len(labels) != count or not tag:
        return (), True
    unit = keys.get("multivolume.frameidentifyingdicomtagunits", "")
    return tuple(f"{tag} {label} {unit}".strip() for label in labels), tag.lower() in _TIMES
