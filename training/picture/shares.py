"""What is asked of a fused picture, and how much each demand counts in F's loss."""

import math
from dataclasses import dataclass, fields
from typing import Final

from training.picture.lesions import SMALLEST

SETTINGS: Final = ("lesion_kept", "lesion_size")
"""Fields of `Shares` that are no factors."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Shares:
    """Factors of the terms in F's loss; a term with the factor 0 is not computed."""

    qabf: float = 0.0
    """Of the edges that are not carried, 1 - Qabf."""
    ssim: float = 0.0
    """Of the lost structural similarity, 2 - its sum over both sources."""
    vif: float = 0.0
    """Of the lost visual information, 2 - its sum over both sources; more than 2 counts as 2."""
    lesion: float = 0.0
    """Of the contrast of planted lesions that is not shown."""
    hidden: float = 0.0
    """Of what is missing from the small part of every lesion that must be shown; counts only where ``lesion`` does."""
    lesion_kept: float = 0.9
    """Part of a planted lesion's contrast that shall be shown; no factor."""
    lesion_size: float = 6.0
    """Largest standard deviation of a planted lesion in pixels; no factor."""
    range: float = 0.0
    """Of what leaves the range of the sources."""
    identity: float = 0.0
    """Of the mean absolute difference of F(x, x), F(x, 0) and F(0, x) to x."""
    background: float = 0.0
    """Of the brightness where both sources are black."""
    noise: float = 0.0
    """Of noise that flat places pass beyond `NOISE_GAIN`."""
    structure: float = 0.0
    """Of the lost structural quality of exposures, 1 - MEF-SSIM."""
    exposed: float = 0.0
    """Of the distance of the local mean to the better exposed source's."""
    clipped: float = 0.0
    """Of the detail that is lost where the other exposure is clipped."""
    sharper: float = 0.0
    """Of the difference to the sharper source."""
    refocused: float = 0.0
    """Of the difference to the sharp image behind a pair that was blurred by us."""

    def __post_init__(self) -> None:
        for name in (field.name for field in fields(self)):
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= 0):
                raise ValueError(f"loss.{name} = {value!r} is impossible: choose 0 or a positive number.")
        if self.lesion_kept > 1:
            raise ValueError(f"loss.lesion_kept = {self.lesion_kept!r} is impossible: choose a part from 0 to 1.")
        if self.lesion_size < SMALLEST:
            raise ValueError(f"loss.lesion_size = {self.lesion_size!r} is too small: choose at least {SMALLEST}.")

    def factors(self) -> dict[str, float]:
        """Return the factor of every term by name, those that are 0, too."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name not in SETTINGS}
