"""Where a volume came from."""

import hashlib
import hmac
import os
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_KEY: Final = secrets.token_bytes(32)
"""Made anew for each process: what is hashed with it tells two patients apart, and can be looked up nowhere."""

_NO_IDENTITY: Final = re.compile(
    r"[0\W_]*|x+|(the |no ?|test ?)?(patient|subject|name|id)( ?(id|name))?|(an|pseud)on(ym\w*)?( patient)?|test|dummy"
    r"|de ?identified|not (available|applicable)|unknown|unnamed|none|null|nil|na|n/a|removed|redacted|deleted|masked"
    r"|hidden|confidential|private|default|blank|empty"
)
"""What programs write into Patient ID where they took it out, whole, as `_plain` leaves it and without brackets."""

_NO_BIRTH: Final = ("00000000", "00010101", "18000101", "18581117", "19000101", "19010101", "19700101", "99991231")
"""What they write into Patient's Birth Date: the first days of calendars and of clocks."""

_SUBJECT: Final = re.compile(r"(?:^|_)sub-([a-z0-9+]+)(?=[_.]|$)")
"""A BIDS subject in the name of a folder, lower case."""

_SUBJECT_OF_FILE: Final = re.compile(_SUBJECT.pattern.replace("sub-", r"(?:[a-z]+\d?)?sub-", 1))
"""The same in the name of a file, which SPM and CAT put letters before, ``swsub-01``, ``mwp1sub-01``."""

_BOTH: Final = ";"
"""Between the marks of one volume."""

_NUMBER: Final = "Patient ID (0010,0020)"
_ISSUER: Final = "Issuer of Patient ID (0010,0021)"
_BIRTH: Final = "Patient's Birth Date (0010,0030)"

_COMPARED: Final = {
    "dicom": (_NUMBER, _ISSUER, _BIRTH),
    "bids": ("the BIDS label sub-",),
}
"""Kind of a mark -> what its parts are made of."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The files of a volume. All of it is empty for a volume that came from no file."""

    paths: tuple[Path, ...] = field(default=(), repr=False)
    """Every file that was read, in the order of the slices where there is one file for each; names may be patients'."""
    series_uid: str = field(default="", repr=False)
    """DICOM Series Instance UID (0020,000E)."""
    sha256: str = ""
    """Hash of the files' content, and of which volume it is where they hold several."""
    patient: str = field(default="", repr=False)
    """See `patient_mark`; empty where the files name no patient."""
    registrations: tuple[Path, ...] = field(default=(), repr=False)
    """DICOM registrations that lay beside the files, whatever they are about."""
    opened: Path | None = field(default=None, repr=False)
    """The file or folder that was asked for; None where only files of it are known."""
    asked: str = field(default="", repr=False)
    """What of it was asked for, see `what_was_asked`: one file or folder holds several volumes."""
    factor: float = 1.0
    """What the values by the files' own rescale were multiplied by to give the unit of the volume."""

    @property
    def mark(self) -> str:
        """Return the mark of the patient and that of the BIDS subject, as far as the files name them."""
        named = self.opened if self.opened is not None else next(iter(self.paths), None)
        label = bids_mark(named) if named is not None else ""
        return _BOTH.join(mark for mark in (self.patient, label) if mark)

    @property
    def read(self) -> tuple[Path, ...]:
        """Return every file that was read, and what was opened if that is a folder."""
        return (*self.paths, self.opened) if self.opened is not None and self.opened.is_dir() else self.paths

    @property
    def place(self) -> Path | None:
        """Return what was opened: the file, or the folder of several; None for no file."""
        if self.opened is not None or len(self.paths) < 2:
            return self.opened or (self.paths[0] if self.paths else None)
        folders = {path.parent for path in self.paths}
        return min(folders, key=lambda folder: len(folder.parts))


def what_was_asked(modality: str | None, series: str | None = None, volume: object = None) -> str:
    """Return what of a file or folder is asked for, see `io.open.open_volume`, in one word; empty for all of it."""
    return f"{modality or ''}/{series or ''}/{'' if volume is None else volume}".rstrip("/")


def patient_mark(patient_id: str, issuer: str = "", birth_date: str = "") -> str:
    """Return what tells two patients apart and says nothing about who they are; empty without any identity.

    Marks are compared by `what_differs`, never by ``==``: one file may say less than another of the same patient.

    Parameters
    ----------
    patient_id
        Patient ID (0010,0020); blanks around it, capitals, what parts its words, and zeros before a number do not
        count. Words of programs that anonymise (``ANONYMOUS``, ``0``) are no identity.
    issuer
        Issuer of Patient ID (0010,0021): equal numbers of two hospitals are two patients, unless the birth date is
        the same.
    birth_date
        Patient's Birth Date (0010,0030), YYYYMMDD; anything else, and the first days of calendars, say nothing.
    """
    number, hospital = _plain(patient_id), _plain(issuer)
    number = "" if _NO_IDENTITY.fullmatch(number.strip("()[]<>{} ")) else number
    number = number.lstrip("0") if number.isdecimal() else number
    born = re.sub(r"[.\-\s\0]", "", birth_date)
    born = born if re.fullmatch(r"\d{8}", born) and born not in _NO_BIRTH else ""
    return _mark("dicom", number, hospital if number else "", born)


def bids_mark(path: Path) -> str:
    """Return the mark of the subject that a BIDS name speaks of, ``sub-01_T1w.nii.gz``; empty where it names none.

    Of a file without a label the nearest folder with one counts.
    """
    # with the folder in which one works, without ``..``; links are not followed, for data sets are made of them
    whole = Path(os.path.abspath(path))  # noqa: PTH100
    if found := _SUBJECT_OF_FILE.search(whole.name.lower()):
        return _mark("bids", found[1])
    labels = (_SUBJECT.search(folder.name.lower()) for folder in whole.parents)
    nearest = next((label for label in labels if label), None)
    return _mark("bids", nearest[1]) if nearest else ""


def what_differs(mark: str, other: str) -> str:
    """Return by what two marks are those of two patients, ``Patient ID (0010,0020)``; empty where nothing says so.

    A DICOM patient and a BIDS subject cannot be compared, nor can what one of the files does not say. BIDS labels count
    where the Patient ID is not known of both: of one patient's folders one is often called ``sub-1ct``.
    """
    ours, theirs = _by_kind(mark), _by_kind(other)
    for kind in (kind for kind in _COMPARED if kind in ours and kind in theirs):
        parts = list(zip(_COMPARED[kind], ours[kind], theirs[kind], strict=True))
        known = [part for part in parts if "-" not in part]
        different = [name for name, one, another in known if one != another]
        if kind == "dicom" and different == [_ISSUER] and known[-1][0] == _BIRTH:
            different = []
        if different:
            return different[0]
        if kind == "dicom" and known and known[0][0] == _NUMBER:
            return ""
    return ""


def _by_kind(mark: str) -> dict[str, list[str]]:
    """Return kind -> hashes of its parts."""
    return {kind: parts for kind, *parts in (one.split(" ") for one in mark.split(_BOTH) if one)}


def _plain(text: str) -> str:
    """Return a number or a name in lower case, its words parted by one blank, whatever parted them before."""
    return re.sub(r"[\s^_\-\0]+", " ", text).strip().casefold()


def _mark(kind: str, *parts: str) -> str:
    """Return a kind and hashes of its parts, ``-`` for those that are empty; empty where all of them are."""
    hashes = [hmac.new(_KEY, f"{kind}\0{part}".encode(), hashlib.sha256).hexdigest() if part else "-" for part in parts]
    return " ".join((kind, *hashes)) if any(parts) else ""
