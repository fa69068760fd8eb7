"""In which order two volumes are fused, and on whose grid."""

from typing import Final, Literal

import numpy as np

from napari_refusion.volume.finding import Finding
from napari_refusion.volume.modality import MODALITIES, pair_place
from napari_refusion.volume.volume import Volume

SAME_SIZE: Final = 1.001
"""Voxels whose volumes differ by less than this factor count as equally fine."""

BODY_PAIR: Final = ("PT", "CT")
"""What the installed medical weights were trained with beside pairs with MRI; see their card."""


def ordered(first: Volume, second: Volume) -> tuple[Volume, Volume, tuple[Finding, ...]]:
    """Return the volumes in the order of the medical weights, and a finding where that order is in doubt."""
    unknown = [volume for volume in (first, second) if not volume.modality or MODALITIES[volume.modality].place is None]
    if unknown:
        unnamed = " and ".join(one.title for one in unknown)
        sentence = (
            f"The modality of {unnamed} is not known, so the order in which the volumes "
            f"were given is kept: name the modality (MR, CT, PT for PET or NM for SPECT)."
        )
        return first, second, (Finding("warn", "modality", sentence),)
    places = pair_place(first.modality), pair_place(second.modality)
    names = [volume.word for volume in (first, second)]
    if places[0] == places[1]:
        sentence = (
            f"{first.title} and {second.title} ({' and '.join(names)}) are fused in the order given, which the "
            f"weights were not trained for: they expect CT, PET or SPECT with MRI."
        )
        return first, second, (Finding("warn", "modality", sentence, " + ".join(names)),)
    a, b = (first, second) if places[0] < places[1] else (second, first)
    pair = f"{a.word} + {b.word}"
    if b.modality == "MR":
        return a, b, ()
    if (a.modality, b.modality) == BODY_PAIR:
        sentence = (
            f"The weights were trained on {a.word} with {b.word} of legs and trunks, the CT in a soft-tissue window."
        )
        return a, b, (Finding("ok", "modality", sentence, pair),)
    sentence = (
        f"The weights were not trained for {a.word} with {b.word}: "
        f"judge {a.title} and {b.title} side by side, not by the fused image alone."
    )
    return a, b, (Finding("warn", "modality", sentence, pair),)


def finer(a: Volume, b: Volume) -> Literal["a", "b"]:
    """Return whose grid to use: one with a place in the patient, then the anatomical, then the finer one."""
    if a.is_photograph != b.is_photograph:
        return "b" if a.is_photograph else "a"
    if a.is_anatomical != b.is_anatomical:
        return "a" if a.is_anatomical else "b"
    size_a, size_b = (abs(float(np.linalg.det(volume.affine[:3, :3]))) for volume in (a, b))
    return "a" if size_a * SAME_SIZE < size_b else "b"
