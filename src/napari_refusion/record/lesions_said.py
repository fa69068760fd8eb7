"""What events of kind ``lesion`` add up to: the reader's list of lesions of a case.

Each lesion has a mark beside its number: of one reader's events on two computers both number from 1, and what is said
later of a lesion has to find it after they were merged. A number that is given already gets the next free one there.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import uuid4

from napari_refusion.lesion.lesion import Lesion
from napari_refusion.lesion.lesions import Lesions
from napari_refusion.lesion.written import from_json, to_json

_EMPTY: Final = Lesions()

_VOXELS: Final = ("mask", "box", "corner", "grid", "affine")
"""Names in `lesion.written.to_json`."""


@dataclass(frozen=True, slots=True)
class LesionsSaid:
    """A list as a record holds it."""

    lesions: Lesions = _EMPTY
    marks: tuple[str, ...] = ()
    """Of each lesion, in the list's order."""

    @property
    def by_number(self) -> dict[int, str]:
        """Return numbers of lesions -> their marks."""
        return {one.number: mark for one, mark in zip(self.lesions, self.marks, strict=True)}

    def mark(self, number: int) -> str:
        """Return the mark of the lesion with a number; `RefusedError` if there is none."""
        return self.marks[self.lesions.items.index(self.lesions.numbered(number))]


def payloads(said: LesionsSaid, lesions: Sequence[Lesion]) -> Iterator[dict[str, Any]]:
    """Yield the payloads of the events that make the recorded list these lesions; none where nothing is different."""
    before, now = {one.number: one for one in said.lesions}, {one.number: one for one in lesions}
    if gone := [said.mark(number) for number in before if number not in now]:
        yield {"action": "remove", "marks": gone}
    if changed := [one for number, one in now.items() if number in before and one is not before[number]]:
        yield _payload("change", changed, [said.mark(one.number) for one in changed])
    if new := [one for number, one in now.items() if number not in before]:
        yield _payload("add", new, [uuid4().hex for _ in new])


def after(said: LesionsSaid, payload: Mapping[str, Any]) -> LesionsSaid:
    """Return a list after one more event of kind ``lesion``.

    What is said of a lesion that was undone elsewhere since says nothing.

    Raises
    ------
    KeyError, TypeError, ValueError
        If this program would not have written it; `RefusedError` is a ValueError.
    """
    marks = tuple(payload["marks"])
    if not marks or not all(isinstance(mark, str) and mark for mark in marks) or len(set(marks)) < len(marks):
        raise ValueError("Lesions are marked by texts, each by its own.")
    if payload["action"] == "remove":
        kept = [place for place, mark in enumerate(said.marks) if mark not in marks]
        items = tuple(said.lesions.items[place] for place in kept)
        return LesionsSaid(Lesions(items, said.lesions.last), tuple(said.marks[place] for place in kept))
    given = from_json(payload["lesions"]).items
    if len(given) != len(marks) or payload["action"] not in ("add", "change"):
        raise ValueError(f"Lesions are added, changed or removed, not {payload['action']!r} with {len(marks)} marks.")
    step = _added if payload["action"] == "add" else _changed
    for mark, lesion in zip(marks, given, strict=True):
        said = step(said, mark, lesion)
    return said


def numbered_up_to(said: LesionsSaid, last: int) -> LesionsSaid:
    """Return a list whose next lesion gets a number above this one, for numbers of lesions whose adding was undone."""
    return replace(said, lesions=Lesions(said.lesions.items, last)) if last > said.lesions.last else said


def highest_number(payload: Mapping[str, Any]) -> int:
    """Return the highest number that an event gave, 0 for none."""
    return max((one.number for one in from_json(payload["lesions"])), default=0) if payload["action"] == "add" else 0


def in_brief(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an event says, of any kind, without voxels and grids of lesions, which would fill pages."""
    listed = payload["lesions"].get("lesions") if isinstance(payload.get("lesions"), dict) else None
    if not isinstance(listed, list):
        return dict(payload)
    lesions = [one for one in listed if isinstance(one, dict)]
    return {**payload, "lesions": [{name: one[name] for name in one if name not in _VOXELS} for one in lesions]}


def _payload(action: str, lesions: Sequence[Lesion], marks: list[str]) -> dict[str, Any]:
    last = max(one.number for one in lesions)
    return {"action": action, "marks": marks, "lesions": to_json(Lesions(tuple(lesions), last))}


def _added(said: LesionsSaid, mark: str, lesion: Lesion) -> LesionsSaid:
    if mark in said.marks:
        raise ValueError("A lesion was added twice.")
    number = lesion.number if lesion.number > said.lesions.last else said.lesions.last + 1
    items = (*said.lesions.items, replace(lesion, number=number))
    return LesionsSaid(Lesions(items, number), (*said.marks, mark))


def _changed(said: LesionsSaid, mark: str, lesion: Lesion) -> LesionsSaid:
    if mark not in said.marks:
        return said
    number = said.lesions.items[said.marks.index(mark)].number
    return replace(said, lesions=said.lesions.replaced(replace(lesion, number=number)))
