"""What real pictures are and benchmark pictures are not: resampled, re-windowed, noisy, cut off, inverted."""

import torch
import torch.nn.functional as nnf
from torch import Tensor

from training.picture.focus import blurred_by

WINDOW = 19
"""Pixels along the window of a blur; it holds a sigma of 3."""


def augmented(sources: Tensor, functional: Tensor) -> Tensor:
    """Return source pairs as a clinic or camera might have made them, (B, 2, H, W) in [0, 1].

    A functional first source is smooth in 45 % of pairs, both are in 25 %; each source gets another window and gamma in
    half of the pairs, is inverted in 3 %; noise in 20 %; one source is cut off by the edge of its field of view in 8 %.
    The order of the sources is drawn. No tone lights what is black; only noise does, in half of the noisy pairs.

    Parameters
    ----------
    sources
        (B, 2, H, W) in [0, 1].
    functional
        Whether the first source of each shows uptake, (B,).
    """
    pairs = _cut_off(_toned(_softened(sources, functional)))
    pairs = _noisy(pairs)
    swapped = _chance(sources, 0.5)
    return torch.where(swapped, pairs.flip(1), pairs)


def _chance(images: Tensor, often: float, channels: int = 1) -> Tensor:
    """Return true in a share of the images, (B, channels, 1, 1)."""
    return torch.rand(len(images), channels, 1, 1, device=images.device) < often


def _between(images: Tensor, low: float, high: float, channels: int = 2) -> Tensor:
    return low + (high - low) * torch.rand(len(images), channels, 1, 1, device=images.device)


def _softened(pairs: Tensor, functional: Tensor) -> Tensor:
    """Return the pairs with some sources smooth: blurred, or brought down to a coarser grid and back."""
    count = len(pairs)
    both = torch.where(_chance(pairs, 0.25), _between(pairs, 0.6, 2.2, 1), torch.zeros_like(pairs[:, :1, :1, :1]))
    alone = _chance(pairs, 0.45) & functional.view(-1, 1, 1, 1)
    coarse = alone & _chance(pairs, 0.5)
    extra = torch.where(alone & ~coarse, _between(pairs, 0.7, 3.0, 1), torch.zeros_like(both))
    sigma = torch.cat([(both.square() + extra.square()).sqrt(), both], dim=1).view(2 * count)
    margin = WINDOW // 2
    padded = nnf.pad(pairs.flatten(0, 1)[:, None], (margin,) * 4, mode="replicate")
    smooth = blurred_by(padded, sigma, WINDOW).view_as(pairs)
    halved = nnf.avg_pool2d(smooth[:, :1], 4, 2, 1)
    back = nnf.interpolate(halved, size=pairs.shape[2:], mode="bilinear", align_corners=False)
    quartered = nnf.avg_pool2d(smooth[:, :1], 4)
    further = nnf.interpolate(quartered, size=pairs.shape[2:], mode="bilinear", align_corners=False)
    first = torch.where(coarse, torch.where(_chance(pairs, 0.5), back, further), smooth[:, :1])
    return torch.cat([first, smooth[:, 1:]], dim=1).clamp(0.0, 1.0)


def _toned(pairs: Tensor) -> Tensor:
    """Return the pairs with some sources in another window, with another gamma, or inverted but for what is black."""
    brightest = pairs.flatten(2).sort(dim=2).values[..., int(0.99 * pairs[0, 0].numel())][..., None, None]
    stretched = pairs / brightest.clamp_min(0.1) * _between(pairs, 0.7, 1.1)
    gained = pairs * _between(pairs, 0.6, 1.3)
    toned = torch.where(_chance(pairs, 0.6, 2) & (brightest > 0.1), stretched, gained).clamp(0.0, 1.0)
    toned = torch.where(_chance(pairs, 0.5, 2), (toned + 1e-8).pow(_between(pairs, 0.6, 1.6)) * (toned > 0), toned)
    inverted = torch.where(toned > 0.02, 1 - toned, toned)
    toned = torch.where(_chance(pairs, 0.06, 2), inverted, toned)
    return torch.where(_chance(pairs, 0.5, 2), toned, pairs)


def _cut_off(pairs: Tensor) -> Tensor:
    """Return the pairs with one source black beyond a straight edge in some: the edge of a smaller field of view."""
    count, _, height, width = pairs.shape
    along = torch.arange(max(height, width), device=pairs.device)
    edge = torch.randint(1, min(height, width) // 3, (count, 1, 1, 1), device=pairs.device)
    outside = torch.where(
        _chance(pairs, 0.5),
        (along[:height] < edge.flatten()[:, None])[:, None, :, None].expand(-1, 1, -1, width),
        (along[:width] < edge.flatten()[:, None])[:, None, None].expand(-1, 1, height, -1),
    )
    side = _chance(pairs, 0.5)
    sides = torch.cat([side, ~side], dim=1)
    return pairs * ~(outside & sides & _chance(pairs, 0.08))


def _noisy(pairs: Tensor) -> Tensor:
    """Return the pairs with noise in some sources, in half of those also where they are black."""
    noise = torch.randn_like(pairs) * _between(pairs, 0.0, 0.05)
    noise = noise * (_chance(pairs, 0.5) | (pairs > 0))
    return torch.where(_chance(pairs, 0.2, 2), pairs + noise, pairs).clamp(0.0, 1.0)
