"""NRRD and MetaImage in (``.nrrd .nhdr .mha .mhd``): the header read by ourselves and by SimpleITK, who must agree."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from napari_refusion.io.boundary import decoding
from napari_refusion.io.choice import VolumeChoice
from napari_refusion.io.formats import NRRD, format_by_name
from napari_refusion.io.frames import Frames, frames_of
from napari_refusion.io.gated import Gated, list_file, read_all, read_one
from napari_refusion.io.identify import as_dicom
from napari_refusion.io.itk.header import Declared
from napari_refusion.io.itk.meta import read_meta
from napari_refusion.io.itk.nrrd import read_nrrd
from napari_refusion.io.listing import Listed
from napari_refusion.io.one_pass import Digest, OnePass, drain, opened_once, unpacked
from napari_refusion.io.plausible import MOST_VOXELS, check_declared, check_spacing
from napari_refusion.io.sidecar import Sidecar, read_sidecar
from napari_refusion.volume.affine import GRID_TOLERANCE, LPS_TO_RAS, Affine, farthest, spans_space
from napari_refusion.volume.finding import RefusedError, refuse
from napari_refusion.volume.volume import Volume

LONGEST_HEADER: Final = 2**20
"""Bytes; real headers take a few kilobytes."""


def read_itk(path: Path, modality: str | None = None, volume: VolumeChoice = None) -> Volume:
    """Return a volume of an NRRD or MetaImage file.

    Parameters
    ----------
    modality
        DICOM Modality that the user chose; None takes it from the header, the JSON sidecar or the file's name.
    volume
        Which of several volumes is read, see `io.choice.choose_volume`; None where the file holds one.

    Raises
    ------
    RefusedError
        If the file is damaged, holds no volume of numbers or 8-bit colours, several without a choice, does not say how
        it lies in the patient, or SimpleITK would put it elsewhere. The sentence names the file, the value, and the
        remedy.
    """
    return read_one(_gate, path, modality, volume)


def read_itk_volumes(path: Path, modality: str | None = None) -> tuple[Volume, ...]:
    """Return every volume of an NRRD or MetaImage file; see `read_itk`."""
    return read_all(_gate, path, modality)


def list_itk(path: Path) -> tuple[Listed, ...]:
    """Return what an NRRD or MetaImage file holds, by its header, or why it cannot be read."""
    return list_file(_gate, path)


@contextmanager
def _gate(path: Path, digest: Digest) -> Iterator[tuple[Gated, OnePass]]:
    """Yield what a file declares, after every check that can be made without its voxels, and their stream."""
    with ExitStack() as files:
        file = files.enter_context(opened_once(path, LONGEST_HEADER, digest))
        declared = read_header(path, file.first)
        _check_size(path, declared)
        sidecar = read_sidecar(path)
        if declared.data_file != path:
            drain(file)
            file = files.enter_context(opened_once(declared.data_file, 0, digest))
        file.seek(declared.offset)
        _compare(path, declared)
        gated = Gated(
            path=path,
            files=tuple(dict.fromkeys((path, declared.data_file))),
            stored=declared.stored,
            affine=declared.affine,
            sidecar=sidecar,
            frames=_frames(path, declared, sidecar),
            findings=tuple(check_spacing(path, declared.affine)),
            is_packed=declared.compressed,
            modality=as_dicom(declared.modality),
            description=declared.description,
        )
        stream = unpacked(file, "zlib") if declared.compressed else file
        yield (
            gated if declared.compressed else replace(gated, stored=replace(declared.stored, offset=declared.offset)),
            stream,
        )


def read_header(path: Path, first: bytes) -> Declared:
    """Return what a ``.nrrd``, ``.nhdr``, ``.mha`` or ``.mhd`` file declares.

    Parameters
    ----------
    first
        The first bytes of the file, its header among them.

    Raises
    ------
    RefusedError
        If the header is damaged, leaves out how the image lies in the patient, or points to files that are not read.
    """
    with decoding(path, _damaged):
        declared = read_nrrd(path, first) if format_by_name(path) is NRRD else read_meta(path, first)
    if not spans_space(declared.affine):
        raise _singular(path)
    return declared


def _damaged(path: Path, error: BaseException) -> RefusedError:
    """Return the refusal of a header over which we stumbled."""
    sentence = f"Export it again, for its header is damaged or incomplete ({error}): {path}"
    return refuse("header", " ".join(sentence.split()), str(error))


def _frames(path: Path, declared: Declared, sidecar: Sidecar) -> Frames:
    """Return the volumes of a file, by the names that its header gives them."""
    count = declared.stored.frames
    if any(declared.names) and len(declared.names) == count:
        return Frames(declared.names, alike=declared.alike)
    return frames_of(path, count, sidecar, alike=declared.alike)


def _check_size(path: Path, declared: Declared) -> None:
    """Compare the bytes that the header declares with those that are there."""
    stored = declared.stored
    if np.prod((*stored.shape, stored.channels), dtype=float) > MOST_VOXELS:
        written = " x ".join(str(size) for size in stored.shape)
        sentence = (
            f"Crop it if it is not damaged, for its header declares {written} voxels, more than can be fused: {path}"
        )
        raise refuse("size", sentence, written)
    check_declared(path, stored.end, declared.data_file.stat().st_size - declared.offset, declared.compressed)


def _compare(path: Path, declared: Declared) -> None:
    """Refuse a file that SimpleITK, as most programs that read it do, would put elsewhere."""
    if "time" in declared.fields.get("kinds", "").lower().split():
        return  # a legal kind of axis, which ITK takes for one of space and then reads no such file
    theirs = _by_simpleitk(path)
    ours = declared.affine
    apart = farthest(declared.stored.shape, ours, theirs)
    if not apart <= GRID_TOLERANCE:
        value = f"{apart:.3g} mm"
        sentence = (
            f"Export it again, for it is read in two ways: by its header a voxel lies up to {value} from where "
            f"SimpleITK puts it: {path}"
        )
        raise refuse("grid", sentence, value)


def _by_simpleitk(path: Path) -> Affine:
    """Return (4, 4) stored indices -> RAS+ mm by SimpleITK, which reads the header alone."""
    import SimpleITK

    reader: Any = SimpleITK.ImageFileReader()
    reader.SetImageIO("NrrdImageIO" if format_by_name(path) is NRRD else "MetaImageIO")
    reader.SetFileName(str(path))
    try:
        reader.ReadImageInformation()
        count = reader.GetDimension()
        directions = np.reshape(reader.GetDirection(), (count, count))[:3, :3]
        lps = np.eye(4)
        lps[:3, :3] = directions * reader.GetSpacing()[:3]
        lps[:3, 3] = reader.GetOrigin()[:3]
    except (RuntimeError, ValueError, MemoryError) as error:
        if "determinant" in str(error):
            raise _singular(path) from error
        said = str(error).partition("ERROR")[2] or str(error).partition("\n")[0]
        # without the name of an object and its address in memory
        reason = " ".join(re.sub(r"\w*\(0x[0-9a-f]+\):?", "", said).strip(" :\n").split())
        remedy = "Export it again, as NIfTI if that does not help"
        sentence = f"{remedy}, for SimpleITK cannot read it ({reason.rstrip('.')}): {path}"
        raise refuse("file", sentence, reason) from error
    return LPS_TO_RAS @ lps


def _singular(path: Path) -> RefusedError:
    """Return the error for axes that do not span space."""
    return refuse("grid", f"Export it again, for it puts all voxels into one plane (singular directions): {path}")
