"""DICOM in: a folder, a file or several become volumes, or are refused with the reason.

Each file is opened twice: once for its header, when what belongs together is found out, and once for its pixels.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from napari_refusion.io.choice import Chosen, VolumeChoice, choose_volume, identity_of
from napari_refusion.io.dicom.acquired import acquisition_of
from napari_refusion.io.dicom.beside import beside, not_read
from napari_refusion.io.dicom.choose import choose_series, why_not
from napari_refusion.io.dicom.files import Paths, as_path
from napari_refusion.io.dicom.gate import Quantity, check_series, quantity_of
from napari_refusion.io.dicom.parts import parts_of
from napari_refusion.io.dicom.scan import list_series, scan
from napari_refusion.io.dicom.series import Series
from napari_refusion.io.dicom.values import load_stack
from napari_refusion.io.identify import is_shifted
from napari_refusion.volume.finding import Finding, RefusedError, blocking, refuse
from napari_refusion.volume.modality import MODALITIES
from napari_refusion.volume.origin import Origin
from napari_refusion.volume.volume import Volume

__all__ = ["Series", "check_series", "list_series", "read_dicom", "read_series", "read_volumes"]


def read_dicom(
    path: Paths, series: str | None = None, modality: str | None = None, volume: VolumeChoice = None
) -> Volume:
    """Return one volume of a folder, a file, a list of files, a DICOMDIR or a zip archive.

    Series that cannot be used (localizers, incomplete ones) do not count as long as one can be, and no parts of a
    series do that cannot be read.

    Parameters
    ----------
    series
        Series Number, Series Instance UID or Series Description, to choose among several.
    modality
        DICOM Modality (``PT``), to choose among several.
    volume
        Which of several volumes of a series; see `io.choice`.

    Raises
    ------
    RefusedError
        No usable series or volume, or several; the sentence lists them.
    """
    found = scan(path)
    chosen, why = choose_series(path, found.series, series, modality)
    parts = parts_of(chosen)
    around = [*why, *beside(found, chosen)]
    try:
        picked = _the_only_one(chosen, parts) if volume is None and len(parts) > 1 else []
        if picked:
            read = read_series(picked[0])
        else:
            which = _chosen(path, volume, parts)
            read, picked = _combined(parts, which), [parts[index] for index in which.indices]
    except RefusedError as error:
        raise RefusedError([*error.findings, *around]) from error
    origin = replace(read.origin, registrations=found.registrations)
    return replace(read, origin=origin, findings=(*read.findings, *not_read(parts, picked), *around))


def _the_only_one(series: Series, parts: Sequence[Series]) -> list[Series]:
    """Return the only one of several parts that can be read, nothing where there are more; refuse where none can."""
    usable = [one for one in parts if not blocking(check_series(one))]
    if not usable:
        raise RefusedError(why_not(series))
    return usable if len(usable) == 1 else []


def read_volumes(path: Paths, series: str | None = None, modality: str | None = None) -> tuple[Volume, ...]:
    """Return every volume of one series that can be read; a finding of the first one tells of the others.

    Raises
    ------
    RefusedError
        See `read_dicom`; also where no volume can be read.
    """
    found = scan(path)
    chosen, why = choose_series(path, found.series, series, modality)
    volumes, refused = _parts_read(chosen)
    around = (*why, *beside(found, chosen))
    if not volumes:
        raise RefusedError([*refused[0].findings, *around])
    left_out = tuple(
        Finding("warn", one.rule, one.sentence, one.value) for error in refused for one in blocking(error.findings)
    )
    first, *rest = (replace(one, origin=replace(one.origin, registrations=found.registrations)) for one in volumes)
    return (replace(first, findings=(*first.findings, *left_out, *around)), *rest)


def read_series(series: Series) -> Volume:
    """Return a series, or a part of one, as a volume: float32 in its unit, in (I, P, L) order.

    Raises
    ------
    RefusedError
        A check blocks, or the pixels cannot be decoded.
    """
    findings = check_series(series)
    if blocking(findings):
        raise RefusedError(findings)
    stack = load_stack(series)
    stated = quantity_of(series)
    doubt = _doubt(series, stated, stack.data)
    if doubt:
        findings = [doubt if one == stated.finding else one for one in findings]
    quantity = replace(stated, unit="", finding=doubt) if doubt else stated
    if quantity.factor != 1:
        np.multiply(stack.data, np.float32(quantity.factor), out=stack.data)
    return Volume(
        data=stack.data,
        affine=stack.affine,
        modality=series.modality if series.modality in MODALITIES else "",
        unit=quantity.unit,
        name=series.name,
        origin=Origin(
            series.files,
            series.uid,
            _identity(series, stack.sha256),
            series.slices[0].patient,
            factor=quantity.factor,
        ),
        frame_of_reference=series.slices[0].place.frame_of_reference,
        stored_axes=stack.axes,
        acquisition=acquisition_of(series, quantity),
        findings=(*findings, *stack.findings),
    )


def _doubt(series: Series, stated: Quantity, data: np.ndarray) -> Finding | None:
    """Return a warning for a CT that is in HU by its headers and in HU + 1024 by its values."""
    if stated.unit != "HU" or any(image.rescale.intercept or image.rescale.table for image in series.slices):
        return None
    if not is_shifted(data):
        return None
    sentence = (
        f"{series.name} is no CT in Hounsfield units: its Rescale Intercept (0028,1052) is 0, but its tissue lies near "
        "1000 and it holds no air, as values do to which 1024 was added. CT windows do not apply, and its window is "
        "chosen from its values; export it again from the original images."
    )
    return Finding("warn", "unit", sentence, "HU + 1024")


def _parts_read(series: Series) -> tuple[list[Volume], list[RefusedError]]:
    volumes, refused = [], []
    for part in parts_of(series):
        try:
            volumes.append(read_series(part))
        except RefusedError as error:
            refused.append(error)
    return volumes, refused


def _identity(series: Series, files: str) -> str:
    """Return what tells one volume from all others: the hash of its files, and its part where they hold several."""
    if not series.part or series.slices[0].frames == 1:
        return files
    return hashlib.sha256(f"{files} volume {series.part}".encode()).hexdigest()


def _chosen(path: Paths, volume: VolumeChoice, parts: Sequence[Series]) -> Chosen:
    names, times = [one.part for one in parts], [one.time for one in parts]
    return choose_volume(as_path(path), volume, names, times, alike=parts[0].has_mean)


def _combined(parts: Sequence[Series], which: Chosen) -> Volume:
    """Return one part, or the weighted sum of several, whose files are all those that it was made of."""
    first, *others = [parts[index] for index in which.indices]
    volume = read_series(first)
    if not others:
        return volume
    data, origins, findings = volume.data, [volume.origin], list(volume.findings)
    np.multiply(data, np.float32(which.weights[0]), out=data)
    for part, weight in zip(others, which.weights[1:], strict=True):
        more = read_series(part)
        _check_same_grid(volume, more, part)
        data += more.data * np.float32(weight)
        origins.append(more.origin)
        findings += [one for one in more.findings if one.level != "ok" and one.rule not in {f.rule for f in findings}]
    paths = tuple(dict.fromkeys(file for origin in origins for file in origin.paths))
    digest = identity_of(which, [origin.sha256 for origin in origins])
    return replace(
        volume,
        name=f"{replace(first, part='').name}, {which.part}",
        unit="" if which.is_sum else volume.unit,
        origin=replace(volume.origin, paths=paths, sha256=digest),
        acquisition=replace(volume.acquisition, part=which.part, time=which.time),
        findings=tuple(findings),
    )


def _check_same_grid(one: Volume, other: Volume, part: Series) -> None:
    """Refuse frames that lie on different grids: their mean would be of different places."""
    if one.shape != other.shape or not np.allclose(one.affine, other.affine, atol=0.05) or one.unit != other.unit:
        sentence = f"{part.name} has another grid or unit than the first frame: choose one frame by its number."
        raise refuse("frames", sentence, part.part)
