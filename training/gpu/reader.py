"""A reconstruction network trained anew on what one F fuses: how well both sources can be rebuilt from its pictures."""

from collections.abc import Mapping

import torch
from torch import Tensor

from napari_refusion.model.losses import reconstruction_loss
from napari_refusion.model.reconstruction_net import ReconstructionNet
from training.gpu.captured import Captured
from training.gpu.faster import with_kernels
from training.gpu.flat import FlatNetwork
from training.gpu.held_out import Fuse, HeldOut
from training.gpu.pairs import Pairs
from training.gpu.sampling import crops

RATE = 2e-3
"""Learning rate of Adam; it falls to nothing on a straight line."""


class Reader:
    """R that learns to rebuild both sources from what one F fuses; it changes with every step, F does not."""

    def __init__(self, fuse: Fuse, device: torch.device, *, seed: int = 0, fast: bool = False) -> None:
        """Begin with a random R that the seed decides; `fuse` is the fusion that it reads."""
        torch.manual_seed(seed)
        network = ReconstructionNet().to(device)
        self.fuse = fuse
        self.network = FlatNetwork(with_kernels(network) if fast else network)
        self.vector = self.network.start.clone().requires_grad_()
        self.vector.grad = torch.zeros_like(self.vector)
        self._rate = torch.zeros((), device=device)
        on_gpu = device.type == "cuda"
        self._optimizer = torch.optim.Adam([self.vector], lr=self._rate, capturable=on_gpu, foreach=on_gpu)

    def begin_with(self, state: Mapping[str, Tensor]) -> None:
        """Take the parameters of another R, by name.

        Raises
        ------
        ValueError
            If they are not those of R.
        """
        with torch.no_grad():
            self.vector.copy_(self.network.vector_of(state))

    def learn(self, pairs: Pairs, steps: int, count: int, side: int) -> None:
        """Train R some steps on crops of pairs; the rate falls to nothing.

        Parameters
        ----------
        steps, count, side
            How long, and on how many crops of which side in pixels at a time.
        """
        captured: Captured | None = None
        for step in range(steps):
            self._rate.fill_(RATE * (1 - step / steps))
            sources, _ = crops(pairs, count, side)
            captured = captured or Captured(self._update, (sources,))
            captured(sources)

    def error(self, one: HeldOut) -> float:
        """Return the mean reconstruction loss over held-out pairs of one kind."""
        with torch.no_grad():
            errors = [reconstruction_loss(self.network(self.vector, self.fuse(pair)), pair) for pair in one.pairs]
        return float(torch.stack(errors).mean())

    def _update(self, sources: Tensor) -> Tensor:
        leaf = self.vector.detach().requires_grad_()
        error = reconstruction_loss(self.network(leaf, self.fuse(sources)), sources)
        (gradient,) = torch.autograd.grad(error, leaf)
        assert self.vector.grad is not None
        self.vector.grad.copy_(gradient)
        self._optimizer.step()
        return error.detach()


def fresh_reader_error(
    fuse: Fuse, pairs: Pairs, held_out: list[HeldOut], steps: int, count: int, side: int, *, fast: bool = False
) -> dict[str, float]:
    """Return the reconstruction loss of a new R on held-out pictures, by kind; always the same R and the same crops.

    Parameters
    ----------
    fuse
        The fusion that is judged.
    steps, count, side
        How long R is trained, and on how many crops of which side in pixels at a time.
    """
    reader = Reader(fuse, pairs.pixels.device, fast=fast)
    reader.learn(pairs, steps, count, side)
    return {one.kind: reader.error(one) for one in held_out}
