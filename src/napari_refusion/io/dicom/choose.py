"""Which series of a folder is read: the one that was asked for, or the only one that is likely beyond doubt."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from napari_refusion.io.dicom.files import Paths, title
from napari_refusion.io.dicom.gate import check_series
from napari_refusion.io.dicom.parts import parts_of
from napari_refusion.io.dicom.series import Series
from napari_refusion.io.dicom.stacks import stacks_of
from napari_refusion.volume.finding import Finding, RefusedError, blocking, refuse
from napari_refusion.volume.modality import MODALITIES

MADE: Final = frozenset({"MIP", "MPR", "PROJECTION IMAGE", "SCREEN SAVE", "SECONDARY", "VRT", "CSA"})
"""Values of Image Type of images that were computed from others for display."""

NO_SCANS: Final = ("SEG", "RTDOSE")
"""Modalities of what was drawn or computed on a scan."""

Choice = tuple[Series, list[Finding]]
"""A series, and why this one."""


def choose_series(paths: Paths, found: Sequence[Series], series: str | None, modality: str | None) -> Choice:
    """Return the series that is meant.

    Localizers, series of several stacks and series that cannot be read do not count as long as others can be; of PET
    with and without attenuation correction the corrected one is taken, and never the other one by itself.

    Parameters
    ----------
    series
        Series Number, Series Instance UID, or Series Description or a part of it that only one series has.
    modality
        DICOM Modality (``PT``).

    Raises
    ------
    RefusedError
        If there is none, or several that may be meant; the sentence lists them.
    """
    chosen = _meant(found, series, modality)
    if not chosen:
        asked = " ".join(word for word in (modality, f"series {series}" if series else "") if word)
        raise refuse("series", f"{title(paths)} holds no {asked}, but: {listed(found)}. Choose one of these.")
    if len(chosen) == 1:
        return chosen[0], []
    usable = [one for one in chosen if is_usable(one)]
    if not usable:
        raise _none_usable(paths, chosen)
    scans = [one for one in usable if not is_scout(one)] or usable
    scans = [one for one in scans if not is_made(one)] or scans
    scans = [one for one in scans if not stacks_of(one.slices)] or scans
    corrected = [one for one in scans if is_corrected(one)]
    if len(scans) > 1 and len(corrected) == 1 and all(one.modality == "PT" for one in scans):
        sentence = (
            f"{corrected[0].label} was taken, because it is corrected for attenuation; choose another series to read "
            f"one that is not: {listed([one for one in scans if one is not corrected[0]])}."
        )
        return corrected[0], [Finding("ok", "attenuation correction", sentence, "ATTN")]
    if len(scans) == 1 and not _only_uncorrected_left(scans[0], chosen):
        return scans[0], []
    raise _several(paths, scans, chosen)


def _meant(found: Sequence[Series], series: str | None, modality: str | None) -> list[Series]:
    """Return the series that have a name and a modality; where none has, those whose files state no known modality."""
    if modality is None:
        ways = [list(found)]
    else:
        stated = [one for one in found if one.modality == modality.upper()]
        ways = [stated, _taken_as(found, modality.upper())]
    for alike in ways:
        chosen = _named(alike, series.strip()) if series is not None else alike
        if chosen:
            return chosen
    return []


def _taken_as(series: Sequence[Series], modality: str) -> list[Series]:
    """Return the series whose files state no known modality as ones of a given modality."""
    unknown = [one for one in series if one.modality not in MODALITIES or one.modality == "OT"]
    return [
        replace(one, slices=tuple(replace(image, modality=modality) for image in one.slices))
        for one in unknown
        if one.modality not in NO_SCANS
    ]


def _named(series: Sequence[Series], name: str) -> list[Series]:
    """Return the series with a UID, number or description, or with a part of a description that no other has."""
    for matches in (
        [one for one in series if name in (one.uid, one.number, unique_uid(one, series))],
        [one for one in series if one.description.casefold() == name.casefold()],
        # as lists and layers call it
        [one for one in series if name.casefold() in (one.name.casefold(), _unnumbered(one).casefold())],
    ):
        if matches:
            return matches
    return [one for one in series if name and name.casefold() in one.description.casefold()]


def _unnumbered(series: Series) -> str:
    return series.name.removesuffix(f" (series {series.number})")


def is_usable(series: Series) -> bool:
    """Return whether one of the volumes of a series can be read."""
    return not why_not(series)


def why_not(series: Series) -> list[Finding]:
    """Return what forbids reading any volume of a series; nothing where one of them can be read."""
    parts = parts_of(series)
    reasons = [blocking(check_series(part)) for part in parts]
    if not all(reasons):
        return []
    # Where no part of it is a volume, what is wrong with all of it says more than what is wrong with the first part.
    return blocking(check_series(series)) or reasons[0]


def is_scout(series: Series) -> bool:
    """Return whether a series only planned others."""
    return any(image.is_scout for image in series.slices)


def is_made(series: Series) -> bool:
    """Return whether a series was computed from others for display."""
    return any(not MADE.isdisjoint(image.image_type) for image in series.slices)


def is_corrected(series: Series) -> bool | None:
    """Return whether PET was corrected for attenuation; None for everything else, and where nothing tells."""
    quantities = [image.pet_quantity for image in series.slices if image.pet_quantity]
    return all("ATTN" in one.corrected for one in quantities) if quantities else None


def listed(series: Sequence[Series]) -> str:
    """Return series as a sentence lists them."""
    called = [(one.number, one.description) for one in series]
    return "; ".join(
        f"{one.label} [{unique_uid(one, series)}]" if called.count(words) > 1 else one.label
        for one, words in zip(series, called, strict=True)
    )


def unique_uid(series: Series, others: Sequence[Series]) -> str:
    """Return the Series Instance UID, with modality and number where another series has the same one."""
    shared = sum(one.uid == series.uid for one in others) > 1
    return " ".join(filter(None, (series.uid, series.modality, series.number))) if shared else series.uid


def _only_uncorrected_left(left: Series, chosen: Sequence[Series]) -> bool:
    """Return whether what is left is PET without attenuation correction, beside PET with it that cannot be read."""
    return is_corrected(left) is False and any(is_corrected(one) for one in chosen)


def _several(paths: Paths, scans: Sequence[Series], chosen: Sequence[Series]) -> RefusedError:
    """Return the refusal where several series may be meant, or a corrected one that cannot be read."""
    if len(scans) == 1:
        broken = next(one for one in chosen if is_corrected(one))
        sentence = (
            f"{broken.label} cannot be read ({why_not(broken)[0].sentence}) and {scans[0].label} is not "
            f"corrected for attenuation: choose that one by its number only if you mean it (--series-a, --series-b)."
        )
        return refuse("series", sentence, broken.number)
    sentence = (
        f"{title(paths)} holds {len(scans)} series: {listed(scans)}. Choose one by its number, UID or description "
        "(--series-a or --series-b, series= in Python), or by its modality (--modality-a or --modality-b, modality=)."
    )
    return refuse("series", sentence, f"{len(scans)} series")


def _none_usable(paths: Paths, chosen: Sequence[Series]) -> RefusedError:
    reasons = " ".join(f"{one.label}: {why_not(one)[0].sentence}" for one in chosen)
    return refuse("series", f"None of the {len(chosen)} series in {title(paths)} can be used. {reasons}")
