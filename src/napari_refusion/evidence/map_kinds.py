"""The table of evidence maps: what each shows, and what it misses."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class EvidenceKind:
    """One kind of map. Its texts say ``source a`` and ``source b``; see `evidence.indicators.named`."""

    name: str
    title: str
    sees: str
    """What it shows, one sentence."""
    misses: str
    """What it cannot show, one sentence."""
    limits: tuple[float, float]
    """Values at the two ends of its colour map; values beyond them are rare."""
    is_signed: bool = False
    """Whether 0 is the middle of its colour map."""
    is_slow: bool = False
    """Whether it takes as long as fusing or longer, and no number needs it: made for slices that are looked at."""


_NO_PLACE: Final = "a shifted or mirrored source looks the same"

_RESIDUAL: Final = (
    "How far source {0} is from what the network R rebuilds of it from the fused image alone: large where the fused "
    "image does not preserve source {0}."
)

_RESIDUAL_MISSES: Final = (
    f"R can invent what it saw in training, so a small difference proves little; {_NO_PLACE}, and so does tissue that "
    f"both sources show alike."
)

_CONTRIBUTION: Final = (
    "How much the fused image changes when source {0} is removed: positive where source {0} makes it brighter, "
    "negative where it makes it darker."
)

_CONTRIBUTION_MISSES: Final = (
    f"An absent source is unlike anything the network was trained with; what both sources show alike seems to come "
    f"from neither; {_NO_PLACE}."
)

_WEIGHT_MISSES: Final = (
    f"It says what the network was rewarded for in training, not what the fused image shows; {_NO_PLACE}."
)

_KINDS: Final = (
    EvidenceKind("residual_a", "Residual of source a", _RESIDUAL.format("a"), _RESIDUAL_MISSES, limits=(0.0, 0.5)),
    EvidenceKind("residual_b", "Residual of source b", _RESIDUAL.format("b"), _RESIDUAL_MISSES, limits=(0.0, 0.5)),
    EvidenceKind(
        "weight_a",
        "Learned weight of source a, brightness",
        "How much the network P lets the brightness of source a count in the learned loss, 0 to 1; source b has the "
        "rest.",
        _WEIGHT_MISSES,
        limits=(0.0, 1.0),
        is_slow=True,
    ),
    EvidenceKind(
        "gradient_weight_a",
        "Learned weight of source a, edges",
        "How much the network P lets the edges of source a count in the learned loss, 0 to 1; source b has the rest.",
        _WEIGHT_MISSES,
        limits=(0.0, 1.0),
        is_slow=True,
    ),
    EvidenceKind(
        "contribution_a",
        "Contribution of source a",
        _CONTRIBUTION.format("a"),
        _CONTRIBUTION_MISSES,
        limits=(-1.0, 1.0),
        is_signed=True,
        is_slow=True,
    ),
    EvidenceKind(
        "contribution_b",
        "Contribution of source b",
        _CONTRIBUTION.format("b"),
        _CONTRIBUTION_MISSES,
        limits=(-1.0, 1.0),
        is_signed=True,
        is_slow=True,
    ),
    EvidenceKind(
        "overshoot",
        "Outside both sources",
        "By how much the fused image is brighter than the brighter source, or darker than the darker one (negative).",
        f"What was invented within the range of the two sources is not seen; {_NO_PLACE}.",
        limits=(-0.3, 0.3),
        is_signed=True,
    ),
    EvidenceKind(
        "saturation",
        "Saturated",
        "Where differences are lost at the bright end: 0.5 where a source is at the upper end of its window, 1 where "
        "the fused image is nearly at full brightness.",
        f"Differences that are lost below a window are not seen; {_NO_PLACE}.",
        limits=(0.0, 1.0),
    ),
)

KINDS: Final[Mapping[str, EvidenceKind]] = MappingProxyType({kind.name: kind for kind in _KINDS})
"""Name -> kind of map."""

MEASURED: Final = ("residual_a", "residual_b")
"""Maps that numbers of a slice are taken from."""
