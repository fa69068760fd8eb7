"""The two losses of ReFusion: how far the fused image is from what P asks for, and how far R is from the sources."""

from typing import NamedTuple

from torch import Tensor

from napari_refusion.model.loss_proposal_net import Proposal
from napari_refusion.numerics.gradient import sobel_components, sobel_magnitude


class LossForm(NamedTuple):
    """How the fusion loss measures a difference; as it stands, the published form."""

    absolute: bool = False
    """Absolute instead of squared differences: strong edges no longer drown weak ones, and F stops averaging."""
    signed: bool = False
    """Compare both Sobel components with their signs, so an edge must also run and rise as in the source."""


PUBLISHED = LossForm()
"""The form that the paper describes."""


def fusion_loss(
    fused: Tensor, sources: Tensor, proposal: Proposal, gradient_share: float, form: LossForm = PUBLISHED
) -> Tensor:
    """Return the proposed fusion loss, a scalar: ``L_int + gradient_share * L_grad``.

    ``L_int`` is the mean over pixels and images of ``sum_s (w_s (I_s - F))^2`` with the proposal's intensity
    weights ``w``; ``L_grad`` is the same for Sobel magnitudes and gradient weights ``v`` (ReFusion, arXiv 2312.07943).
    For given weights the intensity term is least at ``(w_a^2 I_a + w_b^2 I_b) / (w_a^2 + w_b^2)``. With absolute
    differences it is ``sum_s w_s^2 |I_s - F|``, which is least at the source with the larger weight.

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
    form
        How differences are measured.
    """
    gap = (sources - fused).abs()
    if form.signed:
        gradient_gap = (sobel_components(sources) - sobel_components(fused)).abs().sum(dim=2)
    else:
        gradient_gap = (sobel_magnitude(sources) - sobel_magnitude(fused)).abs()
    if not form.absolute:
        gap, gradient_gap = gap.square(), gradient_gap.square()
    intensity = (proposal.intensity.square() * gap).sum(dim=1).mean()
    gradient = (proposal.gradient.square() * gradient_gap).sum(dim=1).mean()
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
