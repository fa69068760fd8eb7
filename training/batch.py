"""What the networks are shown in one step."""

from typing import NamedTuple

import torch
from torch import Tensor


class Batch(NamedTuple):
    """Source pairs, (B, 2, H, W) in [0, 1]; the second half of them is the first with its sources swapped."""

    sources: Tensor
    """As F and P see them."""
    targets: Tensor
    """As R must rebuild them: modality a always first."""
    functional: Tensor
    """1 for pairs whose first source shows uptake, 0 for others, (B,): where lesions and structure count."""
    planted: Tensor | None = None
    """The sources with a lesion planted in one of each pair, (B, 2, H, W); None if there are none."""


def with_swapped(pairs: Tensor, functional: Tensor | None = None) -> Batch:
    """Return a batch of the pairs (B, 2, H, W), followed by the same pairs with their sources swapped.

    Pairs that `functional` (B,) does not speak of count as functional.
    """
    functional = pairs.new_ones(len(pairs)) if functional is None else functional
    return Batch(torch.cat([pairs, pairs.flip(1)]), torch.cat([pairs, pairs]), torch.cat([functional, functional]))
