"""What is known of all cases of an input, gathered from their outcomes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from napari_refusion.batch.outcome import STATUSES, case_of, outcome_file, outcomes_of, read_outcome
from napari_refusion.cohort.bids_tree import subjects

if TYPE_CHECKING:
    from pathlib import Path

    from napari_refusion.batch.cases import BatchCase, Listed
    from napari_refusion.batch.outcome import Outcome
    from napari_refusion.volume.finding import Finding


_SETTINGS: Final = {
    "task": "task",
    "engine": "engine",
    "weights_sha256": "weights",
    "axis": "direction",
    "reference": "grid",
    "windows": "windows",
    "palette": "colours",
    "version": "version of the program",
}
"""What of a recipe decides what a fused image shows, and what to call it."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A case with its outcome."""

    case: BatchCase
    outcome: Outcome
    folder: Path


@dataclass(frozen=True, slots=True)
class Cohort:
    """All cases of an input with what is known of them, those to look at first, first."""

    shown: tuple[Shown, ...]
    not_run: tuple[BatchCase, ...]
    left_out: tuple[Finding, ...]
    earlier: tuple[tuple[str, str], ...] = ()
    """Name and subject of cases that earlier runs left in the output and that are none of these; counted nowhere."""

    @property
    def fused(self) -> list[Shown]:
        """Return the cases that are fused, the worst one first."""
        return [one for one in self.shown if one.outcome.status == "fused"]

    @property
    def unlike(self) -> str:
        """Return by which choices fused cases differ, in a sentence; empty where all were fused alike."""
        made = [one.outcome.recipe for one in self.fused]
        counts = {
            words: Counter(_said(recipe.get(name)) for recipe in made) for name, words in _SETTINGS.items() if made
        }
        said = [
            f"{words} {', '.join(f'{value} ({times})' for value, times in found.most_common())}"
            for words, found in counts.items()
            if len(found) > 1
        ]
        if not said:
            return ""
        return (
            "Run the level participant for all cases with one choice before numbers are compared, for they were not "
            f"fused alike: {'; '.join(said)}."
        )

    @property
    def same(self) -> list[str]:
        """Return in a sentence each which fused cases are made of the same images, whatever their files are called."""
        found: dict[tuple[object, ...], list[str]] = {}
        for one in self.fused:
            found.setdefault(_images(one), []).append(one.case.name)
        return [
            f"Keep one of them, for numbers and plots count their images {len(names)} times: {', '.join(names)}."
            for names in map(sorted, found.values())
            if len(names) > 1
        ]

    @property
    def counts(self) -> dict[str, int]:
        """Return how many cases ended how; each is counted once."""
        found = Counter(one.outcome.status for one in self.shown)
        ended = {status: found[status] for status in STATUSES}
        return ended | {"left out": len(self.left_out), "not run": len(self.not_run)}


def gather(listed: Listed, output: Path) -> Cohort:
    """Return the cases of an input with their outcomes: failed and refused ones first, then fused ones, worst first."""
    shown, not_run = [], []
    for case in listed.cases:
        outcome = read_outcome(outcome_file(case, output))
        if outcome is None:
            not_run.append(case)
        else:
            shown.append(Shown(case, outcome, output / case.folder))
    return Cohort(tuple(sorted(shown, key=_rank)), tuple(not_run), listed.left_out, _earlier(listed, output))


def _earlier(listed: Listed, output: Path) -> tuple[tuple[str, str], ...]:
    """Return what lies in the output and belongs to no case of the input, or to none that is asked for."""
    asked = {outcome_file(case, output) for case in listed.cases}
    return tuple(
        (case_of(path), subject.name)
        for subject in subjects(output)
        for path in outcomes_of(subject)
        if path not in asked
    )


def _images(one: Shown) -> tuple[object, ...]:
    """Return what is equal for cases of the same images: content of files, and what was chosen of them."""
    content = sorted(file.sha256 for file in one.outcome.inputs)
    return (*content, *sorted(one.case.work.modalities), *one.outcome.volumes)


def _said(value: object) -> str:
    """Return a value of a recipe as a reader knows it; a hash by its first digits."""
    if isinstance(value, list | tuple):
        return " and ".join(str(one) or "automatic" for one in value)
    return str(value)[:12] if value else "automatic"


def _rank(one: Shown) -> tuple[Any, ...]:
    measured = one.outcome.measured
    against = tuple(-count for count in measured.badness) if measured is not None else ()
    return -STATUSES.index(one.outcome.status), against, one.case.name
