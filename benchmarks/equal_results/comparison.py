"""What differs between two folders of results."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, Literal

LONGEST = 160
"""Characters of a value in a note."""

Result = Literal["equal", "new", "skipped", "different", "missing"]


@dataclass(frozen=True, slots=True)
class Difference:
    """A place where two values are not the same."""

    place: str
    """Keys and indices from the top, as ``a.window[0]``."""
    words: str
    is_new: bool = False
    """Whether only the later value has anything there."""


@dataclass(frozen=True, slots=True)
class Row:
    """How one part of one case compares."""

    case: str
    part: str
    result: Result
    notes: tuple[str, ...] = ()
    """Differences in words, those that are only new last."""

    @property
    def is_failure(self) -> bool:
        """Return whether the results are not equal here."""
        return self.result in ("different", "missing")


def compare_folders(before: Path, after: Path) -> list[Row]:
    """Return a row for each part of each case that either folder holds."""
    folders = [{path.stem: path for path in folder.glob("*.json")} for folder in (before, after)]
    names = dict.fromkeys(name for folder in folders for name in sorted(folder) if name != "summary")
    return [row for name in names for row in compare_cases(name, *(_read(folder.get(name)) for folder in folders))]


def compare_cases(name: str, before: dict[str, Any] | None, after: dict[str, Any] | None) -> list[Row]:
    """Return a row for each part of a case; None for a case that is not there."""
    if before is None:
        return [Row(name, "whole case", "new")]
    if after is None:
        return [Row(name, "whole case", "missing")]
    if "skipped" in before and "skipped" in after:
        return [Row(name, "whole case", "skipped", (before["skipped"],))]
    if "skipped" in before or "skipped" in after:
        return [Row(name, "whole case", "missing", ("It was run on one side only.",))]
    parts = dict.fromkeys((*before, *after))
    return [_compare_part(name, part, before, after) for part in parts]


def differences(before: Any, after: Any, place: str = "") -> Iterator[Difference]:  # noqa: ANN401 - anything JSON holds
    """Yield where two values that JSON can hold are not the same.

    Keys and lines of text that were added count as new. Numbers are compared exactly, an integer is no float.
    """
    if isinstance(before, dict) and isinstance(after, dict):
        for key, value in before.items():
            below = f"{place}.{key}" if place else str(key)
            if key in after:
                yield from differences(value, after[key], below)
            else:
                yield Difference(below, f"{_short(value)} is gone")
        for key in (key for key in after if key not in before):
            yield Difference(f"{place}.{key}" if place else str(key), f"new: {_short(after[key])}", is_new=True)
    elif _is_text(before) and _is_text(after):
        yield from _line_differences(before, after, place)
    elif isinstance(before, list) and isinstance(after, list):
        if len(before) != len(after):
            yield Difference(place, f"{len(before)} values became {len(after)}")
        for index, (one, other) in enumerate(zip(before, after, strict=False)):
            yield from differences(one, other, f"{place}[{index}]")
    elif type(before) is not type(after) or before != after:
        yield Difference(place, f"{_short(before)} became {_short(after)}")


def _compare_part(name: str, part: str, before: dict[str, Any], after: dict[str, Any]) -> Row:
    if part not in before:
        return Row(name, part, "new")
    if part not in after:
        return Row(name, part, "missing")
    found = sorted(differences(before[part], after[part]), key=lambda difference: difference.is_new)
    notes = tuple(f"{one.place}: {one.words}" if one.place else one.words for one in found)
    if not found:
        return Row(name, part, "equal")
    return Row(name, part, "new" if all(one.is_new for one in found) else "different", notes)


def _line_differences(before: Sequence[str], after: Sequence[str], place: str) -> Iterator[Difference]:
    """Yield the lines that differ, as the shortest edit that `difflib` finds."""
    for kind, start, end, later, last in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        gone, come = _short(" / ".join(before[start:end])), _short(" / ".join(after[later:last]))
        if kind == "insert":
            yield Difference(f"{place}[{start}]", f"new: {come}", is_new=True)
        elif kind == "delete":
            yield Difference(f"{place}[{start}]", f"{gone} is gone")
        elif kind == "replace":
            yield Difference(f"{place}[{start}]", f"{gone} became {come}")


def _is_text(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return repr(text if len(text) <= LONGEST else f"{text[:LONGEST]} ...")


def _read(path: Path | None) -> dict[str, Any] | None:
    if path is None:
        return None
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise SystemExit(f"Write the results again, this file is not JSON: {path}") from error
