"""PNG, TIFF and JPEG in: single slices and photographs, without a place in the patient."""

import hashlib
from pathlib import Path

import numpy as np

from napari_refusion.io.identify import identify, stem
from napari_refusion.io.own_result import own_result
from napari_refusion.io.picture.decode import decode
from napari_refusion.io.picture.decoded import Picture
from napari_refusion.io.picture.depth import DEEP, is_shallow
from napari_refusion.io.plausible import check_values, unreadable
from napari_refusion.io.sidecar import patient_of, read_sidecar
from napari_refusion.volume.affine import IPL_TO_RAS
from napari_refusion.volume.finding import Finding, refuse
from napari_refusion.volume.origin import Origin
from napari_refusion.volume.volume import Volume


def read_image(path: Path, modality: str | None = None) -> Volume:
    """Return the slice in a PNG, TIFF or JPEG file as a volume of one slice, (1, rows, columns[, 3]).

    Brightness of up to 16 bits is divided by the value of full brightness (255, 65535) and keeps its precision;
    signed and floating-point grey keeps its values. Transparency is dropped, three equal colours become grey.

    Parameters
    ----------
    modality
        DICOM Modality that the user chose; None takes it from the file's name or its JSON sidecar.

    Raises
    ------
    RefusedError
        If the file is damaged, holds several images, or colours of a kind that is not read.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error
    picture = decode(path, content)
    plane, notes = _grey_or_rgb(path, picture)
    data = np.ascontiguousarray(_upright(plane, picture.orientation)[np.newaxis])
    findings = [
        _scale(path, picture),
        *(Finding("warn", "image", f"The picture {note}: {path}") for note in picture.notes + notes),
    ]
    if picture.orientation != 1:
        turned = f"turned upright (EXIF orientation {picture.orientation})"
        findings.append(
            Finding("warn", "orientation", f"Check that it is the right way round, for it was {turned}: {path}")
        )
    sidecar = read_sidecar(path)
    identity = identify(path, data, chosen=modality, sidecar=sidecar)
    own = own_result(path, data, picture.description, sidecar)
    data = identity.in_unit(data) if not picture.full else data
    return Volume(
        data=data,
        # rows run to posterior, columns to the patient's left, 1 mm apart: as an axial slice is shown on a screen
        affine=IPL_TO_RAS.copy(),
        modality=identity.modality,
        unit="" if picture.full else identity.unit,  # brightness is measured in nothing
        name=stem(path),
        origin=Origin((path, *identity.files), sha256=hashlib.sha256(content).hexdigest(), patient=patient_of(sidecar)),
        acquisition=identity.acquisition,
        is_photograph=True,
        is_depth_unknown=_is_depth_unknown(picture, data),
        findings=(*findings, *check_values(path, data), *identity.findings, *own),
    )


def _is_depth_unknown(picture: Picture, data: np.ndarray) -> bool:
    """Return whether a picture of 16 bits uses so few of them that it may be one of 10 to 14, and does not say it."""
    return picture.full == DEEP and not picture.is_stated and is_shallow(data)


def _grey_or_rgb(path: Path, picture: Picture) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return (rows, columns) or (rows, columns, 3) float32, and what was dropped on the way."""
    pixels = picture.pixels
    notes: tuple[str, ...] = ()
    if pixels.ndim not in (2, 3) or (pixels.ndim == 3 and pixels.shape[2] not in (3, 4)):
        value = " x ".join(str(size) for size in pixels.shape)
        raise refuse("content", f"Export it as grey or RGB, for it is neither ({value}): {path}", value)
    if pixels.ndim == 3 and pixels.shape[2] == 4:
        pixels, notes = pixels[..., :3], ("is transparent in places; the transparency was dropped",)
        if np.all(picture.pixels[..., 3] == picture.full):
            notes = ()
    if (
        pixels.ndim == 3
        and np.array_equal(pixels[..., 0], pixels[..., 1])
        and np.array_equal(pixels[..., 0], pixels[..., 2])
    ):
        pixels = pixels[..., 0]
    plane = pixels.astype(np.float32) / np.float32(picture.full or 1)
    if plane.ndim == 3 and not (plane.min() >= 0 and plane.max() <= 1):
        value = f"{plane.min():g} to {plane.max():g}"
        sentence = f"Export {path.name} as 8-bit RGB: its colours are from {value} instead of 0 to 1. {path}"
        raise refuse("values", sentence, value)
    return plane, notes


def _scale(path: Path, picture: Picture) -> Finding:
    """Return which values became which."""
    if picture.full:
        sentence = f"Brightness of {path.stem} was divided by {picture.full}, so that it lies between 0 and 1."
        return Finding("ok", "values", sentence, f"0 to {picture.full}")
    return Finding("ok", "values", f"Values of {path.stem} are those in the file.", str(picture.pixels.dtype))


def _upright(plane: np.ndarray, orientation: int) -> np.ndarray:
    """Return the image as its EXIF orientation wants it to be seen.

    Orientations 5 to 8 are 1 to 4 with rows and columns exchanged (EXIF 2.3, tag 0x0112); anything else is 1.
    """
    if 5 <= orientation <= 8:
        plane = np.swapaxes(plane, 0, 1)
    if orientation in (2, 3, 6, 7):
        plane = plane[:, ::-1]
    if orientation in (3, 4, 7, 8):
        plane = plane[::-1]
    return plane
