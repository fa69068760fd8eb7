"""In which order two volumes are fused, and on whose grid: a rule for every pair, whatever was clicked first."""

import hashlib
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from napari_refusion.model.tasks import TASKS
from napari_refusion.study.study import Side, is_comparison, is_same_file
from napari_refusion.study.trained import about_contrasts, about_modalities
from napari_refusion.volume.contrast import CONTRASTS, known_contrast
from napari_refusion.volume.finding import Finding
from napari_refusion.volume.modality import MODALITIES, pair_place
from napari_refusion.volume.volume import Volume

SAME_SIZE: Final = 1.001
"""Voxels whose volumes differ by less than this factor count as equally fine."""

THINNER: Final = 1.5
"""From this factor between the largest spacings of two grids the thinner slices win, whatever the pixels are: what lies
between thick slices is nowhere else, while pixels are often finer than the scanner resolves."""


@dataclass(frozen=True, slots=True)
class Order:
    """Two sides in the order of the weights."""

    a: Side
    b: Side
    reason: str
    """Why they are in this order, for records: ``PET before MRI``, ``T1 before T2 (by their BIDS suffixes)``."""
    findings: tuple[Finding, ...] = ()
    """What is to be said about such a pair."""


def ordered(first: Side, second: Side) -> Order:
    """Return two medical sides in one order, which does not depend on which of them is given first.

    Function comes before CT before MRI; MRI by contrast (`contrast.CONTRASTS`), diffusion by b-value, echoes by echo
    time; CT without contrast agent before CT with it. What is equal in all of this follows its content, one file in two
    windows its windows. Two images of one functional modality are compared, not fused, and keep the order given.
    """
    if is_comparison(first.source, second.source):
        return Order(first, second, "the order given: a comparison")
    keys = _key(first.source), _key(second.source)
    if keys[0] == keys[1]:
        by = "by their windows" if is_same_file(first.source, second.source) else "by the content of the files"
        turned = _tie(first) > _tie(second)
    else:
        by = ""
        turned = keys[0] > keys[1]
    a, b = (second, first) if turned else (first, second)
    return Order(a, b, _reason(a.source, b.source, by), _about(a.source, b.source))


def finer(a: Volume, b: Volume) -> Literal["a", "b"]:
    """Return whose grid to use: one with a place in the patient, then the anatomical, then the finer one."""
    if a.is_photograph != b.is_photograph:
        return "b" if a.is_photograph else "a"
    if a.is_anatomical != b.is_anatomical:
        return "a" if a.is_anatomical else "b"
    thick_a, thick_b = max(a.spacing), max(b.spacing)
    if max(thick_a, thick_b) >= THINNER * min(thick_a, thick_b):
        return "a" if thick_a < thick_b else "b"
    size_a, size_b = (abs(float(np.linalg.det(volume.affine[:3, :3]))) for volume in (a, b))
    return "a" if size_a * SAME_SIZE < size_b else "b"


def _is_placed(volume: Volume) -> bool:
    return bool(volume.modality) and MODALITIES[volume.modality].place is not None


def _key(volume: Volume) -> tuple[float, ...]:
    """Return what sorts a volume among medical ones; those of no known modality come last."""
    if not _is_placed(volume):
        return (np.inf,)
    how, kind = volume.acquisition, float(list(MODALITIES).index(volume.modality))
    contrast, of_sequence = 0.0, (0.0, 0.0)
    if volume.modality == "MR":
        known = known_contrast(volume)
        contrast = float(len(CONTRASTS) if known is None else known.place)
        of_sequence = how.b_value or 0.0, how.echo_time or 0.0
    return float(pair_place(volume.modality)), kind, contrast, *of_sequence, float(bool(how.agent))


def _tie(side: Side) -> tuple[str, float, float]:
    """Return what sorts volumes that are alike: their content, then their windows."""
    volume = side.source
    digest = volume.origin.sha256
    if not digest:
        content = hashlib.sha256(np.ascontiguousarray(volume.data).data)
        content.update(np.ascontiguousarray(volume.affine).data)
        digest = content.hexdigest()
    return digest, side.window.low, side.window.high


def _reason(a: Volume, b: Volume, by: str) -> str:
    """Return why a comes before b."""
    words = tuple(volume.word or "unknown" for volume in (a, b))
    if by or a.modality != "MR" or b.modality != "MR":
        return " ".join(part for part in (f"{words[0]} before {words[1]}", by) if part)
    one, other = known_contrast(a), known_contrast(b)
    if one is None or other is None:
        return f"{one.words if one else 'MRI'} before MRI of unknown contrast"
    if one.contrast is other.contrast:
        return f"{one.contrast.name} before {other.contrast.name} by b-value, echo time and contrast agent"
    return f"{one.words} before {other.words}"


def _about(a: Volume, b: Volume) -> tuple[Finding, ...]:
    """Return what is to be said about the kinds of two volumes in their order."""
    unknown = [volume for volume in (a, b) if not _is_placed(volume)]
    if unknown:
        unnamed = " and ".join(one.title for one in unknown)
        name = f"Name the modality of {unnamed} (MR, CT, PT for PET or NM for SPECT)"
        if a.is_photograph and b.is_photograph:
            others = ", ".join(task.title for task in TASKS.values() if not task.is_medical)
            name = f"{name}, or choose another task if they are photographs ({others})"
        sentence = f"{name}: it is not known, so whether the weights were trained for this pair cannot be told."
        return (Finding("warn", "modality", sentence),)
    return about_contrasts(a, b) if a.modality == b.modality == "MR" else about_modalities(a, b)
