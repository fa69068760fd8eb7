import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter
from torch import Tensor

from training.picture.focus import blurred_by, from_the_sharper, refocused, sharper


def _picture(side: int = 96, seed: int = 0) -> Tensor:
    """Squares of random grey levels, (1, 1, H, W)."""
    levels = torch.rand(1, 1, side // 6, side // 6, generator=torch.Generator().manual_seed(seed))
    return levels.repeat_interleave(6, dim=2).repeat_interleave(6, dim=3)


def _blurred(image: Tensor, sigma: float) -> Tensor:
    return torch.from_numpy(gaussian_filter(image.numpy(), (0, 0, sigma, sigma)))


def test_the_unblurred_source_is_the_sharper_one() -> None:
    sharp = _picture()
    soft = _blurred(sharp, 2.0)
    assert float(sharper(torch.cat([sharp, soft], dim=1)).min()) > 0.95
    assert float(sharper(torch.cat([soft, sharp], dim=1)).max()) < 0.05


def test_neither_of_two_equal_or_flat_sources_is_sharper() -> None:
    for pair in (_picture().expand(-1, 2, -1, -1), torch.full((1, 2, 48, 48), 0.3)):
        assert torch.allclose(sharper(pair), torch.full_like(pair[:, :1], 0.5), atol=1e-5)


def test_swapped_sources_have_the_opposite_answer() -> None:
    pair = torch.cat([_picture(seed=0), _picture(seed=1)], dim=1)
    assert torch.allclose(sharper(pair) + sharper(pair.flip(1)), torch.ones(1), atol=1e-5)


def test_the_sharper_half_of_each_source_costs_nothing_and_the_other_half_does() -> None:
    sharp = _picture()
    soft = _blurred(sharp, 2.5)
    left = torch.arange(96) < 48
    near, far = torch.where(left, sharp, soft), torch.where(left, soft, sharp)
    pair = torch.cat([near, far], dim=1)
    best = float(from_the_sharper(pair, sharp))
    assert best < 0.05 * float(from_the_sharper(pair, soft))
    assert best < 0.1 * float(from_the_sharper(pair, pair.mean(dim=1, keepdim=True)))


@pytest.mark.parametrize("level", [0.0, 0.5])
def test_flat_sources_ask_for_nothing_and_have_finite_gradients(level: float) -> None:
    fused = torch.full((1, 1, 32, 32), 0.25, requires_grad=True)
    loss = from_the_sharper(torch.full((1, 2, 32, 32), level), fused)
    loss.backward()
    assert float(loss) == pytest.approx(0, abs=1e-6)
    assert fused.grad is not None
    assert bool(fused.grad.isfinite().all())


def test_a_blur_is_a_gaussian_of_its_own_for_every_image() -> None:
    images = torch.cat([_picture(seed=0), _picture(seed=1)]).expand(-1, 2, -1, -1)
    sigma = torch.tensor([1.0, 2.5])
    blurred = blurred_by(images, sigma, 25)
    assert blurred.shape == (2, 2, 72, 72)
    for image, one, width in zip(blurred, images, sigma.tolist(), strict=True):
        expected = gaussian_filter(one.numpy(), (0, width, width), radius=(0, 12, 12))[:, 12:-12, 12:-12]
        assert np.abs(image.numpy() - expected).max() < 1e-5


def test_a_blur_of_nothing_leaves_an_image_as_it_is() -> None:
    image = _picture()
    assert torch.equal(blurred_by(image, torch.zeros(1), 5), image[..., 2:-2, 2:-2])


def test_a_refocused_pair_is_the_truth_wherever_one_of_its_halves_is_sharp() -> None:
    torch.manual_seed(3)
    sharp = torch.cat([_picture(seed=seed) for seed in range(8)])
    pairs, truth = refocused(sharp)
    assert pairs.shape == (8, 2, 72, 72)
    assert torch.equal(truth, sharp[..., 12:-12, 12:-12])
    # both halves add up to the sharp and the blurred picture, whatever the shape between them
    blurred = pairs.sum(dim=1, keepdim=True) - truth
    apart = (truth - blurred).abs() > 0.02
    share = ((pairs[:, :1] - blurred) / (truth - blurred))[apart]  # 1 where the first is sharp, 0 where the second is
    assert bool(((share > -0.01) & (share < 1.01)).all())
    assert float(((share < 0.05) | (share > 0.95)).float().mean()) > 0.5
    assert 0.2 < float((share > 0.5).float().mean()) < 0.8
    # of both sources the sharper one is the truth where the shape decides
    first_is_sharp = sharper(pairs)
    chosen = torch.where(first_is_sharp > 0.5, pairs[:, :1], pairs[:, 1:])
    sure = (first_is_sharp - 0.5).abs() > 0.48
    assert float((chosen - truth)[sure].abs().mean()) < 0.2 * float((truth - blurred)[sure].abs().mean())
