"""Sobel gradient of images."""

import torch
import torch.nn.functional as nnf
from torch import Tensor


def sobel_kernels(images: Tensor) -> Tensor:
    """Return ``[-1 0 1; -2 0 2; -1 0 1]`` and its transpose, (2, 1, 3, 3), of the type and on the device of `images`.

    They are computed where they are used: a GPU need not wait for numbers that are copied to it.
    """
    rise = torch.arange(-1, 2, dtype=images.dtype, device=images.device)
    horizontal = (2 - rise.abs())[:, None] * rise
    return torch.stack([horizontal, horizontal.T])[:, None]


def sobel_components(images: Tensor) -> Tensor:
    """Return the horizontal and vertical Sobel gradient of every channel, (B, C, 2, H, W), with their signs.

    The kernels are the unnormalised ``[-1 0 1; -2 0 2; -1 0 1]`` and its transpose, so a ramp that rises
    by 1 per pixel has the gradient 8. Outside the image is taken as zero (padding 1): a bright image
    border therefore has a large gradient, as in the loss that ReFusion was trained with.

    Parameters
    ----------
    images
        (B, C, H, W) in any unit; the result is in that unit times 8 per pixel.
    """
    channels = images.shape[1]
    kernels = sobel_kernels(images).repeat(channels, 1, 1, 1)
    return nnf.conv2d(images, kernels, padding=1, groups=channels).unflatten(1, (channels, 2))


def sobel_magnitude(images: Tensor) -> Tensor:
    """Return ``|Sobel_x| + |Sobel_y|`` of every channel, (B, C, H, W), not negative; see `sobel_components`."""
    return sobel_components(images).abs().sum(dim=2)
