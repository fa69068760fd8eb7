"""NIfTI out: the header by nibabel, then the voxels plane by plane, so that no second volume lies in memory."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import nibabel
import numpy as np
from nibabel.openers import ImageOpener
from nibabel.orientations import apply_orientation, axcodes2ornt, ornt_transform
from numpy.typing import NDArray

from napari_refusion.io.nifti.grid import SPACES, TEMPLATES
from napari_refusion.volume.affine import IPL, Affine, farthest, from_ipl, stored_grid
from napari_refusion.volume.volume import Volume

ALIGNED: Final = 2
"""NIfTI xform code ``NIFTI_XFORM_ALIGNED_ANAT``: patient space, but not as it left the scanner."""

_QFORM_TOLERANCE: Final = 0.01
"""Millimetres at the volume's corners; a quaternion in single precision stays far below, a shear does not."""

_RGB24: Final = np.dtype([("R", "u1"), ("G", "u1"), ("B", "u1")])


def save_nifti(volume: Volume, path: Path, description: str) -> None:
    """Write a volume as NIfTI-1 float32 (colours as RGB24) in the axis order it was stored in.

    Parameters
    ----------
    path
        Ends in ``.nii`` or ``.nii.gz``.
    description
        Header field ``descrip``, at most 79 ASCII characters.
    """
    kind = _RGB24 if volume.is_rgb else np.dtype(np.float32)
    shape, affine = stored_grid(volume.shape, volume.affine, volume.stored_axes)
    blank = np.broadcast_to(np.zeros((), kind), shape)  # of an image's header only the kind and the size of its voxels
    header = placed_image(blank, affine, description, _code(volume)).header
    header.set_slope_inter(1.0, 0.0)
    with ImageOpener(str(path), "wb") as file:
        header.write_to(file)
        for plane in _planes(volume):
            file.write((_colours(plane) if volume.is_rgb else plane.astype(np.float32)).tobytes())


def save_labels(labels: NDArray[np.int32], volume: Volume, path: Path, description: str) -> None:
    """Write numbers of labels, (I, P, L) on the grid of a volume, as NIfTI-1 in its axis order."""
    data, affine = from_ipl(labels, volume.affine, volume.stored_axes)
    image = placed_image(data, affine, description, _code(volume))
    image.header.set_intent("label")
    image.to_filename(path)


def placed_image(data: np.ndarray, affine: Affine, description: str, code: int) -> nibabel.Nifti1Image:
    """Return the nibabel image of an array with its place, (4, 4) indices -> RAS+ mm, as qform and sform.

    They are equal. A sheared grid fits no qform: then only the sform is set, and the qform code is 0.

    Parameters
    ----------
    code
        NIfTI xform code of both forms, 1 to 5.
    """
    image = nibabel.Nifti1Image(data, affine)
    header = image.header
    header.set_sform(affine, code=code)
    header.set_qform(affine, code=code, strip_shears=True)
    if farthest(data.shape, header.get_qform(), affine) > _QFORM_TOLERANCE:
        header["qform_code"] = 0
    header.set_xyzt_units(xyz="mm")
    header["descrip"] = description.encode("ascii", "replace")[:79]
    image.update_header()
    return image


def _code(volume: Volume) -> int:
    """Return the xform code of where a volume lies: that of its template, or `ALIGNED`."""
    space = volume.acquisition.space
    return next((code for code, name in SPACES.items() if name == space and name in TEMPLATES), ALIGNED)


def _planes(volume: Volume) -> Iterator[np.ndarray]:
    """Yield the planes of a volume as NIfTI stores them one after the other, (j, i) or (j, i, 3)."""
    change = ornt_transform(axcodes2ornt(IPL), axcodes2ornt(volume.stored_axes))
    across = int(np.flatnonzero(change[:, 0] == 2)[0])  # the axis that the file has last
    count = volume.shape[across]
    for index in range(count) if change[across, 1] > 0 else reversed(range(count)):
        cut: list[slice] = [slice(None)] * 3
        cut[across] = slice(index, index + 1)
        yield apply_orientation(np.asarray(volume.data[tuple(cut)]), change)[:, :, 0].swapaxes(0, 1)


def _colours(plane: np.ndarray) -> NDArray[np.uint8]:
    """Return colours in [0, 1] in 8 bits."""
    return np.round(np.clip(np.nan_to_num(plane), 0.0, 1.0) * 255).astype(np.uint8)
