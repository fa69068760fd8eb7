"""DICOM Spatial Registration objects (PS3.3, A.39.1) in: from a file to the move of one volume onto another."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from pydicom import Dataset
from pydicom.uid import DeformableSpatialRegistrationStorage, SpatialRegistrationStorage

from napari_refusion.io.boundary import bounded, decoding
from napari_refusion.io.dicom.dataset import read_dataset
from napari_refusion.io.dicom.header import decimals, quiet, text
from napari_refusion.io.given_path import GivenPath, given_path
from napari_refusion.study.order import finer
from napari_refusion.study.pairing import Given
from napari_refusion.volume.affine import LPS_TO_RAS, Affine
from napari_refusion.volume.finding import Finding, RefusedError, blocking, refuse
from napari_refusion.volume.origin import patient_mark, what_differs
from napari_refusion.volume.rigid import RigidMove, is_displaced, move_of
from napari_refusion.volume.volume import Volume

READ_FROM: Final = "DICOM registration"
"""`RigidMove.read_from` of moves that such a file says."""

ROUNDING: Final = 1e-3
"""How far the rows of a rotation may be from unit length and right angles: some programs write three decimals."""

SAME_PLACE: Final = 0.05
"""mm; transformations that differ by less over `REACH` are one."""

REACH: Final = 300.0
"""mm about the origin of a frame of reference."""


@dataclass(frozen=True, slots=True, eq=False)
class Registered:
    """One set of images, and where a registration puts it."""

    frame_of_reference: str
    """Frame of Reference UID (0020,0052) of the images; empty where they are told apart by their series only."""
    series: frozenset[str]
    """Series Instance UIDs of the images; empty where all of the frame of reference are meant."""
    matrix: Affine
    """(4, 4) RAS+ mm, from their frame of reference to the registered one."""


@dataclass(frozen=True, slots=True, eq=False)
class SpatialRegistration:
    """What a DICOM Spatial Registration object says."""

    name: str
    """Of its file."""
    frame_of_reference: str
    """The registered one, into which everything is put."""
    patient: str
    """See `volume.origin.patient_mark`."""
    registered: tuple[Registered, ...]

    def move(self, fixed: Volume, moving: Volume) -> RigidMove:
        """Return the move that lays `moving` on `fixed`.

        Raises
        ------
        RefusedError
            If it is about another patient, does not concern both volumes, or leaves them where they are; or if one
            of them no longer lies where its file places it.
        """
        for volume in (fixed, moving):
            if differs := what_differs(self.patient, volume.origin.mark):
                sentence = f"Choose this patient's registration: {self.name} is of another one ({differs} differs)."
                raise refuse("registration", sentence, differs)
            if is_displaced(volume):
                sentence = (
                    f"Open {volume.title} again: it was moved, and {self.name} is about where its file places it."
                )
                raise refuse("registration", sentence)
        matrix = np.asarray(np.linalg.solve(self._matrix_of(fixed), self._matrix_of(moving)), dtype=np.float64)
        if _farthest(matrix, np.eye(4)) < SAME_PLACE:
            sentence = f"Nothing to move: {self.name} leaves {moving.title} and {fixed.title} where they are."
            raise refuse("registration", sentence)
        return replace(move_of(fixed, moving, matrix), read_from=READ_FROM)

    def _matrix_of(self, volume: Volume) -> Affine:
        """Return where a volume goes, (4, 4) RAS+ mm; what is said of its series counts before its whole space."""
        here, series = volume.frame_of_reference, volume.origin.series_uid
        of_series = [one.matrix for one in self.registered if series and series in one.series]
        of_space = [one.matrix for one in self.registered if here and one.frame_of_reference == here]
        stays = [np.eye(4)] if here and here == self.frame_of_reference else []
        found = of_series or of_space or stays
        if not found:
            why = "its frame of reference is none of those in it" if here else "its file names no frame of reference"
            sentence = f"Choose another registration: {self.name} does not concern {volume.title}, {why}."
            raise refuse("registration", sentence)
        if any(_farthest(one, found[0]) > SAME_PLACE for one in found):
            sentence = f"Export the registration again: {self.name} puts {volume.title} in two places."
            raise refuse("registration", sentence)
        return found[0]


def moves_of(
    path: GivenPath, first: Volume, second: Volume, reference: Given | None = None
) -> tuple[RigidMove | None, RigidMove | None]:
    """Return the moves of two volumes by a registration file, one of them None: that whose grid is the result's stays.

    Parameters
    ----------
    reference
        Whose grid it is; by default as `study.pairing.pair` chooses it.

    Raises
    ------
    RefusedError
        If the file is refused, or does not concern both.
    """
    found = read_registration(path)
    stays = reference or ("second" if finer(first, second) == "b" else "first")
    return (None, found.move(first, second)) if stays == "first" else (found.move(second, first), None)


@bounded
@quiet()
def read_registration(path: GivenPath) -> SpatialRegistration:
    """Return what a DICOM Spatial Registration file says.

    Raises
    ------
    RefusedError
        If it is none or damaged, deforms, scales or shears, or holds matrices in an order that cannot be told.
    """
    path = given_path(path)
    if path.exists() and not path.is_file():  # reading a pipe would not end
        raise refuse("registration", f"Choose a file, for this is a folder, a pipe or a device: {path}", str(path))
    with decoding(path, _damaged):
        header = read_dataset(path)
        kind = text(header, "SOPClassUID")
    if kind == DeformableSpatialRegistrationStorage:
        sentence = f"{path.name} deforms the images, and only shifts and rotations are followed: export a rigid one."
        raise refuse("registration", sentence)
    items = header.get("RegistrationSequence")
    if kind != SpatialRegistrationStorage or not items:
        raise refuse("registration", f"Choose a DICOM Spatial Registration file: {path.name} is none.")
    series_of = _series_of_images(header)
    patient = patient_mark(*(text(header, tag) for tag in ("PatientID", "IssuerOfPatientID", "PatientBirthDate")))
    registered = tuple(_registered(path, item, series_of) for item in items)
    return SpatialRegistration(path.name, text(header, "FrameOfReferenceUID"), patient, registered)


def _damaged(path: Path, _error: BaseException) -> RefusedError:
    return refuse("registration", f"{path.name} cannot be read: choose another file.")


def _series_of_images(header: Dataset) -> dict[str, str]:
    """Return SOP Instance UID -> Series Instance UID, by the Common Instance Reference module (PS3.3, C.12.2)."""
    studies = header.get("StudiesContainingOtherReferencedInstancesSequence") or []
    return {
        text(image, "ReferencedSOPInstanceUID"): text(series, "SeriesInstanceUID")
        for holder in (header, *studies)
        for series in holder.get("ReferencedSeriesSequence") or []
        for image in series.get("ReferencedInstanceSequence") or []
    }


def _registered(path: Path, item: Dataset, series_of: dict[str, str]) -> Registered:
    images = [text(one, "ReferencedSOPInstanceUID") for one in item.get("ReferencedImageSequence") or []]
    series = frozenset(series_of[one] for one in images if one in series_of)
    matrices = [
        _matrix(path, one)
        for registration in item.get("MatrixRegistrationSequence") or []
        for one in registration.get("MatrixSequence") or []
    ]
    if not matrices:
        raise refuse("registration", f"Export the registration again: {path.name} holds no matrix for some images.")
    forth, back = np.eye(4), np.eye(4)
    for matrix in matrices:
        forth, back = matrix @ forth, back @ matrix
    if _farthest(forth, back) > SAME_PLACE:
        # By Equation C.20.2-2 the first is applied first; well-known programs apply the last one first.
        sentence = (
            f"Export the registration as one matrix: {path.name} holds {len(matrices)}, and programs disagree about "
            "which of them comes first."
        )
        raise refuse("registration", sentence, f"{len(matrices)} matrices")
    return Registered(text(item, "FrameOfReferenceUID"), series, LPS_TO_RAS @ forth @ LPS_TO_RAS)


def _matrix(path: Path, item: Dataset) -> Affine:
    """Return one rigid matrix, (4, 4) LPS mm, with the rounding of its rotation taken out."""
    faults: list[Finding] = []
    numbers = decimals(item, "FrameOfReferenceTransformationMatrix", 16, path.name, faults)
    if numbers is None or blocking(faults):
        raise refuse("registration", f"Export the registration again: a matrix in {path.name} is not 16 numbers.")
    matrix = np.reshape(numbers, (4, 4)).astype(np.float64)
    rotation = matrix[:3, :3]
    is_rigid = np.abs(rotation @ rotation.T - np.eye(3)).max() < ROUNDING and np.linalg.det(rotation) > 0
    if not is_rigid or np.abs(matrix[3] - (0, 0, 0, 1)).max() > 0:
        sentence = (
            f"{path.name} scales, shears or mirrors the images, and only shifts and rotations are followed: export a "
            "rigid one."
        )
        raise refuse("registration", sentence, text(item, "FrameOfReferenceTransformationMatrixType"))
    left, _, right = np.linalg.svd(rotation)
    matrix[:3, :3] = left @ right
    return matrix


def _farthest(one: Affine, other: Affine) -> float:
    """Return by how much two transformations differ at most within `REACH` of the origin, mm."""
    difference = one - other
    return float(np.linalg.norm(difference[:3, :3], 2) * REACH + np.linalg.norm(difference[:3, 3]))
