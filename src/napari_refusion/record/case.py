"""The state of a case: what its events add up to.

Payloads by kind of event:

- ``seen``: ``{"axis", "index", "mm", "seconds"}``, seconds as long as the slice was on the screen
- ``registration``: ``{"answer"}``, one of `REGISTRATION`
- ``slice``: ``{"axis", "index", "mm", "verdict", "reasons"}``, verdict one of `SLICE_VERDICTS`, reasons of `REASONS`
- ``key``: ``{"axis", "index", "mm", "is_key", "caption"}``
- ``comment``: ``{"axis", "index", "mm", "text"}``
- ``lesion``: ``{"action", "marks", "lesions"}``, action ``add``, ``change`` or ``remove``, a mark for each lesion, and
  the lesions as `lesion.written.to_json` has them, nothing for ``remove``; see `lesions_said`. The list is one of the
  case: what was said of it under another window or other weights holds.
- ``verdict``: ``{"value", "confidence", "comment", "seconds", "lights"}``, value one of `CASE_VERDICTS`, confidence 0
  to 4, lights the colour of each check when it was given
- ``override``: ``{"check", "reason"}``, check the name of a check
- ``open``: free, with ``{"two_patients"}`` where the sources are of two patients: why they were paired, as it was typed
- ``others``: ``{"readers"}``, whose words on the case were shown
- ``again``: ``{}``, the case is read once more; what was said before is another reading, see `replay.readings`
- ``undo``, ``redo``: ``{}``; ``export``, ``lock``: free
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from napari_refusion.lesion.lesions import Lesions
from napari_refusion.record.lesions_said import LesionsSaid

REGISTRATION: Final[Mapping[str, str]] = MappingProxyType(
    {
        "aligned": "aligned within a voxel",
        "slight": "slightly off",
        "unacceptable": "unacceptable",
        "cannot_judge": "cannot be judged",
    }
)
"""Answers to how well the sources are aligned -> in words."""

SLICE_VERDICTS: Final = ("accept", "flag", "reject")

REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "misregistration": "misregistration",
        "uptake_lost": "uptake lost or hidden",
        "invented": "invented structure",
        "saturation": "saturation",
        "step": "flicker or step between slices",
        "source_artefact": "motion or artefact in a source",
        "wrong_side": "wrong side or orientation",
        "other": "other (see the comment)",
    }
)
"""Reasons to flag or reject, in the order of the keys 1 to 8 -> in words."""

CASE_VERDICTS: Final[Mapping[str, str]] = MappingProxyType(
    {"usable": "usable", "usable_with_flags": "usable with flags", "not_usable": "not usable"}
)
"""Verdicts on a case -> in words."""

UNDOABLE: Final = frozenset({"registration", "slice", "key", "comment", "lesion", "verdict", "override"})
"""Kinds of events that `undo` takes back; having seen, opened, exported or locked cannot be taken back."""

JUDGEMENTS: Final = frozenset({"registration", "slice", "verdict", "override"})
"""Kinds of events that judge a fusion; those of `UNDOABLE` that are none leave a verdict as it is."""

RETROACTIVE: Final = frozenset({"undo", "redo", "again"})
"""Kinds of events that change what the events before them add up to."""

NOT_UNDERSTOOD: Final = (KeyError, TypeError, ValueError, AttributeError)
"""What `replay` raises for events that this program would not have written."""

NO_LESIONS: Final = LesionsSaid()


@dataclass(frozen=True, slots=True)
class SliceReview:
    """What was said about one slice."""

    mm: float = 0.0
    """Place along the direction of the slices, in RAS+ mm."""
    seconds: float = 0.0
    """How long it was on the screen; 0 for never."""
    verdict: str = ""
    """One of `SLICE_VERDICTS`, or empty."""
    reasons: tuple[str, ...] = ()
    comment: str = ""
    is_key: bool = False
    caption: str = ""
    """Of the key image."""

    @property
    def state(self) -> str:
        """Return ``unseen``, ``seen``, or the verdict."""
        return self.verdict or ("seen" if self.seconds > 0 else "unseen")


@dataclass(frozen=True, slots=True)
class CaseVerdict:
    """What was said about the whole case."""

    value: str
    """One of `CASE_VERDICTS`."""
    confidence: float
    """0 (none) to 4 (full)."""
    comment: str
    utc: str


@dataclass(frozen=True, slots=True)
class CaseReview:
    """What one reader said about one fusion of a case."""

    registration: str = ""
    """One of `REGISTRATION`, or empty."""
    slices: Mapping[int, SliceReview] = field(default_factory=lambda: MappingProxyType({}))
    """Index along the direction of the fusion -> what was said; slices without an event are missing."""
    verdict: CaseVerdict | None = None
    """None also when the registration or a slice was judged after it."""
    overrides: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Name of a failed check -> why it was overridden."""
    two_patients: str = ""
    """Why the sources were paired although their files name two patients; empty where they do not."""
    is_locked: bool = False
    lesions_said: LesionsSaid = NO_LESIONS
    """The list of lesions, and what tells each of them from others."""

    @property
    def lesions(self) -> Lesions:
        """Return the list of lesions, that of the case: fused otherwise, it is the same."""
        return self.lesions_said.lesions

    def slice(self, index: int) -> SliceReview:
        """Return what was said about a slice."""
        return self.slices.get(index, SliceReview())

    @property
    def seconds(self) -> float:
        """Return how long slices of the case were on the screen."""
        return sum(one.seconds for one in self.slices.values())
