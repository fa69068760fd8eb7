import numpy as np
import pytest
import torch
from torch import Tensor

from training.picture.exposure import SIDE, STABILISER, clipped_detail, mef_ssim, structural_quality, well_exposed


def _textured(seed: int = 0, side: int = 40) -> Tensor:
    """A picture around mid-grey, (1, 1, H, W) in [0, 1]."""
    noise = torch.rand(1, 1, side, side, generator=torch.Generator().manual_seed(seed))
    return (0.3 + 0.4 * noise).clamp(0, 1)


def test_mef_ssim_is_1_for_a_picture_that_equals_both_exposures() -> None:
    picture = _textured()
    assert float(mef_ssim(picture.expand(-1, 2, -1, -1), picture)) == pytest.approx(1, abs=1e-3)


def test_the_structural_quality_is_that_of_patches_written_out() -> None:
    first, second, fused = (_textured(seed, 20).double() for seed in range(3))
    second = 0.5 * first + 0.5 * second  # two exposures of one scene agree in part
    found = float(structural_quality(torch.cat([first, second], dim=1), fused))
    qualities = []
    for row in range(20 - SIDE + 1):
        for column in range(20 - SIDE + 1):
            patches = [
                image.numpy()[0, 0, row : row + SIDE, column : column + SIDE].ravel()
                for image in (first, second, fused)
            ]
            qualities.append(_patch_quality(*(patch - patch.mean() for patch in patches)))
    assert found == pytest.approx(np.mean(qualities), abs=1e-4)


def test_mef_ssim_is_the_mean_over_three_scales() -> None:
    sources, fused = torch.cat([_textured(0), _textured(1)], dim=1), _textured(2)
    qualities = []
    for halvings in range(3):
        # the mean of blocks of 2^n pixels is n times the mean of blocks of two
        small = [torch.nn.functional.avg_pool2d(image, 2**halvings) for image in (sources, fused)]
        qualities.append(float(structural_quality(*small)))
    assert float(mef_ssim(sources, fused)) == pytest.approx(sum(qualities) / 3, abs=1e-6)


def _patch_quality(first: np.ndarray, second: np.ndarray, fused: np.ndarray) -> float:
    """Ma, Zeng and Wang 2015, equations 4 to 11, of patches without their means."""
    contrasts = np.array([np.linalg.norm(first), np.linalg.norm(second)])
    consistency = np.linalg.norm(first + second) / contrasts.sum()
    weights = contrasts ** min(np.tan(np.pi / 2 * consistency), 10.0)
    structure = (weights[0] * first / contrasts[0] + weights[1] * second / contrasts[1]) / weights.sum()
    wanted = contrasts.max() * structure / np.linalg.norm(structure)
    covariance, variances = wanted @ fused, wanted @ wanted + fused @ fused
    return float((2 * covariance / SIDE**2 + STABILISER) / (variances / SIDE**2 + STABILISER))


def test_the_structural_quality_wants_the_structure_of_the_exposure_that_has_it() -> None:
    detailed, blown = _textured(), torch.ones(1, 1, 40, 40)
    for order in (0, 1):
        sources = torch.cat([detailed, blown] if order == 0 else [blown, detailed], dim=1)
        assert float(structural_quality(sources, detailed)) == pytest.approx(1, abs=1e-3)
        assert float(structural_quality(sources, blown)) < 0.2
        assert float(structural_quality(sources, (detailed + blown) / 2)) < 0.9


@pytest.mark.parametrize("level", [0.0, 0.5, 1.0])
def test_gradients_are_finite_on_flat_exposures(level: float) -> None:
    sources = torch.full((1, 2, 40, 40), level)
    fused = torch.full((1, 1, 40, 40), level, requires_grad=True)
    loss = mef_ssim(sources, fused).sum() + well_exposed(sources, fused) + clipped_detail(sources, fused)
    loss.backward()
    assert fused.grad is not None
    assert bool(fused.grad.isfinite().all())


@pytest.mark.parametrize("clipped", [0.0, 1.0])
def test_all_or_none_of_the_detail_beside_a_clipped_exposure_is_lost(clipped: float) -> None:
    detailed = _textured()
    flat = torch.full_like(detailed, clipped)
    for sources in (torch.cat([flat, detailed], dim=1), torch.cat([detailed, flat], dim=1)):
        assert float(clipped_detail(sources, detailed)) == pytest.approx(0, abs=1e-6)
        assert float(clipped_detail(sources, flat)) == pytest.approx(1, abs=1e-3)
        half = (detailed + flat) / 2
        assert float(clipped_detail(sources, half)) == pytest.approx(0.25, abs=1e-3)  # half of it, squared


def test_no_detail_is_lost_where_nothing_is_clipped() -> None:
    sources = torch.cat([_textured(0), _textured(1)], dim=1)
    assert float(clipped_detail(sources, torch.full((1, 1, 40, 40), 0.5))) == 0


def test_well_exposed_wants_the_level_of_the_exposure_nearer_to_mid_grey() -> None:
    # weights exp(-(0.5 - 0.5)^2 / 0.08) = 1 and exp(-0.45^2 / 0.08) = 0.0796
    sources = torch.cat([torch.full((1, 1, 32, 32), level) for level in (0.5, 0.95)], dim=1)
    wanted = (0.5 + 0.0796 * 0.95) / 1.0796
    for level in (0.3, 0.5, 0.9):
        fused = torch.full((1, 1, 32, 32), level)
        assert float(well_exposed(sources, fused)) == pytest.approx(abs(level - wanted), abs=1e-4)


def test_well_exposed_looks_at_local_means_alone() -> None:
    level = torch.full((1, 1, 34, 34), 0.4)
    ripple = 0.1 * torch.tensor([1.0, -1.0]).repeat(17).expand(1, 1, 34, 34)
    # 17 columns of alternating sign leave one of them over
    assert float(well_exposed(level.expand(-1, 2, -1, -1), level + ripple)) == pytest.approx(0.1 / 17, abs=1e-4)
