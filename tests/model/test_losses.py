import pytest
import torch

from napari_refusion.model.loss_proposal_net import Proposal
from napari_refusion.model.losses import LossForm, fusion_loss, reconstruction_loss


def even_proposal(size: int) -> Proposal:
    half = torch.full((1, 2, size, size), 0.5)
    return Proposal(half, half)


def flat(a: float, b: float, size: int = 9) -> torch.Tensor:
    return torch.stack([torch.full((size, size), a), torch.full((size, size), b)])[None]


def test_the_intensity_loss_has_its_weights_inside_the_square() -> None:
    sources, fused = flat(1.0, 0.2), torch.full((1, 1, 9, 9), 0.4)
    # both differences, 0.6 and 0.2, are halved before they are squared
    loss = fusion_loss(fused, sources, even_proposal(9), gradient_share=0.0)
    assert float(loss) == pytest.approx(0.3**2 + 0.1**2)


def test_the_loss_is_least_at_the_weighted_mean_of_the_sources() -> None:
    weights = torch.tensor([0.8, 0.2]).view(1, 2, 1, 1).expand(1, 2, 9, 9)
    best = (0.64 * 1.0 + 0.04 * 0.2) / (0.64 + 0.04)
    fused = torch.full((1, 1, 9, 9), best, requires_grad=True)
    fusion_loss(fused, flat(1.0, 0.2), Proposal(weights, weights), gradient_share=0.0).backward()
    assert fused.grad is not None
    torch.testing.assert_close(fused.grad, torch.zeros_like(fused), atol=1e-8, rtol=0)


def test_the_gradient_term_counts_by_its_share() -> None:
    ramp = torch.arange(9.0).expand(9, 9) / 9
    sources, fused = torch.stack([ramp, ramp])[None], torch.rand(1, 1, 9, 9)
    without, half, full = (float(fusion_loss(fused, sources, even_proposal(9), share)) for share in (0, 0.5, 1))
    assert half - without == pytest.approx((full - without) / 2, rel=1e-4)
    assert full > without


def test_the_source_that_was_rebuilt_worse_decides() -> None:
    targets = flat(0.5, 0.5)
    rebuilt = flat(0.4, 0.8)
    border_free = reconstruction_loss(rebuilt, targets)
    # intensity: 0.3^2 everywhere; gradient: zero inside, at the border the padded Sobel of a 0.3 step
    inside = 0.09
    edge = (4 * 7 * (4 * 0.3) ** 2 + 4 * (6 * 0.3) ** 2) / 81
    assert float(border_free) == pytest.approx(inside + edge, rel=1e-4)


def test_perfectly_rebuilt_sources_cost_nothing() -> None:
    targets = torch.rand(2, 2, 8, 8)
    assert float(reconstruction_loss(targets, targets)) == 0


def test_absolute_differences_are_weighted_by_the_squares_of_the_weights() -> None:
    sources, fused = flat(1.0, 0.2), torch.full((1, 1, 9, 9), 0.4)
    loss = fusion_loss(fused, sources, even_proposal(9), gradient_share=0.0, form=LossForm(absolute=True))
    assert float(loss) == pytest.approx(0.25 * 0.6 + 0.25 * 0.2)


def test_the_absolute_loss_is_least_at_the_source_with_the_larger_weight() -> None:
    weights = torch.tensor([0.6, 0.4]).view(1, 2, 1, 1).expand(1, 2, 9, 9)

    def loss(level: float) -> float:
        fused = torch.full((1, 1, 9, 9), level)
        return float(fusion_loss(fused, flat(1.0, 0.2), Proposal(weights, weights), 0.0, LossForm(absolute=True)))

    assert min((0.2, 0.4, 0.6, 0.8, 1.0), key=loss) == 1.0


def test_only_the_signed_loss_sees_an_edge_that_runs_the_wrong_way() -> None:
    rising = torch.arange(9.0).expand(9, 9) / 9
    sources = torch.stack([rising, rising])[None]
    falling = rising.flip(1)[None, None]
    # inside, away from the padded border, both ramps have the same magnitude, 8/9 of full scale
    costs = {}
    for signed in (False, True):
        gap = fusion_loss(falling, sources, even_proposal(9), 1.0, LossForm(signed=signed)) - fusion_loss(
            falling, sources, even_proposal(9), 0.0, LossForm(signed=signed)
        )
        costs[signed] = float(gap)
    # 49 of the 81 pixels are inside; there the signed gap is 16/9, halved and squared for each of the two sources
    assert costs[True] - costs[False] > 49 / 81 * 2 * (8 / 9) ** 2
