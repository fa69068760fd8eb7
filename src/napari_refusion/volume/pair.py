"""A pair: two volumes on one grid, in the order the networks were trained with."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from napari_refusion.numerics.intensity import Window
from napari_refusion.volume.affine import SKEW_TOLERANCE, obliquity, skew
from napari_refusion.volume.align import align, finite_only
from napari_refusion.volume.finding import Finding, blocking
from napari_refusion.volume.modality import modality_name
from napari_refusion.volume.registration import registration_findings
from napari_refusion.volume.rigid import RigidMove, moved
from napari_refusion.volume.volume import Volume

ORDER: Final = {"PT": 0, "NM": 0, "CT": 1, "MR": 2}
"""Modality -> its place in a pair; the medical weights were trained with (CT, MR), (PT, MR) and (NM, MR)."""

ANATOMICAL: Final = ("MR", "CT")
"""Modalities whose grid is preferred: function is smooth and loses nothing on it."""

ENOUGH_OVERLAP: Final = 0.5
"""Share of the reference grid; below it most of a fused volume would show one source only."""

TILT: Final = 0.1
"""Degrees; less is rounding in the file."""

SAME_SIZE: Final = 1.001
"""Voxels whose volumes differ by less than this factor count as equally fine."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two volumes on one grid. All voxels are finite; those outside `covered` hold `align.fill_value`."""

    a: Volume
    """The functional volume, or the CT beside an MRI."""
    b: Volume
    """The anatomical volume."""
    covered: NDArray[np.bool_]
    """(I, P, L), True where both have data."""
    reference: Literal["a", "b"]
    """Whose grid it is; the other one was resampled."""
    findings: tuple[Finding, ...]
    """Everything that was noticed, the readers' findings included."""
    swapped: bool = False
    """Whether `a` is the volume that was given second."""
    moves: tuple[RigidMove | None, RigidMove | None] = (None, None)
    """How a and b were moved by registration before; None where the file's place holds."""

    @property
    def fixed(self) -> Volume:
        """The volume whose grid it is."""
        return self.a if self.reference == "a" else self.b

    def as_paired(self, given: tuple[Window, Window]) -> tuple[Window, Window]:
        """Return windows that are in the order in which the volumes were given in the order of the pair."""
        return (given[1], given[0]) if self.swapped else given


def pair_volumes(
    first: Volume,
    second: Volume,
    task: str = "medical",
    reference: Literal["first", "second"] | None = None,
    moves: tuple[RigidMove | None, RigidMove | None] = (None, None),
) -> Pair:
    """Return two volumes on one grid in the order of the weights, with everything that was noticed on the way.

    The order follows from the modalities: functional (PET, SPECT) before CT before MRI. Opening the volumes the other
    way round gives the same pair, except where the modalities do not tell: then the given order is kept and a finding
    says so. Blocking findings are returned, not raised: look at `finding.blocking(pair.findings)` before fusing.

    Parameters
    ----------
    task
        ``medical``, or another task whose sources are given in the order of its weights.
    reference
        Whose grid to use. By default the anatomical volume's, of two anatomical (or two other) ones the finer, of two
        equally fine ones the last in the pair.
    moves
        Registrations that were accepted, of the first and the second volume.

    Raises
    ------
    RefusedError
        If photographs differ in size, or an affine places no volume in space.
    """
    first, second = (moved(v, move) if move else v for v, move in zip((first, second), moves, strict=True))
    a, b, order = _ordered(first, second) if task == "medical" else (first, second, ())
    swapped = a is not first
    chosen = _finer(a, b) if reference is None else "a" if (reference == "first") == (a is first) else "b"
    fixed, moving = (a, b) if chosen == "a" else (b, a)
    aligned = align(fixed, moving)
    kept, has_data = finite_only(fixed)
    covered = aligned.covered & has_data
    findings = (*_noticed_before(a, b), *order, *_content(a), *_content(b), *_space(fixed, moving))
    findings = (*findings, *aligned.findings, *_overlap(fixed, moving, aligned.covered))
    a, b = (kept, aligned.volume) if chosen == "a" else (aligned.volume, kept)
    if task == "medical":
        findings = (*findings, *_pictured_values(a), *_pictured_values(b))
        if not blocking(findings):
            findings = (*findings, *registration_findings(a, b, covered))
    return Pair(a, b, covered, chosen, findings, swapped, (moves[1], moves[0]) if swapped else moves)


def _noticed_before(a: Volume, b: Volume) -> tuple[Finding, ...]:
    """Return what the readers noticed, and whether both are the same file."""
    if a.origin.sha256 and a.origin.sha256 == b.origin.sha256:
        sentence = f"{a.title} and {b.title} are the same file: choose the other examination for one of them."
        return (*a.findings, Finding("warn", "same file", sentence))
    return (*a.findings, *b.findings)


def _ordered(first: Volume, second: Volume) -> tuple[Volume, Volume, tuple[Finding, ...]]:
    """Return the volumes in the order of the medical weights, and a finding where that order is in doubt."""
    unknown = [volume for volume in (first, second) if volume.modality not in ORDER]
    if unknown:
        unnamed = " and ".join(one.title for one in unknown)
        sentence = (
            f"The modality of {unnamed} is not known, so the order in which the volumes "
            f"were given is kept: name the modality (MR, CT, PT for PET or NM for SPECT)."
        )
        return first, second, (Finding("warn", "modality", sentence),)
    places = ORDER[first.modality], ORDER[second.modality]
    names = [modality_name(volume.modality) for volume in (first, second)]
    if places[0] == places[1]:
        sentence = (
            f"{first.title} and {second.title} ({' and '.join(names)}) are fused in the order given, which the "
            f"weights were not trained for: they expect CT, PET or SPECT with MRI."
        )
        return first, second, (Finding("warn", "modality", sentence, " + ".join(names)),)
    a, b = (first, second) if places[0] < places[1] else (second, first)
    if b.modality == "MR":
        return a, b, ()
    sentence = (
        f"The weights were not trained for {modality_name(a.modality)} with {modality_name(b.modality)}: "
        f"judge {a.title} and {b.title} side by side, not by the fused image alone."
    )
    return (
        a,
        b,
        (Finding("warn", "modality", sentence, f"{modality_name(a.modality)} + {modality_name(b.modality)}"),),
    )


def _finer(a: Volume, b: Volume) -> Literal["a", "b"]:
    """Return whose grid to use: one with a place in the patient, then the anatomical, then the finer one."""
    if a.is_photograph != b.is_photograph:
        return "b" if a.is_photograph else "a"
    if (a.modality in ANATOMICAL) != (b.modality in ANATOMICAL):
        return "a" if a.modality in ANATOMICAL else "b"
    size_a, size_b = (abs(float(np.linalg.det(volume.affine[:3, :3]))) for volume in (a, b))
    return "a" if size_a * SAME_SIZE < size_b else "b"


def _content(volume: Volume) -> tuple[Finding, ...]:
    """Return the findings about the voxels of one volume: constant, not a number, infinite."""
    finite = volume.data[np.isfinite(volume.data)]
    found = []
    if finite.size == 0 or finite.min() == finite.max():
        value = f"{finite[0]:g}" if finite.size else "no number"
        sentence = f"{volume.title} is empty (all voxels {value}): export the series again."
        found.append(Finding("block", "content", sentence, value))
    missing = volume.data.size - finite.size
    if missing:
        sentence = (
            f"{volume.title} has {missing} values that are no number (NaN or infinite): they are left out "
            f"of the fusion, check them at the edge of the uncovered region."
        )
        found.append(Finding("warn", "content", sentence, f"{missing} values"))
    return tuple(found)


def _pictured_values(volume: Volume) -> tuple[Finding, ...]:
    """Return a warning if colours in a picture stand for values, as in pseudo-coloured PET."""
    if not (volume.is_rgb and volume.is_photograph):
        return ()
    sentence = (
        f"{volume.title} holds colours: their luminance is fused, which need not rise with the values they stand "
        f"for. Take the grey original where there is one."
    )
    return (Finding("warn", "colours", sentence, "RGB"),)


def _space(fixed: Volume, moving: Volume) -> tuple[Finding, ...]:
    """Return the findings about the frames of reference and the directions of the axes."""
    found = []
    frames = {fixed.frame_of_reference, moving.frame_of_reference} - {""}
    if len(frames) == 2:
        sentence = (
            f"The scanner does not say that {fixed.title} and {moving.title} are in one space (two frames of "
            f"reference): register them first, or compare outlines before you rely on the fused image."
        )
        found.append(Finding("warn", "frame of reference", sentence))
    for volume in (fixed, moving):
        if not volume.is_photograph and (angle := obliquity(volume.affine)) > TILT:
            sentence = f"{volume.title} is oblique: its axes are turned {angle:.1f} degrees from the patient's."
            found.append(Finding("ok", "oblique", sentence, f"{angle:.1f} degrees"))
    if (shear := skew(fixed.affine)) > SKEW_TOLERANCE:
        sentence = (
            f"The axes of {fixed.title} are {shear:.1f} degrees off right angles (tilted gantry) and its slices are "
            f"drawn shifted: take {moving.title} as the reference grid."
        )
        found.append(Finding("warn", "sheared", sentence, f"{shear:.1f} degrees"))
    return tuple(found)


def _overlap(fixed: Volume, moving: Volume, covered: NDArray[np.bool_]) -> tuple[Finding, ...]:
    """Return the finding about how much of the reference grid has data of the other volume."""
    share = float(covered.mean())
    value = f"{share:.0%}"
    if not covered.any():
        sentence = (
            f"{moving.title} and {fixed.title} do not overlap anywhere: check that both are of the same patient "
            f"and examination, or register them first."
        )
        return (Finding("block", "overlap", sentence, value),)
    if share < ENOUGH_OVERLAP:
        sentence = (
            f"{moving.title} has data in only {value} of {fixed.title}: check that both show the same region, or "
            f"take {moving.title} as the reference grid."
        )
        return (Finding("warn", "overlap", sentence, value),)
    return (Finding("ok", "overlap", f"{moving.title} has data in {value} of {fixed.title}.", value),)
