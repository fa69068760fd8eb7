"""File names that Windows cannot give to a file: those of devices, and with characters that mean something else."""

import re
import unicodedata
from typing import Final

_RESERVED: Final = re.compile(r"(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[0-9])")
"""With whatever ending (Microsoft, Naming Files, Paths, and Namespaces)."""

_FORBIDDEN: Final = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
"""In the name of a file; behind a colon it keeps a hidden stream of another file (the same source)."""


def without_forbidden(name: str) -> str:
    """Return a file name without the characters that Windows forbids in it."""
    return _FORBIDDEN.sub("", name)


def is_reserved(name: str) -> bool:
    """Return whether Windows takes a file name for a device, whatever follows its first dot."""
    first = unicodedata.normalize("NFKC", name).split(".")[0].strip().upper()
    return _RESERVED.fullmatch(first) is not None
