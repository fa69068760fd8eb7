"""What the header of a PET image says about its quantity: units, corrections, dose and times, for `io.dicom.suv`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, TypeVar

from pydicom import Dataset
from pydicom.multival import MultiValue
from pydicom.valuerep import DA, DT, TM

from napari_refusion.io.dicom.enhanced_pet import enhanced_corrections, enhanced_units
from napari_refusion.io.dicom.half_lives import nuclide_of

Number = float | None
DateTime = datetime | None
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class PetQuantity:
    """What one PET image says about its quantity; None or empty where the file says nothing."""

    units: str = ""
    """Units (0054,1001): ``BQML``, ``CNTS``, ``GML``..."""
    suv_type: str = ""
    """SUV Type (0054,1006); empty with GML means body weight."""
    corrected: tuple[str, ...] = ()
    """Corrected Image (0028,0051): ``ATTN``, ``DECY``, ``SCAT``..."""
    decay: str = ""
    """Decay Correction (0054,1102): to the ``START`` of the scan, to ``ADMIN``istration, or ``NONE``."""
    weight: Number = None
    """Patient's Weight (0010,1030), kg."""
    dose: Number = None
    """Radionuclide Total Dose (0018,1074), Bq at the time of injection."""
    half_life: Number = None
    """Radionuclide Half Life (0018,1075), s."""
    injections: int = 0
    """Items of the Radiopharmaceutical Information Sequence (0054,0016)."""
    injected: DateTime = None
    """Radiopharmaceutical Start DateTime (0018,1078), as the scanner's clock showed it."""
    injected_clock: time | None = None
    """Radiopharmaceutical Start Time (0018,1072), without a date."""
    series: DateTime = None
    """Series Date and Time (0008,0021), (0008,0031)."""
    acquired: DateTime = None
    """Acquisition Date and Time (0008,0022), (0008,0032)."""
    ge_scan: DateTime = None
    """GE's private scan start (0009,100d)."""
    philips_suv: Number = None
    """Philips' private factor from counts to SUVbw (7053,1000)."""
    philips_activity: Number = None
    """Philips' private factor from counts to Bq/ml (7053,1009)."""
    decay_to: DateTime = None
    """Decay Correction DateTime (0018,9701) of enhanced images."""
    height: Number = None
    """Patient's Size (0010,1020), m."""
    sex: str = ""
    """Patient's Sex (0010,0040): ``M``, ``F``, ``O``."""
    nuclide: str = ""
    """Of the Radionuclide Code Sequence (0054,0300), where its half-life is known: ``F-18``."""


def pet_quantity(header: Dataset, groups: Sequence[Dataset] = ()) -> PetQuantity:
    """Return what the header of one PET image says about its quantity; what cannot be read counts as not there.

    Parameters
    ----------
    groups
        Of an enhanced image: where attributes of a frame may stand, its own functional groups first.
    """
    injections = _read(header, "RadiopharmaceuticalInformationSequence", list) or []
    injection: Dataset = injections[0] if injections else Dataset()
    return PetQuantity(
        units=_read(header, "Units", str) or enhanced_units(groups),
        suv_type=_read(header, "SUVType", str) or "",
        corrected=(_read(header, "CorrectedImage", _codes) or ()) + enhanced_corrections(header),
        decay=_read(header, "DecayCorrection", str) or "",
        weight=_read(header, "PatientWeight", float),
        dose=_read(injection, "RadionuclideTotalDose", float),
        half_life=_read(injection, "RadionuclideHalfLife", float),
        injections=len(injections),
        injected=_injected(header, injection),
        injected_clock=_read(injection, "RadiopharmaceuticalStartTime", _clock),
        series=_moment(header, "SeriesDate", "SeriesTime"),
        acquired=_acquired(header, groups),
        ge_scan=_private(header, 0x0009, "GEMS_PETD_01", 0x0D, _naive),
        philips_suv=_private(header, 0x7053, "Philips PET Private Group", 0x00, float),
        philips_activity=_private(header, 0x7053, "Philips PET Private Group", 0x09, float),
        decay_to=_read(header, "DecayCorrectionDateTime", _naive),
        height=_read(header, "PatientSize", float),
        sex=_read(header, "PatientSex", str) or "",
        nuclide=nuclide_of(injection),
    )


def _read(header: Dataset, keyword: str, convert: Callable[[Any], Value]) -> Value | None:
    """Return a converted value, None where it is missing, empty or cannot be read."""
    try:
        value = header[keyword].value
        return None if value is None or value == "" else convert(value)
    except (KeyError, ValueError, TypeError, OverflowError, NotImplementedError):
        return None


def _private(header: Dataset, group: int, creator: str, element: int, convert: Callable[[Any], Value]) -> Value | None:
    """Return a converted value of a vendor's private block, None where it is missing or cannot be read."""
    try:
        value = header.private_block(group, creator)[element].value
        # Without an explicit type (implicit VR, unknown block) pydicom hands over the bytes.
        text = value.decode("ascii").strip("\0 ") if isinstance(value, bytes) else value
        return convert(text)
    except (KeyError, ValueError, TypeError, OverflowError, NotImplementedError):
        return None


def _codes(value: Any) -> tuple[str, ...]:  # noqa: ANN401 - one string or several, as pydicom read them
    return tuple(str(code) for code in value) if isinstance(value, MultiValue | list) else (str(value),)


def _clock(value: str) -> time:
    """Return a DICOM time; one without minutes is not a time of injection."""
    if len(value.strip()) < len("HHMM"):
        raise ValueError(value)
    clock = TM(value)
    if clock is None:
        raise ValueError(value)
    return time(clock.hour, clock.minute, clock.second, clock.microsecond)


def _when(value: str) -> datetime:
    """Return a DICOM date-time with its zone, if any; one without minutes is not a moment."""
    moment = DT(value) if len(value.strip()) >= len("YYYYMMDDHHMM") else None
    if moment is None:
        raise ValueError(value)
    return datetime.fromisoformat(moment.isoformat())


def _naive(value: str) -> datetime:
    return _when(value).replace(tzinfo=None)


def _day(value: str) -> date:
    day = DA(value)
    if day is None:
        raise ValueError(value)
    return date(day.year, day.month, day.day)


def _moment(header: Dataset, day_keyword: str, clock_keyword: str) -> DateTime:
    day, clock = _read(header, day_keyword, _day), _read(header, clock_keyword, _clock)
    return None if day is None or clock is None else datetime.combine(day, clock)


def _acquired(header: Dataset, groups: Sequence[Dataset]) -> DateTime:
    """Return when an image was acquired: of an enhanced one its frame, or else all of it."""
    contents = [group.FrameContentSequence[0] for group in groups if group.get("FrameContentSequence")]
    frames = [_read(content, "FrameAcquisitionDateTime", _naive) for content in contents]
    found = [moment for moment in frames if moment is not None]
    if found:
        return found[0]
    return _moment(header, "AcquisitionDate", "AcquisitionTime") or _read(header, "AcquisitionDateTime", _naive)


def _injected(header: Dataset, injection: Dataset) -> DateTime:
    """Return the injection as the scanner's clock showed it.

    A zone in the date-time is brought to the zone of the series, Timezone Offset From UTC (0008,0201). Where the
    series states none, only Start Time can confirm that the clock is the scanner's (`io.dicom.suv` compares the two).
    """
    moment = _read(injection, "RadiopharmaceuticalStartDateTime", _when)
    if moment is None or moment.tzinfo is None:
        return moment
    local = moment.replace(tzinfo=None)
    zone = _read(header, "TimezoneOffsetFromUTC", lambda text: _when("200001010000" + str(text).strip()).tzinfo)
    if zone is not None:
        return moment.astimezone(zone).replace(tzinfo=None)
    clock = _read(injection, "RadiopharmaceuticalStartTime", _clock)
    return local if clock is not None else None
