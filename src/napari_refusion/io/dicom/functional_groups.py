"""Where one image's attributes stand: in functional groups of an enhanced file, its own first, or in the header."""

from collections.abc import Iterator, Sequence

from pydicom import Dataset

from napari_refusion.io.dicom.header import element_of, number, text

Groups = Sequence[Dataset]
"""Where the attributes of one image are looked up: its functional groups where it has any, then the header."""


def groups_of(header: Dataset, frame: int) -> list[Dataset]:
    """Return the header's parts in which one frame's values are looked up, the frame's own first."""
    parts = []
    for keyword, place in (("PerFrameFunctionalGroupsSequence", frame), ("SharedFunctionalGroupsSequence", 0)):
        items = header.get(keyword) or [] if element_of(header, keyword) is not None else []
        if place < len(items):
            parts.append(items[place])
    if element_of(header, "DetectorInformationSequence") is not None and text(header, "Modality") == "NM":
        parts += list(header.get("DetectorInformationSequence") or [])[:1]
    return [*parts, header]


def holder(groups: Groups, macro: str, keyword: str) -> Dataset | None:
    """Return the data set that holds an attribute: in a functional group macro, or directly."""
    return next((one for one in holders(groups, macro) if element_of(one, keyword) is not None), None)


def holders(groups: Groups, macro: str) -> Iterator[Dataset]:
    """Yield where attributes of a functional group macro may stand, the frame's own first."""
    for group in groups:
        if macro and element_of(group, macro) is not None:
            yield from (group.get(macro) or [])[:1]
        yield group


class Lookup:
    """The attributes of one image, in its functional groups first."""

    def __init__(self, groups: Groups) -> None:
        self._groups = groups
        self.header = groups[-1]
        self._nested = len(groups) > 1

    def holder(self, keyword: str, macro: str = "") -> Dataset | None:
        """Return the data set that holds an attribute: in a functional group macro, or directly."""
        if not self._nested:
            return self.header if element_of(self.header, keyword) is not None else None
        return holder(self._groups, macro, keyword)

    def number(self, keyword: str, macro: str = "") -> float | None:
        """Return a number, None where it is missing."""
        holder = self.holder(keyword, macro)
        return None if holder is None else number(holder, keyword)

    def text(self, keyword: str, macro: str = "") -> str:
        """Return a text, empty where it is missing."""
        holder = self.holder(keyword, macro)
        return "" if holder is None else text(holder, keyword)
