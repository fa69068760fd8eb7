"""One step of F on the refine loss, captured once for every shape of batch."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor

from training.gpu.captured import Captured
from training.gpu.faster import with_kernels
from training.gpu.flat import FlatNetwork, averaged_over, new_fusion_network, swapped_places, symmetric_start
from training.gpu.recipe import TimedRecipe
from training.picture.examples import Examples
from training.picture.loss import picture_terms, weighted_sum

Pull = Callable[[Tensor, Tensor], Tensor]
"""A further term of the loss, of fused images (B, 1, H, W) and their sources (B, 2, H, W)."""


SKIPPED = "skipped"
"""Name of the number of steps that were left out because their gradient was not finite."""


class Refiner:
    """F's parameters, their running mean and their optimizer; they change with every step, and nothing else does."""

    def __init__(self, recipe: TimedRecipe, start: Tensor | None, device: torch.device, *, fast: bool = False) -> None:
        """Begin with the parameters `start`, (P,), or with random ones that the seed decides; `fast` with kernels."""
        torch.manual_seed(recipe.seed)
        network = new_fusion_network()
        places = swapped_places(network)
        if start is None:
            start = symmetric_start(network, places) if recipe.symmetric else FlatNetwork(network).start
        self.project = averaged_over(places.to(device)) if recipe.symmetric else _unchanged
        self.recipe = recipe
        self.network = FlatNetwork((with_kernels(network) if fast else network).to(device))
        self.vector = start.clone().to(device).requires_grad_()
        self.vector.grad = torch.zeros_like(self.vector)
        self.mean = start.clone().to(device)
        self.rate = torch.zeros((), device=device)
        self.decay = torch.zeros((), device=device)
        on_gpu = device.type == "cuda"
        self.optimizer = torch.optim.Adam([self.vector], lr=self.rate, capturable=on_gpu, foreach=on_gpu)
        self.steps = 0
        self.names: tuple[str, ...] = ()
        self._captured: dict[tuple[object, ...], Captured] = {}
        self._pool: Any = None

    def step(self, given: Examples, rate: float, *, lean: bool, pull: Pull | None = None) -> Tensor:
        """Train F one step; return its terms in the order of `names`, (T,), on the device.

        A step whose gradient is not finite changes no parameter; its terms are 0 but for ``skipped``, which is 1.

        Parameters
        ----------
        rate
            Learning rate of this step.
        lean
            Run the network in bfloat16.
        pull
            A further term, with its factor; always the same one in a run.
        """
        self.rate.fill_(rate)
        self.decay.fill_(min(self.recipe.average, (1 + self.steps) / (10 + self.steps)))
        inputs = (given.sources, given.planted, given.noise, given.alike, given.blurred, given.sharp)
        key = (lean, *(part.shape for part in inputs))
        if key not in self._captured:

            def update(*tensors: Tensor) -> Tensor:
                return self._update(Examples(*tensors), lean=lean, pull=pull)

            self._captured[key] = Captured(update, inputs, self._pool)
            self._pool = self._captured[key].pool
        self.steps += 1
        return self._captured[key](*inputs)

    def restore_moments(self, moments: dict[str, Tensor]) -> None:
        """Put the moments of Adam, by name, into the optimizer; none leave it new."""
        if moments:
            state = self.optimizer.state_dict()
            self.optimizer.load_state_dict({**state, "state": {0: moments}})
            # loading makes a new tensor of the rate; steps fill the one that is kept here
            self.optimizer.param_groups[0]["lr"] = self.rate

    def fuse(self, images: Tensor) -> Tensor:
        """Return what the running mean of F makes of source pairs (B, 2, H, W): fused images (B, 1, H, W)."""
        with torch.no_grad():
            return self.network(self.project(self.mean), images)

    def _update(self, given: Examples, *, lean: bool, pull: Pull | None) -> Tensor:
        terms, gradient = self._loss_and_gradient(self.vector, given, lean, pull)
        norm = gradient.norm()
        finite, kept = norm.isfinite(), (self.recipe.clip / (norm + 1e-6)).clamp_max(1.0)
        # a step whose gradient is not finite is left out: it must not wait for the host to say so
        gradient = torch.where(finite, gradient * kept, torch.zeros_like(gradient))
        assert self.vector.grad is not None
        self.vector.grad.copy_(gradient)
        with torch.no_grad():
            before = self.vector.clone()
            self.optimizer.step()
            self.vector.copy_(torch.where(finite, self.vector, before))
            self.mean.lerp_(self.vector, 1 - self.decay)
        told = torch.cat([terms, norm.view(1)])
        return torch.cat([torch.where(finite, told, torch.zeros_like(told)), (~finite).to(told.dtype).view(1)])

    def _loss_and_gradient(
        self, vector: Tensor, given: Examples, lean: bool, pull: Pull | None
    ) -> tuple[Tensor, Tensor]:
        leaf = vector.detach().requires_grad_()
        cast: AbstractContextManager[object] = (
            torch.autocast(leaf.device.type, torch.bfloat16) if lean else nullcontext()
        )
        with cast:
            fused = self.network(self.project(leaf), given.images)
        fused = fused.float()
        terms = picture_terms(fused, given, self.recipe.loss)
        loss = weighted_sum(terms, self.recipe.loss)
        if pull is not None:
            terms["pull"] = pull(fused[: len(given.sources)], given.sources)
            loss = loss + terms["pull"]
        self.names = (*terms, "norm", SKIPPED)
        (gradient,) = torch.autograd.grad(loss, leaf)
        return torch.stack([term.detach() for term in terms.values()]), gradient


def _unchanged(vector: Tensor) -> Tensor:
    return vector
