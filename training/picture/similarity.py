"""The field's three figures, VIF, Qabf and SSIM, in a form that has gradients.

They follow `napari_refusion.numerics.metrics`, which measures 8-bit levels; here images are in [0, 1], not rounded, and
corners are rounded off where a gradient would be infinite. Figures are sums over both sources where the field sums.
"""

import math

import torch
import torch.nn.functional as nnf
from torch import Tensor

from napari_refusion.numerics.gradient import sobel_components

LEVELS = 255.0
"""The constants of the figures are meant for grey levels 0 to 255."""

NOISE = 2.0
"""Variance of the noise in VIF, as published, of grey levels 0 to 255."""


def gaussian_mean(images: Tensor, size: int, sigma: float) -> Tensor:
    """Return the Gaussian mean where its window of `size` pixels lies inside, (B, C, H - size + 1, W - size + 1)."""
    offsets = torch.arange(size, device=images.device, dtype=images.dtype) - size // 2
    window = torch.exp(-offsets.square() / (2 * sigma**2))
    window = window / window.sum()
    flat = images.flatten(0, 1)[:, None]
    across = nnf.conv2d(nnf.conv2d(flat, window.view(1, 1, -1, 1)), window.view(1, 1, 1, -1))
    return across.view(*images.shape[:2], *across.shape[2:])


def vif(sources: Tensor, fused: Tensor) -> Tensor:
    """Return the visual information fidelity of every fused image, summed over its sources, (B,).

    Pixel domain, four scales, noise variance 2 (Sheikh and Bovik, IEEE TIP 15(2), 2006, DOI 10.1109/TIP.2005.859378).
    A constant source counts 0.

    Parameters
    ----------
    sources
        (B, 2, H, W) in [0, 1].
    fused
        (B, 1, H, W) in [0, 1].
    """
    both = torch.cat([sources, fused], dim=1) * LEVELS
    # variances do not change with the level, but are told more exactly about 0
    both = both - both.mean(dim=(2, 3), keepdim=True).detach()
    carried = possible = sources.new_zeros(sources.shape[:2])
    for scale in range(4):
        size = 2 ** (4 - scale) + 1
        if scale:
            both = gaussian_mean(both, size, size / 5)[..., ::2, ::2]
        if min(both.shape[-2:]) < size:
            break
        scale_carried, scale_possible = _information(both[:, :-1], both[:, -1:], size)
        carried, possible = carried + scale_carried, possible + scale_possible
    return (carried / possible.clamp_min(1e-6)).sum(dim=1)


def _information(sources: Tensor, fused: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """Return the information about each source in the fused image, and in the source itself, (B, S) each."""
    moments = torch.cat([sources, fused, sources.square(), fused.square(), sources * fused], dim=1)
    count = sources.shape[1]
    smooth = gaussian_mean(moments, size, size / 5)
    mean_s, mean_f, square_s, square_f, product = smooth.split([count, 1, count, 1, count], dim=1)
    var_s = (square_s - mean_s.square()).clamp_min(0)
    var_f = (square_f - mean_f.square()).clamp_min(0)
    covariance = product - mean_s * mean_f
    # where a source is flat it carries nothing: a gain of 0, whatever rounding says
    gain = torch.where(var_s > 1e-3, covariance / var_s.clamp_min(1e-3), torch.zeros_like(var_s)).clamp_min(0)
    rest = (var_f - gain * covariance).clamp_min(1e-6)
    carried = torch.log1p(gain.square() * var_s / (rest + NOISE)).sum(dim=(2, 3))
    return carried, torch.log1p(var_s / NOISE).sum(dim=(2, 3))


def qabf(sources: Tensor, fused: Tensor) -> Tensor:
    """Return how much of the sources' edges every fused image carries, (B,), 0 to 1.

    Xydeas and Petrovic, Electronics Letters 36(4), 2000, DOI 10.1049/el:20000267. Orientations are compared as
    undirected angles, without the jump that the measured figure has at the vertical.

    Parameters
    ----------
    sources
        (B, 2, H, W) in [0, 1].
    fused
        (B, 1, H, W) in [0, 1].
    """
    edges, edges_f = sobel_components(sources * LEVELS), sobel_components(fused * LEVELS)
    strength = edges.square().sum(dim=2).sqrt()
    strength_f = (edges_f.square().sum(dim=2) + 1e-6).sqrt()
    ratio = torch.minimum(strength, strength_f) / (torch.maximum(strength, strength_f) + 1e-6)
    along = (edges * edges_f).sum(dim=2)
    across = edges[:, :, 0] * edges_f[:, :, 1] - edges[:, :, 1] * edges_f[:, :, 0]
    agreement = 1 - torch.atan2(across.abs() + 1e-6, along.abs() + 1e-6) / (math.pi / 2)
    kept = 0.9994 * torch.sigmoid(15 * (ratio - 0.5)) * 0.9879 * torch.sigmoid(22 * (agreement - 0.8))
    return (kept * strength).sum(dim=(1, 2, 3)) / strength.sum(dim=(1, 2, 3)).clamp_min(1e-6)


def ssim(sources: Tensor, fused: Tensor) -> Tensor:
    """Return the structural similarity of every fused image, summed over its sources, (B,), -2 to 2.

    Gaussian window of sigma 1.5 within 11 x 11 pixels (Wang et al., IEEE TIP 13(4), 2004, DOI 10.1109/TIP.2003.819861).

    Parameters
    ----------
    sources
        (B, 2, H, W) in [0, 1].
    fused
        (B, 1, H, W) in [0, 1].
    """
    count = sources.shape[1]
    moments = torch.cat([sources, fused, sources.square(), fused.square(), sources * fused], dim=1)
    mean_s, mean_f, square_s, square_f, product = gaussian_mean(moments, 11, 1.5).split(
        [count, 1, count, 1, count], dim=1
    )
    var_s, var_f = square_s - mean_s.square(), square_f - mean_f.square()
    covariance = product - mean_s * mean_f
    bright = (2 * mean_s * mean_f + 1e-4) / (mean_s.square() + mean_f.square() + 1e-4)
    alike = (2 * covariance + 9e-4) / (var_s + var_f + 9e-4)
    return (bright * alike).mean(dim=(2, 3)).sum(dim=1)
