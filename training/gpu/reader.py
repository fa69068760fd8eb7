"""A reconstruction network trained anew on what one F fuses: how well both sources can be rebuilt from its pictures."""

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
    device = pairs.pixels.device
    torch.manual_seed(0)
    network = ReconstructionNet().to(device)
    reader = FlatNetwork(with_kernels(network) if fast else network)
    vector = reader.start.clone().requires_grad_()
    vector.grad = torch.zeros_like(vector)
    rate = torch.zeros((), device=device)
    on_gpu = device.type == "cuda"
    optimizer = torch.optim.Adam([vector], lr=rate, capturable=on_gpu, foreach=on_gpu)

    def update(sources: Tensor) -> Tensor:
        leaf = vector.detach().requires_grad_()
        error = reconstruction_loss(reader(leaf, fuse(sources)), sources)
        (gradient,) = torch.autograd.grad(error, leaf)
        assert vector.grad is not None
        vector.grad.copy_(gradient)
        optimizer.step()
        return error.detach()

    captured: Captured | None = None
    for step in range(steps):
        rate.fill_(RATE * (1 - step / steps))
        sources, _ = crops(pairs, count, side)
        captured = captured or Captured(update, (sources,))
        captured(sources)
    with torch.no_grad():
        return {
            one.kind: sum(float(reconstruction_loss(reader(vector, fuse(pair)), pair)) for pair in one.pairs)
            / len(one.pairs)
            for one in held_out
        }
