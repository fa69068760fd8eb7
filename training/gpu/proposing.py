"""P learns on a GPU: R judges the pictures that P's loss asks for, step after captured step."""

import math
from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn

from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.model.loss_proposal_net import LossProposalNet, Proposal
from napari_refusion.model.reconstruction_net import ReconstructionNet
from napari_refusion.numerics.gradient import sobel_magnitude
from training.gpu.captured import Captured
from training.gpu.faster import with_kernels
from training.gpu.flat import FlatNetwork
from training.gpu.pairs import Pairs
from training.gpu.sampling import crops
from training.image_trial import balanced_judge, proposed_energy, trial_image
from training.picture.lesions import plant

GRADIENT_SHARE = 3.0
"""Factor of the gradient term in the energy that P proposes."""

PROPOSAL_RATE, READER_RATE = 3e-3, 1e-3
"""Learning rates of P and R at the start."""

READER_FIRST = 0.1
"""Part of the updates in which R learns alone."""


class Proposer:
    """P and R, and their optimizers; F is asked for pictures and not changed."""

    def __init__(self, fusion: Tensor, seed: int, device: torch.device, *, fast: bool = False) -> None:
        """Begin with an even P and a random R; F has the parameters `fusion`, (P,)."""
        torch.manual_seed(seed)
        proposal = LossProposalNet("logits")
        for half in (proposal.intensity, proposal.gradient):
            torch.nn.init.zeros_(half.output.weight)
        networks: list[nn.Module] = [network.to(device) for network in (FusionNet(), proposal, ReconstructionNet())]
        if fast:
            networks = [with_kernels(network) for network in networks]
        self.fusion, self.proposal, self.reconstruction = (FlatNetwork(network) for network in networks)
        self.of_fusion = fusion.to(device)
        self.of_proposal = self.proposal.start.clone().to(device).requires_grad_()
        self.of_reconstruction = self.reconstruction.start.clone().to(device).requires_grad_()
        on_gpu = device.type == "cuda"
        self.rates = torch.zeros(2, device=device).unbind()
        self._optimizers = [
            torch.optim.Adam([vector], lr=rate, eps=epsilon, capturable=on_gpu, foreach=on_gpu)
            for vector, rate, epsilon in zip(
                (self.of_proposal, self.of_reconstruction), self.rates, (1e-10, 1e-8), strict=True
            )
        ]
        for vector in (self.of_proposal, self.of_reconstruction):
            vector.grad = torch.zeros_like(vector)
        self._captured: Captured | None = None

    def begin_with(self, proposal: Mapping[str, Tensor], reconstruction: Mapping[str, Tensor]) -> None:
        """Take the parameters of a P and an R that have learned, by name.

        Raises
        ------
        ValueError
            If they are not those of P and R.
        """
        for network, vector, state in (
            (self.proposal, self.of_proposal, proposal),
            (self.reconstruction, self.of_reconstruction, reconstruction),
        ):
            with torch.no_grad():
                vector.copy_(network.vector_of(state))

    def ask(self, sources: Tensor) -> Proposal:
        """Return the proposed weights for source pairs (B, 2, H, W)."""
        with torch.no_grad():
            return Proposal(*self.proposal(self.of_proposal, sources))

    def learnt(self, pairs: Pairs, updates: int, count: int, side: int) -> Iterator[tuple[int, list[float]]]:
        """Let P and R learn from some updates; yield how many are done and their mean figures, ten times in all.

        The figures are the judgement, and how far P is from even: the mean of ``|w - 1/2|`` of intensity and gradient.

        Parameters
        ----------
        count, side
            Pairs of a batch, and the side of their crops in pixels.
        """
        sums, tenth = torch.zeros(3, device=self.of_proposal.device), max(updates // 10, 1)
        for number in range(updates):
            part = number / updates
            fall = 0.1 + 0.9 * (1 + math.cos(math.pi * part)) / 2
            self.rates[0].fill_(PROPOSAL_RATE * fall if part >= READER_FIRST else 0.0)
            self.rates[1].fill_(READER_RATE * fall)
            sources, _ = crops(pairs, count, side)
            inputs = (sources, plant(sources))
            if self._captured is None:
                self._captured = Captured(self._update, inputs)
            sums += self._captured(*inputs)
            if (number + 1) % tenth == 0:
                yield number + 1, (sums / tenth).tolist()
                sums = torch.zeros_like(sums)

    def _update(self, sources: Tensor, planted: Tensor) -> Tensor:
        both = torch.cat([sources, planted])
        with torch.no_grad():
            fused = self.fusion(self.of_fusion, both)
        leaves = [vector.detach().requires_grad_() for vector in (self.of_proposal, self.of_reconstruction)]
        proposal = Proposal(*self.proposal(leaves[0], both))
        real, with_lesions = trial_image(fused, both, proposal, GRADIENT_SHARE).chunk(2)
        judged = balanced_judge(
            lambda images: self.reconstruction(leaves[1], images), real, sources, with_lesions, planted
        )
        gradients = torch.autograd.grad(judged, leaves)
        for vector, gradient, optimizer in zip(
            (self.of_proposal, self.of_reconstruction), gradients, self._optimizers, strict=True
        ):
            assert vector.grad is not None
            vector.grad.copy_(torch.where(gradient.isfinite().all(), gradient, torch.zeros_like(gradient)))
            optimizer.step()
        return torch.stack([judged.detach(), *((weights[:, 0] - 0.5).abs().mean().detach() for weights in proposal)])


def even_energy(fused: Tensor, sources: Tensor) -> Tensor:
    """Return the energy of weights of one half everywhere, a scalar; see `image_trial.proposed_energy`."""
    half = torch.full_like(sources, 0.5)
    return proposed_energy(fused, sources, Proposal(half, half), GRADIENT_SHARE)


def brighter_energy(fused: Tensor, sources: Tensor) -> Tensor:
    """Return the energy of the opinion that P used to be taught, that the stronger source counts, a scalar."""
    taught = Proposal((12 * sources).softmax(dim=1), (2 * sobel_magnitude(sources)).softmax(dim=1))
    return proposed_energy(fused, sources, taught, GRADIENT_SHARE)
