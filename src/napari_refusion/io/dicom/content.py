"""What one DICOM image shows, as far as its header says: by this images are told apart that lie at one place."""

import math
import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from napari_refusion.io.dicom.diffusion import b_value, gradient
from napari_refusion.io.dicom.functional_groups import Groups, Lookup
from napari_refusion.io.dicom.header import text
from napari_refusion.io.dicom.private import private_numbers
from napari_refusion.numerics.intensity import Window
from napari_refusion.volume.acquisition import HeaderWindow
from napari_refusion.volume.origin import patient_mark

_SHOWN: Final = (
    "ORIGINAL DERIVED SECONDARY LOCALIZER SCOUT MIP MINIP MPR CPR PROJECTION SUB SUBTRACTION SCREEN_SAVE M P R I "
    "PHASE REAL IMAGINARY MAGNITUDE PHASE_MAP VELOCITY W F IP OP FF WATER FAT IN_PHASE OUT_PHASE OPP_PHASE "
    "FAT_FRACTION ADC EADC EXP FA TRACE TRACEW ISOTROPIC COLFA TENSOR B0 CBF CBV RCBF RCBV MTT TTP TMAX PBP T0 T1 "
    "T2 T2_STAR R2 R2_STAR PD T1_MAP T2_MAP T2_STAR_MAP R2_MAP R2_STAR_MAP PERFUSION SWI MNIP MEAN STDDEV UNI "
    "INV1 INV2 MONOENERGETIC IODINE VNC WATER_MAP RHO Z_EFF STRESS REST"
)

SHOWN: Final = frozenset(_SHOWN.split())
"""Values of Image Type (0008,0008) that say what an image shows. Others are of how it was filtered, corrected or added
up (``NORM``, ``DIS2D``, ``ADD``), and vary within good volumes."""

_COMPONENT: Final = {"MAGNITUDE": "M", "PHASE": "P", "REAL": "R", "IMAGINARY": "I"}
"""Complex Image Component (0008,9208) -> what scanners write into Image Type."""

_GE_COMPONENT: Final = {1.0: "P", 2.0: "R", 3.0: "I"}
"""GE's private image type (0043,102F) -> the same; 0 is magnitude, as of every image without it."""

_FIRST_DAY: Final = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Content:
    """What an image shows; None or empty where the header does not say."""

    study: str = field(default="", repr=False)
    """Study Instance UID (0020,000D)."""
    name_mark: str = field(default="", repr=False)
    """Of Patient's Name (0010,0010), made as `patient_mark` is."""
    kind: frozenset[str] = frozenset()
    """Values of Image Type (0008,0008) that are `SHOWN`, and the part of a complex image: ``M``, ``P``, ``WATER``."""
    echo_number: str = ""
    echo_time: float | None = None
    """ms."""
    repetition_time: float | None = None
    """ms."""
    inversion_time: float | None = None
    """ms."""
    type_words: tuple[str, ...] = ()
    """All of Image Type: where several images lie at one place, any of its values may tell them apart."""
    flip_angle: float | None = None
    """Degrees."""
    b_value: float | None = None
    """s/mm2."""
    gradient: tuple[float, ...] = ()
    """Direction of the diffusion gradient, rounded to 0.01."""
    agent: str = ""
    """Contrast/Bolus Agent (0018,0010)."""
    kernel: str = ""
    """Convolution Kernel (0018,1210)."""
    voltage: float | None = None
    """KVP (0018,0060)."""
    stack: str = ""
    """Stack ID (0020,9056)."""
    temporal_position: float | None = None
    """Temporal Position Identifier (0020,0100) or Index (0020,9128)."""
    trigger_time: float | None = None
    """ms."""
    cardiac_phase: float | None = None
    """Nominal Percentage of Cardiac Phase (0020,9241)."""
    acquisition: str = ""
    """Acquisition Number (0020,0012)."""
    acquired: float | None = None
    """Acquisition Date and Time, s after 1970."""
    reference_time: float | None = None
    """Frame Reference Time (0054,1300), s."""
    duration: float | None = None
    """Actual Frame Duration (0018,1242), s."""
    body_part: str = ""
    """Body Part Examined (0018,0015), capitals."""
    windows: tuple[HeaderWindow, ...] = ()
    """In the values that the file's own rescale gives."""


UNSTATED: Final = Content()


def content_of(groups: Groups, image_type: tuple[str, ...]) -> Content:
    """Return what an image shows.

    Parameters
    ----------
    groups
        The header last.
    image_type
        Image Type (0008,0008), or the frame's own.
    """
    look = Lookup(groups)
    header = look.header
    is_mr = text(header, "Modality") not in ("CT", "PT", "NM")  # MR where it is not stated
    return Content(
        study=text(header, "StudyInstanceUID"),
        name_mark=patient_mark(text(header, "PatientName").strip("^ ").casefold()),
        kind=_kind(look, image_type),
        type_words=image_type,
        agent=look.text("ContrastBolusAgent").upper(),
        kernel=look.text("ConvolutionKernel", "CTReconstructionSequence"),
        voltage=look.number("KVP", "CTXRayDetailsSequence"),
        stack=look.text("StackID", "FrameContentSequence"),
        cardiac_phase=look.number("NominalPercentageOfCardiacPhase", "CardiacSynchronizationSequence"),
        acquisition=look.text("FrameAcquisitionNumber", "FrameContentSequence") or look.text("AcquisitionNumber"),
        body_part=look.text("BodyPartExamined", "FrameAnatomySequence").upper(),
        windows=_windows(look),
        **_times(look),
        **(_resonance(look) if is_mr else {}),
    )


def _kind(look: Lookup, image_type: tuple[str, ...]) -> frozenset[str]:
    words = {word.upper().replace(" ", "_") for word in image_type} & SHOWN
    component = _COMPONENT.get(look.text("ComplexImageComponent", "MRImageFrameTypeSequence"), "")
    ge = private_numbers(look.header, 0x0043, "GEMS_PARM_01", 0x2F)
    component = component or (_GE_COMPONENT.get(ge[0], "") if ge else "")
    return frozenset(words | {component} - {""})


def _times(look: Lookup) -> dict[str, Any]:
    trigger = look.number("NominalCardiacTriggerDelayTime", "CardiacSynchronizationSequence")
    index = look.number("TemporalPositionIndex", "FrameContentSequence")
    offset = look.number("TemporalPositionTimeOffset", "TemporalPositionSequence")
    reference, duration = look.number("FrameReferenceTime"), look.number("ActualFrameDuration")
    lasted = look.number("FrameAcquisitionDuration", "FrameContentSequence")
    lasted = duration if duration is not None else lasted
    return {
        "trigger_time": trigger if trigger is not None else look.number("TriggerTime"),
        "temporal_position": index if index is not None else look.number("TemporalPositionIdentifier"),
        "reference_time": reference / 1000 if reference is not None else offset,
        "duration": lasted / 1000 if lasted is not None and lasted > 0 else None,
        "acquired": _acquired(look),
    }


def _resonance(look: Lookup) -> dict[str, Any]:
    effective = look.number("EffectiveEchoTime", "MREchoSequence")
    inversion = look.number("InversionTimes", "MRModifierSequence")
    timing = "MRTimingAndRelatedParametersSequence"
    weighting = b_value(look)
    return {
        "echo_number": look.text("EchoNumbers"),
        "echo_time": effective if effective is not None else look.number("EchoTime"),
        "repetition_time": look.number("RepetitionTime", timing),
        "flip_angle": look.number("FlipAngle", timing),
        "inversion_time": inversion if inversion is not None else look.number("InversionTime"),
        "b_value": weighting,
        "gradient": gradient(look) if weighting else (),
    }


def _acquired(look: Lookup) -> float | None:
    """Return the start of an acquisition in s; where there is no date, after midnight."""
    frame = "FrameContentSequence"
    own = look.text("FrameAcquisitionDateTime", frame) or look.text("FrameReferenceDateTime", frame)
    moment = own or look.text("AcquisitionDateTime")
    clock = look.text("AcquisitionTime")
    return seconds_of(moment or (look.text("AcquisitionDate") or "19700101") + clock) if moment or clock else None


def seconds_of(moment: str) -> float | None:
    """Return a DICOM date and time (YYYYMMDDHHMMSS.F) in s after 1970, None where it cannot be read."""
    plain = re.fullmatch(r"(\d{8})(\d{2})(\d{2})(\d{2})?(\.\d{1,6})?\d*(?:[+-]\d{4})?", moment)
    if plain is None:
        return None
    day, hours, minutes, whole_seconds, fraction = plain.groups()
    try:
        days = _days(day)
    except ValueError:
        return None
    return days * 86400.0 + int(hours) * 3600 + int(minutes) * 60 + int(whole_seconds or 0) + float(fraction or 0)


def _days(day: str) -> int:
    return date(int(day[:4]), int(day[4:6]), int(day[6:])).toordinal() - _FIRST_DAY


def _windows(look: Lookup) -> tuple[HeaderWindow, ...]:
    holder = look.holder("WindowCenter", "FrameVOILUTSequence")
    if holder is None:
        return ()
    centres, widths = (_decimals(text(holder, keyword)) for keyword in ("WindowCenter", "WindowWidth"))
    words = [*text(holder, "WindowCenterWidthExplanation").split("\\"), *[""] * len(centres)]
    # The linear function of PS3.3, C.11.2.1.2, reaches its ends half a step inside.
    found = [
        HeaderWindow(Window(centre - 0.5 - (width - 1) / 2, centre - 0.5 + (width - 1) / 2), word)
        for centre, width, word in zip(centres, widths, words, strict=False)
        if width > 1 and math.isfinite(centre) and math.isfinite(width)
    ]
    return tuple(found)


def _decimals(values: str) -> list[float]:
    try:
        return [float(part) for part in values.split("\\")]
    except ValueError:
        return []
