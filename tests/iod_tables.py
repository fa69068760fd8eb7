"""What the tables of PS3.3 say against a DICOM object: missing types 1 and 2, and values that are not enumerated.

The tables are those of the package ``dicom-standard``, read from the standard of 2020. What is required on a condition
(types 1C and 2C) is not looked for: the conditions are prose. Where a sequence holds items, each is looked into.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import files
from typing import Any

from pydicom import Dataset
from pydicom.datadict import keyword_for_tag
from pydicom.multival import MultiValue

_ENUMERATED = re.compile(r"Enumerated Values?:\s*</strong>\s*</p>\s*<dl>(.*?)</dl>", re.DOTALL)
_TERM = re.compile(r"<dt>\s*(?:<span>)?\s*([^<]*?)\s*(?:</span>)?\s*</dt>", re.DOTALL)


@dataclass(frozen=True)
class Rule:
    """One line of a table."""

    path: tuple[int, ...]
    """Tags of the sequences that it lies in, and its own."""
    kind: str
    """Type: 1, 1C, 2, 2C or 3."""
    allowed: frozenset[str]
    """Enumerated values; empty for any."""


@cache
def table(name: str) -> Any:  # noqa: ANN401, as json
    """Return a table of the package, as ``module_to_attributes``."""
    found = [one for one in files("dicom-standard") or () if one.name == f"{name}.json"]
    return json.loads(found[0].read_text(encoding="utf-8"))


@cache
def rules(name: str, key: str) -> dict[str, list[Rule]]:
    """Return module or macro -> its lines."""
    found: dict[str, list[Rule]] = {}
    for line in table(name):
        terms = {term for block in _ENUMERATED.findall(line["description"]) for term in _TERM.findall(block)}
        # the tables write 0 as 0 or as 0000H
        terms = {str(int(term[:-1], 16)) if re.fullmatch("[0-9A-F]{4}H", term) else term for term in terms}
        path = tuple(int(tag, 16) for tag in line["path"].split(":")[1:] if re.fullmatch("[0-9a-f]{8}", tag))
        found.setdefault(line[key], []).append(Rule(path, line["type"] or "3", frozenset(terms - {""})))
    return found


def faults(dataset: Dataset) -> list[str]:
    """Return what the tables have against an object, as ``patient: PatientID (type 2) is missing``."""
    name = next(one["ciod"] for one in table("sops") if one["id"] == dataset.SOPClassUID)
    identity = next(one["id"] for one in table("ciods") if one["name"] == name)
    found = []
    for module in (one for one in table("ciod_to_modules") if one["ciodId"] == identity):
        lines = rules("module_to_attributes", "moduleId").get(module["moduleId"], [])
        if module["usage"] == "M" or is_used(dataset, lines):
            found += [f"{module['moduleId']}: {words}" for line in lines for words in against(dataset, line)]
    if "SharedFunctionalGroupsSequence" in dataset:
        found += groups(dataset, identity)
    return found


def is_used(dataset: Dataset, lines: Sequence[Rule]) -> bool:
    """Return whether an object has a module that it may leave out: something of it, and all that it must have."""
    top = [line for line in lines if len(line.path) == 1]
    return any(line.path[0] in dataset for line in top) and all(
        line.path[0] in dataset for line in top if line.kind in "12"
    )


def against(holder: Dataset, line: Rule) -> Iterator[str]:
    """Yield what a line has against a data set, or against any item that the line's sequences have in it."""
    tag, *rest = line.path
    if rest:
        for item in holder[tag].value if tag in holder and holder[tag].VR == "SQ" else ():
            yield from against(item, Rule(tuple(rest), line.kind, line.allowed))
        return
    word = f"{keyword_for_tag(tag)} (type {line.kind})"
    if tag not in holder:
        if line.kind in "12":
            yield f"{word} is missing"
        return
    value = holder[tag].value
    is_empty = value is None or value == "" or (holder[tag].VR == "SQ" and not value)
    if line.kind == "1" and is_empty:
        yield f"{word} is empty"
    if line.allowed and not is_empty:
        values = value if isinstance(value, MultiValue) else [value]
        yield from (f"{word} is {one}, not {sorted(line.allowed)}" for one in values if plain(one) not in line.allowed)


def plain(value: object) -> str:
    """Return a value as the tables write it."""
    return f"{float(value):g}" if isinstance(value, int | float) else str(value)


def groups(dataset: Dataset, identity: str) -> Iterator[str]:
    """Yield what the functional groups lack: each mandatory macro is in the shared ones or in those of every frame."""
    shared, frames = dataset.SharedFunctionalGroupsSequence[0], dataset.PerFrameFunctionalGroupsSequence
    for macro in (one for one in table("ciod_to_fg_macros") if one["ciodId"] == identity):
        name, lines = macro["macroId"], rules("macro_to_attributes", "macroId")[macro["macroId"]]
        sequences = {line.path[0] for line in lines if len(line.path) == 1}
        for tag in sequences:
            if macro["usage"] == "M" and tag not in shared and not all(tag in frame for frame in frames):
                yield f"{name}: {keyword_for_tag(tag)} is missing"
        for item in (one for one in (shared, *frames) if sequences & set(one.keys())):
            yield from (f"{name}: {words}" for line in lines for words in against(item, line))
