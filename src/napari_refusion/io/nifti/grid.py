"""Where a NIfTI file says that it lies in the patient: qform, sform, and the unit of length.

Two forms may be stored. Programs that take one of them without a word have swapped left and right; here they must
agree, or the file is refused.

Source: the NIfTI-1 standard (nifti.nimh.nih.gov), methods 2 (qform) and 3 (sform).
"""

from pathlib import Path
from typing import Final

import numpy as np
from nibabel.spatialimages import HeaderDataError

from napari_refusion.io.nifti.gate import Header
from napari_refusion.volume.affine import SKEW_TOLERANCE, Affine, farthest, skew, spacing, spans_space
from napari_refusion.volume.finding import Finding, refuse

_FORMS_TOLERANCE: Final = 0.1
"""Millimetres between the places that qform and sform give a corner; rounding stays below 0.01 mm."""

_ZOOM_TOLERANCE: Final = 0.01
"""Relative difference between the voxel sizes in ``pixdim`` and in the sform."""

_UNIT_SIZES: Final = {1: 1000.0, 3: 0.001}
"""Spatial code of ``xyzt_units`` (metre, micrometre) -> millimetres."""


def place(path: Path, header: Header, shape: tuple[int, int, int]) -> tuple[Affine, list[Finding]]:
    """Return the affine, stored indices -> RAS+ mm, that qform and sform agree on, and doubts about it.

    Parameters
    ----------
    header
        nibabel's header, as stored.
    shape
        Voxels along the stored axes.

    Raises
    ------
    RefusedError
        If there is neither form, if they disagree by more than 0.1 mm, or if one is singular.
    """
    pixdim = np.array(header["pixdim"][:4], dtype=np.float64)
    if not (np.all(np.isfinite(pixdim)) and pixdim[1:].min() > 0):
        value = " x ".join(f"{size:g}" for size in pixdim[1:])
        raise refuse(
            "voxel size", f"{path} declares voxels of {value}: sizes must be positive. Export it again.", value
        )
    forms = {}
    if int(header["qform_code"]) > 0:
        forms["qform"] = _qform(path, header)
    if int(header["sform_code"]) > 0:
        forms["sform"] = np.array(header.get_sform(), dtype=np.float64)
    if not forms:
        sentence = (
            f"{path} does not state how it lies in the patient (qform and sform codes are 0): orientation unknown."
        )
        raise refuse("orientation", f"{sentence} Export it again from the original images.", "codes 0 and 0")
    for name, form in forms.items():
        _check_volume(path, name, form)
    if len(forms) == 2:
        _check_agreement(path, forms["qform"], forms["sform"], shape)
    size, findings = _unit_size(path, header)
    affine = forms["sform"] if "sform" in forms else forms["qform"]
    if not np.allclose(spacing(affine), pixdim[1:], rtol=_ZOOM_TOLERANCE, atol=0):
        value = " x ".join(f"{zoom:.4g}" for zoom in pixdim[1:])
        sentence = f"{path} states two different voxel sizes ({value} in pixdim); its sform was used."
        findings.append(Finding("warn", "voxel size", f"{sentence} Check the size of the patient.", value))
    return np.diag([size, size, size, 1.0]) @ affine, findings


def _check_volume(path: Path, name: str, form: Affine) -> None:
    """Refuse a form whose three directions do not span space."""
    if not spans_space(form):
        raise refuse("grid", f"The {name} of {path} puts all voxels into one plane: export it again.", name)


def _qform(path: Path, header: Header) -> Affine:
    """Return the qform; a ``pixdim[0]`` of 0 means 1, as the standard says."""
    usual = header.copy()
    if float(usual["pixdim"][0]) == 0:
        usual["pixdim"][0] = 1
    try:
        return np.array(usual.get_qform(), dtype=np.float64)
    except (HeaderDataError, ValueError) as error:
        raise refuse("grid", f"The qform of {path} is damaged: export it again from the original images.") from error


def _check_agreement(path: Path, qform: Affine, sform: Affine, shape: tuple[int, int, int]) -> None:
    """Refuse two forms that put the patient in two places."""
    apart = farthest(shape, qform, sform)
    if apart <= _FORMS_TOLERANCE:
        return
    mirrored = np.linalg.det(qform[:3, :3]) * np.linalg.det(sform[:3, :3]) < 0
    what = "mirror images of each other" if mirrored else f"up to {apart:.1f} mm apart"
    tilt = ", because only the sform holds the tilt of the gantry" if skew(sform) > SKEW_TOLERANCE else ""
    sentence = (
        f"{path} states two different positions of the patient: qform and sform are {what}{tilt}. Find out which one "
        "is right and copy it over the other (fslorient -copysform2qform or -copyqform2sform; a tilt: set qform_code "
        "0)."
    )
    raise refuse("qform and sform", sentence, "mirrored" if mirrored else f"{apart:.1f} mm")


def _unit_size(path: Path, header: Header) -> tuple[float, list[Finding]]:
    """Return how many mm the header's unit of length has."""
    code = int(header["xyzt_units"]) & 7
    if code == 2:
        return 1.0, []
    if code in (1, 3):
        unit = "metres" if code == 1 else "micrometres"
        sentence = f"{path} is measured in {unit}; it was converted to millimetres. Check the size of the patient."
        return _UNIT_SIZES[code], [Finding("warn", "unit of length", sentence, unit)]
    sentence = f"{path} names no unit of length; millimetres were assumed, as NIfTI programs do."
    return 1.0, [Finding("ok", "unit of length", sentence, "unknown")]
