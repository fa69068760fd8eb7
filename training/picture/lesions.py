"""Planted lesions of both signs in both sources: what a fused picture must not hide."""

import torch
from torch import Tensor

SMALLEST = 2.0
"""Smallest standard deviation of a lesion, pixels; the logarithms of sizes up to the largest are equally frequent."""

CONTRAST = (0.05, 0.45)
"""Smallest and largest height, where 1 is the full scale; the logarithms of heights between are equally frequent.

With 0.15 and equally frequent heights, as in the first two leases, weights learn to show these and drop fainter ones.
"""

FIRST = 0.6
"""How often both lesions of a pair are planted in its first source rather than in its second."""


def plant(sources: Tensor, largest: float = 6.0) -> Tensor:
    """Return source pairs with one bright and one dark Gaussian spot in each, (B, 2, H, W) in [0, 1].

    The bright one is where its source is below 0.75, the dark one where it is above 0.2, both where the brighter source
    shows something; a pair without such a place gets none. Random numbers are those of the sources' device.

    Parameters
    ----------
    sources
        (B, 2, H, W) in [0, 1].
    largest
        Largest standard deviation of a lesion, pixels.
    """
    planted = sources
    for sign in (1.0, -1.0):
        planted = planted + sign * _spot(sources, sign, largest)
    return planted.clamp(0.0, 1.0)


def _spot(sources: Tensor, sign: float, largest: float) -> Tensor:
    """Return one spot for each pair in one of its sources, (B, 2, H, W), 0 in the other."""
    count, _, height, width = sources.shape
    device = sources.device
    side = (torch.rand(count, device=device) > FIRST).long()
    source = sources.gather(1, side.view(-1, 1, 1, 1).expand(-1, 1, height, width))[:, 0]
    usable = ((source < 0.75) if sign > 0 else (source > 0.2)) & (sources.amax(dim=1) > 0.08)
    border = min(height, width) // 16
    usable[:, :border] = usable[:, -border:] = False
    usable[:, :, :border] = usable[:, :, -border:] = False
    chance = torch.rand(count, height * width, device=device) * usable.flatten(1)
    best, place = chance.max(dim=1)
    rows = torch.arange(height, device=device)[None, :, None] - (place // width).view(-1, 1, 1)
    columns = torch.arange(width, device=device)[None, None] - (place % width).view(-1, 1, 1)
    sigma = (SMALLEST * (largest / SMALLEST) ** torch.rand(count, device=device)).view(-1, 1, 1)
    weakest, strongest = CONTRAST
    contrast = (best > 0) * (weakest * (strongest / weakest) ** torch.rand(count, device=device))
    spot = contrast.view(-1, 1, 1) * torch.exp(-(rows.square() + columns.square()) / (2 * sigma.square()))
    here = torch.nn.functional.one_hot(side, 2).view(-1, 2, 1, 1)
    return here * spot[:, None]


def lost_contrast(added: Tensor, shown: Tensor, kept: float) -> Tensor:
    """Return how much of the wanted contrast a fused picture does not show, a scalar, 0 if none is missing.

    The sum of the squared shortfalls ``max(0, kept * |added| - sign(added) * shown)``, as a share of the sum of the
    squares of `added`.

    Parameters
    ----------
    added
        What the lesions added to their source, (B, 1, H, W), negative for dark ones.
    shown
        What they added to the fused image, (B, 1, H, W).
    kept
        Part of the contrast that the fused image shall show, 0 to 1.
    """
    shortfall = (kept * added.abs() - added.sign() * shown).clamp_min(0)
    return shortfall.square().sum() / added.square().sum().clamp_min(1e-3)


def nearly_hidden(added: Tensor, shown: Tensor, kept: float) -> Tensor:
    """Return how much of each pair's lesions is missing from a small part that must be shown, a mean over pairs.

    As `lost_contrast` with a smaller `kept`, but every pair counts alike, faint and small lesions as much as others.
    """
    shortfall = (kept * added.abs() - added.sign() * shown).clamp_min(0)
    each = added.square().sum(dim=(1, 2, 3))
    return (shortfall.square().sum(dim=(1, 2, 3)) / each.clamp_min(1e-2)).mean()


def shown_share(added: Tensor, shown: Tensor) -> Tensor:
    """Return the part of the lesions' contrast that is shown, a scalar: the slope of `shown` over `added`."""
    return (added * shown).sum() / added.square().sum().clamp_min(1e-3)
