"""Structural similarity as a loss that F can follow."""

import torch
import torch.nn.functional as nnf
from torch import Tensor

RADIUS = 5
"""Pixels on either side of the middle of the Gaussian window, 11 along each side as published."""

SIGMA = 1.5
"""Standard deviation of the window in pixels."""


def lost_structure(images: Tensor, sources: Tensor) -> Tensor:
    """Return ``1 - SSIM`` of each image, (B,), 0 to 2, with a data range of 1.

    After Wang et al., DOI 10.1109/TIP.2003.819861, with the biased covariance of the paper; means over the places where
    the whole window lies inside.

    Parameters
    ----------
    images, sources
        (B, 1, H, W) in [0, 1], 11 x 11 pixels or more.
    """
    moments = torch.cat([images, sources, images.square(), sources.square(), images * sources])
    mean_x, mean_y, square_x, square_y, product = _smoothed(moments).chunk(5)
    product_of_means, squares_of_means = mean_x * mean_y, mean_x.square() + mean_y.square()
    covariance, variances = product - product_of_means, square_x + square_y - squares_of_means
    luminance = (2 * product_of_means + 0.01**2) / (squares_of_means + 0.01**2)
    similarity = luminance * (2 * covariance + 0.03**2) / (variances + 0.03**2)
    return 1 - similarity.flatten(1).mean(dim=1)


def _smoothed(maps: Tensor) -> Tensor:
    """Return maps (B, 1, H, W) averaged under the window, (B, 1, H - 10, W - 10)."""
    away = torch.arange(-RADIUS, RADIUS + 1, dtype=maps.dtype, device=maps.device)
    window = (-away.square() / (2 * SIGMA**2)).softmax(dim=0)
    return nnf.conv2d(nnf.conv2d(maps, window.view(1, 1, -1, 1)), window.view(1, 1, 1, -1))
