"""Planted lesions: what a fused image must not hide.

P may give a pixel to the anatomical source alone; uptake that is added there then disappears from the fused image. So
copies of the training pairs get a bright spot in one source, and F is asked to show a given part of its contrast. The
published cycle has no such term; `lesion_share = 0` leaves it out.
"""

import numpy as np
import torch
from torch import Tensor

FIRST = 0.75
"""How often the spot lies in the first source of the pair, where the uptake is, and not in the second."""


def plant(sources: Tensor, functional: Tensor, random: np.random.Generator) -> Tensor:
    """Return source pairs with one bright Gaussian spot in each functional one, (B, 2, H, W) in [0, 1].

    The spot has a standard deviation of 2.5 to 6 pixels and adds 0.15 to 0.4, as far as 1 is not passed. The second
    half of the batch must be the first with its sources swapped (`meta_cycle.with_swapped`).

    Parameters
    ----------
    functional
        1 for pairs that get a spot, 0 for others, (B,).
    """
    count, _, height, width = sources.shape
    rows = torch.arange(height, device=sources.device)[:, None]
    columns = torch.arange(width, device=sources.device)[None]
    planted = sources.clone()
    for index in range(count):
        row, column = random.uniform(0.1, 0.9, size=2) * (height, width)
        sigma, contrast = random.uniform(2.5, 6.0), random.uniform(0.15, 0.4)
        distance = (rows - row).square() + (columns - column).square()
        first = int(index >= count // 2)
        side = first if random.random() < FIRST else 1 - first
        planted[index, side] += functional[index] * contrast * torch.exp(-distance / (2 * sigma**2))
    return planted.clamp_(max=1.0)


def lost_contrast(added: Tensor, shown: Tensor, kept: float) -> Tensor:
    """Return how much of the wanted contrast F does not show, a scalar, 0 if none is missing.

    The sum of the squared shortfalls ``max(0, kept * added - shown)``, as a share of the sum of the squares of `added`.

    Parameters
    ----------
    added
        What the spots added to their source, (B, 1, H, W).
    shown
        What they added to the fused image, (B, 1, H, W).
    kept
        Part of the contrast that F shall show, 0 to 1.
    """
    shortfall = (kept * added - shown).clamp_min(0)
    return shortfall.square().sum() / added.square().sum().clamp_min(1e-6)
