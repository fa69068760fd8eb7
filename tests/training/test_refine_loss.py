"""What F's loss is made of, each part against its definition."""

from dataclasses import replace

import pytest
import torch
from skimage.metrics import structural_similarity
from torch import Tensor

from napari_refusion.model.loss_proposal_net import Proposal
from napari_refusion.model.losses import LossForm, fusion_loss
from training.batch import Batch, with_swapped
from training.recipe import Recipe
from training.refine_loss import PUBLISHED_LOSS, ProposedLoss, refine_loss


def pairs(seed: int, count: int = 1) -> Tensor:
    return torch.rand(count, 2, 16, 16, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def darker(sources: Tensor) -> Tensor:
    """A fusion that is known: three parts of the first source, one of the second."""
    return 0.75 * sources[:, :1] + 0.25 * sources[:, 1:]


def even(batch: Batch) -> Proposal:
    return Proposal(torch.full_like(batch.sources, 0.5), torch.full_like(batch.sources, 0.5))


def test_as_it_stands_it_is_the_published_loss() -> None:
    batch = with_swapped(pairs(1))
    expected = fusion_loss(darker(batch.sources), batch.sources, even(batch), 1.0)
    assert torch.equal(PUBLISHED_LOSS(darker, batch, even(batch)), expected)


def test_a_lesion_that_f_hides_raises_its_loss_by_the_share_of_what_is_lost() -> None:
    batch = with_swapped(pairs(22) * 0.5)
    planted = batch.sources.clone()
    planted[:, 0, 6:9, 6:9] += 0.3  # a shown part of 0.75
    planted[:, 1, 11:13, 11:13] += 0.3  # of 0.25: 0.45 less than wanted
    batch = batch._replace(planted=planted)
    lost = (4 * (0.45 * 0.3) ** 2) / ((9 + 4) * 0.3**2)
    with_term, without = (
        ProposedLoss(lesion_share=share, lesion_kept=0.7)(darker, batch, even(batch)) for share in (2.0, 0.0)
    )
    assert float(with_term - without) == pytest.approx(2.0 * lost, rel=1e-9)


def test_the_lost_structure_is_one_minus_ssim_with_both_sources_summed() -> None:
    batch = with_swapped(pairs(23))
    similarity = [
        structural_similarity(
            image, source, data_range=1.0, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
        )
        for image, sources in zip(darker(batch.sources)[:, 0].numpy(), batch.sources.numpy(), strict=True)
        for source in sources
    ]
    with_term, without = (ProposedLoss(structure_share=share)(darker, batch, even(batch)) for share in (0.5, 0.0))
    expected = 0.5 * (2 - 2 * sum(similarity) / len(similarity))
    assert float(with_term - without) == pytest.approx(expected, rel=1e-9)


def test_structure_counts_for_functional_pairs_only() -> None:
    sources = torch.cat([pairs(24), pairs(25)])
    losses = {}
    for name, functional in {"first": [1.0, 0.0], "second": [0.0, 1.0], "both": [1.0, 1.0], "none": [0.0, 0.0]}.items():
        batch = with_swapped(sources, torch.tensor(functional, dtype=torch.float64))
        losses[name] = float(ProposedLoss(structure_share=1.0)(darker, batch, even(batch)))
    first, second, both = (losses[name] - losses["none"] for name in ("first", "second", "both"))
    assert min(first, second) > 0
    assert both == pytest.approx(first + second, rel=1e-9)


def test_a_recipe_says_what_counts_in_which_cycle(recipe: Recipe) -> None:
    rising = replace(
        recipe, cycles=10, gradient_share_start=1.0, gradient_share=3.0, ramp=0.5, absolute=True, lesion_share=4.0
    )
    assert refine_loss(rising, 0) == ProposedLoss(1.0, LossForm(absolute=True), 4.0, 0.7, 0.0)
    assert refine_loss(rising, 5) == ProposedLoss(3.0, LossForm(absolute=True), 4.0, 0.7, 0.0)
