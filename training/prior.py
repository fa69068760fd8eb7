"""Where P starts: with a preference for the stronger source instead of with none.

From random weights P gives both sources one half everywhere, and F learns to average them. P's steps are small on
purpose (large ones make it choose one source for good), so a short run would end before P has an opinion. This prior
gives it one that the meta cycle then refines; the published cycle has none, and `prior_steps = 0` leaves it out.
"""

import torch
from torch import Tensor

from napari_refusion.model.loss_proposal_net import LossProposalNet, Proposal
from napari_refusion.numerics.gradient import sobel_magnitude
from training.data import PairImages
from training.meta_cycle import with_swapped

RATE = 2e-3
"""Learning rate of Adam while P learns the prior."""


def preference(sources: Tensor, sharpness: float) -> Proposal:
    """Return weights (B, 2, H, W) that prefer the brighter source and the stronger gradient at every pixel.

    The softmax over the two sources of `sharpness` times intensity, and of `sharpness` times Sobel magnitude.
    """
    return Proposal(
        (sharpness * sources).softmax(dim=1),
        (sharpness * sobel_magnitude(sources)).softmax(dim=1),
    )


def learn_prior(proposal: LossProposalNet, images: PairImages, device: torch.device) -> float:
    """Train P for the recipe's `prior_steps` to propose `preference`; return the last cross-entropy, in nats."""
    recipe = images.recipe
    optimizer = torch.optim.Adam(proposal.parameters(), lr=RATE)
    loss = torch.zeros(())
    for pairs, _ in images.batches(0, half=2, count=recipe.prior_steps):
        sources = with_swapped(pairs.to(device)).sources
        wanted = preference(sources, recipe.prior_sharpness)
        loss = torch.stack(
            [
                -(want * weights.clamp_min(1e-6).log()).sum(dim=1).mean()
                for want, weights in zip(wanted, proposal(sources), strict=True)
            ]
        ).sum()
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        optimizer.step()
    return float(loss.detach())
