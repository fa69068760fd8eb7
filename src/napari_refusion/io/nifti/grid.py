"""Where a NIfTI file says that it lies in the patient: qform, sform, and the unit of length.

Two forms may be stored, each with a code that says of which space it speaks. Programs that take one of them without a
word have swapped left and right; here the one that is meant is taken and the other one is named, and where nothing
tells which one is meant the file is refused.

Sources: the NIfTI-1 standard (nifti.nimh.nih.gov), methods 2 (qform) and 3 (sform); nibabel and dcm2niix, which take
the sform wherever its code is not 0.
"""

from dataclasses import dataclass
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

SPACES: Final = {1: "scanner", 2: "aligned", 3: "Talairach", 4: "MNI 152", 5: "other template"}
"""Code of a form -> the space that it places the voxels in."""

_SCANNER: Final = 1

TEMPLATES: Final = ("MNI 152", "Talairach", "other template")
"""Spaces in which no patient lies as in the scanner."""


@dataclass(frozen=True, slots=True, eq=False)
class _Form:
    """The qform or the sform of a file."""

    name: str
    code: int
    """0 where the file has none."""
    affine: Affine | None
    """None where it is damaged: not finite, no rotation, or all voxels in one plane."""
    is_unset: bool = False
    """Whether nothing was ever written into it but its code."""

    def __str__(self) -> str:
        return f"{self.name} {self.code} ({SPACES.get(self.code, 'unknown')})"


def place(path: Path, header: Header, shape: tuple[int, int, int]) -> tuple[Affine, list[Finding]]:
    """Return the affine, stored indices -> RAS+ mm, that the file means, and doubts about it.

    Parameters
    ----------
    header
        nibabel's header, as stored.
    shape
        Voxels along the stored axes.

    Raises
    ------
    RefusedError
        If there is neither form, if the one that is meant is damaged, or if they contradict each other and nothing
        tells which one is meant.
    """
    pixdim = np.array(header["pixdim"][:4], dtype=np.float64)
    qform, about_qform = _qform(path, header, pixdim)
    sform = _sform(header)
    if qform.code and not sform.code:
        _check_sizes(path, pixdim)
    form, about_forms = _meant(path, qform, sform, shape)
    if form is qform:
        about_forms += about_qform
    size, about_unit = _unit_size(path, header)
    assert form.affine is not None
    doubts = [*about_unit, *about_forms, *_about_sizes(path, pixdim, form)]
    return np.diag([size, size, size, 1.0]) @ form.affine, doubts


def space_of(path: Path, header: Header) -> str:
    """Return the space that a file speaks of by its name (BIDS ``space-``) or by its form, see `Acquisition.space`."""
    if "_space-mni" in path.name.lower():
        return TEMPLATES[0]
    code = max(int(header["sform_code"]), 0) or max(int(header["qform_code"]), 0)
    space = SPACES.get(code, "")
    return space if code == _SCANNER or space in TEMPLATES else ""


def _meant(path: Path, qform: _Form, sform: _Form, shape: tuple[int, int, int]) -> tuple[_Form, list[Finding]]:
    """Return the form that places the voxels: the sform where there is one."""
    if not (qform.code or sform.code):
        sentence = (
            "Export it again from the original images, for it does not state how it lies in the patient (qform and "
            f"sform codes are 0), orientation unknown: {path}"
        )
        raise refuse("orientation", sentence, "codes 0 and 0")
    for form, other in ((sform, qform), (qform, sform)):
        if form.code and form.affine is None:
            # A damaged form may be left out where the other one speaks of the same place or of the one that was meant.
            instead = form is qform or form.is_unset or form.code in (_SCANNER, qform.code)
            if not other.code or other.affine is None or not instead:
                sentence = f"Export it again, for its {form.name} is damaged or puts all voxels into one plane: {path}"
                raise refuse("grid", sentence, form.name)
            sentence = (
                f"Check its position, for its {form} is damaged or puts all voxels into one plane, and its "
                f"{other} was used: {path}"
            )
            return other, [Finding("warn", "qform and sform", sentence, form.name)]
    if not (qform.code and sform.code):
        return (sform if sform.code else qform), []
    return sform, _agreement(path, qform, sform, shape)


def _agreement(path: Path, qform: _Form, sform: _Form, shape: tuple[int, int, int]) -> list[Finding]:
    """Return a warning where the sform alone places the voxels; refuse two forms that contradict each other."""
    assert qform.affine is not None
    assert sform.affine is not None
    apart = farthest(shape, qform.affine, sform.affine)
    if apart <= _FORMS_TOLERANCE:
        return []
    mirrored = np.linalg.det(qform.affine[:3, :3]) * np.linalg.det(sform.affine[:3, :3]) < 0
    if not mirrored and sform.code in SPACES and sform.code not in (_SCANNER, qform.code):
        sentence = (
            f"Compare outlines before you rely on it: its {sform} was used, as other programs do, up to "
            f"{apart:.1f} mm from its {qform}: {path}"
        )
        return [Finding("warn", "qform and sform", sentence, f"{apart:.1f} mm")]
    what = "mirror images of each other" if mirrored else f"up to {apart:.1f} mm apart"
    tilt = ", because only the sform holds the tilt of the gantry" if skew(sform.affine) > SKEW_TOLERANCE else ""
    sentence = (
        "Find out which of two different positions of the patient is right and copy it over the other (fslorient "
        f"-copysform2qform or -copyqform2sform; a tilt: set qform_code 0): {qform} and {sform} are {what}{tilt}: {path}"
    )
    raise refuse("qform and sform", sentence, "mirrored" if mirrored else f"{apart:.1f} mm")


def _sform(header: Header) -> _Form:
    """Return the sform."""
    affine = np.array(header.get_sform(), dtype=np.float64)
    is_unset = not affine[:3].any()
    return _Form("sform", max(int(header["sform_code"]), 0), affine if spans_space(affine) else None, is_unset)


def _qform(path: Path, header: Header, pixdim: np.ndarray) -> tuple[_Form, list[Finding]]:
    """Return the qform, and what was read into it where it alone places the voxels.

    The sign of ``pixdim[0]`` counts, as in the library of the standard; 0 means 1. Sizes below 0 are taken for those
    above, as nibabel does, but only to compare: see `_check_sizes`.
    """
    code = max(int(header["qform_code"]), 0)
    usual = header.copy()
    usual["pixdim"][0] = -1 if pixdim[0] < 0 else 1
    usual["pixdim"][1:4] = np.abs(pixdim[1:])
    doubts = []
    if pixdim[0] not in (-1, 0, 1):
        value = f"pixdim[0] {pixdim[0]:g}"
        sentence = f"Check left and right, for its header gives {value} instead of 1 or -1; its sign was used: {path}"
        doubts.append(Finding("warn", "orientation", sentence, value))
    try:
        affine = np.array(usual.get_qform(), dtype=np.float64)
    except (HeaderDataError, ValueError):
        affine = np.zeros((4, 4))
    is_sound = spans_space(affine) and np.isfinite(pixdim).all()
    return _Form("qform", code, affine if is_sound else None), doubts


def _check_sizes(path: Path, pixdim: np.ndarray) -> None:
    """Refuse voxel sizes that are not positive numbers, where the place of the voxels is made of them."""
    if not _are_sizes(pixdim):
        value = _written(pixdim)
        sentence = f"Export it again, for it declares voxels of {value}, and sizes must be positive: {path}"
        raise refuse("voxel size", sentence, value)


def _about_sizes(path: Path, pixdim: np.ndarray, form: _Form) -> list[Finding]:
    """Return a warning about voxel sizes that are not those of the form; refuse a qform, which is made of them."""
    assert form.affine is not None
    if form.name == "qform":
        _check_sizes(path, pixdim)
    is_sound, value = _are_sizes(pixdim), _written(pixdim)
    if is_sound and np.allclose(spacing(form.affine), pixdim[1:], rtol=_ZOOM_TOLERANCE, atol=0):
        return []
    states = f"states two different voxel sizes ({value} in pixdim)" if is_sound else f"declares voxels of {value}"
    sentence = f"Check the size of the patient, for it {states}; its sform was used: {path}"
    return [Finding("warn", "voxel size", sentence, value)]


def _are_sizes(pixdim: np.ndarray) -> bool:
    """Return whether voxel sizes are positive numbers."""
    return bool(np.isfinite(pixdim[1:]).all() and pixdim[1:].min() > 0)


def _written(pixdim: np.ndarray) -> str:
    """Return voxel sizes as a sentence gives them."""
    return " x ".join(f"{size:.4g}" for size in pixdim[1:])


def _unit_size(path: Path, header: Header) -> tuple[float, list[Finding]]:
    """Return how many mm the header's unit of length has."""
    code = int(header["xyzt_units"]) & 7
    if code == 2:
        return 1.0, []
    if code in (1, 3):
        unit = "metres" if code == 1 else "micrometres"
        sentence = f"Check the size of the patient: it was converted from {unit} to millimetres: {path}"
        return _UNIT_SIZES[code], [Finding("warn", "unit of length", sentence, unit)]
    sentence = f"Millimetres were assumed, as NIfTI programs do, for it names no unit of length: {path}"
    return 1.0, [Finding("ok", "unit of length", sentence, "unknown")]
