"""All that F is shown in one step: sources, the same with lesions or noise, a source alone, pairs that we blurred.

All of it is fused by a single call of the network.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from training.picture import focus, lesions
from training.picture.shares import Shares

QUARTER = 4
"""Noise and identity are asked of every fourth pair."""

ALONE = 0.3
"""How often identity is asked of a source with nothing beside it instead of with itself."""

STRONGEST_NOISE = 0.06
"""Largest standard deviation of the noise that is added."""


@dataclass(frozen=True, slots=True)
class Examples:
    """All that a step shows the network, and what it knows of it; parts that a loss does not need are empty."""

    sources: Tensor
    """(B, 2, H, W) in [0, 1]."""
    planted: Tensor
    """The same with lesions, (B, 2, H, W)."""
    noise: Tensor
    """What is added to the first quarter of the sources, (B / 4, 2, H, W)."""
    alike: Tensor
    """Pairs (x, x), (x, 0) and (0, x), (B / 4, 2, H, W)."""
    blurred: Tensor
    """Pairs of two focal planes, (N, 2, H, W)."""
    sharp: Tensor
    """What they should be fused to, (N, 1, H, W)."""

    @property
    def images(self) -> Tensor:
        """All pairs in one batch, (B', 2, H, W)."""
        noisy = self.sources[: len(self.noise)] + self.noise
        return torch.cat([self.sources, self.planted, noisy, self.alike, self.blurred])

    def of_each(self, fused: Tensor) -> tuple[Tensor, ...]:
        """Return the fused `images` (B', 1, H, W) apart: of sources, planted, noisy, alike and blurred pairs."""
        parts = (self.sources, self.planted, self.noise, self.alike, self.blurred)
        return fused.split([len(part) for part in parts])


def examples(sources: Tensor, shares: Shares, sharp: Tensor | None = None) -> Examples:
    """Return what a step shows the network, drawn at random on the sources' device.

    Parameters
    ----------
    sources
        (B, 2, H, W) in [0, 1], B a multiple of 4.
    shares
        The factors of the loss.
    sharp
        Sharp images, (N, 1, H + 24, W + 24) in [0, 1], for ``refocused``.
    """
    quarter = len(sources) // QUARTER
    none = sources[:0]
    planted = lesions.plant(sources, shares.lesion_size) if shares.lesion else none
    noise = none
    if shares.noise:
        height = STRONGEST_NOISE * torch.rand(quarter, 1, 1, 1, device=sources.device)
        noise = height * torch.randn_like(sources[:quarter]) * (sources[:quarter] > 0)
    alike = _alone_or_twice(sources[-quarter:]) if shares.identity else none
    blurred, wanted = (none, none) if sharp is None else focus.refocused(sharp)
    return Examples(sources, planted, noise, alike, blurred, wanted)


def _alone_or_twice(pairs: Tensor) -> Tensor:
    """Return pairs (x, x), (x, 0) or (0, x), (B, 2, H, W), x being one source of each pair."""
    count, device = len(pairs), pairs.device
    side = (torch.rand(count, device=device) < 0.5).long().view(-1, 1, 1, 1).expand(-1, 1, *pairs.shape[2:])
    chosen = pairs.gather(1, side)
    left, right = torch.rand(2, count, 1, 1, 1, device=device)
    return torch.cat([chosen * (left > ALONE / 2), chosen * ((right > ALONE / 2) | (left <= ALONE / 2))], dim=1)
