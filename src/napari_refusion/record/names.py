"""Names of readers and files that every system takes, and that stay inside their folder."""

import errno
import hashlib
import os
import re
import unicodedata
from pathlib import Path
from typing import Final

from napari_refusion.io.reserved_names import is_reserved
from napari_refusion.volume.finding import refuse

_READER: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")

_LONGEST: Final = 120
"""Bytes of UTF-8 of a name; 255 are allowed, and endings follow."""


def check_reader(name: str) -> str:
    """Return a reader's name as it is.

    Raises
    ------
    RefusedError
        If it is none: 1 to 40 letters a to z, digits, ``-`` and ``_``, and no name that Windows keeps for devices.
    """
    if not is_reader(name):
        sentence = (
            f"{name[:60]!r} is not a valid reader name: use 1 to 40 letters (a to z), digits, - and _, as in R1 or "
            "anna-2."
        )
        raise refuse("reader", sentence, name[:60])
    return name


def is_reader(name: str) -> bool:
    """Return whether a text is a reader's name, see `check_reader`."""
    return _READER.fullmatch(name) is not None and not is_reserved(name)


def safe_name(text: str) -> str:
    """Return a file name, without an ending, for a case or anything else, whatever it is called.

    Letters and digits of any script, ``-``, ``_``, spaces and dots inside stay. If anything had to be changed, ``~``
    and 12 digits of a hash of the text follow, so that different texts have different names. Texts that only differ in
    capitals have names that Windows and macOS take for the same.
    """
    plain = unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode())
    name = "".join(one if one.isalnum() or one in "-_ ." else "_" for one in plain)
    name = name.encode()[:_LONGEST].decode(errors="ignore").strip(" .").lstrip("-. ")
    if is_reserved(name):
        name = f"_{name}"
    if name and name == text:
        return name
    return f"{name or 'case'}~{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"


def inside(folder: Path, name: str) -> Path:
    """Return the path of a file in a folder, links followed.

    Raises
    ------
    RefusedError
        If it lies elsewhere, is the folder itself, or is not a path at all.
    """
    try:
        top, path = folder.resolve(), (folder / name).resolve()
        if any(part.is_symlink() for part in (path, *path.parents)):  # since Python 3.13 a circle is left as it is
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    except (OSError, ValueError, RuntimeError) as error:  # NUL, or links in a circle
        raise refuse("output", f"{name[:60]!r} is not a valid file name.", name[:60]) from error
    if not path.is_relative_to(top) or path == top:
        raise refuse("output", f"{name[:60]!r} is not in {folder}: nothing is written there.", name[:60])
    return path
