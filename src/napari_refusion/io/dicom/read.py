"""DICOM in: a folder or file becomes a `Volume`, or is refused with the reason.

Geometry behind a gate of our own (`io.dicom.gate`), as the even grid nearest to all slices; never by MONAI's, ITK's or
SimpleITK's reader, which load broken series without a word.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from napari_refusion.io.dicom.gate import check_series, quantity_of
from napari_refusion.io.dicom.lean import lean_factor
from napari_refusion.io.dicom.series import Scan, Series, list_series, scan
from napari_refusion.io.dicom.suv import BODY_WEIGHT
from napari_refusion.io.dicom.values import load_stack
from napari_refusion.volume.acquisition import Acquisition
from napari_refusion.volume.finding import Finding, RefusedError, blocking, refuse
from napari_refusion.volume.modality import MODALITIES
from napari_refusion.volume.origin import Origin
from napari_refusion.volume.volume import Volume

__all__ = ["Series", "check_series", "list_series", "read_dicom", "read_series"]


def read_dicom(path: Path, series: str | None = None, modality: str | None = None) -> Volume:
    """Return the one series of a folder or file as a volume.

    Series that cannot be used (localizers, incomplete ones) do not count as long as one can be.

    Parameters
    ----------
    series
        Series Instance UID or Series Number, to choose among several.
    modality
        DICOM Modality (``PT``), to choose among several.

    Raises
    ------
    RefusedError
        No usable series, or several; the sentence lists them.
    """
    found = scan(path)
    chosen = [
        one
        for one in found.series
        if series in (None, one.uid, one.number) and (modality is None or one.modality == modality.upper())
    ]
    if not chosen:
        asked = " ".join(word for word in (modality, f"series {series}" if series else "") if word)
        raise refuse("series", f"{path.name} holds no {asked}, but: {_listed(found.series)}. Choose one of these.")
    if len(chosen) > 1:
        usable = [one for one in chosen if not blocking(check_series(one))]
        if len(usable) != 1:
            raise _not_one(path, usable, chosen)
        chosen = usable
    beside = _left_out(found, chosen[0])
    try:
        volume = read_series(chosen[0])
    except RefusedError as error:
        raise RefusedError([*error.findings, *beside]) from error
    return replace(volume, findings=(*volume.findings, *beside))


def read_series(series: Series) -> Volume:
    """Return a series as a volume: float32 in its unit, one rescale per slice, in (I, P, L) order.

    Raises
    ------
    RefusedError
        A check blocks, or the pixels cannot be decoded.
    """
    findings = check_series(series)
    if blocking(findings):
        raise RefusedError(findings)
    quantity = quantity_of(series)
    stack = load_stack(series)
    if quantity.factor != 1:
        np.multiply(stack.data, np.float32(quantity.factor), out=stack.data)
    return Volume(
        data=stack.data,
        affine=stack.affine,
        modality=series.modality if series.modality in MODALITIES else "",
        unit=quantity.unit,
        name=series.name,
        origin=Origin(series.files, series.uid, stack.sha256, series.slices[0].patient),
        frame_of_reference=series.slices[0].place.frame_of_reference,
        stored_axes=stack.axes,
        acquisition=Acquisition(lean_factor=_lean_factor(series, quantity.unit)),
        findings=(*findings, *stack.findings),
    )


def _lean_factor(series: Series, unit: str) -> float | None:
    """Return what turns the values of a series into SUV by lean body mass."""
    tracer = series.slices[0].pet_quantity
    return lean_factor(tracer) if tracer and unit == BODY_WEIGHT else None


def _left_out(found: Scan, chosen: Series) -> list[Finding]:
    """Return what lay beside the series that was read."""
    findings = []
    rest = [one for one in found.series if one.uid != chosen.uid]
    if rest:
        findings.append(Finding("ok", "series", f"Not read from the same folder: {_listed(rest)}.", f"{len(rest)}"))
    if found.others:
        names = ", ".join(file.name for file in found.others[:3])
        sentence = f"{len(found.others)} file(s) in the folder are not DICOM images ({names}...) and were left out."
        findings.append(Finding("ok", "DICOM files", sentence, f"{len(found.others)}"))
    if found.damaged:
        sentence = (
            f"{len(found.damaged)} file(s) in the folder are damaged, {found.damaged[0].name} first: if they belong to "
            "this series, slices are missing at its ends; send the series again."
        )
        findings.append(Finding("warn", "DICOM files", sentence, f"{len(found.damaged)}"))
    return findings


def _not_one(path: Path, usable: Sequence[Series], chosen: Sequence[Series]) -> RefusedError:
    """Return the refusal where not exactly one series can be used."""
    if usable:
        sentence = (
            f"{path.name} holds {len(usable)} series: {_listed(usable)}. Choose one by its number, UID or modality."
        )
        return refuse("series", sentence, f"{len(usable)} series")
    reasons = " ".join(f"{one.label}: {blocking(check_series(one))[0].sentence}" for one in chosen)
    return refuse("series", f"None of the {len(chosen)} series in {path.name} can be used. {reasons}")


def _listed(series: Sequence[Series]) -> str:
    return "; ".join(one.label for one in series)
