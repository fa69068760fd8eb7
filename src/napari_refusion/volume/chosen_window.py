"""A window with where it came from, and what it depends on beside the volume."""

from dataclasses import dataclass
from typing import Final, Literal

from napari_refusion.numerics.intensity import Window
from napari_refusion.volume.finding import Finding

Part = Literal["body", "brain"]
"""What PET shows, as far as its scale depends on it."""

CHOSEN: Final = "chosen"
"""Where a window came from that a user chose."""

FULL_RANGE: Final = "full range"
"""Where a window came from that goes from the smallest to the largest value."""


@dataclass(frozen=True, slots=True)
class ChosenWindow:
    """The window that a volume is shown and fused with."""

    window: Window
    """In the volume's unit."""
    source: str
    """Where it came from, for records: ``header, BRAIN``, ``body part EXTREMITY``, ``content: body``, ``SUV 0-5,
    preference``, ``chosen``."""
    findings: tuple[Finding, ...] = ()
    """What is to be said about it."""


@dataclass(frozen=True, slots=True)
class UptakeScales:
    """The upper ends of the scales that PET in SUV opens with; the lower end is 0.

    A fixed scale, not a percentile: two patients, and one patient before and after treatment, can be compared.
    """

    body: float = 5.0
    brain: float = 10.0
    """Of FDG and what is taken up as much."""

    def of(self, part: Part) -> float:
        """Return the upper end for a body or a brain."""
        return self.brain if part == "brain" else self.body


DEFAULT_SCALES: Final = UptakeScales()


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a window is chosen for."""

    beside_function: bool = False
    """Whether the other source is PET or SPECT."""
    scales: UptakeScales = DEFAULT_SCALES
    """What the user prefers."""
    is_medical: bool = True
    """False where brightness is a photograph's, so that an under-exposed one stays dark."""


ALONE: Final = Purpose()
"""Of a volume that is opened and not yet paired."""
