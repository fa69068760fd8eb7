"""Values are from the metrics' definitions, and from an evaluation published with the reference data."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from napari_refusion.numerics import metrics


def texture(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (64, 64)).astype(float)


def test_an_image_fused_with_itself_keeps_all_information() -> None:
    image = texture(0)
    assert metrics.vif(image, image) == pytest.approx(1.0, abs=1e-6)
    assert metrics.ssim(image, image) == pytest.approx(1.0)


def test_an_image_fused_with_itself_reaches_the_ceiling_of_qabf() -> None:
    # by the sigmoids' constants: 0.9994 / (1 + e^-7.5) * 0.9879 / (1 + e^-4.4)
    ceiling = 0.9994 / (1 + np.exp(-7.5)) * 0.9879 / (1 + np.exp(-4.4))
    image = texture(1)
    assert metrics.qabf(image, image, image) == pytest.approx(ceiling, abs=1e-4)


def test_a_flat_fused_image_carries_nothing() -> None:
    flat = np.full((64, 64), 100.0)
    assert metrics.vif(texture(2), flat) == pytest.approx(0, abs=1e-6)
    assert metrics.qabf(texture(2), texture(3), flat) < 0.2  # only its own border is an edge


def test_half_the_contrast_carries_less_information_than_the_whole() -> None:
    image = texture(4)
    assert 0.5 < metrics.vif(image, image / 2) < 1.0


def test_the_background_is_where_both_sources_are_black() -> None:
    a, b, fused = np.zeros((2, 2)), np.array([[0.0, 9.0], [0.0, 0.0]]), np.array([[51.0, 255.0], [0.0, 0.0]])
    assert metrics.background_level(a, b, fused) == pytest.approx(51 / 3 / 255)
    assert np.isnan(metrics.background_level(b + 1, b, fused))


@pytest.mark.slow
def test_the_maximum_of_the_mri_ct_test_split_has_the_figures_of_the_reference_evaluation(shared: Path) -> None:
    """VIF .636, Qabf .629 and SSIM 1.504 for MAX on 21 MRI-CT pairs, all sums over both sources but Qabf."""
    folder = shared / "data/mif/devtest/MRI-CT"
    rows = []
    for path in sorted((folder / "CT").iterdir()):
        a, b = (np.asarray(Image.open(folder / side / path.name).convert("L"), float) for side in ("CT", "MRI"))
        fused = np.maximum(a, b)
        rows.append(
            (
                metrics.vif(a, fused) + metrics.vif(b, fused),
                metrics.qabf(a, b, fused),
                metrics.ssim(a, fused) + metrics.ssim(b, fused),
            )
        )
    vif, qabf, ssim = np.mean(rows, axis=0)
    assert (vif, qabf, ssim) == pytest.approx((0.636, 0.629, 1.504), abs=0.0011)
