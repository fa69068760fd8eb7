"""File names that Windows keeps for devices."""

import re
import unicodedata
from typing import Final

_RESERVED: Final = re.compile(r"(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[0-9])")
"""With whatever ending (Microsoft, Naming Files, Paths, and Namespaces)."""


def is_reserved(name: str) -> bool:
    """Return whether Windows takes a file name for a device, whatever follows its first dot."""
    first = unicodedata.normalize("NFKC", name).split(".")[0].strip().upper()
    return _RESERVED.fullmatch(first) is not None
