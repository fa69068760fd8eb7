"""The two losses of ReFusion: how far the fused image is from what P asks for, and how far R is from the sources."""

from torch import Tensor

from napari_refusion.model.loss_proposal_net import Proposal
from napari_refusion.numerics.gradient import sobel_magnitude


def fusion_loss(fused: Tensor, sources: Tensor, proposal: Proposal, gradient_share: float) -> Tensor:
    """Return the proposed fusion loss, a scalar: ``L_int + gradient_share * L_grad``.

    ``L_int`` is the mean over pixels and images of ``sum_s (w_s (I_s - F))^2`` with the proposal's intensity
    weights ``w``; ``L_grad`` is the same for Sobel magnitudes and gradient weights ``v`` (ReFusion, arXiv 2312.07943).
    For given weights the intensity term is least at ``(w_a^2 I_a + w_b^2 I_b) / (w_a^2 + w_b^2)``.

    Parameters
    ----------
    fused
        (B, 1, H, W) in [0, 1].
    sources
        (B, 2, H, W) in [0, 1], in the order that the proposal was made for.
    proposal
        Weights (B, 2, H, W) each.
    gradient_share
        Factor of the gradient term, 0 to 1.
    """
    intensity = (proposal.intensity * (sources - fused)).square().sum(dim=1).mean()
    gradient_gap = sobel_magnitude(sources) - sobel_magnitude(fused)
    gradient = (proposal.gradient * gradient_gap).square().sum(dim=1).mean()
    return intensity + gradient_share * gradient


def reconstruction_loss(rebuilt: Tensor, targets: Tensor) -> Tensor:
    """Return how badly the sources were rebuilt, a scalar: ``L_int + L_grad`` (ReFusion, arXiv 2312.07943).

    Both terms square the larger of the two sources' absolute errors at each pixel, so the source that was
    rebuilt worse decides; ``L_grad`` compares Sobel magnitudes.

    Parameters
    ----------
    rebuilt, targets
        (B, 2, H, W) in [0, 1], the same source first in both.
    """
    intensity = (rebuilt - targets).abs().amax(dim=1).square().mean()
    gradient_gap = (sobel_magnitude(rebuilt) - sobel_magnitude(targets)).abs()
    return intensity + gradient_gap.amax(dim=1).square().mean()
