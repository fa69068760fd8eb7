"""FreeSurfer's MGH in (``.mgh``, ``.mgz``): the header by nibabel, the voxels in one pass.

Source: surfer.nmr.mgh.harvard.edu/fswiki/FsTutorial/MghFormat.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
from nibabel.freesurfer.mghformat import MGHHeader
from nibabel.spatialimages import HeaderDataError

from napari_refusion.io.choice import VolumeChoice
from napari_refusion.io.formats import ending
from napari_refusion.io.frames import frames_of
from napari_refusion.io.gated import GZIP, Gated, list_file, read_all, read_one
from napari_refusion.io.listing import Listed
from napari_refusion.io.one_pass import Digest, OnePass, opened_once, unpacked
from napari_refusion.io.plausible import MOST_VOXELS, check_declared, check_spacing
from napari_refusion.io.sidecar import read_sidecar
from napari_refusion.io.voxels import Stored
from napari_refusion.volume.affine import Affine, spacing, spans_space
from napari_refusion.volume.finding import refuse
from napari_refusion.volume.volume import Volume

_OFFSET: Final = 284
"""Bytes of the header, before the voxels."""

_IS_PLACED: Final = slice(28, 30)
"""Bytes of goodRASFlag."""

_UNIT_TOLERANCE: Final = 1e-3
"""By which a direction may differ from the length 1."""

_TYPES: Final = {0: "u1", 1: ">i4", 3: ">f4", 4: ">i2", 10: ">u2"}
"""MGH type -> numpy's name; every number has its most significant byte first."""


def read_mgh(path: Path, modality: str | None = None, volume: VolumeChoice = None) -> Volume:
    """Return a volume of an MGH file; what follows the voxels (echo time, colour table) is not read.

    Parameters
    ----------
    modality
        DICOM Modality that the user chose; None takes it from the file's name or its JSON sidecar.
    volume
        Which of several volumes is read, see `io.choice.choose_volume`; None where the file holds one.

    Raises
    ------
    RefusedError
        If the file is damaged, holds values on a surface, or does not say how it lies in the patient.
    """
    return read_one(_gate, path, modality, volume)


def read_mgh_volumes(path: Path, modality: str | None = None) -> tuple[Volume, ...]:
    """Return every volume of an MGH file; see `read_mgh`."""
    return read_all(_gate, path, modality)


def list_mgh(path: Path) -> tuple[Listed, ...]:
    """Return what an MGH file holds, by its header, or why it cannot be read."""
    return list_file(_gate, path)


@contextmanager
def _gate(path: Path, digest: Digest) -> Iterator[tuple[Gated, OnePass]]:
    """Yield what an MGH file declares, after every check that can be made without its voxels, and their stream."""
    with opened_once(path, _OFFSET, digest) as file:
        packed = file.first.startswith(GZIP)
        if packed != (ending(path) == ".mgz"):
            what = "is compressed although its name does not end in .mgz" if packed else "is not compressed although"
            sentence = f"Rename it, or copy it again, for it {what}{'' if packed else ' its name ends in .mgz'}: {path}"
            raise refuse("file", sentence, ending(path))
        stream = unpacked(file, "gzip" if packed else "", _OFFSET)
        stored, affine = _header(path, stream.first)
        check_declared(path, stored.end, path.stat().st_size, packed)
        sidecar = read_sidecar(path)
        yield (
            Gated(
                path=path,
                files=(path,),
                stored=stored,
                affine=affine,
                sidecar=sidecar,
                frames=frames_of(path, stored.frames, sidecar),
                findings=tuple(check_spacing(path, affine)),
                is_packed=packed,
                has_footer=True,
            ),
            stream,
        )


def _header(path: Path, first: bytes) -> tuple[Stored, Affine]:
    """Return how the voxels lie in an MGH file, and (4, 4) stored indices -> RAS+ mm."""
    if len(first) < _OFFSET:
        raise refuse(
            "file", f"Copy it again, for it ends within its header ({len(first)} bytes): {path}", f"{len(first)}"
        )
    try:
        header: Any = MGHHeader(first, check=False)
        version, kind = (int(header[name]) for name in ("version", "type"))
        sizes = [int(size) for size in header["dims"]]
        affine = np.array(header.get_affine(), dtype=np.float64)
    except (HeaderDataError, ValueError, KeyError) as error:
        raise refuse("header", f"Export it again, for its header is damaged ({error}): {path}", str(error)) from error
    written = " x ".join(str(size) for size in sizes)
    if version != 1:
        raise refuse("file", f"Export it again, for it is not an MGH file (version {version} instead of 1): {path}")
    if min(sizes) < 1 or np.prod(sizes[:3], dtype=float) > MOST_VOXELS:
        raise refuse(
            "size", f"Export it again, for its header is damaged and declares {written} voxels: {path}", written
        )
    if sum(size > 1 for size in sizes[:3]) < 2:
        sentence = (
            f"Choose the volume, for it holds values on a brain surface or a list ({written}), not an image: {path}"
        )
        raise refuse("content", sentence, written)
    if kind not in _TYPES:
        raise refuse(
            "content", f"Export it as float, for it has an unsupported voxel type ({kind}): {path}", f"type {kind}"
        )
    # nibabel fills in the usual place where there is none, and then calls it good
    if (is_placed := int.from_bytes(first[_IS_PLACED], "big")) != 1:
        sentence = (
            f"Export it again from the original images, for it does not state how it lies in the patient (goodRASFlag "
            f"is {is_placed}), orientation unknown: {path}"
        )
        raise refuse("orientation", sentence, str(is_placed))
    if not (np.asarray(header["delta"]) > 0).all():
        value = " x ".join(f"{size:g}" for size in header["delta"])
        sentence = f"Export it again, for it declares voxels of {value}, and sizes must be positive: {path}"
        raise refuse("voxel size", sentence, value)
    if not spans_space(affine):
        raise refuse("grid", f"Export it again, for it puts all voxels into one plane (singular directions): {path}")
    if np.abs(spacing(affine) - header["delta"]).max() > _UNIT_TOLERANCE * np.max(header["delta"]):
        sentence = f"Export it again, for it scales its voxels twice (directions that are not of length 1): {path}"
        raise refuse("voxel size", sentence, "directions")
    return Stored((sizes[0], sizes[1], sizes[2]), np.dtype(_TYPES[kind]), _OFFSET, sizes[3]), affine
