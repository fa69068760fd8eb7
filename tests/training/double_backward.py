"""The meta-gradient as it is usually written down, through the graph of the inner gradient: a reference for tests."""

import torch
from torch import Tensor
from torch.func import functional_call

from napari_refusion.model.losses import reconstruction_loss
from training.batch import Batch
from training.meta_cycle import MetaCycle
from training.meta_gradient import Params, named_parameters


def trial_step(params: Params, loss: Tensor, rate: float, *, create_graph: bool) -> Params:
    """Return the parameters after one gradient step; with `create_graph` they remember what shaped the loss."""
    grads = torch.autograd.grad(loss, tuple(params.values()), create_graph=create_graph)
    return {name: param - rate * grad for (name, param), grad in zip(params.items(), grads, strict=True)}


def trial_loss(cycle: MetaCycle, train: Batch, test: Batch, rate: float) -> Tensor:
    """Return the outer loss after a trial step of F and R, connected with P."""
    loss = cycle.loss(cycle.fusion, train, cycle.proposal(train.sources))
    fusion = trial_step(named_parameters(cycle.fusion), loss, rate, create_graph=True)
    error = reconstruction_loss(cycle.reconstruction(cycle.fusion(train.sources).detach()), train.targets)
    reconstruction = trial_step(named_parameters(cycle.reconstruction), error, rate, create_graph=False)
    fused = functional_call(cycle.fusion, fusion, (test.sources,))
    return reconstruction_loss(functional_call(cycle.reconstruction, reconstruction, (fused,)), test.targets)


def meta_gradient(cycle: MetaCycle, train: Batch, test: Batch, rate: float) -> tuple[Tensor, Params]:
    """Return the outer loss and its gradient with respect to P's parameters by double backward."""
    outer = trial_loss(cycle, train, test, rate)
    params = named_parameters(cycle.proposal)
    return outer.detach(), dict(zip(params, torch.autograd.grad(outer, tuple(params.values())), strict=True))
