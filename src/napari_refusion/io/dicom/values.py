"""The values of a DICOM series: each file read, hashed and decoded once, each slice written where it belongs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.io.boundary import decoding
from napari_refusion.io.dicom.contents import Source, contents, hash_of_one, opened, unreadable
from napari_refusion.io.dicom.decode import decoded, pixels_only, read_header, strange_bits
from napari_refusion.io.dicom.even_grid import EvenGrid, nearest_grid
from napari_refusion.io.dicom.grey import equal_colours, palette_greys
from napari_refusion.io.dicom.header import quiet
from napari_refusion.io.dicom.lookup_table import modality_values
from napari_refusion.io.dicom.padding import BrightPadding
from napari_refusion.io.dicom.resample import resample, straightened
from napari_refusion.io.dicom.series import Series
from napari_refusion.io.dicom.slice import SEND_AGAIN, Slice, named
from napari_refusion.io.dicom.stack import slice_distance
from napari_refusion.io.dicom.straight import shape_of
from napari_refusion.volume.affine import LPS_TO_RAS, Affine, empty_ipl
from napari_refusion.volume.finding import Finding, refuse

AIR: Final = -1024.0
"""HU of what a straightened CT holds where no slice reaches: what scanners put outside the field of view."""


@dataclass(frozen=True, slots=True, eq=False)
class Stack:
    """The voxels of a series."""

    data: NDArray[np.float32]
    """(I, P, L), rescaled."""
    affine: Affine
    """(4, 4), (i, p, l) -> RAS+ mm."""
    axes: tuple[str, str, str]
    """Axis codes of slices, rows and columns as they were stored."""
    sha256: str
    """Over the content of the files in the order of the slices."""
    findings: tuple[Finding, ...]
    """What only the pixels show."""


def load_stack(series: Series) -> Stack:
    """Return the voxels of a series that passed the gate.

    One array is allocated, already in (I, P, L) order; a stack that must be straightened takes two for a moment.

    Raises
    ------
    RefusedError
        A file cannot be opened or decoded, or holds colours.
    """
    slices = series.slices
    place = slices[0].place
    shape = len(slices), place.rows, place.columns
    form = shape_of(slices) if len(slices) > 1 else None
    with quiet():
        if form is None or not form.repaired:
            grid: EvenGrid = form.grid if form else nearest_grid(slices, slice_distance(slices))
            data, stacked, affine, axes = empty_ipl(shape, LPS_TO_RAS @ grid.affine)
            digest, findings = _fill(series, stacked)
            return Stack(data, affine, axes, digest, tuple(findings))
        values = np.empty(shape, np.float32)
        digest, findings = _fill(series, values)
    target = straightened(slices, form.grid)
    data, stacked, affine, axes = empty_ipl(target.shape, LPS_TO_RAS @ target.affine)
    padding = AIR if series.modality == "CT" and slices[0].pixels.rescaled else float(values.min())
    resample(values, target, padding, stacked)
    return Stack(data, affine, axes, digest, tuple(findings))


def _fill(series: Series, stacked: NDArray[np.float32]) -> tuple[str, list[Finding]]:
    """Write the values of every slice to its number, (slice, row, column); return the hash and what was noticed."""
    numbered: dict[Path, dict[int, int]] = {}
    for number, image in enumerate(series.slices):
        numbered.setdefault(image.path, {})[image.frame] = number
    strange: list[Slice] = []
    flattened: list[Slice] = []
    padding = BrightPadding()
    digest = sha256()
    many = series.slices[0].stored is not None and series.slices[0].stored.frames > 1
    for path, content in (opened if many else contents)(series.files, digest):
        images = [series.slices[number] for number in numbered[path].values()]
        with decoding(path, unreadable):
            for image, numbers in _numbers(content, images, strange):
                number = numbered[path][image.frame]
                _rescale(numbers, image, content, stacked[number])
                padding.note(number, image, numbers)
                if _is_flattened(numbers, image):
                    flattened.append(image)
    known = hash_of_one(*series.files) if many and len(series.files) == 1 else digest.hexdigest()
    return known, [*_noticed(strange), *_lost_values(flattened), *padding.remove(stacked)]


def _numbers(content: Source, images: Sequence[Slice], strange: list[Slice]) -> Iterator[tuple[Slice, np.ndarray]]:
    """Yield the images of a file with their stored numbers, (rows, columns); note those with bits beside the pixels."""
    stored = images[0].stored
    if stored is None:
        raise ValueError("how its pixels are stored is not known")
    for image, pixels in decoded(content, images, stored):
        if image.pixels.photometric == "PALETTE COLOR":
            yield image, palette_greys(pixels, read_header(content))
        elif pixels.ndim == 3:
            grey = equal_colours(pixels)
            if grey is None:
                sentence = (
                    f"{image.name} is in colour ({image.pixels.photometric}), and colours are not measurements; choose "
                    "the greyscale series they came from."
                )
                raise refuse("colour", sentence, image.pixels.photometric)
            yield image, grey
        else:
            numbers = pixels_only(pixels, stored)
            if strange_bits(pixels, numbers, stored):
                strange.append(image)
            yield image, numbers


def _rescale(numbers: np.ndarray, image: Slice, content: Source, out: NDArray[np.float32]) -> None:
    """Write values, slope x number + intercept or what the Modality LUT says, into a slice."""
    slope, intercept = image.rescale.slope, image.rescale.intercept
    if image.rescale.table:
        out[...] = modality_values(numbers, read_header(content))
    elif _exact(numbers, slope, intercept):
        # Several times faster than in double precision.
        np.multiply(numbers, np.float32(slope), out=out, dtype=np.float32, casting="unsafe")
        if intercept:
            out += np.float32(intercept)
    else:
        out[...] = numbers * slope + intercept


def _exact(numbers: np.ndarray, slope: float, intercept: float) -> bool:
    """Return whether single precision rescales without rounding: whole numbers below 2**24."""
    if numbers.dtype.kind not in "iu" or not (slope.is_integer() and intercept.is_integer()):
        return False
    return 2.0 ** (8 * numbers.dtype.itemsize) * abs(slope) + abs(intercept) < 2**24


def _is_flattened(numbers: np.ndarray, image: Slice) -> bool:
    """Return whether a slope of 0 makes nothing of what is stored; an empty slice loses nothing by it."""
    return image.rescale.slope == 0 and not image.rescale.table and bool(numbers.any())


def _lost_values(flattened: Sequence[Slice]) -> list[Finding]:
    """Return what is said of slices that were flattened."""
    if not flattened:
        return []
    sentence = (
        f"{named(flattened, 'is', 'are')} empty because of a Rescale Slope (0028,1053) of 0, although something is "
        f"stored there: what those slices show was lost. {SEND_AGAIN}"
    )
    return [Finding("warn", "values", sentence, f"{len(flattened)} images")]


def _noticed(strange: Sequence[Slice]) -> list[Finding]:
    """Return what is said of bits that were removed beside those of the pixels."""
    if not strange:
        return []
    stored = strange[0].stored
    bits = f"{stored.bits_stored} of {stored.bits_allocated}" if stored else ""
    if stored and stored.overlay:
        sentence = f"{named(strange)} stored with an overlay in the bits above the pixels ({bits}): it was removed."
        return [Finding("ok", "values", sentence, bits)]
    sentence = (
        f"{named(strange, 'has', 'have')} bits set outside those of the pixels ({bits}, Bits Stored (0028,0101)): they "
        "were removed as the standard says. If bright areas look cut or wrapped, send the series again."
    )
    return [Finding("warn", "values", sentence, bits)]
