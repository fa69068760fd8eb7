import pytest
import torch

from training.gpu.augment import augmented


@pytest.mark.parametrize("size", [(32, 32), (33, 47), (64, 40)])
def test_augmented_pairs_keep_their_shape_and_range(size: tuple[int, int]) -> None:
    pairs = augmented(torch.rand(64, 2, *size), torch.arange(64) % 2 == 0)
    assert pairs.shape == (64, 2, *size)
    assert bool(pairs.isfinite().all())
    assert float(pairs.min()) >= 0
    assert float(pairs.max()) <= 1


def test_black_pairs_stay_black_but_for_the_noise_of_some() -> None:
    pairs = augmented(torch.zeros(2000, 2, 16, 16), torch.ones(2000, dtype=torch.bool))
    lit = (pairs.amax(dim=(2, 3)) > 0).any(dim=1).float().mean()
    # half of the pairs may have noise on black, and each of both sources has noise in a fifth of them
    assert float(lit) == pytest.approx(0.5 * (1 - 0.8**2), abs=0.03)


def test_the_order_of_the_sources_is_drawn() -> None:
    sources = torch.zeros(1000, 2, 16, 16)
    sources[:, 0] = 0.5
    pairs = augmented(sources, torch.zeros(1000, dtype=torch.bool))
    brighter_first = (pairs[:, 0].mean(dim=(1, 2)) > pairs[:, 1].mean(dim=(1, 2))).float().mean()
    assert float(brighter_first) == pytest.approx(0.5, abs=0.05)


def test_functional_first_sources_are_smooth_more_often() -> None:
    random = torch.rand(600, 1, 32, 32)
    sources = torch.cat([random, random], dim=1)

    def roughness(functional: bool) -> float:
        torch.manual_seed(1)
        pairs = augmented(sources, torch.full((600,), functional))
        return float(pairs.diff(dim=3).abs().mean(dim=(2, 3)).amin(dim=1).mean())

    assert roughness(True) < 0.85 * roughness(False)


def test_some_pairs_lose_one_source_at_an_edge() -> None:
    pairs = augmented(0.3 + 0.4 * torch.rand(2000, 2, 30, 30), torch.zeros(2000, dtype=torch.bool))
    # where the field of view ends, a whole row or column of one source is black
    dark = (pairs == 0).all(dim=3).any(dim=2) | (pairs == 0).all(dim=2).any(dim=2)
    assert not bool(dark.all(dim=1).any())
    # noise, in a fifth of the sources and a half of the pairs, hides some of them
    assert float(dark.any(dim=1).float().mean()) == pytest.approx(0.08 * 0.9, abs=0.03)


def test_the_given_pairs_stay_as_they_are() -> None:
    sources = torch.rand(16, 2, 32, 32)
    before = sources.clone()
    augmented(sources, torch.ones(16, dtype=torch.bool))
    assert torch.equal(sources, before)
