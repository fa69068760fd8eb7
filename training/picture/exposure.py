"""What a picture fused from a short and a long exposure must be: every structure shown, nothing blown, well exposed."""

import torch
import torch.nn.functional as nnf
from torch import Tensor

SIDE = 8
"""Pixels along a patch of the structural quality, as published."""

STABILISER = 0.03**2
"""Constant of the structural quality for images in [0, 1]: (0.03 * 255)^2 for grey levels."""


MID_GREY, WIDTH = 0.5, 0.2
"""Level of a good exposure, and standard deviation of the Gaussian that weighs others, as published."""

SCALES = 3
"""Sizes at which the structural quality is measured, each half of the one before."""


def mef_ssim(sources: Tensor, fused: Tensor) -> Tensor:
    """Return the structural quality of every fused exposure, the mean over three scales, (B,), at most 1.

    Parameters
    ----------
    sources
        (B, 2, H, W) in [0, 1].
    fused
        (B, 1, H, W) in [0, 1].
    """
    qualities = []
    for _ in range(SCALES):
        qualities.append(structural_quality(sources, fused))
        sources, fused = nnf.avg_pool2d(sources, 2), nnf.avg_pool2d(fused, 2)
    return torch.stack(qualities).mean(dim=0)


def structural_quality(sources: Tensor, fused: Tensor) -> Tensor:
    """Return the structural quality of every fused exposure at its own scale, (B,), at most 1.

    In each patch the wanted structure is the mean of the sources' structures, weighted by the power of their contrasts
    that their consistency asks for, with the greatest contrast of any source (Ma, Zeng and Wang, IEEE TIP 24(11), 2015,
    DOI 10.1109/TIP.2015.2442920); uniform patches of 8 x 8 pixels.

    Parameters
    ----------
    sources
        (B, 2, H, W) in [0, 1].
    fused
        (B, 1, H, W) in [0, 1].
    """
    first, second = sources[:, :1], sources[:, 1:]
    moments = torch.cat([sources, fused, sources.square(), first * second, sources * fused, fused.square()], dim=1)
    mean = nnf.avg_pool2d(moments, SIDE, 1)
    mean_s, mean_f, square_s, product, with_f, square_f = mean.split([2, 1, 2, 1, 2, 1], dim=1)
    var_s = (square_s - mean_s.square()).clamp_min(0)
    shared = product - mean_s[:, :1] * mean_s[:, 1:]
    covariance = with_f - mean_s * mean_f
    var_f = (square_f - mean_f.square()).clamp_min(0)
    share, var_wanted = _wanted(var_s, shared)
    quality = (2 * (share * covariance).sum(dim=1, keepdim=True) + STABILISER) / (var_wanted + var_f + STABILISER)
    return quality.mean(dim=(1, 2, 3))


def _wanted(var_s: Tensor, shared: Tensor) -> tuple[Tensor, Tensor]:
    """Return each source's share of deviations in the wanted patch, (B, 2, H, W), and its variance, (B, 1, H, W)."""
    var_s = var_s + 1e-8  # a flat patch has no structure, and must not ask for one without end
    contrast = var_s.sqrt()
    whole = (var_s.sum(dim=1, keepdim=True) + 2 * shared).clamp_min(1e-8).sqrt()
    consistency = (whole / contrast.sum(dim=1, keepdim=True)).clamp(1e-3, 0.999)
    power = torch.tan(torch.pi / 2 * consistency).clamp_max(10.0)
    greatest = contrast.amax(dim=1, keepdim=True)
    weight = (contrast / greatest).pow(power) / contrast
    correlation = shared * weight[:, :1] * weight[:, 1:]
    norm = ((weight.square() * var_s).sum(dim=1, keepdim=True) + 2 * correlation).clamp_min(1e-2).sqrt()
    return greatest * weight / norm, greatest.square()


def well_exposed(sources: Tensor, fused: Tensor) -> Tensor:
    """Return how far the local mean of the fused image is from that of the better exposed source, a scalar.

    The wanted mean weighs both sources' means by how near they are to mid-grey, a Gaussian (Mertens et
    al., Pacific Graphics 2007, DOI 10.1109/PG.2007.17), in squares of 17 pixels.
    """
    both = nnf.avg_pool2d(torch.cat([sources, fused], dim=1), 17, 1)
    means, mean_f = both[:, :2], both[:, 2:]
    weight = torch.exp(-(means - MID_GREY).square() / (2 * WIDTH**2)) + 1e-6
    wanted = (weight * means).sum(dim=1, keepdim=True) / weight.sum(dim=1, keepdim=True)
    return (mean_f - wanted).abs().mean()


def clipped_detail(sources: Tensor, fused: Tensor) -> Tensor:
    """Return how much of the detail of one exposure is lost where the other one is clipped, a scalar, 0 to 1.

    Detail is the deviation from the mean of 5 x 5 pixels; a source is clipped above 0.92 or below 0.04. The shortfall
    of what the fused image shows of it, squared, as a share of the squared detail.
    """
    both = torch.cat([sources, fused], dim=1)
    detail = both - nnf.avg_pool2d(both, 5, 1, 2, count_include_pad=False)
    local = nnf.avg_pool2d(sources, 5, 1, 2, count_include_pad=False)
    clipped = ((local > 0.92) | (local < 0.04)).to(fused.dtype)
    counts = clipped.flip(1) * (1 - clipped)
    wanted, shown = detail[:, :2], detail[:, 2:]
    shortfall = (wanted.abs() - wanted.sign() * shown).clamp_min(0).square()
    return (counts * shortfall).sum() / ((counts * wanted.square()).sum() + 1e-4)
