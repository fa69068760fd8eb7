"""SUV: the factor from a PET image's values to standardised uptake values by body weight, or why there is none.

Follows the IBSI description (https://oncoray.github.io/suv_computation/suv.html) and the QIBA pseudo-code it rests
on, but refuses where those fall back on an assumption: a wrong SUV looks exactly like a right one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from napari_refusion.io.dicom.half_lives import HALF_LIVES, TOLERANCE
from napari_refusion.io.dicom.quantity import Number, PetQuantity

BODY_WEIGHT: Final = "SUVbw"
ACTIVITY: Final = "Bq/ml"

LONGEST_UPTAKE: Final = 10.0
"""Half-lives; no tracer is imaged after 99.9 % of it has decayed, so a longer time means wrong dates."""
UNDATED_HALF_LIFE: Final = 6 * 3600.0
"""Seconds; a tracer living longer is imaged days later too, so a clock time without a date does not tell the day."""
LONGEST_OVERNIGHT: Final = 4.0
"""Half-lives, 7 h for F-18 and 4.5 h for Ga-68: that a clock time without a date is of the day before is an assumption.
Beyond that a clock that is wrong is as likely, and SUV would be more than 16 times too high by it."""
SMALLEST_DOSE: Final = 1e4
"""Bq; a smaller number is a dose in MBq or mCi, not in Bq."""
DOSES: Final = (1e4, 2e8)
"""Bq per kg of body weight. FDG is given at some 2 to 7 MBq/kg, rubidium-82 and oxygen-15 at up to some 30; so far
beyond, dose or weight is in another unit or was made up."""
RODENT: Final = 0.7
"""kg; smaller animals are given more for their weight."""
HEAVIEST: Final = 700.0
"""kg; a larger number is a weight in grams."""


@dataclass(frozen=True, slots=True)
class Suv:
    """What the values of a PET series become."""

    unit: str
    """``SUVbw``, ``Bq/ml``, or the file's own Units where neither can be had."""
    factor: float
    """Multiplies the rescaled values to give `unit`."""
    reason: str
    """How the factor came about, or why the values are not SUV; a sentence part without a full stop."""


class _NoSuvError(ValueError):
    """Why SUV cannot be computed."""


def suv(images: Sequence[PetQuantity], began: datetime | None = None) -> Suv:
    """Return unit, factor and reason for one PET series, or for one volume of it.

    Parameters
    ----------
    images
        One entry per image, in any order, at least one.
    began
        First acquisition of the whole series, where these are the images of one of its volumes: all frames of a dynamic
        series are corrected to one moment.
    """
    first = images[0]
    if first.units == "GML":
        kind = first.suv_type or "BW"
        return Suv("SUV" + kind.lower(), 1.0, "the scanner already stored SUV (Units GML)")
    try:
        factor, reason = _factor(images, began)
    except _NoSuvError as why:
        activity = first.philips_activity if first.units == "CNTS" and _positive(first.philips_activity) else None
        if first.units == "BQML" or (activity and _agree(images, "philips_activity")):
            return Suv(ACTIVITY, activity or 1.0, str(why))
        return Suv(first.units, 1.0, str(why))
    return Suv(BODY_WEIGHT, factor, reason)


def _factor(images: Sequence[PetQuantity], began: datetime | None) -> tuple[float, str]:
    """Return the factor to SUVbw and how it came about."""
    first = images[0]
    _require_corrections(images)
    to_activity = 1.0
    if first.units == "CNTS":
        if _positive(first.philips_suv) and _agree(images, "philips_suv"):
            return float(first.philips_suv or 0), f"Philips' own factor {first.philips_suv:g} (7053,1000)"
        if not (_positive(first.philips_activity) and _agree(images, "philips_activity")):
            raise _NoSuvError("Units (0054,1001) is CNTS without one Philips factor for the whole series")
        to_activity = float(first.philips_activity or 0)
    elif first.units != "BQML":
        raise _NoSuvError(f"Units (0054,1001) is {first.units or 'missing'}, not BQML")
    _require_one_injection(images)
    weight = _within(first.weight, "Patient's Weight (0010,1030)", "kg", high=HEAVIEST)
    dose = _within(first.dose, "Radionuclide Total Dose (0018,1074)", "Bq", low=SMALLEST_DOSE)
    half_life = _within(first.half_life, "Radionuclide Half Life (0018,1075)", "s")
    _require_plausible(first.nuclide, half_life, dose, weight)
    if first.decay == "ADMIN":
        return to_activity * weight * 1000 / dose, f"weight {weight:g} kg, dose {dose / 1e6:g} MBq, decay to injection"
    reference = _reference(images, began)
    seconds = (reference - _injection(first, half_life, reference)).total_seconds()
    if not 0 <= seconds <= LONGEST_UPTAKE * half_life:
        raise _NoSuvError(
            f"the scan would have started {seconds / 60:g} min after injection, which is impossible for a half-life of "
            f"{half_life / 60:g} min: the dates or times in the header contradict each other"
        )
    left = dose * 2 ** (-seconds / half_life)
    reason = f"weight {weight:g} kg, dose {dose / 1e6:g} MBq, {seconds / 60:g} min from injection to scan"
    return to_activity * weight * 1000 / left, reason


def _require_corrections(images: Sequence[PetQuantity]) -> None:
    """Raise unless all images are corrected for attenuation and decay."""
    for code, words in (("ATTN", "attenuation"), ("DECY", "decay")):
        if not all(code in image.corrected for image in images):
            raise _NoSuvError(f"the images are not corrected for {words} (Corrected Image (0028,0051) without {code})")
    decay = images[0].decay
    if not decay and images[0].decay_to and _agree(images, "decay_to"):
        return
    if decay not in ("START", "ADMIN") or not _agree(images, "decay"):
        raise _NoSuvError(f"Decay Correction (0054,1102) is {decay or 'missing'}, not START or ADMIN in all images")


def _require_one_injection(images: Sequence[PetQuantity]) -> None:
    """Raise unless all images tell of the same single injection."""
    for name, words in (
        ("weight", "Patient's Weight"),
        ("dose", "Radionuclide Total Dose"),
        ("half_life", "Radionuclide Half Life"),
        ("injected", "Radiopharmaceutical Start DateTime"),
        ("injected_clock", "Radiopharmaceutical Start Time"),
        ("units", "Units"),
        ("series", "Series Date and Time"),
    ):
        if not _agree(images, name):
            raise _NoSuvError(f"{words} differs between images")
    if images[0].injections != 1:
        raise _NoSuvError(f"the header lists {images[0].injections or 'no'} injections instead of one (0054,0016)")


def _require_plausible(nuclide: str, half_life: float, dose: float, weight: float) -> None:
    """Raise where the half-life is another radionuclide's, or the dose cannot have been given to such a patient."""
    known = HALF_LIVES.get(nuclide, half_life)
    if abs(half_life - known) > TOLERANCE * known:
        raise _NoSuvError(
            f"Radionuclide Half Life (0018,1075) is {half_life:g} s, but that of {nuclide}, which the header names "
            f"(0054,0300), is {known:g} s"
        )
    lowest, highest = DOSES
    if dose < lowest * weight or (weight > RODENT and dose > highest * weight):
        raise _NoSuvError(
            f"Radionuclide Total Dose (0018,1074) would be {dose / 1e6:g} MBq for a Patient's Weight (0010,1030) of "
            f"{weight:g} kg, {dose / weight / 1e6:.3g} MBq/kg: one of the two is in another unit or made up"
        )


def _reference(images: Sequence[PetQuantity], began: datetime | None) -> datetime:
    """Return the moment the values are decay-corrected to, for Decay Correction START.

    Enhanced images state it as Decay Correction DateTime. In others it is Series Date and Time, unless this lies after
    the first acquisition: then the series was made later from stored data, and GE's private scan start or else the
    first acquisition counts.
    """
    if not images[0].decay and images[0].decay_to is not None:
        return images[0].decay_to
    series = images[0].series
    if series is None:
        raise _NoSuvError("Series Date (0008,0021) or Series Time (0008,0031) is missing")
    if any(image.acquired is None for image in images):
        raise _NoSuvError("Acquisition Date (0008,0022) or Acquisition Time (0008,0032) is missing")
    known = [*(image.acquired for image in images), began]
    first = min(moment for moment in known if moment is not None)
    if series <= first:
        _require_clock("Series Time (0008,0031)", series.time())
        return series
    starts = [image.ge_scan for image in images if image.ge_scan is not None]
    if not starts:
        _require_clock("Acquisition Time (0008,0032)", first.time())
    return min(starts) if starts else first


def _injection(image: PetQuantity, half_life: float, reference: datetime) -> datetime:
    """Return the moment of injection; a clock time alone is the last such time before the scan.

    The scan, not the series: that may have been reconstructed a day later.

    Parameters
    ----------
    reference
        The moment that the values are decay-corrected to: the start of the scan.
    """
    for clock in (image.injected.time() if image.injected else None, image.injected_clock):
        if clock is not None:
            _require_clock("the time of injection (0018,1078), (0018,1072)", clock)
    if image.injected is not None:
        clock = image.injected_clock
        if clock is not None and abs(_seconds(clock) - _seconds(image.injected.time())) > 60:
            raise _NoSuvError(
                "Radiopharmaceutical Start DateTime (0018,1078) and Start Time (0018,1072) give different times"
            )
        return image.injected
    if image.injected_clock is None:
        raise _NoSuvError("the time of injection is missing (0018,1078), (0018,1072)")
    if half_life > UNDATED_HALF_LIFE:
        raise _NoSuvError(
            f"the day of injection is missing (0018,1078), and with a half-life of {half_life / 3600:g} h it may be "
            "any of several"
        )
    injected = datetime.combine(reference.date(), image.injected_clock)
    if injected <= reference:
        return injected
    hours = ((reference - injected) + timedelta(days=1)).total_seconds() / 3600
    if hours * 3600 > LONGEST_OVERNIGHT * half_life:
        raise _NoSuvError(
            f"the injection at {image.injected_clock:%H:%M} has no date (0018,1078) and lies after the scan began at "
            f"{reference:%H:%M}: of the day before it would be {hours:.3g} h, too long for a half-life of "
            f"{half_life / 60:g} min, so the two contradict each other"
        )
    return injected - timedelta(days=1)


def _require_clock(words: str, clock: time) -> None:
    """Raise at midnight sharp: what programs that remove identities write for a time, and hardly when a scan begins."""
    if clock == time(0):
        raise _NoSuvError(f"{words} is 00:00:00, as where it was taken out")


def _within(value: Number, words: str, unit: str, low: float = 0.0, high: float = float("inf")) -> float:
    """Return a positive number inside (low, high), or raise naming it."""
    if value is None:
        raise _NoSuvError(f"{words} is missing")
    if not low < value < high:
        raise _NoSuvError(f"{words} is {value:g}, which cannot be {unit}")
    return value


def _positive(value: Number) -> bool:
    return value is not None and 0 < value < float("inf")


def _agree(images: Sequence[PetQuantity], name: str) -> bool:
    return len({getattr(image, name) for image in images}) == 1


def _seconds(clock: time) -> float:
    return clock.hour * 3600 + clock.minute * 60 + clock.second + clock.microsecond / 1e6
