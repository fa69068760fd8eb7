"""What a report shows: plain values, gathered before anything is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np

from napari_refusion.evidence.check_outcome import CheckOutcome
from napari_refusion.evidence.limits import Limit
from napari_refusion.record.case import CaseReview
from napari_refusion.record.signing import NOT_SIGNED
from napari_refusion.report.lesions import LesionSection
from napari_refusion.volume.finding import Finding

if TYPE_CHECKING:
    from napari_refusion.evidence.missed_uptake import MissedUptake
    from napari_refusion.record.case import SliceReview
    from napari_refusion.record.coverage import Coverage
    from napari_refusion.record.run import Run

MOST_PANELS: Final = 24
"""Pictures in one report; more would make a file that mail refuses."""

NO_LESIONS: Final = LesionSection()


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """An indicator over the slices."""

    title: str
    values: Sequence[float] | np.ndarray
    """(n,) for the n slices; NaN where it was not run."""
    amber: float | None = None
    """Limit beyond which to look twice; None without calibration."""
    red: float | None = None
    """Limit beyond which it failed; it lies on the bad side of `amber`."""

    def outcome(self, index: int) -> str:
        """Return ``red`` or ``amber`` for a slice that is beyond a limit, else nothing."""
        value = float(self.values[index])
        if self.amber is None or self.red is None or not np.isfinite(value):
            return ""
        colour = Limit(self.amber, self.red).colour(value)
        return colour if colour in ("amber", "red") else ""


@dataclass(frozen=True, slots=True)
class Panel:
    """A picture of one slice and why it is in the report."""

    index: int
    why: str
    """``key image``, ``flagged by the reader``..."""
    png: bytes = field(repr=False)
    """See `report.pictures.panel`."""


@dataclass(frozen=True, slots=True)
class Making:
    """How a volume was fused, beside what `record.run.Run` says."""

    task: str
    """Of the weights."""
    weights: str
    """File name of the weights; shown in an identified report only, for a user can call a file anything.

    Without a network the name of the engine, which is always shown."""
    device: str
    created: str
    """Coordinated universal time, ISO 8601."""
    versions: Mapping[str, str]
    """Package -> version."""
    rule: str = ""
    """What was done where no network fused, see `fusion.engines.rule_in_words`."""
    engine: str = ""
    """What computed the slices; empty where that was not noted."""
    window_sources: tuple[str, str] = ("", "")
    """Where the windows of source A and B came from, see `volume.chosen_window.ChosenWindow.source`."""


@dataclass(frozen=True, slots=True)
class ReportContent:
    """Everything that `report.page.write_report` writes."""

    label: str
    """What to call the case: a pseudonym."""
    reader: str
    """As the reader calls himself or herself."""
    opened: str
    """When the review was opened, UTC, ISO 8601."""
    finished: str
    """When its verdict was given; empty without one."""
    run: Run
    review: CaseReview
    coverage: Coverage
    check_outcomes: tuple[CheckOutcome, ...]
    making: Making
    notice: str
    """Travels with every result, see `notice.NOTICE`."""
    check_failed: str = ""
    """Stands at the top in red, see `evidence.check_outcome.failed`."""
    findings: tuple[Finding, ...] = ()
    """About the pair and the plan. Their sentences call volumes by name, see `names`."""
    file_findings: tuple[Finding, ...] = ()
    """What the readers of the files noticed. Their sentences quote files and paths, so that a report that is not
    identified gives only their rules."""
    flagged: Mapping[int, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """Slice -> what the indicators say against it."""
    curves: tuple[Curve, ...] = ()
    panels: tuple[Panel, ...] = ()
    left_out: int = 0
    """Slices that deserve a picture and have none, see `choose_panels`."""
    missed: tuple[MissedUptake, ...] = ()
    is_photograph: bool = False
    """Whether the sources are pictures without a place in a patient."""
    missed_run: bool = False
    """Whether missed uptake was looked for."""
    lesions: LesionSection = NO_LESIONS
    """The reader's list of lesions, measured."""
    stale: Mapping[int, SliceReview] = field(default_factory=lambda: MappingProxyType({}))
    """What was said of slices of an earlier fusion, see `record.replay.stale_slices`."""
    model_card: tuple[str, ...] = ()
    """Paragraphs about the weights."""
    limits: tuple[str, ...] = ()
    """Paragraphs about where the limits of the indicators come from, and what these cannot see."""
    chain_head: str = ""
    """Hash of the reader's newest event."""
    record: tuple[str, ...] = ()
    """Why the reader's record cannot be relied upon, the first one in a word; empty for a sound one."""
    signed: str = NOT_SIGNED
    """Whether the record is signed, in words."""
    others: str = ""
    """Whose words on the case were shown, and the verdict before that, in words; empty for nobody's."""
    is_repeat: bool = False
    """Whether this is the second reading of the case, with a verdict: before it nobody is told."""
    identified: bool = False
    """Whether names of files and `identity` may be shown: the user chose so."""
    names: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Whatever must not appear in a report that is not identified (names of volumes first of all) -> what to write
    there, as ``PET``."""
    identity: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """What only an identified report shows: ``Patient``, ``Files``... -> in words."""


def choose_panels(
    review: CaseReview, flagged: Mapping[int, Sequence[str]], most: int = MOST_PANELS
) -> tuple[dict[int, str], int]:
    """Return which slices to draw, in the order of the report, each with why, and how many were left out.

    Rejected slices come before flagged ones, key images, and those that only an indicator warns of, the ones with most
    warnings first: what the reader marked is not looked for among dozens of warnings.
    """
    reasons: dict[int, list[str]] = {}
    for verdict, words in (("reject", "rejected by the reader"), ("flag", "flagged by the reader")):
        for index, one in sorted(review.slices.items()):
            if one.verdict == verdict:
                reasons.setdefault(index, []).append(words)
    for index, one in sorted(review.slices.items()):
        if one.is_key:
            reasons.setdefault(index, []).append("key image")
    for index in sorted(flagged, key=lambda index: (-len(flagged[index]), index)):
        reasons.setdefault(index, []).append("flagged by indicators")
    kept = list(reasons)[:most]
    return {index: ", ".join(reasons[index]) for index in kept}, len(reasons) - len(kept)
