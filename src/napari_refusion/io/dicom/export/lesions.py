"""DICOM out: a reader's lesions as a Segmentation and a measurement report that refers to it, both or none."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pydicom.uid import generate_uid

from napari_refusion.io.dicom.export.identity import Pseudonym, check_own_pseudonym, mapped
from napari_refusion.io.dicom.export.measured import LesionExport, Measured
from napari_refusion.io.dicom.export.measurement_report import measurement_report
from napari_refusion.io.dicom.export.reference import read_reference
from napari_refusion.io.dicom.export.segmentation import segmentation
from napari_refusion.io.dicom.header import quiet
from napari_refusion.io.overlays.label_map import check_lesions
from napari_refusion.io.whole_folder import check_folder, whole_folder
from napari_refusion.volume.finding import refuse
from napari_refusion.volume.rigid import is_displaced
from napari_refusion.volume.volume import Volume

__all__ = ["FILES", "Measured", "export_lesions"]

FILES: Final = ("segmentation.dcm", "measurement_report.dcm")
"""What a folder of lesions holds."""


UNICODE: Final = "ISO_IR 192"
"""Specific Character Set (0008,0005) of UTF-8; without other letters, that of the series stays."""


def export_lesions(
    lesions: Sequence[Measured], source: Volume, folder: Path, *, pseudonym: Pseudonym | None = None
) -> tuple[Path, ...]:
    """Return the files of lesions that were written to a new folder; it appears whole or not at all.

    Parameters
    ----------
    lesions
        All drawn on `source`, in the order of the list; they may overlap.
    source
        A DICOM series as it was opened; the objects lie in its frames and belong to its study.
    folder
        Does not exist; its parent does.
    pseudonym
        Hides the patient, as in `objects.export_dicom`. What the reader typed is written as it is.

    Raises
    ------
    RefusedError
        If the source is no DICOM series or was moved, its files are not those that were opened, or a lesion is not
        drawn on it; or for a folder that cannot be written.
    """
    check_lesions([one.lesion for one in lesions], source)
    if not source.origin.series_uid:
        sentence = (
            f"Write the lesions as a label map (NIfTI) instead: {source.title} is no DICOM series, whose images DICOM "
            "objects must name. Or draw them on the DICOM series."
        )
        raise refuse("DICOM export", sentence)
    if is_displaced(source):
        sentence = f"Open {source.title} again: it was moved, and DICOM objects lie where its files place it."
        raise refuse("DICOM export", sentence)
    reference = read_reference(source.origin)
    if len(reference.orientation) != 6:
        sentence = f"Write a label map (NIfTI) instead: {source.title} does not state how its images lie."
        raise refuse("DICOM export", sentence)
    if pseudonym is not None:
        check_own_pseudonym(reference, pseudonym)
    # a series without a frame of reference is in a space of its own, which needs a name nevertheless
    space = mapped(reference.frame_of_reference, pseudonym) if reference.frame_of_reference else generate_uid()
    export = LesionExport(tuple(lesions), source, reference, space, pseudonym)
    check_folder(folder)
    with whole_folder(folder) as temporary, quiet():
        segments = segmentation(export)
        for name, dataset in zip(FILES, (segments, measurement_report(export, segments)), strict=True):
            if not export.is_ascii:
                dataset.SpecificCharacterSet = UNICODE
            dataset.save_as(temporary / name, enforce_file_format=True)
    return tuple(folder / name for name in FILES)
