"""Lesion by lesion, what changed between a baseline and a follow-up of one patient."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

import numpy as np

from napari_refusion.lesion.lesion import Lesion
from napari_refusion.lesion.measured import Measured, in_cell
from napari_refusion.lesion.measures import MEASURES, heading
from napari_refusion.lesion.time_point import TimePoint
from napari_refusion.lesion.units import SUV_UNITS
from napari_refusion.volume.finding import Finding, refuse

Status = Literal["matched", "new", "gone", "not matched"]
"""``new`` and ``gone``: the group is in one list only. ``not matched``: the lesion has no group, so nothing is said."""

COMPARED: Final = ("maximum", "mean", "peak", "volume", "tlg", "diameter")
"""Names in `measures.MEASURES`, in the order in which they are shown."""


_ARBITRARY: Final = "a.u."
"""What `probe.unit_of` calls arbitrary units."""


@dataclass(frozen=True, slots=True)
class Delta:
    """The change of one measure."""

    before: float
    after: float

    @property
    def absolute(self) -> float:
        """In the measure's unit."""
        return self.after - self.before

    @property
    def percent(self) -> float:
        """Of the baseline; NaN where that is 0."""
        return 100 * self.absolute / self.before if self.before else float("nan")


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """Of one lesion."""

    status: Status
    before: Lesion | None
    after: Lesion | None
    deltas: Mapping[str, Delta]
    """Name in `COMPARED` -> change; empty unless it is matched."""


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """Of all lesions."""

    unit: str
    items: tuple[Change, ...]
    """Those of the baseline in their order, then those of the follow-up alone."""
    findings: tuple[Finding, ...] = ()

    def rows(self) -> tuple[tuple[str, ...], ...]:
        """Return headings, with units, and a line for each lesion."""
        names = [name for name in COMPARED if any(name in one.deltas for one in self.items)]
        heads = [one for name in names for one in _headings(heading(name, self.unit))]
        return (("Baseline", "Follow-up", "Status", *heads), *(_line(one, names) for one in self.items))


def changes(baseline: TimePoint, follow_up: TimePoint) -> Changes:
    """Return what changed, lesions matched by their group; whose they are is the caller's matter.

    Raises
    ------
    RefusedError
        If the values have different units.
    """
    if baseline.unit != follow_up.unit:
        sentence = (
            f"Open both examinations in one unit: {baseline.title} is in {baseline.unit} and {follow_up.title} in "
            f"{follow_up.unit}."
        )
        raise refuse("unit", sentence, f"{baseline.unit}, {follow_up.unit}")
    double = _twice(baseline.lesions) | _twice(follow_up.lesions)
    before = _by_group(baseline, double)
    after = _by_group(follow_up, double)
    items = [_first(one, baseline.measured[at], after, double) for at, one in enumerate(baseline.lesions)]
    items += [
        Change("new" if _said(one, double) else "not matched", None, one, MappingProxyType({}))
        for one in follow_up.lesions
        if one.group not in before or not _said(one, double)
    ]
    return Changes(baseline.unit, tuple(items), _findings(double, baseline.unit))


def _twice(lesions: Sequence[Lesion]) -> set[str]:
    """Return the groups that several lesions of one list have."""
    return {group for group, count in Counter(one.group for one in lesions).items() if group and count > 1}


def _said(lesion: Lesion, double: set[str]) -> bool:
    return bool(lesion.group) and lesion.group not in double


def _by_group(point: TimePoint, double: set[str]) -> dict[str, tuple[Lesion, Measured]]:
    both = zip(point.lesions, point.measured, strict=True)
    return {lesion.group: (lesion, measured) for lesion, measured in both if _said(lesion, double)}


def _first(
    lesion: Lesion, measured: Measured, after: Mapping[str, tuple[Lesion, Measured]], double: set[str]
) -> Change:
    """Return the change of a lesion of the baseline."""
    if not _said(lesion, double):
        return Change("not matched", lesion, None, MappingProxyType({}))
    if lesion.group not in after:
        return Change("gone", lesion, None, MappingProxyType({}))
    other, found = after[lesion.group]
    names = (name for name in COMPARED if name in measured.values and _comparable(name, measured.unit))
    deltas = {name: Delta(measured.values[name], found.values[name]) for name in names}
    return Change("matched", lesion, other, MappingProxyType(deltas))


def _comparable(name: str, unit: str) -> bool:
    """Return whether a measure means the same at two times; values in arbitrary units do not."""
    return unit != _ARBITRARY or "{unit}" not in MEASURES[name].unit


def _findings(double: set[str], unit: str) -> tuple[Finding, ...]:
    findings = []
    if double:
        groups = ", ".join(sorted(double))
        sentence = f"Match each lesion with one other: several lesions of one examination are in group {groups}."
        findings.append(Finding("warn", "volume of interest", sentence, groups))
    if unit not in (*SUV_UNITS, "HU", _ARBITRARY):
        sentence = (
            f"Rely on volume and diameter alone: values in {unit} depend on what was injected and on the patient."
        )
        findings.append(Finding("warn", "unit", sentence, unit))
    return tuple(findings)


def _headings(title: str) -> tuple[str, ...]:
    return f"{title}, baseline", f"{title}, follow-up", f"Change of {title}", f"Change of {title.split(' (')[0]} (%)"


def _line(change: Change, names: Sequence[str]) -> tuple[str, ...]:
    cells = []
    for name in names:
        delta = change.deltas.get(name)
        found = (np.nan,) * 4 if delta is None else (delta.before, delta.after, delta.absolute, delta.percent)
        cells += [in_cell(float(one)) for one in found]
    titles = [one.title if one is not None else "" for one in (change.before, change.after)]
    return (*titles, change.status, *cells)
