"""Single attributes of a DICOM header, read so that broken ones are named instead of raising or being believed."""

import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Final

import numpy as np
from pydicom import Dataset
from pydicom.datadict import dictionary_description, dictionary_VR, tag_for_keyword
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.tag import BaseTag

from napari_refusion.volume.finding import Finding

LONGEST_DECIMAL: Final = 16
"""Characters of one Decimal String (PS3.5, 6.2); writers that cut a longer number there cut off its exponent."""

Numbers = tuple[float, ...]


@contextmanager
def quiet() -> Iterator[None]:
    """Keep pydicom's warnings to itself: they quote header values, patient data too, and napari would show them."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="pydicom")
        yield


def text(header: Dataset, keyword: str) -> str:
    """Return an attribute as text, several values joined by backslashes; empty where missing or unreadable."""
    element = element_of(header, keyword)
    if element is None:
        return ""
    if isinstance(element, RawDataElement) and _is_plain(element):
        plain = (element.value or b"").decode("ascii")
        return "\\".join(map(_printable, plain.split("\\"))) if "\\" in plain else _printable(plain)
    try:
        value = header[element.tag].value
    except (KeyError, ValueError, TypeError, NotImplementedError):
        return ""
    parts = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    return "\\".join("" if part is None else _printable(str(part)) for part in parts)


def whole(header: Dataset, keyword: str) -> int:
    """Return a whole number, 0 where missing or unreadable."""
    element = element_of(header, keyword)
    if element is None:
        return 0
    try:
        if isinstance(element, RawDataElement) and element.VR == "US" and element.value and len(element.value) == 2:
            return int.from_bytes(element.value, "little" if element.is_little_endian else "big")
        return int(header[element.tag].value)
    except (KeyError, ValueError, TypeError, NotImplementedError):
        return 0


def number(header: Dataset, keyword: str) -> float | None:
    """Return the first number of an attribute, None where it is missing, unreadable or not finite."""
    element = element_of(header, keyword)
    if element is None:
        return None
    try:
        value = text(header, keyword).split("\\")[0] if _is_text(element) else header[element.tag].value
        first = value[0] if isinstance(value, Sequence) and not isinstance(value, str | bytes) else value
        found = float(first)
    except (KeyError, IndexError, ValueError, TypeError, NotImplementedError):
        return None
    return found if np.isfinite(found) else None


def element_of(holder: Dataset, keyword: str) -> RawDataElement | DataElement | None:
    """Return an attribute as it stands in the file where nothing asked for its value yet; None where it is missing."""
    found: RawDataElement | DataElement | None = holder.get_item(tag_of(keyword))
    return found


@cache
def tag_of(keyword: str) -> BaseTag:
    """Return the tag of a keyword; pydicom looks it up by parsing it, thousands of times in one folder."""
    found = tag_for_keyword(keyword)
    if found is None:
        raise ValueError(keyword)
    return BaseTag(found)


@cache
def _vr_of(tag: int) -> str:
    try:
        return dictionary_VR(tag)
    except KeyError:
        return "UN"


_TEXTS: Final = frozenset({"AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "SH", "TM", "UI", "PN"})
"""Value representations whose bytes are the text, several values between backslashes."""


def _is_text(element: RawDataElement | DataElement) -> bool:
    return (element.VR or _vr_of(element.tag)) in _TEXTS


def _is_plain(element: RawDataElement) -> bool:
    """Return whether the bytes of an attribute are its text, in ASCII: no character set changes it (PS3.5, 6.1.1)."""
    value = element.value
    return _is_text(element) and (not value or (isinstance(value, bytes) and value.isascii() and b"\x1b" not in value))


def _printable(part: str) -> str:
    return part.strip() if part.isprintable() else "".join(filter(str.isprintable, part)).strip()


def decimals(
    holder: Dataset, keyword: str, count: int, name: str, faults: list[Finding], used: bool = True
) -> Numbers | None:
    """Return the numbers of a Decimal String attribute; None where it is missing, empty or unreadable.

    Parameters
    ----------
    count
        How many numbers it must have.
    name
        What to call the image in a finding.
    faults
        What is wrong with the numbers is appended here.
    used
        Whether anything depends on them; numbers that nothing depends on are warned of and do not block.
    """
    texts = _stored(holder, keyword)
    if not any(texts):
        return None
    words = dictionary_description(keyword)
    numbers = _numbers(texts)
    if len(numbers) != count:
        stored = "\\".join(texts)[:60]
        if not used:
            sentence = f"{name}: {words} reads '{stored}' instead of {count} number(s) and is left out of account."
            faults.append(Finding("warn", "decimal strings", sentence, stored))
            return None
        sentence = f"{name}: {words} reads '{stored}' instead of {count} number(s); send the series again."
        faults.append(Finding("block", "decimal strings", sentence, stored))
        return None
    longest = max(texts, key=len)
    cut = [part for part in texts if _is_cut(part, texts)]
    if cut:
        sentence = f"{name}: {words} holds '{cut[0]}', a truncated number; send the series again."
        faults.append(Finding("block" if used else "warn", "decimal strings", sentence, cut[0]))
        if not used:
            return None
    elif len(longest) > LONGEST_DECIMAL:
        sentence = (
            f"{name}: {words} holds '{longest}', longer than DICOM's {LONGEST_DECIMAL} characters; "
            "read in full here, but other programs may truncate it, so compare positions with the scanner's console."
        )
        faults.append(Finding("warn", "decimal strings", sentence, longest))
    return numbers


def _stored(holder: Dataset, keyword: str) -> list[str]:
    """Return the characters of each value as they stand in the file, before pydicom converts or rejects them."""
    element = element_of(holder, keyword)
    value = None if element is None else element.value
    if value is None:
        return []
    if isinstance(element, RawDataElement) and isinstance(value, bytes):
        return [part.strip() for part in value.decode("ascii", "replace").strip(" \0").split("\\")]
    parts = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    return [str(part).strip() for part in parts]


def _is_cut(part: str, texts: Sequence[str]) -> bool:
    """Return whether the exponent of a number that fills its 16 characters may go on behind them.

    Exponents have two digits (C99, 7.19.6.1) or three: two zeros are a whole one where another number of the attribute
    shows that its writer used two.
    """
    found = re.search(r"[eE][+-]?(0{0,2})$", part) if len(part) >= LONGEST_DECIMAL else None
    if found is None or len(found[1]) < len("00"):
        return found is not None
    of_two = [one for one in texts if re.search(r"[eE][+-]?\d\d$", one)]
    return not any(len(one) < LONGEST_DECIMAL or not one.endswith("00") for one in of_two)


def _numbers(texts: Sequence[str]) -> Numbers:
    """Return finite numbers, none at all where one of them cannot be read."""
    try:
        numbers = tuple(float(part) for part in texts)
    except ValueError:
        return ()
    return numbers if np.isfinite(numbers).all() else ()
