"""Body Part Examined (0018,0015): which CT window belongs to it, and whether it is the head."""

from typing import Final

_HEAD: Final = ("HEAD", "BRAIN", "SKULL", "CRANIUM", "CEREBRUM")

_WHOLE: Final = {
    "brain": _HEAD,
    "bone": (
        *("SINUS", "SINUSES", "PARANASALSINUS", "PARANASALSINUSES", "NASALBONE", "FACIALBONES", "IAC", "EAR"),
        *("TEMPORALBONE", "MASTOID", "JAW", "JAWREGION", "MANDIBLE", "MAXILLA", "TEETH", "TOOTH", "DENTAL", "TMJ"),
    ),
    "lung": ("LUNG", "LUNGS", "BRONCHUS"),
}
"""Preset -> body parts, as one word in capitals, that it is read in."""

_SOFT: Final = (
    *("ABDOMEN", "ADRENAL", "ANKLE", "AORTA", "ARM", "AXILLA", "BACK", "BLADDER", "BODY", "BREAST", "BUTTOCK", "CALF"),
    *("CAROTID", "CHEST", "CLAVICLE", "COLON", "CORONARY", "ELBOW", "ESOPHAGUS", "EXTREMITY", "FEMUR", "FIBULA"),
    *("FINGER", "FOOT", "GALLBLADDER", "GROIN", "HAND", "HEART", "HIP", "HUMERUS", "INTESTINE", "KIDNEY", "KNEE"),
    *(
        "LARYNX",
        "LEG",
        "LIVER",
        "LIMB",
        "MEDIASTINUM",
        "NECK",
        "ORBIT",
        "PANCREAS",
        "PELVIS",
        "PROSTATE",
        "RADIUS",
    ),
    *("RECTUM", "RIB", "SACRUM", "SCAPULA", "SHOULDER", "SPINE", "SPLEEN", "STERNUM", "STOMACH", "THIGH", "THORAX"),
    *("THYROID", "TIBIA", "TOE", "TORSO", "TRUNK", "ULNA", "UTERUS", "VERTEBRA", "WRIST"),
)
"""Parts of the words of body parts that are read in a soft-tissue window: ``CSPINE``, ``CHESTABDPELVIS``."""


def preset_of(body_part: str) -> str:
    """Return the name of the CT preset that a body part is read in, empty for one that says nothing.

    Terms are those of DICOM PS3.16, CID 4031 and Annex L, and what scanners write beside them: ``WHOLE BODY``,
    ``L SPINE``.
    """
    word = _word(body_part)
    for preset, parts in _WHOLE.items():
        if word in parts:
            return preset
    return "soft" if any(part in word for part in _SOFT) else ""


def is_head(body_part: str) -> bool:
    """Return whether a body part is the head and nothing more: no ``HEADNECK``."""
    return _word(body_part) in _HEAD


def _word(body_part: str) -> str:
    """Return a body part in capitals without what parts its words."""
    return "".join(letter for letter in body_part.upper() if letter.isalpha())
