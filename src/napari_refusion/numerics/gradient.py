"""Sobel gradient of images."""

import torch
import torch.nn.functional as nnf
from torch import Tensor


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
    horizontal = images.new_tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])
    kernels = torch.stack([horizontal, horizontal.T])[:, None].repeat(channels, 1, 1, 1)
    return nnf.conv2d(images, kernels, padding=1, groups=channels).unflatten(1, (channels, 2))


def sobel_magnitude(images: Tensor) -> Tensor:
    """Return ``|Sobel_x| + |Sobel_y|`` of every channel, (B, C, H, W), not negative; see `sobel_components`."""
    return sobel_components(images).abs().sum(dim=2)
