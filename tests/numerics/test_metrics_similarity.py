"""Values from torchmetrics, numpy's correlation and mathematics."""

import numpy as np
import pytest
import torch
from torchmetrics.functional.image import structural_similarity_index_measure

from napari_refusion.numerics.metrics import similarity


def texture(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (48, 40)).astype(float)


def test_structural_similarity_is_that_of_torchmetrics_away_from_the_border() -> None:
    image = texture(0)
    fused = np.round(0.6 * image + 0.3 * texture(1))
    preds, target = (torch.from_numpy(levels)[None, None] for levels in (fused, image))
    _, expected = structural_similarity_index_measure(
        preds, target, sigma=1.5, data_range=255.0, return_full_image=True
    )
    ours = similarity.ssim_map(image, fused)
    assert ours.shape == image.shape
    # both continue the image beyond its border, in different ways
    assert ours[5:-5, 5:-5] == pytest.approx(expected[0, 0].numpy()[5:-5, 5:-5], abs=1e-6)
    assert similarity.mean_inside(ours) == pytest.approx(float(expected[..., 5:-5, 5:-5].mean()), abs=1e-6)


def test_an_image_is_wholly_similar_to_itself() -> None:
    assert similarity.mean_inside(similarity.ssim_map(texture(2), texture(2))) == pytest.approx(1.0)


def test_flat_images_are_as_similar_as_their_means() -> None:
    black, grey = np.zeros((20, 20)), np.full((20, 20), 100.0)
    assert similarity.ssim_map(black, grey) == pytest.approx((0.01 * 255) ** 2 / (100**2 + (0.01 * 255) ** 2))


def test_the_foreground_is_where_either_source_is_above_five() -> None:
    a, b = np.array([[0.0, 5.0, 6.0]]), np.array([[0.0, 4.0, 0.0]])
    assert similarity.mean_on_foreground(np.array([[0.1, 0.2, 0.7]]), a, b) == pytest.approx(0.7)
    assert similarity.mean_on_foreground(np.array([[0.1, 0.2, 0.7]]), b, a) == pytest.approx(0.7)
    assert np.isnan(similarity.mean_on_foreground(np.array([[0.1]]), a[:, :1], b[:, :1]))


def test_the_sum_of_both_sources_has_both_correlations_of_differences() -> None:
    a, b = texture(3), texture(4)
    assert similarity.scd(a, b, a + b) == pytest.approx(2)


def test_correlations_of_differences_are_those_of_numpy() -> None:
    a, b, fused = texture(5), texture(6), texture(7)
    pairs = ((a, fused - b), (b, fused - a))
    expected = sum(np.corrcoef(source.ravel(), difference.ravel())[0, 1] for source, difference in pairs)
    assert similarity.scd(a, b, fused) == pytest.approx(expected, abs=1e-12)


def test_a_copy_of_one_source_has_no_correlation_of_differences() -> None:
    assert np.isnan(similarity.scd(texture(8), texture(9), texture(9)))
