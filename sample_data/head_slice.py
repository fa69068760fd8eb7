"""The phantom as a pair of pictures: the axial slice through the hot focus, PET in false colour."""

from pathlib import Path

import nibabel as nib
import numpy as np
from scipy.ndimage import map_coordinates

from sample_data.canvas import SIZE, write_png
from sample_data.phantom import HOT_FOCUS
from sample_data.scan import Grid, scan_mri
from sample_data.shapes import Array

GRID = Grid.around((0.0, 0.0, HOT_FOCUS.centre[2]), (SIZE, SIZE, 1), (0.85, 0.85, 3.0), np.diag([-1.0, -1.0, 1.0]))
"""Columns run to the patient's left, rows to posterior: radiological, the patient's right on the viewer's left."""

MRI_WHITE = 900.0
"""Signal shown white."""

PET_WHITE = 12.0
"""SUVbw shown white."""


def hot_metal(share: Array) -> Array:
    """Return black, red, yellow, white for 0 to 1, (..., 3): luminance never falls where uptake rises."""
    return np.clip(3 * share[..., None] - np.array([0.0, 1.0, 2.0]), 0, 1)


def write_head_slice(root: Path) -> None:
    """Write mri.png and pet.png; the PET is cut from the PET volume, which must have been written before."""
    mri = scan_mri(GRID, "T1", (1, 1, 2), seed=6)[:, :, 0].T / MRI_WHITE
    pet = nib.load(root / "mri_pet" / "sub-phantom_pet.nii.gz")
    back = np.linalg.inv(pet.affine)
    indices = GRID.points() @ back[:3, :3].T + back[:3, 3]
    uptake = map_coordinates(pet.get_fdata(), indices.T, order=1).reshape(SIZE, SIZE).T
    write_png(mri[..., None], root / "slices" / "medical" / "mri.png")
    write_png(hot_metal(uptake / PET_WHITE), root / "slices" / "medical" / "pet.png")
