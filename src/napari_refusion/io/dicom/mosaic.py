"""Siemens mosaics: all slices of a volume as tiles of one image, and where the header puts each of them.

The protocol in the header (ASCCONV, part of the CSA series header) lists the centre of every slice; tile 0 is the first
of these or the last, whichever lies where Image Position (Patient) puts it. Without it the CSA image header tells the
direction. Layout and position as in https://nipy.org/nibabel/dicom/dicom_mosaic.html.
"""

import re
import warnings
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from napari_refusion.io.dicom.header import Numbers, text, whole
from napari_refusion.io.dicom.private import private_numbers
from napari_refusion.io.dicom.stored import whole_at
from napari_refusion.volume.finding import Finding

IMAGES_IN_MOSAIC: Final = (0x0019, 0x100A)
"""Siemens' private Number Of Images In Mosaic."""
GROUP: Final = 0x0029
"""Siemens' private group with the two CSA headers."""
IMAGE, SERIES = 0x10, 0x20
"""Last two digits of their elements."""
SAME_CENTRE: Final = 1.0
"""mm; the protocol is written with more digits than a slice distance needs, tiles lie several millimetres apart."""
CENTRE: Final = re.compile(rb"sSliceArray\.asSlice\[(\d+)\]\.sPosition\.d(Sag|Cor|Tra)\s*=\s*(\S+)")
COUNT: Final = re.compile(rb"sSliceArray\.lSize\s*=\s*(\d+)")


@dataclass(frozen=True, slots=True, eq=False)
class Mosaic:
    """The tiles of a mosaic."""

    count: int
    """Tiles that are slices; the rest of the image is empty."""
    across: int
    """Tiles in each row of the image."""
    first: NDArray[np.float64]
    """Centre of the first pixel of tile 0, (3,) LPS mm."""
    steps: NDArray[np.float64]
    """From there to the same pixel of each tile, (count, 3) mm."""


def is_mosaic(header: Dataset) -> bool:
    """Return whether a header belongs to a mosaic."""
    return "MOSAIC" in text(header, "ImageType").split("\\")


def grid_finding(header: Dataset, name: str) -> list[Finding]:
    """Return a block for a grid of slices of United Imaging: their places stand in a private sequence.

    Parameters
    ----------
    name
        What to call the image.
    """
    counted = private_numbers(header, 0x0065, "Image Private Header", 0x50)
    if not counted or counted[0] < 2:
        return []
    sentence = (
        f"{name} is a grid of {counted[0]:g} slices in one image (United Imaging (0065,1050)) that is not taken apart "
        "here: export the series again as single slices or enhanced images."
    )
    return [Finding("block", "mosaic", sentence, f"{counted[0]:g} slices")]


def tiles_of(header: Dataset) -> int:
    """Return how many slices a mosaic holds, 0 where the header does not say."""
    found = whole_at(header, IMAGES_IN_MOSAIC)
    if not found:
        found = int(_csa(header, "NumberOfImagesInMosaic", 1)[0])
    if not found:
        counted = COUNT.search(_private(header, SERIES))
        found = int(counted[1]) if counted else 0
    return found


def mosaic_of(
    header: Dataset, position: Numbers, orientation: Numbers, pixel_spacing: Numbers, between: float, name: str
) -> tuple[Mosaic | None, list[Finding]]:
    """Return the tiles of a mosaic, None with a blocking finding where the header does not tell enough.

    Parameters
    ----------
    position, orientation, pixel_spacing
        As the header has them for the whole image.
    between
        Distance of the slices in mm, 0 where it is not stated.
    name
        What to call the image in a finding.
    """
    count, rows, columns = tiles_of(header), whole(header, "Rows"), whole(header, "Columns")
    across = int(np.ceil(np.sqrt(count)))
    if not count or rows % across or columns % across:
        sentence = (
            f"{name} is a Siemens mosaic, but its header does not tell into how many slices it is to be cut "
            "((0019,100A) or the CSA header; anonymising may have removed them): export the series again as "
            "single slices, or without removing private elements."
        )
        return None, [Finding("block", "mosaic", sentence)]
    high, wide = rows // across, columns // across
    along_row = np.multiply(orientation[:3], pixel_spacing[1])
    along_column = np.multiply(orientation[3:], pixel_spacing[0])
    # Siemens places the mosaic as if it were one slice of that many pixels around the same centre.
    first = position + along_row * (columns - wide) / 2 + along_column * (rows - high) / 2
    steps, findings = _steps(header, first + along_row * wide / 2 + along_column * high / 2, count, name)
    if steps is None and not findings:
        steps, findings = _by_normal(header, orientation, between, count, name)
    if steps is None:
        return None, findings
    return Mosaic(count, across, first, steps), findings


def _steps(
    header: Dataset, centre: NDArray[np.float64], count: int, name: str
) -> tuple[NDArray[np.float64] | None, list[Finding]]:
    """Return the steps by the protocol's list of slices, None where it has none or contradicts the position.

    Parameters
    ----------
    centre
        Of tile 0, (3,) LPS mm.
    """
    centres = np.full((count, 3), np.nan)
    for number, axis, value in CENTRE.findall(_private(header, SERIES)):
        if int(number) < count:
            centres[int(number), (b"Sag", b"Cor", b"Tra").index(axis)] = float(value)
    if np.isnan(centres).all():
        return None, []
    centres = np.nan_to_num(centres)  # the protocol leaves out zeros
    for ordered in (centres, centres[::-1]):
        if np.linalg.norm(ordered[0] - centre) <= SAME_CENTRE:
            return ordered - ordered[0], []
    apart = min(float(np.linalg.norm(end - centre)) for end in (centres[0], centres[-1]))
    sentence = (
        f"{name} is a Siemens mosaic whose Image Position (Patient) lies {apart:.1f} mm off the first and the last "
        "slice of its protocol, so the place of its slices is unknown: export the series again as single slices."
    )
    return None, [Finding("block", "mosaic", sentence, f"{apart:.1f} mm")]


def _by_normal(
    header: Dataset, orientation: Numbers, between: float, count: int, name: str
) -> tuple[NDArray[np.float64] | None, list[Finding]]:
    """Return the steps by the distance of the slices and the normal that the header states or, warned of, does not."""
    if not between:
        sentence = (
            f"{name} is a Siemens mosaic without Spacing Between Slices (0018,0088), so the place of its slices is "
            "unknown: export the series again as single slices."
        )
        return None, [Finding("block", "mosaic", sentence)]
    upright = np.cross(orientation[:3], orientation[3:])
    stated = np.asarray(_csa(header, "SliceNormalVector", 3))
    steps = np.arange(count)[:, None] * abs(between)
    if abs(upright @ stated) > 0.9:
        return steps * np.sign(upright @ stated) * upright, []
    sentence = (
        f"{name} is a Siemens mosaic whose header does not say in which direction its slices follow each other (the "
        "CSA header is missing): they are taken to follow the normal of the image, so compare with the scanner's "
        "console that the ends are not exchanged."
    )
    return steps * upright, [Finding("warn", "mosaic", sentence)]


def _private(header: Dataset, element: int) -> bytes:
    """Return one of the two CSA headers as bytes, empty where it is missing; anonymising may have lost its creator."""
    for block in range(0x10, 0x20):
        tag = (GROUP, block << 8 | element)
        value = header[tag].value if tag in header else None
        if isinstance(value, bytes):
            return value
    return b""


def _csa(header: Dataset, name: str, count: int) -> list[float]:
    """Return numbers of the CSA image header, zeros where they are missing."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # nibabel calls the module experimental on import
            from nibabel.nicom import csareader
        tags = csareader.read(_private(header, IMAGE))["tags"]
        numbers = [float(item) for item in tags[name]["items"]]
    # The parser raises several kinds of errors on what is no CSA header.
    except Exception:
        return [0.0] * count
    return numbers if len(numbers) == count else [0.0] * count
