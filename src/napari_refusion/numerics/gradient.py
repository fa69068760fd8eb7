"""Sobel gradient of images."""

import torch
import torch.nn.functional as nnf
from torch import Tensor


def sobel_magnitude(images: Tensor) -> Tensor:
    """Return ``|Sobel_x| + |Sobel_y|`` of every channel, (B, C, H, W), not negative.

    The kernels are the unnormalised ``[-1 0 1; -2 0 2; -1 0 1]`` and its transpose, so a ramp that rises
    by 1 per pixel has the magnitude 8. Outside the image is taken as zero (padding 1): a bright image
    border therefore has a large gradient, as in the loss that ReFusion was trained with.

    Parameters
    ----------
    images
        (B, C, H, W) in any unit; the result is in that unit times 8 per pixel.
    """
    channels = images.shape[1]
    horizontal = images.new_tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])
    kernels = torch.stack([horizontal, horizontal.T])[:, None].repeat(channels, 1, 1, 1)
    components = nnf.conv2d(images, kernels, padding=1, groups=channels)
    return components.unflatten(1, (channels, 2)).abs().sum(dim=2)
