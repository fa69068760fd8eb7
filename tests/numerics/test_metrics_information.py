"""Values from torchmetrics, scikit-learn and mathematics."""

import numpy as np
import pytest
import torch
from sklearn.metrics import mutual_info_score
from torchmetrics.functional.image import visual_information_fidelity

from napari_refusion.numerics.metrics import information


def texture(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (64, 64)).astype(float)


def noisy(image: np.ndarray, seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, 20, image.shape)
    return np.clip(np.round(0.7 * image + noise), 0, 255)


def smooth(seed: int) -> np.ndarray:
    coarse = np.random.default_rng(seed).integers(0, 200, (9, 11)).astype(float)
    return np.kron(coarse, np.ones((8, 7)))


@pytest.mark.parametrize("image", [texture(0), smooth(1)])
def test_mutual_information_is_that_of_scikit_learn(image: np.ndarray) -> None:
    fused = noisy(image, 2)
    expected = mutual_info_score(image.ravel().astype(int), fused.ravel().astype(int))
    assert information.mutual_information(image, fused) == pytest.approx(expected, abs=1e-10)


def test_an_image_tells_all_about_itself_and_nothing_about_a_flat_one() -> None:
    image = (np.arange(64 * 64).reshape(64, 64) % 16).astype(float)
    assert information.mutual_information(image, image) == pytest.approx(np.log(16))
    assert information.mutual_information(image, np.full((64, 64), 7.0)) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("image", [texture(3), smooth(4)])
def test_visual_information_fidelity_is_that_of_torchmetrics(image: np.ndarray) -> None:
    fused = noisy(image, 5)
    preds, target = (torch.from_numpy(levels)[None, None] for levels in (fused, image))
    expected = float(visual_information_fidelity(preds, target, sigma_n_sq=2.0))
    assert information.vif(image, fused) == pytest.approx(expected, abs=1e-6)


def test_an_image_fused_with_itself_keeps_all_information() -> None:
    assert information.vif(texture(6), texture(6)) == pytest.approx(1.0, abs=1e-6)


def test_a_flat_fused_image_carries_nothing() -> None:
    assert information.vif(texture(7), np.full((64, 64), 100.0)) == pytest.approx(0, abs=1e-6)


def test_a_flat_source_has_no_visual_information_to_carry() -> None:
    assert np.isnan(information.vif(np.full((64, 64), 100.0), texture(8)))


def test_half_the_contrast_carries_less_information_than_the_whole() -> None:
    image = texture(9)
    assert 0.5 < information.vif(image, image / 2) < 1.0
