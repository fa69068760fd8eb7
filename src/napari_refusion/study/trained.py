"""What the installed medical weights have seen, and what is said where they have not: see their model card."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from napari_refusion.volume.contrast import known_contrast
from napari_refusion.volume.finding import Finding
from napari_refusion.volume.volume import Volume

HEAD: Final = "heads"
TRUNK: Final = "legs and trunks"
OTHER: Final = "neither heads nor legs or trunks"

TRAINED: Final[Mapping[tuple[str, str], tuple[str, ...]]] = MappingProxyType(
    {
        ("CT", "MR"): (HEAD, TRUNK),
        ("PT", "MR"): (HEAD, TRUNK),
        ("NM", "MR"): (HEAD,),
        ("PT", "CT"): (TRUNK,),
        ("MR", "MR"): (HEAD, TRUNK),
    }
)
"""Modalities of a pair in its order -> regions that the weights were trained on."""

TRAINED_CONTRASTS: Final = ("T1", "T2", "FLAIR")
"""Of pairs of two MRI: of one head, and without FLAIR of one thigh."""

LARGEST_HEAD: Final = 320.0
"""mm from head to foot; a longer field shows more than a head, with its neck about 300 mm."""

_REGIONS: Final = (
    (TRUNK, r"WHOLE ?BODY|.*(CHEST|THORA|ABDOM|PELVI|TRUNK|LUNG|HEART|LIVER|KIDNEY|PROSTATE|UTERUS|HIP|LEG|THIGH|KNEE"
     r"|FEMUR|CALF|TIBIA|ANKLE|FOOT|EXTREMITY|T ?SPINE|L ?SPINE|LUMBAR|SACRUM|BUTTOCK|GLUTE).*"),
    (HEAD, r".*(HEAD|BRAIN|SKULL|CRANI|ORBIT|SELLA|PITUIT|FACE|SINUS|TEMPORAL|IAC).*"),
    (OTHER, r".*(NECK|C ?SPINE|CERVIC|ARM|HAND|WRIST|ELBOW|SHOULDER|FINGER|BREAST|HUMER|FOREARM).*"),
)  # fmt: skip
"""Region -> Body Part Examined (0018,0015) of it, the first that fits: a whole body holds a head as well."""


def stated_region(volume: Volume) -> str:
    """Return the region that a volume shows by its header; empty where that says nothing known."""
    part = re.sub(r"[_\-^]+", " ", volume.acquisition.body_part.strip().upper())
    return next((region for region, pattern in _REGIONS if part and re.fullmatch(pattern, part)), "")


def length(volume: Volume) -> float:
    """Return how far a volume reaches from head to foot, mm."""
    return float(sum(abs(volume.affine[2, axis]) * volume.shape[axis] for axis in range(3)))


def about_modalities(a: Volume, b: Volume) -> tuple[Finding, ...]:
    """Return what is to be said about two volumes in their order that are not two MRI."""
    pair = f"{a.word} + {b.word}"
    regions = TRAINED.get((a.modality, b.modality))
    if regions is None:
        sentence = (
            f"The weights were not trained for {a.word} with {b.word}: "
            f"judge {a.title} and {b.title} side by side, not by the fused image alone."
        )
        return (Finding("warn", "modality", sentence, pair),)
    found = _about_region(a, b, regions)
    if b.modality != "CT":
        return found
    sentence = f"The weights were trained on {a.word} with {b.word} of {TRUNK}, the CT in a soft-tissue window."
    return (Finding("ok", "modality", sentence, pair), *found)


def about_contrasts(a: Volume, b: Volume) -> tuple[Finding, ...]:
    """Return what is to be said about two MRI in their order."""
    found, known = [], [known_contrast(volume) for volume in (a, b)]
    unknown = [volume.title for volume, contrast in zip((a, b), known, strict=True) if contrast is None]
    names = " + ".join("unknown" if one is None else one.contrast.name for one in known)
    if unknown:
        sentence = (
            f"Name the contrast of {' and '.join(unknown)}, as in sub-1_T2w.nii.gz: it is not known, so the order of "
            "the pair follows from the files' content, and whether the weights were trained for it cannot be told."
        )
        found.append(Finding("warn", "contrast", sentence, names))
    elif known[0] is not None and known[1] is not None:
        found.append(_about_known(a, b, known[0].contrast.name, known[1].contrast.name, names))
    return (*found, *_about_region(a, b, TRAINED["MR", "MR"]))


def _about_known(a: Volume, b: Volume, one: str, other: str, names: str) -> Finding:
    few = "of the head of one patient and the thigh of another"
    if one == other:
        sentence = (
            f"The weights were not trained for two MRI of one contrast: {a.title} and {b.title} are both {one}, "
            "compare them side by side."
        )
        return Finding("warn", "contrast", sentence, names)
    unseen = [name for name in (one, other) if name not in TRAINED_CONTRASTS]
    if unseen:
        sentence = (
            f"Judge {a.title} and {b.title} side by side, not by the fused image alone: of two MRI the weights have "
            f"seen T1, T2 and FLAIR only, {few}, but no {' and no '.join(unseen)}."
        )
        return Finding("warn", "contrast", sentence, names)
    sentence = f"{one} is fused before {other}: the weights were trained on such pairs, but only {few}."
    return Finding("ok", "contrast", sentence, names)


def _about_region(a: Volume, b: Volume, seen: tuple[str, ...]) -> tuple[Finding, ...]:
    """Return a warning if a pair shows a region that the weights have not seen of such a pair.

    A pair shows what its shorter field shows: a PET of the whole body with an MRI of the head is a pair of the head.
    """
    shorter = sorted((a, b), key=length)
    stated = next((volume for volume in shorter if stated_region(volume)), None)
    shown, words, value = "", "", ""
    if stated is not None:
        value = stated.acquisition.body_part
        shown, words = stated_region(stated), f"{stated.title} shows {value}"
    elif length(shorter[0]) > LARGEST_HEAD and not shorter[0].is_photograph:
        value = f"{length(shorter[0]):.0f} mm"
        shown, words = TRUNK, f"{shorter[0].title} is {value} long, more than a head"
    if not shown or shown in seen:
        return ()
    sentence = (
        f"Judge the sources side by side, not by the fused image alone: of {a.word} with {b.word} the weights have "
        f"seen {' and '.join(seen)} only, and {words}."
    )
    return (Finding("warn", "body part", sentence, value),)
