"""The trial in image space: what the image would be that the proposed loss asks for, and how R judges it.

The published trial lets the fusion network take one step; it moves a whole image by one number. Here the pixels
themselves take a few gradient steps on the proposed loss, starting at the fused image, and the reconstruction network
judges what they become. Every step can be differentiated with respect to the proposal, so the judgement reaches P at
every pixel. Nothing here needs anything but PyTorch.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as nnf
from torch import Tensor

from napari_refusion.model.loss_proposal_net import Proposal
from napari_refusion.numerics.gradient import sobel_components, sobel_kernels, sobel_magnitude

SOBEL_GAIN = 8.0
"""Largest factor by which a Sobel component enlarges a wave: 4 sin x (1 + cos y) at x = pi / 2, y = 0."""

TELLING_SHARE = 0.1
"""Factor of what R fails to tell about the planted lesions in `balanced_judge`."""


def proposed_energy(fused: Tensor, sources: Tensor, proposal: Proposal, gradient_share: float) -> Tensor:
    """Return the energy that the proposal gives to an image, a scalar, not negative.

    ``mean sum_s w_s^2 (I_s - F)^2 + gradient_share / 64 mean sum_s v_s^2 |S I_s - S F|^2`` with both Sobel components S
    and their signs. The 64 makes the steepest pattern weigh as much as the same difference of intensity.

    Parameters
    ----------
    fused
        (B, 1, H, W) in [0, 1].
    sources
        (B, 2, H, W) in [0, 1], in the order that the proposal was made for.
    proposal
        Weights (B, 2, H, W) each.
    gradient_share
        Factor of the gradient term, not negative.
    """
    gap = (sources - fused).square()
    edge_gap = (sobel_components(sources) - sobel_components(fused)).square().sum(dim=2)
    intensity = (proposal.intensity.square() * gap).sum(dim=1).mean()
    edges = (proposal.gradient.square() * edge_gap).sum(dim=1).mean()
    return intensity + gradient_share / SOBEL_GAIN**2 * edges


def trial_image(fused: Tensor, sources: Tensor, proposal: Proposal, gradient_share: float, steps: int = 8) -> Tensor:
    """Return the image after some projected gradient steps of its pixels on `proposed_energy`, (B, 1, H, W) in [0, 1].

    The step size, 1.6 / (1 + gradient_share), stays below 2 over the largest curvature, for the weights of both sources
    sum to 1: the energy falls at every step. Differentiable in the proposal. The shapes are those of `proposed_energy`.

    Parameters
    ----------
    steps
        0 returns the fused image; with a gradient share of 0 and 8 steps a fiftieth of the way is left at most.
    """
    kernels, share = sobel_kernels(fused), gradient_share / SOBEL_GAIN**2
    intensity, gradient = (weights.square() for weights in proposal)
    wanted = (intensity * sources).sum(dim=1, keepdim=True)
    wanted_edges = (gradient[:, :, None] * sobel_components(sources)).sum(dim=1)
    stiffness, edge_stiffness = intensity.sum(dim=1, keepdim=True), gradient.sum(dim=1, keepdim=True)
    size = 1.6 / (1 + gradient_share)
    for _ in range(steps):
        pull = stiffness * fused - wanted
        edge_pull = edge_stiffness * nnf.conv2d(fused, kernels, padding=1) - wanted_edges
        slope = pull + share * nnf.conv_transpose2d(edge_pull, kernels, padding=1)
        fused = (fused - size * slope).clamp(0, 1)
    return fused


def balanced_judge(
    reconstruction: Callable[[Tensor], Tensor],
    real_image: Tensor,
    real_sources: Tensor,
    planted_image: Tensor,
    planted_sources: Tensor,
) -> Tensor:
    """Return how badly R rebuilds sources from their trial images, and the lesions planted in them, a scalar.

    The sum of `_rebuilding_error` of the real and of the planted pairs, and `TELLING_SHARE` times the squared error of
    what R says was planted, ``|(R(f') - R(f)) - (s' - s)|^2 / |s' - s|^2``. Edges count as much as intensity here,
    where the published error lets them count 64 times: R's word about a faint, smooth lesion would not be heard.

    Parameters
    ----------
    reconstruction
        R: images (B, 1, H, W) to both sources (B, 2, H, W).
    real_image, planted_image
        Trial images without and with the lesions, (B, 1, H, W).
    real_sources, planted_sources
        What R must rebuild of them, (B, 2, H, W) in [0, 1].
    """
    real, planted = reconstruction(torch.cat([real_image, planted_image])).chunk(2)
    added = planted_sources - real_sources
    untold = ((planted - real) - added).square().sum() / added.square().sum().clamp_min(1e-2)
    errors = _rebuilding_error(real, real_sources) + _rebuilding_error(planted, planted_sources)
    return errors + TELLING_SHARE * untold


def _rebuilding_error(rebuilt: Tensor, sources: Tensor) -> Tensor:
    """Return the mean squares of the worse source's error at each pixel, of intensity and of Sobel magnitude / 8."""
    intensity = (rebuilt - sources).abs().amax(dim=1).square().mean()
    edge_gap = (sobel_magnitude(rebuilt) - sobel_magnitude(sources)).abs() / SOBEL_GAIN
    return intensity + edge_gap.amax(dim=1).square().mean()
