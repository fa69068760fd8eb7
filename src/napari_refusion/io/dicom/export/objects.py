"""DICOM out: a fused volume as objects that an archive takes, all of them or none.

A Parametric Map is the archive master, a Secondary Capture is for every viewer, and a Presentation State shows the
classic overlay of the stored sources. Where one of them was registered, a Spatial Registration says how. Never CT, MR
or PET objects: they would invite reading HU or SUV.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from pydicom import Dataset
from pydicom.uid import generate_uid

from napari_refusion.fusion.fuse import Fused
from napari_refusion.io.dicom.export.blending import blending, blending_obstacle
from napari_refusion.io.dicom.export.derivation import plain
from napari_refusion.io.dicom.export.identity import Pseudonym, check_pseudonym, mapped
from napari_refusion.io.dicom.export.inputs import Export
from napari_refusion.io.dicom.export.parametric_map import parametric_map
from napari_refusion.io.dicom.export.reference import (
    ReferenceSeries,
    check_patient,
    check_references,
    read_reference,
)
from napari_refusion.io.dicom.export.registration import has_move, registration
from napari_refusion.io.dicom.export.secondary_capture import secondary_capture
from napari_refusion.io.dicom.header import quiet
from napari_refusion.io.whole_folder import check_folder, whole_folder
from napari_refusion.volume.finding import refuse

__all__ = ["KINDS", "Pseudonym", "ReferenceSeries", "check_patient", "export_dicom", "possible_kinds", "read_reference"]

_BUILDERS: Final[dict[str, Callable[[Export], Dataset]]] = {
    "parametric_map": parametric_map,
    "secondary_capture": secondary_capture,
    "blending": blending,
}

KINDS: Final = tuple(_BUILDERS)
"""The objects that can be written."""

References = tuple[ReferenceSeries, ReferenceSeries]
"""Of source a and of source b."""


def export_dicom(
    fused: Fused,
    references: References,
    folder: Path,
    *,
    check_failed: str = "",
    pseudonym: Pseudonym | None = None,
    kinds: Sequence[str] = KINDS,
) -> tuple[Path, ...]:
    """Return the files that were written to a new folder, one for each kind; it appears whole or not at all.

    Of sources that were registered ``registration.dcm`` is written, too, and the others refer to it.

    Parameters
    ----------
    references
        The series that were fused, see `read_reference`.
    folder
        Does not exist; its parent does.
    check_failed
        A check that failed and was overridden, as ``CHECK FAILED: Registration (overridden)``. It is in the texts of
        every object and in the pixels of every frame of the secondary capture.
    pseudonym
        Hides the patient; without it patient and study are those of the reference series.
    kinds
        Some of `KINDS`; `possible_kinds` tells which.

    Raises
    ------
    RefusedError
        If the series are not those that were fused or not of one patient, if a kind cannot be written, or for a
        folder that cannot.
    """
    export = _export(fused, references, check_failed, pseudonym)
    _check_kinds(fused, references, kinds)
    check_folder(folder)
    with whole_folder(folder) as temporary, quiet():
        for name, dataset in _objects(export, kinds):
            dataset.save_as(temporary / name, enforce_file_format=True)
    return tuple(folder / f"{kind}.dcm" for kind in (*kinds, *(["registration"] if has_move(fused) else [])))


def _objects(export: Export, kinds: Sequence[str]) -> Iterator[tuple[str, Dataset]]:
    """Yield name and content of each file, the registration that the others refer to last."""
    if has_move(export.fused):
        export = replace(export, registration=registration(export))
    for kind in kinds:
        yield f"{kind}.dcm", _BUILDERS[kind](export)
    if export.registration is not None:
        yield "registration.dcm", export.registration


def possible_kinds(fused: Fused, references: References) -> tuple[str, ...]:
    """Return which of `KINDS` can be written: all, or all but the blending where the sources are in two spaces."""
    obstacle = blending_obstacle(fused, references)
    return tuple(kind for kind in KINDS if kind != "blending" or not obstacle)


def _export(fused: Fused, references: References, check_failed: str, pseudonym: Pseudonym | None) -> Export:
    """Return what the objects are made from, after every check."""
    with quiet():
        check_references(fused, references)
        if pseudonym is not None:
            check_pseudonym(references, pseudonym)
    # A source without a frame of reference is in a space of its own, which needs a name nevertheless.
    space = fused.volume.frame_of_reference
    written = mapped(space, pseudonym) if space else generate_uid()
    return Export(fused, references, written, plain(check_failed), pseudonym)


def _check_kinds(fused: Fused, references: References, kinds: Sequence[str]) -> None:
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown or not kinds:
        raise refuse("DICOM export", f"Choose among {', '.join(KINDS)}, not {', '.join(unknown) or 'nothing'}.")
    obstacle = blending_obstacle(fused, references) if "blending" in kinds else ""
    if obstacle:
        raise refuse("DICOM export", f"{obstacle} Leave out the blending; the fused volume itself can be written.")
