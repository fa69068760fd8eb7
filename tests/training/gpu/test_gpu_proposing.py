import pytest
import torch
from torch import Tensor

from napari_refusion.model.loss_proposal_net import Proposal
from training.gpu.flat import FlatNetwork, new_fusion_network
from training.gpu.given import Given
from training.gpu.proposing import GRADIENT_SHARE, READER_FIRST, Proposer, brighter_energy, even_energy
from training.image_trial import proposed_energy

CPU = torch.device("cpu")


@pytest.fixture
def fusion() -> Tensor:
    return FlatNetwork(new_fusion_network()).start


def test_p_starts_even(fusion: Tensor) -> None:
    for weights in Proposer(fusion, 0, CPU).ask(torch.rand(2, 2, 32, 32)):
        assert torch.equal(weights, torch.full_like(weights, 0.5))


def test_p_learns_and_stays_equivariant_while_f_does_not_change(fusion: Tensor, given: Given) -> None:
    proposer = Proposer(fusion, 0, CPU)
    before = fusion.clone()
    figures = [found for _, found in proposer.learnt(given.pairs, 10, 2, 32)]
    assert len(figures) == 10
    assert figures[-1][1] > 1e-5 < figures[-1][2]  # neither half is even any more
    assert torch.equal(proposer.of_fusion, before)
    sources = torch.rand(2, 2, 32, 32)
    for straight, swapped in zip(proposer.ask(sources), proposer.ask(sources.flip(1)), strict=True):
        assert torch.allclose(straight, swapped.flip(1), atol=1e-6)
        assert torch.allclose(straight.sum(dim=1), torch.ones(2, 32, 32), atol=1e-6)


def test_r_learns_alone_at_first(fusion: Tensor, given: Given) -> None:
    proposer = Proposer(fusion, 0, CPU)
    of_proposal, of_reader = (vector.detach().clone() for vector in (proposer.of_proposal, proposer.of_reconstruction))
    done, _ = next(proposer.learnt(given.pairs, 20, 4, 32))
    assert done == 20 * READER_FIRST
    assert torch.equal(proposer.of_proposal, of_proposal)
    assert not torch.equal(proposer.of_reconstruction, of_reader)


def test_equal_seeds_begin_with_equal_networks(fusion: Tensor) -> None:
    first, again, other = (Proposer(fusion, seed, CPU) for seed in (1, 1, 2))
    assert torch.equal(first.of_reconstruction, again.of_reconstruction)
    assert not torch.equal(first.of_reconstruction, other.of_reconstruction)


def test_the_even_energy_is_least_at_the_average() -> None:
    sources = torch.rand(2, 2, 24, 24)
    fused = sources.mean(dim=1, keepdim=True).requires_grad_()
    (gradient,) = torch.autograd.grad(even_energy(fused, sources), fused)
    assert float(gradient.abs().max()) < 1e-6
    half = torch.full_like(sources, 0.5)
    expected = proposed_energy(fused, sources, Proposal(half, half), GRADIENT_SHARE)
    assert torch.equal(even_energy(fused, sources), expected)


def test_the_taught_energy_prefers_the_brighter_source() -> None:
    sources = torch.cat([torch.full((1, 1, 24, 24), level) for level in (0.2, 0.7)], dim=1)
    assert brighter_energy(sources[:, 1:], sources) < brighter_energy(sources[:, :1], sources)
