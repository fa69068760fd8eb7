"""What the headers of NRRD and MetaImage have in common: what they declare, numbers, and where the voxels lie.

SimpleITK fills in what a header leaves out or misspells: no direction becomes the identity, no spacing 1 mm, no
origin 0. So everything is read by ourselves, and compared with SimpleITK's answer afterwards (`itk.read`).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath, PureWindowsPath

from napari_refusion.io.voxels import Stored
from napari_refusion.volume.affine import Affine
from napari_refusion.volume.finding import RefusedError, refuse


@dataclass(frozen=True, slots=True, eq=False)
class Declared:
    """What the header of an NRRD or MetaImage file declares."""

    stored: Stored
    """How the voxels lie in `data_file` behind `offset`, decompressed; its own offset is 0."""
    affine: Affine
    """(4, 4) stored indices -> RAS+ mm."""
    compressed: bool
    data_file: Path
    """Where the voxels are; the file itself or another one beside it."""
    offset: int
    """Bytes before the voxels in `data_file`."""
    modality: str = ""
    """As written, empty where the header has none."""
    names: tuple[str, ...] = ()
    """Of its volumes where the header names several; empty where it names none."""
    alike: bool = True
    """Whether a mean of its volumes means anything."""
    description: str = ""
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)


def finite_numbers(name: str, text: str, count: int) -> tuple[float, ...]:
    """Return exactly so many finite numbers; ValueError, which names the field, for anything else."""
    words = text.replace(",", " ").split() if "," in text else text.split()
    try:
        values = tuple(float(word) for word in words)
    except ValueError:
        values = ()
    if len(values) != count or not all(math.isfinite(value) for value in values):
        raise ValueError(f"{name} holds {text!r} instead of {count} numbers")
    return values


def whole_numbers(name: str, text: str) -> tuple[int, ...]:
    """Return sizes; ValueError, which names the field, for anything but whole numbers above 0."""
    words = text.split()
    if not words or not all(word.isascii() and word.lstrip("-").isdecimal() and len(word) < 20 for word in words):
        raise ValueError(f"{name} holds {text!r} instead of sizes")
    sizes = tuple(int(word) for word in words)
    if min(sizes) < 1:
        raise ValueError(" x ".join(words))
    return sizes


def data_file_of(path: Path, named: str) -> Path:
    """Return the file of the voxels, which lies beside its header; `named` is empty for the file itself."""
    if not named:
        return path
    if set(named) & set(" %*?") or named.upper() == "LIST":
        raise refuse("header", f"Export it as one file, for it is spread over several files ({named}): {path}", named)
    parts = {*PurePosixPath(named).parts, *PureWindowsPath(named).parts}
    if ".." in parts or PurePosixPath(named).is_absolute() or PureWindowsPath(named).anchor:
        raise refuse(
            "header", f"Copy both together, for it points to a file outside its own folder ({named}): {path}", named
        )
    beside = path.parent / named
    if not beside.is_file():
        raise refuse(
            "file", f"Copy both, for it is only half of an image, and {named} belongs beside it: {path}", named
        )
    return beside


def no_orientation(path: Path, missing: str) -> RefusedError:
    """Return the error for an image that does not say how it lies in the patient."""
    sentence = (
        f"Export it again from the original images, for it does not state how it lies in the patient (no {missing})"
    )
    return refuse("orientation", f"{sentence}, orientation unknown: {path}", missing)


def not_one_volume(path: Path, written: str, spatial: int) -> RefusedError:
    """Return the error for an image that is flat, or has more axes than a header gives a meaning."""
    if spatial == 2:
        sentence = (
            f"Export it as PNG or TIFF, for it is a 2-D image ({written}) without a position in the patient: {path}"
        )
        return refuse("content", sentence, written)
    return refuse(
        "frames", f"Export one frame as a 3-D image, for it holds several frames ({written}): {path}", written
    )


def several_values(path: Path, count: int, kind: str) -> RefusedError:
    """Return the error for vectors and the like."""
    value = f"{count} values of type {kind}"
    sentence = (
        f"Export one value per voxel as a 3-D image (colours as 8-bit RGB), for it holds {value} per voxel: {path}"
    )
    return refuse("content", sentence, value)
