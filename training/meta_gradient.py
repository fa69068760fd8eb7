"""The published trial in parameter space, and the exact meta-gradient that it gives P, without a double backward.

The trial F' = F - rate dL/dF follows F's loss L, which P shapes by its weights w; the outer loss asks how well R
rebuilds what F' fuses. With v the gradient of the outer loss at F', P's gradient is that of ``-rate <dL/dF, v>``. L
sees F's parameters only through the images f that F fuses, so ``<dL/dF, v> = <dL/df, J v>`` with the derivative J of
those images with respect to the parameters: one forward-mode product through F for ``J v``, and one backward through P.
No layer of F is differentiated twice.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.func import functional_call, jvp

from napari_refusion.model.loss_proposal_net import Proposal
from training.batch import Batch
from training.refine_loss import Fuse, RefineLoss

Params = dict[str, Tensor]
"""Parameters of a network, or values that belong to them, by name."""


class SeenBatch(NamedTuple):
    """A batch, and everything that the loss had fused of it, in order."""

    batch: Batch
    asked: tuple[Tensor, ...]
    """Source pairs, (B, 2, H, W) each."""
    fused: tuple[Tensor, ...]
    """Their fused images, (B, 1, H, W) each, without a graph."""


def named_parameters(network: nn.Module) -> Params:
    """Return the parameters of a network by name: the parameters themselves, not copies."""
    return dict(network.named_parameters())


def stepped(params: Params, grads: Params, rate: float) -> Params:
    """Return the parameters after one plain gradient step, as new tensors without a graph."""
    return {name: param.detach() - rate * grads[name] for name, param in params.items()}


def gradient_of(loss: Tensor, params: Params) -> Params:
    """Return the gradient of a scalar by the name of the parameter."""
    return dict(zip(params, torch.autograd.grad(loss, tuple(params.values())), strict=True))


def mean_of(gradients: Sequence[Params]) -> Params:
    """Return the mean of gradients that belong to the same parameters."""
    return {name: torch.stack([one[name] for one in gradients]).mean(dim=0) for name in gradients[0]}


def fusion_gradient(fusion: nn.Module, loss: RefineLoss, batch: Batch, proposal: Proposal) -> tuple[Params, SeenBatch]:
    """Return the gradient of the whole loss with respect to F's parameters, and what F fused for it."""
    asked: list[Tensor] = []
    images: list[Tensor] = []
    fused: list[Tensor] = []

    def fuse(sources: Tensor) -> Tensor:
        asked.append(sources)
        images.append(fusion(sources))
        fused.append(images[-1].detach().requires_grad_())
        return fused[-1]

    pulls = torch.autograd.grad(loss(fuse, batch, proposal), fused, materialize_grads=True)
    params = named_parameters(fusion)
    grads = torch.autograd.grad(images, tuple(params.values()), pulls)
    seen = SeenBatch(batch, tuple(asked), tuple(image.detach() for image in fused))
    return dict(zip(params, grads, strict=True)), seen


def proposal_gradient(
    fusion: nn.Module,
    loss: RefineLoss,
    seen: SeenBatch,
    propose: Callable[[Batch], Proposal],
    direction: Params,
    params: Params,
) -> Params:
    """Return the gradient of ``<dL/dF, v>`` with respect to P's parameters.

    Parameters
    ----------
    seen
        What `fusion_gradient` returned of a batch, for the same F.
    propose
        P, on a batch.
    direction
        v, by the name of F's parameter.
    params
        P's parameters.

    Raises
    ------
    ValueError
        If the loss does not depend on the proposal.
    """
    proposal = propose(seen.batch)
    weights = Proposal(*(half.detach().requires_grad_() for half in proposal))
    fused = [image.detach().requires_grad_() for image in seen.fused]
    value = loss(_replayed(fused), seen.batch, weights)
    # dL/dw first: every term of the loss that P has no part in drops out here
    toward = torch.autograd.grad(value, weights, create_graph=True, allow_unused=True)
    shaped = [(half, pull) for half, pull in zip(proposal, toward, strict=True) if pull is not None]
    if not shaped:
        raise ValueError(
            "F's loss does not depend on P, so P cannot learn: set meta_steps = 0, or let P propose a part."
        )
    halves, pulls = [half for half, _ in shaped], [pull for _, pull in shaped]
    # then how that changes along J v: as the transpose of its transpose, which is linear in the probes
    probes = [torch.zeros_like(pull, requires_grad=True) for pull in pulls]
    across = torch.autograd.grad(pulls, fused, probes, create_graph=True, allow_unused=True)
    moved = [
        (one, image_change(fusion, sources, direction))
        for one, sources in zip(across, seen.asked, strict=True)
        if one is not None
    ]
    mixed = torch.autograd.grad([one for one, _ in moved], probes, [change for _, change in moved])
    return dict(zip(params, torch.autograd.grad(halves, tuple(params.values()), mixed), strict=True))


def image_change(fusion: nn.Module, sources: Tensor, direction: Params) -> Tensor:
    """Return ``J v``: how fast the fused images (B, 1, H, W) change when F's parameters move along `direction`."""
    params = {name: param.detach() for name, param in fusion.named_parameters()}
    with torch.no_grad():
        change: Tensor = jvp(lambda moved: functional_call(fusion, moved, (sources,)), (params,), (direction,))[1]
    return change


def _replayed(fused: Sequence[Tensor]) -> Fuse:
    """Return an F that answers with these images, in order, whatever it is asked."""
    remaining = iter(fused)
    return lambda _sources: next(remaining)
