"""Two numbers as a reader types them: with decimal points or, on a computer in German, with decimal commas."""

import re
from typing import Final

_BETWEEN: Final = re.compile(r"\s*;\s*|\s*,\s+|\s+,\s*|\s+")
"""What parts two numbers whatever their decimal sign: a semicolon, or white space."""


def two_texts(text: str) -> tuple[str, str]:
    """Return the two parts of a text, with decimal points: ``0,5;7,5`` and ``0,5 7,5`` as ``0.5`` and ``7.5``.

    A comma without white space parts them only where nothing else does: ``0,5`` is from 0 to 5.

    Raises
    ------
    ValueError
        If it has not two parts.
    """
    parts = _BETWEEN.split(text.strip())
    if len(parts) == 1:
        low, high = text.strip().split(",")
        return low, high
    low, high = (part.replace(",", ".") for part in parts)
    return low, high


def two_numbers(text: str) -> tuple[float, float]:
    """Return the two numbers in a text, see `two_texts`.

    Raises
    ------
    ValueError
        If there are not two, or one of them is no number.
    """
    low, high = map(float, two_texts(text))
    return low, high
