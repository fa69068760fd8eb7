"""How bright a pixel of 16 bits can be, where a file says that 10 or 12 of them are used.

Sources: PNG (w3.org/TR/png-3, 11.3.2.4 sBIT); TIFF 6.0 (MaxSampleValue 281, SMaxSampleValue 341).
"""

import math
import struct
from typing import Any, Final

import numpy as np

DEEP: Final = 65535
SHALLOW: Final = 2**14 - 1
"""The highest value of 16 bits, and of the 14 that scanners and cameras use at most where they do not use all."""

_SIGNATURE: Final = 8
"""Bytes before the first chunk of a PNG file."""

_MAX, _SCALED_MAX = 281, 341
"""TIFF tags."""


def is_shallow(data: np.ndarray) -> bool:
    """Return whether brightness, 1 at the highest value of 16 bits, uses no more than 14 of them, and not none."""
    return 0 < round(float(data.max()) * DEEP) <= SHALLOW


def stated_by_png(content: bytes, brightest: int) -> int | None:
    """Return the full brightness of a PNG file of 16 bits by its chunk ``sBIT``, None where it has none.

    The standard wants fewer bits scaled up to all 16; programs that write 12-bit images also store them as they are.
    The brightest pixel tells which it was.

    Parameters
    ----------
    content
        The file's bytes.
    brightest
        The highest stored value of a colour.
    """
    start, length = _sbit(content)
    if not 0 < length <= 4:
        return None
    bits = max(content[start + 8 : start + 8 + min(length, 3)])
    low = 2**bits - 1
    return low if 8 < bits < 16 and brightest <= low else 65535


def without_depth(content: bytes) -> bytes:
    """Return a PNG file without its ``sBIT``, by which ITK shifts bits out that are there."""
    start, length = _sbit(content)
    return content[:start] + content[start + length + 12 :] if length else content


def _sbit(content: bytes) -> tuple[int, int]:
    """Return where the chunk ``sBIT`` of a PNG file begins, and how many bytes it holds; 0 where there is none."""
    at = _SIGNATURE
    while at + 8 <= len(content):
        length, name = struct.unpack(">I4s", content[at : at + 8])
        if name == b"sBIT" and at + 12 + length <= len(content):
            return at, length
        if name == b"IDAT":
            break
        at += length + 12
    return 0, 0


def stated_by_tiff(page: Any, brightest: int) -> tuple[int | None, str]:  # noqa: ANN401 - tifffile's page is not typed
    """Return the full brightness of a TIFF page of 16 bits by its tags, None where they say nothing.

    ``SMaxSampleValue`` is the end of the range; ``MaxSampleValue`` the highest value that is used, so that the range
    ends where the bits that it needs do.

    Returns
    -------
        The value, and what is wrong with the tag, to follow the file's name in a sentence.
    """
    scaled, used = (_number(page.tags.valueof(tag)) for tag in (_SCALED_MAX, _MAX))
    found = scaled if scaled is not None else 2 ** max(9, int(used).bit_length()) - 1 if used is not None else None
    if found is None:
        return None, ""
    if found < brightest:
        return None, f"states {found:g} as its highest value but holds {brightest}; the statement was left out"
    return (round(found), "") if 255 < found <= 65535 else (None, "")


def _number(value: Any) -> float | None:  # noqa: ANN401 - whatever a tag holds
    """Return the highest number of a tag, None for anything else."""
    values = value if isinstance(value, tuple | list) else (value,)
    numbers = [float(one) for one in values if isinstance(one, int | float) and not isinstance(one, bool)]
    return max(numbers) if numbers and len(numbers) == len(values) and all(map(math.isfinite, numbers)) else None
