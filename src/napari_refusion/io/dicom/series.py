"""DICOM series: the images below a folder, grouped by Series Instance UID and sorted by position; headers only."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, Final, Literal

import numpy as np
from pydicom import Dataset
from pydicom.uid import (
    UID,
    DeformableSpatialRegistrationStorage,
    MediaStorageDirectoryStorage,
    SpatialRegistrationStorage,
)

from napari_refusion.io.boundary import bounded, decoding
from napari_refusion.io.dicom.copies import without_copies
from napari_refusion.io.dicom.dataset import read_dataset
from napari_refusion.io.dicom.files import Paths, files_at, title
from napari_refusion.io.dicom.header import Numbers, quiet, text, whole
from napari_refusion.io.dicom.slice import Slice, slices_of
from napari_refusion.io.formats import DICOM, PACKED, ending, format_by_name
from napari_refusion.volume.finding import Finding, RefusedError, blocking, refuse
from napari_refusion.volume.modality import modality_name

FEWEST: Final = 3
"""Images that are a series of their own under a Series Instance UID that they share with others."""
ACROSS: Final = 0.5
"""Cosine between the normals of two images from which they lie across each other: 60 degrees, gantries tilt by 30."""
MOST_FRAMES: Final = 20_000
"""Frames of one file; more is a damaged header."""

REGISTRATIONS: Final = (SpatialRegistrationStorage, DeformableSpatialRegistrationStorage)
"""SOP classes of registrations."""


@dataclass(frozen=True, slots=True)
class Series:
    """The images with one Series Instance UID."""

    uid: str
    slices: tuple[Slice, ...]
    """Sorted along the normal of the images; those without a place last."""
    part: str = ""
    """Which of several volumes of the series it is: ``echo time 20 ms``; empty where it is all of it."""
    time: tuple[float, float] | None = None
    """Start and end of a frame, s after the start of the first one."""
    began: datetime | None = None
    """First acquisition after the same injection in all parts of the series, where it is one of them, and PET."""
    lost: int = 0
    """Slices that the other parts of the series have and this one lacks."""
    has_mean: bool = False
    """Whether its parts are frames in time of the same image, which have a mean."""
    copies: tuple[Path, ...] = ()
    """Files that are copies of some of its own."""
    study: str = ""
    """``study 1 of 2``, the earliest first, where images of several studies lie together; else empty."""

    @property
    def files(self) -> tuple[Path, ...]:
        """Its files in the order of the slices, each once."""
        return tuple(dict.fromkeys(image.path for image in self.slices))

    @property
    def modality(self) -> str:
        """DICOM Modality (0008,0060)."""
        return self.slices[0].modality

    @property
    def description(self) -> str:
        """Series Description (0008,103E)."""
        return self.slices[0].description

    @property
    def number(self) -> str:
        """Series Number (0020,0011)."""
        return self.slices[0].series_number

    @property
    def shape(self) -> tuple[int, int, int]:
        """Slices, rows, columns."""
        place = self.slices[0].place
        return len(self.slices), place.rows, place.columns

    @property
    def name(self) -> str:
        """What to call it, without patient data: ``PET FDG AC (series 5)``."""
        word = modality_name(self.modality, self.modality)
        words = [self.description] if _begins_with(self.description, word, self.modality) else [word, self.description]
        number = f"(series {self.number})" if self.number else ""
        words = [" ".join(word for word in words if word), self.study]
        name = " ".join(word for word in [", ".join(filter(None, words)), number] if word) or "DICOM series"
        return f"{name}, {self.part}" if self.part else name

    @property
    def label(self) -> str:
        """One line for a list to choose from: name, number of slices, matrix."""
        count, rows, columns = self.shape
        return f"{self.name}, {count} slice{'s' if count > 1 else ''} of {rows}x{columns}"


def _begins_with(description: str, *words: str) -> bool:
    """Return whether a description names the modality itself, as ``CT soft tissue`` does."""
    text = description.lower()
    behind = (text.removeprefix(word.lower()) for word in words if word and text.startswith(word.lower()))
    return any(not (rest[:1].isascii() and rest[:1].isalnum()) for rest in behind)


@dataclass(frozen=True, slots=True)
class Scan:
    """What lies at a path."""

    series: tuple[Series, ...]
    """Sorted by series number."""
    others: tuple[Path, ...] = ()
    """Files that are no DICOM images."""
    damaged: tuple[Path, ...] = ()
    """DICOM files that could not be read."""
    lost: tuple[Path, ...] = ()
    """Files that are no DICOM images but are called like those beside them: emptied, or cut at their beginning."""
    missing: tuple[str, ...] = ()
    """Files that a DICOMDIR refers to and that are not there."""
    registrations: tuple[Path, ...] = ()
    """DICOM registrations, which are no images but may say how two series lie to each other."""
    faults: tuple[Finding, ...] = ()
    """Why each of `damaged` could not be read."""


def list_series(paths: Paths) -> list[Series]:
    """Return the series of a folder and the folders below it, of one file, or of whatever else `files_at` takes.

    Raises
    ------
    RefusedError
        Nothing there, no DICOM images, or more files than an examination has.
    """
    return list(scan(paths).series)


@bounded
def scan(paths: Paths) -> Scan:
    """Return the series at a path and the files that belong to none; see `list_series`."""
    files = files_at(paths)
    found = _series_in(tuple(map(_state, files.paths)))
    if not found.series:
        raise _nothing_found(paths, found)
    return replace(found, missing=files.missing)


def _state(file: Path) -> tuple[Path, int, int]:
    """Return a file with its size and the time of its last change."""
    try:
        status = file.stat()
    except OSError:
        return file, -1, -1
    return file, status.st_size, status.st_mtime_ns


@lru_cache(maxsize=2)
def _series_in(states: tuple[tuple[Path, int, int], ...]) -> Scan:
    """Return what `series_in` does; a folder that is listed and then read is not scanned twice."""
    return series_in(file for file, _, _ in states)


@quiet()
def series_in(files: Iterable[Path]) -> Scan:
    """Return the series that files hold, and which of them belong to none."""
    groups: dict[str, list[Slice]] = {}
    others: list[Path] = []
    foreign: list[Path] = []
    registrations: list[Path] = []
    damaged: list[Path] = []
    faults: list[Finding] = []
    for file in files:
        try:
            with decoding(file, _damaged):
                slices = _read(file)
        except RefusedError as error:
            damaged.append(file)
            faults += blocking(error.findings)
            continue
        if not isinstance(slices, list):
            {"foreign": foreign, "registration": registrations, "other": others}[slices].append(file)
            continue
        for image in slices:
            groups.setdefault(image.series_uid, []).append(image)
    series = [_series(uid, images) for uid, slices in groups.items() for images in _series_under(slices)]
    series.sort(key=lambda one: (_as_number(one.number), one.uid, one.modality))
    series = _with_studies(series)
    lost = _called_like_images(foreign, [file for one in series for file in one.files])
    others += [file for file in foreign if file not in lost]
    return Scan(tuple(series), tuple(others), tuple(damaged), lost, (), tuple(registrations), tuple(faults))


def _series(uid: str, slices: Sequence[Slice]) -> Series:
    several = len({(image.sop_instance, image.frame) for image in slices}) < len(slices)
    once, copies = without_copies(slices) if several else (slices, ())
    return Series(uid, _sorted(once), copies=copies)


def _series_under(slices: Sequence[Slice]) -> list[list[Slice]]:
    """Return the images of each modality and series number, where of each are too many to be damaged headers.

    Some programs that remove identities write one Series Instance UID into all of an examination. Scouts are a series
    of their own; one or two only where they lie across all other images, as damaged headers do not make slices lie.
    """
    scouts = [image for image in slices if image.is_scout]
    others = [image for image in slices if not image.is_scout]
    if scouts and others and (len(scouts) >= FEWEST or _lie_across(scouts, others)):
        return [*_series_under(others), scouts]
    groups: dict[tuple[str, str], list[Slice]] = {}
    for image in slices:
        groups.setdefault((image.modality, image.series_number), []).append(image)
    return list(groups.values()) if min(map(len, groups.values())) >= FEWEST else [list(slices)]


def _lie_across(scouts: Sequence[Slice], others: Sequence[Slice]) -> bool:
    """Return whether scouts are of one modality, and none is nearly parallel to another image of it."""
    if len({image.modality for image in scouts}) > 1:
        return False
    others = [image for image in others if image.modality == scouts[0].modality]
    normals = [
        np.array([np.cross(place[:3], place[3:]) for image in images if (place := image.place.orientation)])
        for images in (scouts, others)
    ]
    if not others or len(normals[0]) < len(scouts) or len(normals[1]) < len(others):
        return False
    return bool(np.abs(normals[0] @ normals[1].T).max() < ACROSS)


def _with_studies(series: Sequence[Series]) -> list[Series]:
    """Return series that say of which study they are, where there are several: their dates are the patient's."""
    firsts: dict[str, float] = {}
    for one in series:
        moments = [image.content.acquired for image in one.slices if image.content.acquired is not None]
        study = one.slices[0].content.study
        firsts[study] = min([firsts.get(study, float("inf")), *moments])
    ordered = sorted(firsts, key=lambda study: firsts[study])
    if len(ordered) < 2 or "" in firsts:
        return list(series)
    words = {study: f"study {number} of {len(ordered)}" for number, study in enumerate(ordered, start=1)}
    return [replace(one, study=words[one.slices[0].content.study]) for one in series]


def _called_like_images(others: Sequence[Path], images: Iterable[Path]) -> tuple[Path, ...]:
    """Return the files that are numbered like images beside them, or have an ending that only DICOM has."""

    def pattern(file: Path) -> tuple[Path, str]:
        return file.parent, re.sub(r"\d+", "#", file.name)

    numbered = {pattern(file) for file in images} if others else set()
    return tuple(
        file
        for file in others
        if file.suffix.lower() in (".dcm", ".ima") or ("#" in pattern(file)[1] and pattern(file) in numbered)
    )


def _nothing_found(paths: Paths, found: Scan) -> RefusedError:
    name = title(paths)
    if found.faults:
        return RefusedError(found.faults[:1])
    if found.lost:
        return _damaged(found.lost[0])
    archives = [file for file in found.others if ending(file) in (".zip", *PACKED)]
    if archives:
        what = "unpack it" if ending(archives[0]) in PACKED else "open that archive, or unpack it"
        sentence = f"{name} holds no DICOM images but an archive, {archives[0].name}: {what} and open its folder."
        return refuse("DICOM files", sentence, archives[0].name)
    others = [file for file in found.others if format_by_name(file) not in (None, DICOM)]
    if others and not (isinstance(paths, Path) and paths.is_file()):
        more = f" and {len(others) - 1} more" if len(others) > 1 else ""
        sentence = f"{name} holds no DICOM images, but {others[0].name}{more}: open such a file by itself."
        return refuse("DICOM files", sentence, others[0].name)
    alone = isinstance(paths, Path) and paths.is_file()
    looked = "it is another kind of file" if alone else f"none of the {len(found.others)} file(s) in it is one"
    return refuse("DICOM files", f"{name} holds no DICOM images: {looked}; choose the folder of an examination.")


def _damaged(path: Path, _error: BaseException | None = None) -> RefusedError:
    return refuse("DICOM files", f"{path.name} is a damaged DICOM file and cannot be read; send the series again.")


def _read(path: Path) -> list[Slice] | Literal["registration", "other", "foreign"]:
    """Return the images of a file, or what else it is, ``foreign`` for no DICOM; raises where it is damaged."""
    with path.open("rb") as file:
        if not _looks_like_dicom(file):
            return "foreign"
        header = read_dataset(file, stop_before_pixels=True)
        if not _is_image(header):
            return "registration" if text(header, "SOPClassUID") in REGISTRATIONS else "other"
        if not whole(header, "Rows") or not whole(header, "Columns") or whole(header, "NumberOfFrames") > MOST_FRAMES:
            raise ValueError("damaged header")
        return slices_of(path, header, file)


def _looks_like_dicom(file: BinaryIO) -> bool:
    """Return whether a file has the DICM mark, or begins like a data set without one (little endian, group 2 or 8)."""
    start = file.read(132)
    file.seek(0)
    if start[128:132] == b"DICM":
        return True
    return start[:2] in (b"\x02\x00", b"\x08\x00") and start[3:4] == b"\x00"


def _is_image(header: Dataset) -> bool:
    """Return whether a header belongs to an object with pixels; directories, reports and plans do not."""
    if not text(header, "SOPClassUID"):
        meta = getattr(header, "file_meta", Dataset())
        if header.preamble is not None and text(meta, "MediaStorageSOPClassUID") != MediaStorageDirectoryStorage:
            raise ValueError("the header ends early")
        return False
    # A header that was cut inside its class still has the class in the file meta information.
    meta = getattr(header, "file_meta", Dataset())
    classes = text(header, "SOPClassUID"), text(meta, "MediaStorageSOPClassUID")
    if "Rows" in header or any("Image Storage" in UID(one).name for one in classes if one):
        return True
    if UID(classes[0]).name == classes[0] and not text(header, "SeriesInstanceUID"):
        # of no class that is known and of no series, which every object of a patient has (PS3.3, C.7.3.1)
        raise ValueError("the header ends early")
    return False


def _sorted(slices: Sequence[Slice]) -> tuple[Slice, ...]:
    """Return slices by their position along the commonest normal; file names and instance numbers tell no place."""
    oriented = [image.place.orientation for image in slices if image.place.orientation]
    common: Numbers = Counter(oriented).most_common(1)[0][0] if oriented else (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
    normal = np.cross(common[:3], common[3:])

    def rank(image: Slice) -> tuple[float, float, str, int]:
        position = image.place.position
        along = float("inf") if position is None else round(float(np.dot(normal, position)), 6)
        return along, _as_number(image.instance_number), str(image.path), image.frame

    return tuple(sorted(slices, key=rank))


def _as_number(written: str) -> float:
    try:
        return float(written)
    except ValueError:
        return float("inf")
