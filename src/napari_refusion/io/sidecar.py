"""The JSON file beside an image, as BIDS and dcm2niix write it: what it says about how the image was acquired.

Sources: BIDS 1.10 (bids-specification.readthedocs.io: MRI, PET), dcm2niix (github.com/rordenlab/dcm2niix, BIDS.md).
"""

import json
import math
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from napari_refusion.io.choice import Times
from napari_refusion.io.dicom.lean import lean_factor
from napari_refusion.io.dicom.quantity import PetQuantity
from napari_refusion.io.formats import ending
from napari_refusion.volume.acquisition import Acquisition
from napari_refusion.volume.finding import Finding
from napari_refusion.volume.origin import patient_mark

_LARGEST: Final = 2**24
"""Bytes; a description of an image is a few kilobytes."""

_LONGEST: Final = {"EchoTime": 1.0, "InversionTime": 10.0, "RepetitionTime": 60.0}
"""Seconds, as the standard asks; a larger number is in another unit, and nothing says in which."""

_UNCORRECTED: Final = ("none", "no", "n/a", "false", "uncorrected", "nac")
"""What BIDS ``AttenuationCorrection`` holds where there was none."""


@dataclass(frozen=True, slots=True)
class Sidecar:
    """What stands beside an image."""

    path: Path | None = None
    """The JSON file, None where there is none that can be read."""
    content: dict[str, Any] | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        """Return what was read."""
        return (self.path,) if self.path is not None else ()

    def text(self, *keys: str) -> str:
        """Return the first of some entries that is text and not empty."""
        found = ((self.content or {}).get(key) for key in keys)
        return next((value.strip() for value in found if isinstance(value, str) and value.strip()), "")

    def number(self, key: str) -> float | None:
        """Return an entry that is one finite number."""
        return _finite((self.content or {}).get(key))

    def numbers(self, key: str) -> tuple[float, ...]:
        """Return an entry that is a list of finite numbers, or one of them; empty for anything else."""
        given = (self.content or {}).get(key)
        values = [_finite(value) for value in (given if isinstance(given, list) else [given])]
        return tuple(value for value in values if value is not None) if None not in values else ()

    def words(self, key: str) -> tuple[str, ...]:
        """Return an entry that is a list of texts, or DICOM's with backslashes, in capitals."""
        given = (self.content or {}).get(key)
        parts = given.split("\\") if isinstance(given, str) else given if isinstance(given, list) else []
        return tuple(str(part).strip().upper() for part in parts)


def described_in(path: Path) -> Path:
    """Return where BIDS puts the description of an image: beside it, under the same name."""
    return path.with_name(path.name[: len(path.name) - len(ending(path))] + ".json")


def read_sidecar(path: Path) -> Sidecar:
    """Return the JSON file beside an image (same name, ``.json``); one that cannot be read is reported."""
    beside = described_in(path)
    try:
        if not beside.is_file():
            return Sidecar()
        if beside.stat().st_size > _LARGEST:
            raise ValueError("it is far too large")
        content = json.loads(beside.read_text(encoding="utf-8-sig"))
        if not isinstance(content, dict):
            raise ValueError("it is not a JSON object")
    except (OSError, ValueError, RecursionError) as error:
        sentence = f"The description {beside} was ignored because it cannot be read ({error}): repair or remove it."
        return Sidecar(findings=(Finding("warn", "sidecar", sentence),))
    return Sidecar(beside, content)


def acquisition_of(sidecar: Sidecar, unit: str = "") -> Acquisition:
    """Return what a sidecar says about how its image, whose voxels are in a unit, was acquired."""
    body = PetQuantity(
        weight=sidecar.number("PatientWeight"),
        height=sidecar.number("PatientSize"),
        sex=sidecar.text("PatientSex").upper()[:1],
    )
    return Acquisition(
        study=sidecar.text("StudyInstanceUID"),
        description=sidecar.text("SeriesDescription", "ProtocolName"),
        body_part=sidecar.text("BodyPartExamined", "BodyPart").upper(),
        echo_time=_milliseconds(sidecar, "EchoTime"),
        repetition_time=_milliseconds(sidecar, "RepetitionTime"),
        inversion_time=_milliseconds(sidecar, "InversionTime"),
        agent=sidecar.text("ContrastBolusIngredient", "ContrastBolusAgent"),
        corrected=_corrected(sidecar),
        lean_factor=lean_factor(body) if unit == "SUVbw" else None,
    )


def patient_of(sidecar: Sidecar) -> str:
    """Return the mark of the patient whom a sidecar names, as dcm2niix does where it is told to keep identities.

    See `volume.origin.patient_mark`; empty where it names none.
    """
    number = (sidecar.content or {}).get("PatientID")
    named = str(number) if isinstance(number, int) and not isinstance(number, bool) else sidecar.text("PatientID")
    return patient_mark(named, birth_date=sidecar.text("PatientBirthDate"))


def is_uncorrected(sidecar: Sidecar) -> bool:
    """Return whether it says that PET was not corrected for attenuation; False where it says nothing about that."""
    if corrected := sidecar.words("CorrectedImage"):
        return "ATTN" not in corrected
    return sidecar.text("AttenuationCorrection").lower() in _UNCORRECTED


def frame_times(path: Path, sidecar: Sidecar, count: int) -> tuple[Times, tuple[Finding, ...]]:
    """Return start and end of each frame, s after the start of the first; empty where they are not stated.

    Times that are not those of `count` frames are reported and left out.
    """
    starts, lasted = sidecar.numbers("FrameTimesStart"), sidecar.numbers("FrameDuration")
    if not any((sidecar.content or {}).get(key) for key in ("FrameTimesStart", "FrameDuration")):
        return (), ()
    rising = all(one < other for one, other in pairwise(starts))
    if len(starts) != count or len(lasted) != count or not rising or min(lasted) <= 0:
        value = f"{len(starts)} starts and {len(lasted)} durations for {count} frames"
        sentence = f"Correct the times of frames, for they do not fit and were left out ({value}): {sidecar.path}"
        return (), (Finding("warn", "sidecar", sentence, value),)
    return tuple(
        (start - starts[0], start - starts[0] + length) for start, length in zip(starts, lasted, strict=True)
    ), ()


def _milliseconds(sidecar: Sidecar, key: str) -> float | None:
    """Return a time, which sidecars state in seconds, in ms; None where it cannot be one."""
    seconds = sidecar.number(key)
    return round(seconds * 1000, 6) if seconds is not None and 0 < seconds <= _LONGEST[key] else None


def _corrected(sidecar: Sidecar) -> tuple[str, ...]:
    """Return what PET was corrected for, in DICOM's words."""
    if words := sidecar.words("CorrectedImage"):
        return words
    attenuation = sidecar.text("AttenuationCorrection").lower()
    decay = (sidecar.content or {}).get("ImageDecayCorrected") is True
    return (("ATTN",) if attenuation and attenuation not in _UNCORRECTED else ()) + (("DECY",) if decay else ())


def _finite(value: Any) -> float | None:  # noqa: ANN401 - whatever JSON holds
    """Return a finite number, None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
