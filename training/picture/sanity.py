"""What no fused picture may do, whatever it shows: leave the range of its sources, light the background, add noise."""

import torch
import torch.nn.functional as nnf
from torch import Tensor

FLAT = 0.03
"""Steps to a neighbouring pixel, of the local mean, under which a place counts as flat."""


def out_of_range(fused: Tensor, sources: Tensor, tolerance: float = 0.02) -> Tensor:
    """Return how far a fused image leaves the range of its sources, the mean over all pixels.

    The range at a pixel is from the darkest to the brightest value of either source in a square of 3 pixels around it,
    so that a sharp edge of one source may meet a blurred one of the other.

    Parameters
    ----------
    fused
        (B, 1, H, W) in [0, 1].
    sources
        (B, 2, H, W) in [0, 1].
    tolerance
        What is not counted.
    """
    above = nnf.max_pool2d(sources.amax(dim=1, keepdim=True), 3, 1, 1) + tolerance
    below = -nnf.max_pool2d(-sources.amin(dim=1, keepdim=True), 3, 1, 1) - tolerance
    return ((fused - above).clamp_min(0) + (below - fused).clamp_min(0)).mean()


def lit_background(fused: Tensor, sources: Tensor) -> Tensor:
    """Return the mean of the fused images where both sources are exactly black, a scalar; 0 if nowhere."""
    black = (sources.amax(dim=1, keepdim=True) == 0).to(fused.dtype)
    return (fused * black).sum() / black.sum().clamp_min(1)


def flat_places(sources: Tensor) -> Tensor:
    """Return 1 where both sources are flat and at least one shows something, else 0, (B, 1, H, W)."""
    smooth = nnf.avg_pool2d(sources, 5, 1, 2)
    down = nnf.pad((smooth[..., 1:, :] - smooth[..., :-1, :]).abs(), (0, 0, 0, 1))
    across = nnf.pad((smooth[..., 1:] - smooth[..., :-1]).abs(), (0, 1))
    steepest = torch.maximum(down, across).amax(dim=1, keepdim=True)
    return ((steepest < FLAT) & (smooth.amax(dim=1, keepdim=True) > 0.08)).to(sources.dtype)


def noise_passed(change: Tensor, noise: Tensor, flat: Tensor, gain: float) -> Tensor:
    """Return how far the noise of the fused image exceeds `gain` times that of its sources in flat places, a scalar.

    The ratio of both standard deviations, less `gain`, at least 0.

    Parameters
    ----------
    change
        What the noise changed in the fused image, (B, 1, H, W).
    noise
        What was added to the sources, (B, 2, H, W).
    flat
        1 where it counts, (B, 1, H, W).
    gain
        Ratio that costs nothing.
    """
    passed = (change.square() * flat).sum()
    added = (noise.square().mean(dim=1, keepdim=True) * flat).sum()
    return ((passed + 1e-6) / (added + 1e-4)).sqrt().sub(gain).clamp_min(0)
