"""The accepted registration as a DICOM Spatial Registration object (PS3.3, A.39.1), which highdicom has none of."""

from datetime import datetime
from typing import Any, Final

import numpy as np
from pydicom import Dataset
from pydicom.uid import SpatialRegistrationStorage
from pydicom.valuerep import DS

from napari_refusion.fusion.fuse import Fused
from napari_refusion.io.dicom.decimal_string import to_digits
from napari_refusion.io.dicom.export.derivation import (
    LONG_STRING,
    new_object,
    plain,
    series_description,
    shortened,
)
from napari_refusion.io.dicom.export.identity import mapped, write_identity
from napari_refusion.io.dicom.export.inputs import Export
from napari_refusion.io.dicom.export.reference import ReferenceSeries
from napari_refusion.io.dicom.export.references import code, instances, refer
from napari_refusion.io.dicom.header import quiet
from napari_refusion.volume.affine import LPS_TO_RAS, Affine
from napari_refusion.volume.rigid import RigidMove

SERIES_NUMBER: Final = 9004


def has_move(fused: Fused) -> bool:
    """Return whether a source was moved by a registration, and by nothing that this could not say."""
    moves = [move for move in (fused.provenance.a.move, fused.provenance.b.move) if move is not None]
    return bool(moves) and all(move.is_from_files for move in moves)


def registration(export: Export) -> Dataset:
    """Return an object that says how both series lie in the space of the fused volume.

    Each item names the images of one series, and its frame of reference where the two have different ones: in one frame
    of reference only the images tell which of them was moved.
    """
    now, made = datetime.now(), export.fused.provenance
    moves = made.a.move, made.b.move
    tell_spaces = export.references[0].frame_of_reference != export.references[1].frame_of_reference
    with quiet():
        dataset = new_object(export, SpatialRegistrationStorage, modality="REG", series_number=SERIES_NUMBER)
        dataset.SeriesDescription = series_description(export, "registration")
        dataset.ContentDate, dataset.ContentTime = now.strftime("%Y%m%d"), now.strftime("%H%M%S")
        dataset.ContentLabel, dataset.ContentCreatorName = "REGISTRATION", ""
        words = "; ".join(move.words for move in moves if move)
        dataset.ContentDescription = shortened(plain(words), LONG_STRING)
        dataset.FrameOfReferenceUID, dataset.PositionReferenceIndicator = export.frame_of_reference, ""
        dataset.RegistrationSequence = [
            _item(export, one, move, tell_space=tell_spaces) for one, move in zip(export.references, moves, strict=True)
        ]
        refer(dataset, export)
        write_identity(dataset, export.reference, export.pseudonym)
    return dataset


def _item(export: Export, series: ReferenceSeries, move: RigidMove | None, *, tell_space: bool) -> Dataset:
    """Return an item of Registration Sequence (0070,0308): the images of a series, and where they go."""
    from pydicom.sr.codedict import codes

    inner = Dataset()
    ras = np.eye(4) if move is None else np.array(move.matrix)
    inner.FrameOfReferenceTransformationMatrix = _decimals(LPS_TO_RAS @ ras @ LPS_TO_RAS)
    inner.FrameOfReferenceTransformationMatrixType = "RIGID"
    how = Dataset()
    how.FrameOfReferenceTransformationComment = shortened(plain(move.words if move else "not moved"), LONG_STRING)
    kind = codes.DCM.ImageContentBasedAlignment
    searched = move is not None and not move.read_from
    how.RegistrationTypeCodeSequence = [code(kind.value, kind.scheme_designator, kind.meaning)] if searched else []
    how.MatrixSequence = [inner]
    item = Dataset()
    if tell_space and series.frame_of_reference:
        item.FrameOfReferenceUID = mapped(series.frame_of_reference, export.pseudonym)
    item.ReferencedImageSequence = instances(series, export.pseudonym)
    item.MatrixRegistrationSequence = [how]
    return item


def _decimals(matrix: Affine) -> list[Any]:
    """Return 16 Decimal Strings, row by row; each has at most 16 characters (PS3.5, 6.2)."""
    return [DS(to_digits(round(value, 13) + 0.0), auto_format=True) for value in matrix.ravel().tolist()]
