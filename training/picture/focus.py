"""What a picture fused from two focal planes must be: everywhere the sharper source, without rings at blurred edges."""

import torch
import torch.nn.functional as nnf
from torch import Tensor

NEIGHBOURHOOD = 15
"""Side in pixels of the square over which sharpness is summed: wider than the ring of an edge that is out of focus."""


def sharper(sources: Tensor) -> Tensor:
    """Return how surely the first source is the sharper one, (B, 1, H, W), 0 to 1, 0.5 where neither is.

    The share of the first source in the local energy of the Laplacian.
    """
    padded = nnf.pad(sources, (1, 1, 1, 1), mode="replicate")
    laplacian = (
        padded[..., :-2, 1:-1] + padded[..., 2:, 1:-1] + padded[..., 1:-1, :-2] + padded[..., 1:-1, 2:] - 4 * sources
    )
    energy = nnf.avg_pool2d(laplacian.square(), NEIGHBOURHOOD, 1, NEIGHBOURHOOD // 2, count_include_pad=False) + 1e-6
    ratio = (energy[:, :1] / energy[:, 1:]).log()
    return torch.sigmoid(3 * ratio)


def from_the_sharper(sources: Tensor, fused: Tensor) -> Tensor:
    """Return the mean absolute difference to the sharper source, where it is sure which one that is, a scalar."""
    first = sharper(sources)
    sure = (2 * first - 1).square()
    chosen = torch.where(first > 0.5, sources[:, :1], sources[:, 1:])
    return (sure * (fused - chosen).abs()).sum() / sure.sum().clamp_min(1)


def refocused(sharp: Tensor) -> tuple[Tensor, Tensor]:
    """Return focal pairs made from sharp images, (B, 2, H, W), and the images they should be fused to, (B, 1, H, W).

    A smooth random shape divides each image; the first source is sharp inside it and the second outside, the other part
    blurred with a Gaussian of sigma 1 to 3.5 pixels. The sharp images lose 12 pixels along every side, which the blur
    needs.

    Parameters
    ----------
    sharp
        (B, 1, H, W) in [0, 1].
    """
    count, _, height, width = sharp.shape
    coarse = torch.randn(count, 1, 5, 5, device=sharp.device)
    shape = torch.sigmoid(12 * nnf.interpolate(coarse, size=(height, width), mode="bicubic", align_corners=False))
    blurred = blurred_by(sharp, 1 + 2.5 * torch.rand(count, device=sharp.device), 25)
    inside = slice(12, -12)
    shape, sharp = shape[..., inside, inside], sharp[..., inside, inside]
    sources = torch.cat([shape * sharp + (1 - shape) * blurred, (1 - shape) * sharp + shape * blurred], dim=1)
    return sources, sharp


def blurred_by(images: Tensor, sigma: Tensor, size: int) -> Tensor:
    """Return every image blurred by a Gaussian of its own, (B, C, H - size + 1, W - size + 1).

    Parameters
    ----------
    images
        (B, C, H, W).
    sigma
        (B,) pixels; 0 leaves an image as it is.
    size
        Pixels along the window, odd.
    """
    count, channels = images.shape[:2]
    offsets = torch.arange(size, device=images.device, dtype=images.dtype) - size // 2
    window = torch.exp(-offsets.square() / (2 * sigma[:, None].clamp_min(0.05).square()))
    window = (window / window.sum(dim=1, keepdim=True)).repeat_interleave(channels, dim=0)
    flat = images.flatten(0, 1)[None]
    down = nnf.conv2d(flat, window[:, None, :, None], groups=count * channels)
    across = nnf.conv2d(down, window[:, None, None, :], groups=count * channels)
    return across[0].unflatten(0, (count, channels))
