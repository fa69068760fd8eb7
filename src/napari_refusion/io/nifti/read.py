"""NIfTI in: the gate (`nifti.gate`), the grid (`nifti.grid`), then the voxels (`io.gated`), all in one pass.

nibabel, MONAI and SimpleITK each pass files silently that are damaged or that do not know left from right. So the
voxels are read only after the header has been judged, and the affine is the one that was judged.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
from nibabel.spatialimages import HeaderDataError

from napari_refusion.io.choice import VolumeChoice
from napari_refusion.io.frames import Frames, frames_of
from napari_refusion.io.gated import GZIP, Gated, list_file, read_all, read_one
from napari_refusion.io.listing import Listed
from napari_refusion.io.nifti.gate import (
    LONGEST_HEADER,
    RGB24,
    Header,
    check_content,
    check_shape,
    check_size,
    halves,
    parse,
)
from napari_refusion.io.nifti.grid import place, space_of
from napari_refusion.io.nifti.said import said
from napari_refusion.io.one_pass import Digest, OnePass, hash_whole, opened_once, unpacked
from napari_refusion.io.plausible import check_spacing
from napari_refusion.io.sidecar import Sidecar, read_sidecar
from napari_refusion.io.voxels import COLOURS, Stored
from napari_refusion.volume.finding import refuse
from napari_refusion.volume.volume import Volume

_SECONDS: Final = {8: 1.0, 16: 1e-3, 24: 1e-6}
"""Code of the unit of time in ``xyzt_units`` -> s."""

_NO_TIME: Final = (32, 40, 48)
"""Codes of Hz, ppm and rad/s: such volumes are points of a spectrum."""


def read_nifti(path: Path, modality: str | None = None, volume: VolumeChoice = None) -> Volume:
    """Return a volume of a NIfTI-1 or NIfTI-2 file (``.nii``, ``.nii.gz``, ``.hdr`` with ``.img``).

    Parameters
    ----------
    modality
        DICOM Modality that the user chose; None takes it from the file's name or its JSON sidecar.
    volume
        Which of several volumes is read, see `io.choice.choose_volume`; None where the file holds one.

    Raises
    ------
    RefusedError
        If the file is damaged, holds no volume of real numbers or colours, several without a choice, or does not say
        how it lies in the patient. The sentence names the file, the value, and the remedy.
    """
    return read_one(_gate, path, modality, volume)


def read_nifti_volumes(path: Path, modality: str | None = None) -> tuple[Volume, ...]:
    """Return every volume of a NIfTI file, as frames in time; see `read_nifti`."""
    return read_all(_gate, path, modality)


def list_nifti(path: Path) -> tuple[Listed, ...]:
    """Return what a NIfTI file holds, without reading its voxels, or why it cannot be read."""
    return list_file(_gate, path)


@contextmanager
def _gate(path: Path, digest: Digest) -> Iterator[tuple[Gated, OnePass]]:
    """Yield what a NIfTI file declares, after every check that can be made without its voxels, and their stream."""
    header_file, data_file = halves(path)
    is_pair = header_file != data_file
    of_pair = hash_whole(header_file, digest)[:LONGEST_HEADER] if is_pair else b""
    with opened_once(data_file, LONGEST_HEADER, digest) as file:
        packed = file.first.startswith(GZIP)
        stream = unpacked(file, "gzip" if packed else "", LONGEST_HEADER)
        header = parse(path, of_pair if is_pair else stream.first, packed)
        shape, count = check_shape(path, header)
        check_size(path, header, data_file.stat().st_size, packed)
        affine, about_place = place(path, header, shape)
        sidecar = read_sidecar(path)
        description = bytes(header["descrip"].tobytes()).decode("ascii", "replace")
        modality, unit = said(description)
        gated = Gated(
            path=path,
            files=tuple(dict.fromkeys((header_file, data_file))),
            stored=_stored(path, header, shape, count),
            affine=affine,
            sidecar=sidecar,
            frames=_frames(path, header, count, sidecar),
            findings=(*check_content(path, header), *about_place, *check_spacing(path, affine)),
            is_packed=packed,
            space=space_of(path, header),
            modality=modality,
            unit=unit,
            description=description,
        )
        yield gated, stream


def _stored(path: Path, header: Header, shape: tuple[int, int, int], count: int) -> Stored:
    """Return how the voxels lie in a file; slope 0 and what is not finite mean that they are not scaled."""
    try:
        slope, intercept = header.get_slope_inter()
    except HeaderDataError as error:
        raise refuse("header", f"Export it again, for its header is damaged ({error}): {path}", str(error)) from error
    colours = int(header["datatype"]) == RGB24
    return Stored(
        shape=shape,
        dtype=np.dtype(np.uint8) if colours else header.get_data_dtype(),
        offset=int(header["vox_offset"]),
        frames=count,
        channels=COLOURS if colours else 1,
        slope=1.0 if slope is None or colours else float(slope),
        intercept=0.0 if intercept is None or colours else float(intercept),
    )


def _frames(path: Path, header: Header, count: int, sidecar: Sidecar) -> Frames:
    """Return the volumes of a file, as frames in time where the header or the sidecar knows their times."""
    code = int(header["xyzt_units"]) & 0o70
    step = float(header["pixdim"][4]) * _SECONDS.get(code, 0.0)
    alike = int(header["datatype"]) != RGB24 and code not in _NO_TIME
    return frames_of(path, count, sidecar, step if np.isfinite(step) and step > 0 else None, alike)
