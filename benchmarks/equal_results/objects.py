"""What DICOM objects hold: every element, with UIDs, times and versions that are new in each run named alike."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pydicom
from pydicom import DataElement, Dataset
from pydicom.errors import InvalidDicomError
from pydicom.multival import MultiValue

from benchmarks.equal_results.normal import plain

STANDARD = "1.2.840.10008."
"""Root of the UIDs that the standard gives (PS3.6, annex A)."""

TIMES = ("DA", "TM", "DT")
"""Value representations of dates and times (PS3.5, 6.2)."""

VERSIONS = ("SoftwareVersions", "DeviceSerialNumber", "ImplementationVersionName")
"""Keywords of elements that say which version wrote the object, where they do not come from a source."""


@dataclass(frozen=True, slots=True)
class Names:
    """What to write for UIDs, times and versions: those of the sources as they are, new ones by a word."""

    known: frozenset[str]
    new: dict[str, str] = field(default_factory=dict)
    """New UID -> its name; filled on the way."""

    def of_uid(self, uid: str, place: str) -> str:
        """Return what to write for a UID that appears at a place."""
        if not uid or uid.startswith(STANDARD) or uid in self.known:
            return uid
        return self.new.setdefault(uid, f"<UID that appears first at {place}>")

    def of_text(self, value: object, word: str) -> str:
        """Return what to write for a time or a version: `word` where no source holds it."""
        text = str(value)
        return text if not text or text in self.known else word


def describe_objects(paths: Iterable[Path], sources: Iterable[Path]) -> dict[str, Any]:
    """Return file name -> every element of the object in it, by tag and keyword; pixels and other bytes as a hash.

    Parameters
    ----------
    sources
        DICOM folders: their UIDs, times and versions are compared as they are.
    """
    names = Names(frozenset(_known_values(sources)))
    found = {}
    for path in sorted(paths):
        dataset = pydicom.dcmread(path)
        both = (dataset.file_meta, dataset)
        meta, elements = (_describe(one, names, path.stem) for one in both)
        found[path.name] = {"file meta": meta, "elements": elements}
    return found


def describe_dataset(dataset: Dataset, known: Iterable[str] = ()) -> dict[str, Any]:
    """Return the elements of one dataset, see `describe_objects`."""
    return _describe(dataset, Names(frozenset(known)), "")


def _known_values(folders: Iterable[Path]) -> Iterator[str]:
    """Yield every UID, time and version in the files of some folders."""
    for path in (path for folder in folders for path in sorted(folder.iterdir())):
        try:
            dataset = pydicom.dcmread(path, stop_before_pixels=True)
        except InvalidDicomError:
            continue  # a text about the series
        for element in dataset.iterall():
            if element.VR in ("UI", *TIMES) or element.keyword in VERSIONS:
                yield from map(str, _values(element))


def _describe(dataset: Dataset, names: Names, place: str) -> dict[str, Any]:
    return {
        f"{element.tag} {element.keyword}".strip(): _value(element, names, f"{place}.{element.keyword or element.tag}")
        for element in dataset
    }


def _value(element: DataElement, names: Names, place: str) -> Any:  # noqa: ANN401 - anything JSON holds
    if element.VR == "SQ":
        return [_describe(item, names, f"{place}[{index}]") for index, item in enumerate(element.value)]
    values = _values(element)
    if element.tag.element == 0:
        return "<length of the group>"  # UIDs that are drawn differ in length, too (PS3.5, 7.2)
    if element.VR == "UI":
        written: list[Any] = [names.of_uid(str(one), place) for one in values]
    elif element.VR in TIMES:
        written = [names.of_text(one, "<time>") for one in values]
    elif element.keyword in VERSIONS:
        written = [names.of_text(one, "<version>") for one in values]
    else:
        written = [plain(one) for one in values]
    return written if isinstance(element.value, MultiValue | list) else (written or [None])[0]


def _values(element: DataElement) -> list[Any]:
    """Return the values of an element, one or several, as a list."""
    return list(element.value) if isinstance(element.value, MultiValue | list) else [element.value]
