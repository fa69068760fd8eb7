"""ReFusion's meta-learning cycle: how the loss proposal network P learns, and F and R with it.

One round has two halves (arXiv 2312.07943). *Learn the loss*: a trial copy of the fusion network F takes one gradient
step on its loss, of which P proposes a part (inner update); P is moved so that, after such a step, the reconstruction
network R rebuilds the sources of other images better (outer update). *Fuse and reconstruct*: F and R are trained on the
loss that P now proposes, with P fixed.

The outer gradient runs through the inner gradient, so it is of second order (`meta_gradient`); there is no first-order
short cut, for without the inner gradient nothing connects the outer loss with P. Everything is written with explicit
parameter dictionaries and `torch.autograd.grad`, so no gradient can end up in a place where it was not asked for.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.func import functional_call
from torch.optim import Optimizer

from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.model.loss_proposal_net import LossProposalNet, Proposal
from napari_refusion.model.losses import reconstruction_loss
from napari_refusion.model.reconstruction_net import ReconstructionNet
from training.batch import Batch
from training.image_trial import balanced_judge, trial_image
from training.meta_gradient import (
    Params,
    SeenBatch,
    fusion_gradient,
    gradient_of,
    mean_of,
    named_parameters,
    proposal_gradient,
    stepped,
)
from training.precision import called
from training.refine_loss import PUBLISHED_LOSS, RefineLoss


class Trial(NamedTuple):
    """F and R after the inner step, and what is needed to ask P's part in it."""

    fusion: Params
    reconstruction: Params
    rate: float
    """Size of the step."""
    seen: tuple[SeenBatch, ...]
    """What the step was taken on."""


@dataclass(frozen=True, slots=True)
class MetaCycle:
    """The updates of ReFusion on one set of networks."""

    fusion: FusionNet
    reconstruction: ReconstructionNet
    proposal: LossProposalNet
    loss: RefineLoss = PUBLISHED_LOSS
    """F's loss: in the refine update, and in the trial step of the inner update."""

    def propose(self, batch: Batch) -> Proposal:
        """Return P's weights for ``batch.sources``.

        A symmetric P is asked about the first half alone: the weights of the swapped half are its own, swapped.
        """
        if not self.proposal.symmetric:
            return self.proposal(batch.sources)
        half = self.proposal(batch.sources[: len(batch.sources) // 2])
        return Proposal(*(torch.cat([weights, weights.flip(1)]) for weights in half))

    def inner(self, train: Sequence[Batch], rate: float) -> Trial:
        """Return F and R after one trial step each on the mean loss of the meta-train batches; changes nothing.

        Parameters
        ----------
        rate
            Step size of both trial steps.
        """
        fusion_steps, reconstruction_steps, seen = [], [], []
        params = named_parameters(self.reconstruction)
        for batch in train:
            with torch.no_grad():
                proposal = self.propose(batch)
            grads, one = fusion_gradient(self.fusion, self.loss, batch, proposal)
            fused = self._fused(batch, zip(one.asked, one.fused, strict=True))
            error = reconstruction_loss(self.reconstruction(fused), batch.targets)
            fusion_steps.append(grads)
            reconstruction_steps.append(gradient_of(error, params))
            seen.append(one)
        fusion = stepped(named_parameters(self.fusion), mean_of(fusion_steps), rate)
        return Trial(fusion, stepped(params, mean_of(reconstruction_steps), rate), rate, tuple(seen))

    def outer(self, trial: Trial, test: Sequence[Batch]) -> tuple[Tensor, Params]:
        """Return how well the trial R rebuilds what the trial F fused, and its gradient with respect to P.

        Means over the meta-test batches, which must share no image with those of the inner step. Changes nothing.

        Raises
        ------
        ValueError
            If the loss of F does not depend on P.
        """
        losses, directions = [], []
        fusion = {name: param.detach().requires_grad_() for name, param in trial.fusion.items()}
        for batch in test:
            fused = functional_call(self.fusion, fusion, (batch.sources,))
            rebuilt = functional_call(self.reconstruction, trial.reconstruction, (fused,))
            loss = reconstruction_loss(rebuilt, batch.targets)
            directions.append(gradient_of(loss, fusion))
            losses.append(loss.detach())
        direction = mean_of(directions)
        params = named_parameters(self.proposal)
        grads = [
            proposal_gradient(self.fusion, self.loss, seen, self.propose, direction, params) for seen in trial.seen
        ]
        mean = {name: -trial.rate * grad for name, grad in mean_of(grads).items()}
        return torch.stack(losses).mean(), mean

    @torch.no_grad()
    def propose_better_losses(self, grads: Params, rate: float) -> float:
        """Move P against `grads`, each half so that its largest move is `rate`; return the largest gradient.

        The meta-gradient carries the inner rate as a factor and is about 1e-9: Adam's usual epsilon would swallow it,
        which is why the step is plain and normalised, as published. The two halves have a maximum each: their gradients
        differ by the gradient share and by the size of Sobel magnitudes, and under a common maximum the intensity
        weights hardly move. A gradient of exactly zero moves nothing.
        """
        maxima = []
        for half, network in self.proposal.named_children():
            moves = [(param, grads[f"{half}.{name}"]) for name, param in network.named_parameters()]
            maxima.append(max(float(grad.abs().max()) for _, grad in moves))
            for param, grad in moves if maxima[-1] > 0 else ():
                param.sub_(grad, alpha=rate / maxima[-1])
        return max(maxima)

    def judged(self, sources: Tensor, planted: Tensor, gradient_share: float) -> Tensor:
        """Return how badly R rebuilds the images that P asks for, a scalar that both learn from (`image_trial`).

        The trial starts at what F fuses; F has no part in the gradient.

        Parameters
        ----------
        sources, planted
            Source pairs without and with lesions, (B, 2, H, W) in [0, 1], modality a always first.
        gradient_share
            Factor of the gradient term in the energy of the trial, not negative.
        """
        both = torch.cat([sources, planted])
        with torch.no_grad():
            fused = self.fusion(both)
        real, with_lesions = trial_image(fused, both, self.proposal(both), gradient_share).chunk(2)
        return balanced_judge(self.reconstruction, real, sources, with_lesions, planted)

    def refine(
        self,
        batch: Batch,
        fusion_optimizer: Optimizer,
        reconstruction_optimizer: Optimizer,
        *,
        bfloat16: bool = False,
    ) -> tuple[Tensor, Tensor]:
        """Train F one step on its loss and R one step on what F fused before it; return both losses.

        P is only asked, not changed.

        Parameters
        ----------
        bfloat16
            Whether the networks compute in bfloat16; losses, parameters and their gradients are float32 all the same.
        """
        with torch.no_grad(), torch.autocast(batch.sources.device.type, torch.bfloat16, enabled=bfloat16):
            proposal = self.propose(batch)
        asked: list[tuple[Tensor, Tensor]] = []

        def fuse(sources: Tensor) -> Tensor:
            asked.append((sources, called(self.fusion, sources, bfloat16=bfloat16)))
            return asked[-1][1]

        loss = self.loss(fuse, batch, Proposal(*(weights.to(batch.sources.dtype) for weights in proposal)))
        rebuilt = called(self.reconstruction, self._fused(batch, asked), bfloat16=bfloat16)
        error = reconstruction_loss(rebuilt, batch.targets)
        for optimizer, value in ((fusion_optimizer, loss), (reconstruction_optimizer, error)):
            optimizer.zero_grad(set_to_none=True)
            torch.autograd.backward(value)
            optimizer.step()
        return loss.detach(), error.detach()

    @torch.no_grad()
    def _fused(self, batch: Batch, asked: Iterable[tuple[Tensor, Tensor]]) -> Tensor:
        """Return the fused images of a batch without a graph: those that the loss asked for, unless it never did."""
        known = next((image.detach() for sources, image in asked if sources is batch.sources), None)
        return self.fusion(batch.sources) if known is None else known
