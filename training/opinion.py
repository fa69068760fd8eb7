"""What P thinks before the meta cycle begins.

From random weights P gives both sources one half everywhere, and F learns to average them. P's steps are small on
purpose (large ones make it choose one source for good), so a short run would end before P has an opinion. An opinion
that it is taught first is what the meta cycle then refines; the published cycle has none (`opinion = "random"`).
"""

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as nnf
from torch import Tensor

from napari_refusion.model.loss_proposal_net import LossProposalNet, Proposal
from napari_refusion.numerics.gradient import sobel_magnitude
from training.batch import with_swapped

if TYPE_CHECKING:
    from training.data import PairImages

RATE = 2e-3
"""Learning rate of Adam while P learns its opinion."""

NEIGHBOURHOOD = 9
"""Side in pixels of the square in which sharpness is averaged: wider than the halo of an edge that is out of focus."""


def preference(sources: Tensor, opinion: str, decision: float) -> Proposal:
    """Return the weights (B, 2, H, W) of an opinion, a softmax over the two sources of `decision` times its measure.

    For the gradient the measure is the Sobel magnitude; for the intensity it is the intensity itself (``brighter``),
    or the Sobel magnitude averaged over the neighbourhood (``sharper``).
    """
    strength = sobel_magnitude(sources)
    measure = sources
    if opinion == "sharper":
        measure = nnf.avg_pool2d(strength, NEIGHBOURHOOD, 1, NEIGHBOURHOOD // 2, count_include_pad=False)
    return Proposal((decision * measure).softmax(dim=1), (decision * strength).softmax(dim=1))


def start_even(proposal: LossProposalNet) -> None:
    """Make P give both sources one half everywhere; it can learn from there."""
    for network in (proposal.intensity, proposal.gradient):
        torch.nn.init.zeros_(network.output.weight)


def form_opinion(proposal: LossProposalNet, images: "PairImages", device: torch.device) -> float:
    """Give P the opinion that the recipe names; return the last cross-entropy in nats, 0 if there was none to learn.

    ``random`` leaves it as it is, ``even`` makes it give both sources one half everywhere.
    """
    opinion = images.recipe.opinion
    if opinion == "even":
        start_even(proposal)
    if opinion in ("random", "even"):
        return 0.0
    recipe = images.recipe
    optimizer = torch.optim.Adam(proposal.parameters(), lr=RATE)
    loss = torch.zeros(())
    for pairs, _ in images.batches(0, half=2, count=recipe.opinion_steps):
        sources = with_swapped(pairs.to(device)).sources
        wanted = preference(sources, opinion, recipe.opinion_decision)
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
