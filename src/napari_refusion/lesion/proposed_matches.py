"""Which lesions of two time points may be the same one: a proposal by their places, never a decision."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

WITHIN: Final = 20.0
"""mm between the middles of two volumes of interest; farther ones are not proposed."""


@dataclass(frozen=True, slots=True)
class ProposedMatch:
    """Two lesions that lie near each other."""

    before: int
    """Number of the lesion of the baseline."""
    after: int
    """Number of the lesion of the follow-up."""
    millimetres: float
    """Between their middles."""


def proposed_matches(
    before: Mapping[int, NDArray[np.float64]], after: Mapping[int, NDArray[np.float64]], within: float = WITHIN
) -> tuple[ProposedMatch, ...]:
    """Return the lesions that are nearest to each other, each at most once, the nearest pair first.

    Parameters
    ----------
    before, after
        Number of a lesion -> its middle, (3,) RAS+ mm, both in one space.
    within
        mm, up to which two are proposed.
    """
    pairs = sorted(
        (float(np.linalg.norm(here - there)), one, other)
        for one, here in before.items()
        for other, there in after.items()
    )
    found: list[ProposedMatch] = []
    for away, one, other in pairs:
        taken = any(one == known.before or other == known.after for known in found)
        if away <= within and not taken:
            found.append(ProposedMatch(one, other, away))
    return tuple(found)
