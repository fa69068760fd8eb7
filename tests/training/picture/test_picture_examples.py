import pytest
import torch
from torch import Tensor

from training.picture.examples import Examples, examples
from training.picture.shares import Shares

ALL = Shares(**dict.fromkeys(Shares().factors(), 1.0))


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def _sources(count: int = 8) -> Tensor:
    """Pairs with a black background and a textured middle, (B, 2, 48, 48)."""
    sources = torch.zeros(count, 2, 48, 48)
    sources[..., 6:-6, 6:-6] = 0.3 + 0.4 * torch.rand(count, 2, 36, 36)
    return sources


def _given(shares: Shares, count: int = 8) -> Examples:
    return examples(_sources(count), shares, torch.rand(4, 1, 72, 72) if shares.refocused else None)


def test_all_examples_are_one_batch_and_come_apart_again() -> None:
    given = _given(ALL)
    images = given.images
    assert images.shape == (8 + 8 + 2 + 2 + 4, 2, 48, 48)
    sources, planted, noisy, alike, blurred = given.of_each(images)
    assert torch.equal(sources, given.sources)
    assert torch.equal(planted, given.planted)
    assert torch.equal(noisy, given.sources[:2] + given.noise)
    assert torch.equal(alike, given.alike)
    assert torch.equal(blurred, given.blurred)


def test_examples_that_no_factor_asks_for_are_not_made() -> None:
    given = _given(Shares(qabf=1.0))
    assert torch.equal(given.images, given.sources)
    assert [len(part) for part in (given.planted, given.noise, given.alike, given.blurred, given.sharp)] == [0] * 5


def test_noise_is_added_where_sources_show_something() -> None:
    given = _given(Shares(noise=1.0))
    assert bool((given.noise[given.sources[:2] == 0] == 0).all())
    assert float(given.noise.std(dim=(1, 2, 3)).max()) > 0


def test_identity_is_asked_of_a_source_twice_or_with_nothing_on_either_side() -> None:
    sources = 0.1 + 0.8 * torch.rand(800, 2, 32, 32)
    alike = examples(sources, Shares(identity=1.0)).alike
    dark = (alike == 0).all(dim=3).all(dim=2)
    assert not bool(dark.all(dim=1).any())
    twice = ~dark.any(dim=1)
    assert torch.equal(alike[twice, 0], alike[twice, 1])
    # left out on the left with 0.15, on the right with 0.15 of the rest
    assert float(dark[:, 0].float().mean()) == pytest.approx(0.15, abs=0.08)
    assert float(dark[:, 1].float().mean()) == pytest.approx(0.85 * 0.15, abs=0.08)
    source = alike.amax(dim=1)
    is_own = [(source == sources[-200:, side]).all(dim=2).all(dim=1) for side in range(2)]
    assert bool((is_own[0] | is_own[1]).all())
    assert 0.3 < float(is_own[0].float().mean()) < 0.7
