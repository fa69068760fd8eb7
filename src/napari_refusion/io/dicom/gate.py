"""The gate of a DICOM series: every check in one list, and the unit its values have."""

from dataclasses import dataclass
from typing import Final

from napari_refusion.io.dicom.alike import check_alike, check_one_patient
from napari_refusion.io.dicom.geometry import check_places
from napari_refusion.io.dicom.header import quiet
from napari_refusion.io.dicom.image_groups import FEWEST
from napari_refusion.io.dicom.mapped import QUANTITIES, check_mapped, only_mapping
from napari_refusion.io.dicom.pixels import check_pixels
from napari_refusion.io.dicom.scales import check_scales, lacks_slope
from napari_refusion.io.dicom.series import Series
from napari_refusion.io.dicom.slice import SEND_AGAIN, named
from napari_refusion.io.dicom.spect import quantity_of_spect, stored_as_pet
from napari_refusion.io.dicom.suv import suv
from napari_refusion.volume.finding import Finding, blocking
from napari_refusion.volume.modality import MODALITIES

NO_SLICES: Final = ("fused image", "colour", "mosaic", "localizer", "projections", "modality")
"""Findings after which nothing that is said about slices makes sense."""


NOT_HU: Final = frozenset({"CBF", "CBV", "RCBF", "RCBV", "MTT", "TTP", "TMAX", "RHO", "Z_EFF"})
"""Values of Image Type of what was computed from CT: flow, volume, times, density, atomic number."""

_STORED: Final = {"BQML": "Bq/ml", "CNTS": "count", "GML": "g/ml"}
"""Units (0054,1001) of what SUV are made of -> what one of them is."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """What the rescaled values of a series mean."""

    unit: str
    """``HU``, ``SUVbw``, ``Bq/ml``..., empty for arbitrary units."""
    factor: float
    """Multiplies the rescaled values to give `unit`."""
    finding: Finding | None
    """Why this unit; None where there is nothing to say."""


def check_series(series: Series) -> list[Finding]:
    """Return everything that was checked: what blocks, what to look at first, and what is good.

    Headers only: a compressed image that cannot be decoded shows when it is read.
    """
    quantity = quantity_of(series)
    with quiet():
        pixels = [*_check_source(series), *check_pixels(series.slices)]
    if any(finding.rule in NO_SLICES for finding in blocking(pixels)):
        return pixels
    return [
        *_check_identity(series),
        *stored_as_pet(series.name, series.modality, series.slices[0].pet_quantity is not None),
        *check_one_patient(series.slices),
        *check_alike(series.slices),
        *_check_part(series),
        *pixels,
        *_check_decimals(series),
        *check_places(series.slices),
        *_check_complete(series),
        *_check_corrections(series),
        *check_scales(series.slices),
        *check_mapped(series.slices, quantity.unit, quantity.factor),
        *([quantity.finding] if quantity.finding else []),
    ]


def quantity_of(series: Series) -> Quantity:
    """Return the unit of a series and the factor to it."""
    if series.slices[0].pet_quantity is not None:
        return _pet(series)
    if series.modality == "NM":
        return _spect(series)
    if series.modality != "CT":
        return Quantity("", 1.0, None)
    types = {image.pixels.rescale_type for image in series.slices}
    if not all(image.pixels.rescaled for image in series.slices):
        sentence = (
            f"{series.name}: not all images have Rescale Slope and Intercept (0028,1053), so the values are not "
            "Hounsfield units; set the window by eye instead of using a CT preset."
        )
        return Quantity("", 1.0, Finding("warn", "unit", sentence))
    maps = sorted(NOT_HU.intersection(*(image.image_type for image in series.slices)))
    if maps and "HU" not in types:
        sentence = (
            f"{series.name} is a map of {maps[0]} by its Image Type (0008,0008), so its values are not Hounsfield "
            "units; set the window by eye instead of using a CT preset."
        )
        return Quantity("", 1.0, Finding("warn", "unit", sentence, maps[0]))
    if types <= {"", "HU"}:
        return Quantity("HU", 1.0, Finding("ok", "unit", "Values are Hounsfield units.", "HU"))
    stated = next(iter(types - {"", "HU"}))
    sentence = (
        f"{series.name}: Rescale Type (0028,1054) is {stated}, so the values are not Hounsfield units; "
        "set the window by eye instead of using a CT preset."
    )
    return Quantity("" if stated == "US" else stated, 1.0, Finding("warn", "unit", sentence, stated))


def _spect(series: Series) -> Quantity:
    unit, finding = quantity_of_spect([image.spect_units for image in series.slices])
    mapping = None if unit else only_mapping(series.slices)
    if mapping is None:
        return Quantity(unit, 1.0, finding)
    unit = QUANTITIES[mapping.units]
    sentence = (
        f"Values are {unit}: {mapping.slope:.6g} times what is stored, by the Real World Value Mapping (0040,9096)."
    )
    return Quantity(unit, mapping.slope, Finding("ok", "unit", sentence, unit))


def _pet(series: Series) -> Quantity:
    without = [image for image in series.slices if lacks_slope(image)]
    if without:
        sentence = (
            f"{named(without, 'has', 'have')} no Rescale Slope (0028,1053), so the values of {series.name} are stored "
            f"numbers, neither SUV nor Bq/ml, and may differ from slice to slice. {SEND_AGAIN}"
        )
        return Quantity("", 1.0, Finding("warn", "SUV", sentence, f"{len(without)} of {len(series.slices)} images"))
    images = [image.pet_quantity for image in series.slices if image.pet_quantity]
    answer = suv(images, series.began)
    if answer.unit.startswith("SUV"):
        sentence = f"Values are {answer.unit}: {answer.reason}."
        value = f"{answer.factor:.6g} {answer.unit} per {_STORED[images[0].units]}"
        return Quantity(answer.unit, answer.factor, Finding("ok", "SUV", sentence, value))
    sentence = (
        f"{series.name}: values are {answer.unit or 'in an unstated unit'} and not SUV, because {answer.reason}; "
        "correct the entry at the scanner if SUV is wanted."
    )
    return Quantity(answer.unit, answer.factor, Finding("warn", "SUV", sentence, answer.unit))


def _check_identity(series: Series) -> list[Finding]:
    """Return blocks where the images of a series are not of one kind or one series at all."""
    findings = []
    files = series.files
    if not series.uid:
        few = len(series.slices) < FEWEST
        known = (
            "which images belong together is unknown."
            if few
            else "that the images belong together is known by their modality and Series Number only, so compare their "
            f"number, {len(series.slices)}, with the scanner's console."
        )
        sentence = (
            f"{files[0].name} has no Series Instance UID (0020,000E): {known} Export the series again; if it was "
            "anonymised, with a tool that replaces UIDs instead of emptying them."
        )
        findings.append(Finding("block" if few else "warn", "series", sentence))
    modalities = sorted({image.modality for image in series.slices})
    units = sorted({image.pet_quantity.units for image in series.slices if image.pet_quantity})
    for rule, values in (("modality", modalities), ("units", units)):
        if len(values) > 1:
            odd = series.slices[0].name
            sentence = f"The series mixes {rule} {' and '.join(values)} ({odd} and others); export each separately."
            findings.append(Finding("block", rule, sentence, " ".join(values)))
    if series.modality not in MODALITIES and series.modality not in ("SEG", "RTDOSE"):
        sentence = (
            f"{series.name}: Modality (0008,0060) is {series.modality or 'missing'}, not MR, CT, PT or "
            "NM; choose the modality before fusing (--modality-a, --modality-b)."
        )
        findings.append(Finding("warn", "modality", sentence, series.modality))
    return findings


def _check_source(series: Series) -> list[Finding]:
    """Return a block for a fused image of this program: it is a result, and has no modality of its own."""
    own = [image for image in series.slices if image.is_own]
    if not own:
        return []
    sentence = (
        f"{named(own)} a fused image that this program wrote, not a scan: a fusion of it would show the other source "
        "twice. Choose the series that it was made from."
    )
    return [Finding("block", "fused image", sentence, series.slices[0].modality)]


def _check_part(series: Series) -> list[Finding]:
    """Return a block for a part with fewer slices than its sisters, and what was found beside it."""
    findings = []
    if series.lost:
        sentence = (
            f"{series.name}: {series.lost} slice(s) missing that the other parts of the series have; choose one of "
            f"them. {SEND_AGAIN}"
        )
        findings.append(Finding("block", "missing slice", sentence, f"{series.lost} slices"))
    if series.copies:
        sentence = (
            f"{len(series.copies)} file(s) are copies of others of the series ({series.copies[0].name} first) and were "
            "read once."
        )
        findings.append(Finding("ok", "duplicate slices", sentence, f"{len(series.copies)} copies"))
    return findings


def _check_decimals(series: Series) -> list[Finding]:
    """Return the faults of the numbers in the headers, each kind once with how many images have it."""
    kinds: dict[tuple[str, str], list[Finding]] = {}
    for image in series.slices:
        for one in image.faults:
            kinds.setdefault((one.level, one.rule), []).append(one)
    found = []
    for faults in kinds.values():
        if len(faults) <= 3:
            found += faults
            continue
        fault = faults[0]
        sentence = f"{fault.sentence} ({len(faults)} such entries in the series.)"
        found.append(Finding(fault.level, fault.rule, sentence, fault.value))
    return found


def _check_complete(series: Series) -> list[Finding]:
    """Return a block where the header counts more slices than there are: nothing else shows that an end is missing."""
    stated = max(image.slices_stated for image in series.slices)
    there = len({image.place.position for image in series.slices})
    counts_all = bool(series.part) and stated % there == 0  # some count the images of all frames
    if stated <= there or series.lost or counts_all or any(image.place.position is None for image in series.slices):
        return []
    sentence = (
        f"{stated - there} slice(s) missing: the headers count {stated} (Number of Slices (0054,0081) in "
        f"{series.slices[0].name}), but {there} are there. {SEND_AGAIN}"
    )
    return [Finding("block", "missing slice", sentence, f"{there} of {stated}")]


def _check_corrections(series: Series) -> list[Finding]:
    """Return a warning for PET that was not corrected for attenuation or decay; Corrected Image (0028,0051)."""
    findings = []
    for code, rule in (("ATTN", "attenuation correction"), ("DECY", "decay correction")):
        without = [image for image in series.slices if image.pet_quantity and code not in image.pet_quantity.corrected]
        if without:
            words = rule.removesuffix(" correction")
            sentence = (
                f"{series.name}: {len(without)} image(s), {without[0].name} first, not corrected for {words}; "
                "choose the corrected series if there is one."
            )
            findings.append(Finding("warn", rule, sentence))
    return findings
