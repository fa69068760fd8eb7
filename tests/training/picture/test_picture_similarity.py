"""The figures in the loss are the field's figures, measured independently on 8-bit grey levels."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import sobel
from torch import Tensor

from napari_refusion.numerics.metrics import edges, information
from napari_refusion.numerics.metrics.similarity import mean_inside, ssim_map
from training.picture.similarity import qabf, ssim, vif

SLICES = Path(__file__).parents[3] / "sample_data/slices"

PAIRS = [("medical", "pet", "mri"), ("infrared_visible", "ir", "vi"), ("multi_focus", "near", "far")]


def _levels(task: str, name: str) -> Tensor:
    """A drawn picture with soft tissue, edges and a black background, (1, 1, 96, 112) whole grey levels."""
    with Image.open(SLICES / task / f"{name}.png") as picture:
        pixels = np.asarray(picture.convert("L"), dtype=np.float32)
    row, column = (max((side - part) // 2, 0) for side, part in zip(pixels.shape, (96, 112), strict=True))
    return torch.from_numpy(pixels[row : row + 96, column : column + 112].copy())[None, None]


def _fused(a: Tensor, b: Tensor, how: str) -> Tensor:
    return {"average": ((a + b) / 2).floor(), "maximum": torch.maximum(a, b), "first": a}[how]


def _undirected_qabf(a: NDArray[np.float64], b: NDArray[np.float64], fused: NDArray[np.float64]) -> float:
    """Xydeas and Petrovic's figure by SciPy's Sobel filter, the angle between two edges at most a right one."""

    def edge(image: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        padded = np.pad(image, 1)
        across, down = (sobel(padded, axis=axis)[1:-1, 1:-1] for axis in (1, 0))
        return np.hypot(across, down), np.arctan2(down, across)

    strength_f, angle_f = edge(fused)
    kept = total = 0.0
    for strength, angle in map(edge, (a, b)):
        highest = np.maximum(strength, strength_f)
        ratio = np.minimum(strength, strength_f) / np.where(highest > 0, highest, 1)
        apart = np.abs(angle - angle_f) % np.pi
        agreement = 1 - np.minimum(apart, np.pi - apart) / (np.pi / 2)
        kept_here = 0.9994 / (1 + np.exp(-15 * (ratio - 0.5))) * 0.9879 / (1 + np.exp(-22 * (agreement - 0.8)))
        kept, total = kept + (kept_here * strength).sum(), total + strength.sum()
    return float(kept / total)


@pytest.mark.parametrize("how", ["average", "maximum", "first"])
@pytest.mark.parametrize(("task", "first", "second"), PAIRS)
def test_vif_and_ssim_are_those_of_the_evaluation_and_qabf_is_with_undirected_angles(
    task: str, first: str, second: str, how: str
) -> None:
    a, b = _levels(task, first), _levels(task, second)
    fused = _fused(a, b, how)
    plain = [image.double().numpy()[0, 0] for image in (a, b, fused)]
    sources = torch.cat([a, b], dim=1) / 255
    expected_vif = sum(information.vif(source, plain[2]) for source in plain[:2])
    expected_ssim = sum(mean_inside(ssim_map(source, plain[2])) for source in plain[:2])
    assert float(vif(sources, fused / 255)) == pytest.approx(expected_vif, abs=2e-3)
    assert float(ssim(sources, fused / 255)) == pytest.approx(expected_ssim, abs=1e-4)
    assert float(qabf(sources, fused / 255)) == pytest.approx(_undirected_qabf(*plain), abs=1e-5)


def test_qabf_of_a_scan_is_a_hundredth_above_that_of_the_evaluation(shared: Path) -> None:
    # whose orientation jumps by a half turn at the vertical, so that some kept edges count as lost
    folder = shared / "data/mif/train/MRI-PET"
    for name in ("normalax_052.png", "normalcor_044.png", "normalsag_079.png"):
        a, b = (
            torch.from_numpy(np.asarray(Image.open(folder / side / name).convert("L"), dtype=np.float32).copy())
            for side in ("PET", "MRI")
        )
        fused = ((a + b) / 2).floor()
        measured = edges.qabf(*(image.double().numpy() for image in (a, b, fused)))
        figure = float(qabf(torch.stack([a, b])[None] / 255, fused[None, None] / 255))
        assert measured < figure < measured + 0.02


def test_figures_of_equal_images_are_their_largest() -> None:
    image = _levels("medical", "mri") / 255
    twice = image.expand(-1, 2, -1, -1)
    assert float(vif(twice, image)) == pytest.approx(2, abs=1e-3)
    assert float(ssim(twice, image)) == pytest.approx(2, abs=1e-5)
    # 0.9994 and 0.9879 of the two sigmoids at 1, the largest that Xydeas and Petrovic's constants allow
    largest = 0.9994 / (1 + np.exp(-15 * 0.5)) * 0.9879 / (1 + np.exp(-22 * 0.2))
    assert float(qabf(twice, image)) == pytest.approx(largest, abs=1e-3)


def test_every_picture_of_a_batch_is_measured_by_itself() -> None:
    a, b = (_levels("medical", name) / 255 for name in ("pet", "mri"))
    pairs = torch.cat([torch.cat([a, b], dim=1), torch.cat([b, b], dim=1)])
    fused = torch.cat([b, a])
    for figure in (vif, ssim, qabf):
        alone = [figure(pairs[i : i + 1], fused[i : i + 1]) for i in range(2)]
        assert torch.allclose(figure(pairs, fused), torch.cat(alone), atol=1e-5)


def test_a_constant_source_carries_nothing() -> None:
    image = _levels("medical", "mri") / 255
    pair = torch.cat([image, torch.full_like(image, 0.5)], dim=1)
    assert float(vif(pair, image)) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("figure", [vif, ssim, qabf])
@pytest.mark.parametrize("level", [0.0, 0.4, 1.0])
def test_gradients_are_finite_on_flat_pictures(figure: Callable[[Tensor, Tensor], Tensor], level: float) -> None:
    sources = torch.full((1, 2, 48, 48), level)
    fused = torch.full((1, 1, 48, 48), level, requires_grad=True)
    value = figure(sources, fused)
    value.sum().backward()
    assert fused.grad is not None
    assert bool(value.isfinite().all())
    assert bool(fused.grad.isfinite().all())


@pytest.mark.parametrize("figure", [vif, ssim, qabf])
def test_gradients_are_finite_where_all_images_are_equal(figure: Callable[[Tensor, Tensor], Tensor]) -> None:
    fused = (_levels("medical", "mri") / 255).requires_grad_()
    figure(fused.detach().expand(-1, 2, -1, -1), fused).sum().backward()
    assert fused.grad is not None
    assert bool(fused.grad.isfinite().all())


@pytest.mark.parametrize("figure", [vif, ssim, qabf])
def test_gradients_are_those_of_central_differences(figure: Callable[[Tensor, Tensor], Tensor]) -> None:
    a, b = (_levels("medical", name).double()[..., 20:68, 30:78] / 255 for name in ("pet", "mri"))
    # some noise: where an edge of the fused image is exactly parallel to a source's, Qabf has a ridge
    direction, noise = torch.randn(2, *a.shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    sources, fused = torch.cat([a, b], dim=1), (0.4 * a + 0.5 * b + 0.02 * noise).requires_grad_()
    (gradient,) = torch.autograd.grad(figure(sources, fused).sum(), fused)
    step = 1e-8 * direction
    with torch.no_grad():
        expected = float((figure(sources, fused + step) - figure(sources, fused - step)).sum()) / 2e-8
    assert float((gradient * direction).sum()) == pytest.approx(expected, rel=1e-3)
