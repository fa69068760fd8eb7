"""Where a volume came from."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_KEY: Final = secrets.token_bytes(32)
"""Made anew for each process: what is hashed with it tells two patients apart, and can be looked up nowhere."""


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
    """See `patient_mark`."""
    opened: Path | None = field(default=None, repr=False)
    """The file or folder that was asked for; None where only files of it are known."""

    @property
    def place(self) -> Path | None:
        """Return what was opened: the file, or the folder of several; None for no file."""
        if self.opened is not None or len(self.paths) < 2:
            return self.opened or (self.paths[0] if self.paths else None)
        folders = {path.parent for path in self.paths}
        return min(folders, key=lambda folder: len(folder.parts))


def patient_mark(patient_id: str, issuer: str = "") -> str:
    """Return what is equal for two images of one patient and says nothing about who it is; empty without an identifier.

    Parameters
    ----------
    patient_id
        Patient ID (0010,0020); blanks around it do not count.
    issuer
        Issuer of Patient ID (0010,0021): equal numbers of two hospitals are two patients.
    """
    if not patient_id.strip():
        return ""
    return hmac.new(_KEY, f"{issuer.strip()}\0{patient_id.strip()}".encode(), hashlib.sha256).hexdigest()
