"""ReFusion's meta-learning cycle: how the loss proposal network P learns, and F and R with it.

One round has two halves (arXiv 2312.07943). *Learn the loss*: a trial copy of the fusion network F takes one gradient
step on the loss that P proposes (inner update); P is moved so that, after such a step, the reconstruction network R
rebuilds the sources of other images better (outer update). *Fuse and reconstruct*: F and R are trained on the loss
that P now proposes, with P fixed.

The outer gradient runs through the inner gradient, so it is of second order; there is no first-order short cut, for
without the inner graph nothing connects the outer loss with P. Everything is written with explicit parameter
dictionaries and `torch.autograd.grad`, so no gradient can end up in a place where it was not asked for.
"""

from typing import NamedTuple

import torch
from monai.losses.ssim_loss import SSIMLoss
from torch import Tensor, nn
from torch.func import functional_call
from torch.optim import Optimizer

from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.model.loss_proposal_net import LossProposalNet, Proposal
from napari_refusion.model.losses import PUBLISHED, LossForm, fusion_loss, reconstruction_loss
from napari_refusion.model.reconstruction_net import ReconstructionNet
from training.lesions import lost_contrast

Params = dict[str, Tensor]
"""Parameters of a network by name."""


class Batch(NamedTuple):
    """Source pairs, (B, 2, H, W) in [0, 1]."""

    sources: Tensor
    """As F and P see them; half of them in swapped order."""
    targets: Tensor
    """As R must rebuild them: modality a always first."""
    functional: Tensor
    """1 for pairs whose first source shows uptake, 0 for others, (B,): where lesions and structure count."""


class Lesions(NamedTuple):
    """What F must not hide."""

    sources: Tensor
    """The sources of the batch with a lesion planted in one of each pair, (B, 2, H, W)."""
    share: float
    """Factor of the lost contrast in F's loss."""
    kept: float
    """Part of a lesion's contrast that F shall show, 0 to 1."""


class Trial(NamedTuple):
    """F and R after the inner step; F still remembers what P had to do with it."""

    fusion: Params
    reconstruction: Params
    leak: Params
    """Gradient of the fusion loss itself with respect to P, by name; empty unless the cycle is leaky."""


def with_swapped(pairs: Tensor, functional: Tensor | None = None) -> Batch:
    """Return a batch of the pairs (B, 2, H, W), followed by the same pairs with their sources swapped.

    Pairs that `functional` (B,) does not speak of count as functional.
    """
    functional = pairs.new_ones(len(pairs)) if functional is None else functional
    return Batch(torch.cat([pairs, pairs.flip(1)]), torch.cat([pairs, pairs]), torch.cat([functional, functional]))


def trial_step(params: Params, loss: Tensor, rate: float, *, create_graph: bool = False) -> Params:
    """Return the parameters after one gradient step on `loss`, as new tensors.

    With `create_graph` the new parameters remember what shaped `loss`, to any order.
    """
    grads = torch.autograd.grad(loss, tuple(params.values()), create_graph=create_graph)
    return {name: param - rate * grad for (name, param), grad in zip(params.items(), grads, strict=True)}


def named_parameters(network: nn.Module) -> Params:
    """Return the parameters of a network by name: the parameters themselves, not copies."""
    return dict(network.named_parameters())


class MetaCycle:
    """The three updates of ReFusion on one set of networks."""

    def __init__(
        self,
        fusion: FusionNet,
        reconstruction: ReconstructionNet,
        proposal: LossProposalNet,
        *,
        form: LossForm = PUBLISHED,
        structure_share: float = 0.0,
        leaky: bool = False,
    ) -> None:
        """Take the networks, how the fusion loss measures, and the factor of the lost structure in F's loss.

        With `leaky`, what the fusion loss itself would have P do is added to the outer gradient, as in a public copy of
        the training code; it makes P minimise the loss that it shall choose, and is here for comparison.
        """
        self.fusion = fusion
        self.reconstruction = reconstruction
        self.proposal = proposal
        self.form = form
        self.structure_share = structure_share
        self.leaky = leaky
        self._structure = SSIMLoss(spatial_dims=2, reduction="none")

    def inner(self, train: Batch, rate: float, gradient_share: float) -> Trial:
        """Return F and R after one trial step each on the meta-train batch; changes nothing.

        F's step keeps its graph, so the trial F depends on P. R's step does not: R learns from a detached image.

        Parameters
        ----------
        rate
            Step size of both trial steps.
        gradient_share
            Factor of the gradient term in the fusion loss, not negative.
        """
        fused = self.fusion(train.sources)
        loss = fusion_loss(fused, train.sources, self.proposal(train.sources), gradient_share, self.form)
        leak = self._gradient(loss, retain_graph=True) if self.leaky else {}
        fusion = trial_step(named_parameters(self.fusion), loss, rate, create_graph=True)
        rebuilt = self.reconstruction(fused.detach())
        error = reconstruction_loss(rebuilt, train.targets)
        reconstruction = trial_step(named_parameters(self.reconstruction), error, rate)
        return Trial(fusion, {name: param.detach() for name, param in reconstruction.items()}, leak)

    def outer(self, trial: Trial, test: Batch) -> tuple[Tensor, Params]:
        """Return how well the trial R rebuilds what the trial F fused, and its gradient with respect to P.

        The batch must share no image with the one of the inner step. Changes nothing.
        """
        fused = functional_call(self.fusion, trial.fusion, (test.sources,))
        rebuilt = functional_call(self.reconstruction, trial.reconstruction, (fused,))
        loss = reconstruction_loss(rebuilt, test.targets)
        grads = self._gradient(loss)
        return loss.detach(), {name: grad + trial.leak.get(name, 0) for name, grad in grads.items()}

    def _gradient(self, loss: Tensor, *, retain_graph: bool = False) -> Params:
        """Return the gradient of `loss` with respect to P's parameters, by name."""
        proposal = named_parameters(self.proposal)
        grads = torch.autograd.grad(loss, tuple(proposal.values()), retain_graph=retain_graph)
        return dict(zip(proposal, grads, strict=True))

    @torch.no_grad()
    def propose_better_losses(self, grads: Params, rate: float) -> float:
        """Move P against `grads`, scaled so that its largest move is `rate`; return the largest gradient.

        The meta-gradient carries the inner rate as a factor and is about 1e-9: Adam's epsilon would swallow it,
        which is why the step is plain and normalised. A gradient of exactly zero moves nothing.
        """
        largest = max(float(grad.abs().max()) for grad in grads.values())
        if largest > 0:
            for name, param in self.proposal.named_parameters():
                param.sub_(grads[name], alpha=rate / largest)
        return largest

    def refine(
        self,
        batch: Batch,
        fusion_optimizer: Optimizer,
        reconstruction_optimizer: Optimizer,
        gradient_share: float,
        lesions: Lesions | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Train F one step on the proposed loss and R one step on what F fused before it; return both losses.

        P is only asked, not changed. With `lesions`, F's loss includes what it hides of them, and with a structure
        share the lost structural similarity with both sources (1 - SSIM, summed; Wang et al., 2004).
        """
        with torch.no_grad():
            proposal = Proposal(*self.proposal(batch.sources))
        fused = self.fusion(batch.sources).to(batch.sources.dtype)  # the losses need more digits than bfloat16 has
        loss = fusion_loss(fused, batch.sources, proposal, gradient_share, self.form)
        if lesions is not None:
            added = (lesions.sources - batch.sources).sum(dim=1, keepdim=True)
            shown = self.fusion(lesions.sources) - fused
            loss = loss + lesions.share * lost_contrast(added, shown, lesions.kept)
        if self.structure_share:
            lost = sum(self._structure(fused, source).flatten() for source in batch.sources.split(1, dim=1))
            loss = loss + self.structure_share * (batch.functional * lost).mean()
        error = reconstruction_loss(self.reconstruction(fused.detach()), batch.targets)
        for optimizer, value in ((fusion_optimizer, loss), (reconstruction_optimizer, error)):
            optimizer.zero_grad(set_to_none=True)
            torch.autograd.backward(value)
            optimizer.step()
        return loss.detach(), error.detach()
