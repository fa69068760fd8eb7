"""The trial in image space against closed forms and finite differences, and what its judge hears."""

import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.ndimage import sobel
from torch import Tensor

from napari_refusion.model.loss_proposal_net import Proposal
from training.image_trial import TELLING_SHARE, balanced_judge, proposed_energy, trial_image

SIDE = 12


def random_images(seed: int, channels: int, low: float = 0.0, high: float = 1.0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return low + (high - low) * torch.rand(2, channels, SIDE, SIDE, dtype=torch.float64, generator=generator)


def random_proposal(seed: int) -> Proposal:
    first, second = random_images(seed, 1, 0.05, 0.95), random_images(seed + 1, 1, 0.05, 0.95)
    return Proposal(torch.cat([first, 1 - first], dim=1), torch.cat([second, 1 - second], dim=1))


def test_the_energy_is_the_weighted_square_of_differences_and_of_signed_sobel_differences() -> None:
    fused, sources, proposal = random_images(0, 1), random_images(1, 2), random_proposal(2)
    expected = 0.0
    for image, pair, *weights in zip(fused, sources, *proposal, strict=True):
        for side in (0, 1):
            gap = (pair[side] - image[0]).numpy()
            w, v = (weight[side].numpy() for weight in weights)
            edges = sum(sobel(gap, axis, mode="constant") ** 2 for axis in (0, 1))
            expected += np.mean(w**2 * gap**2) + 3 / 64 * np.mean(v**2 * edges)
    assert float(proposed_energy(fused, sources, proposal, 3.0)) == pytest.approx(expected / 2, rel=1e-12)


def test_without_edges_the_trial_ends_at_the_mean_weighted_by_the_squared_weights() -> None:
    sources, proposal = random_images(3, 2), random_proposal(4)
    squares = proposal.intensity.square()
    expected = (squares * sources).sum(dim=1, keepdim=True) / squares.sum(dim=1, keepdim=True)
    found = trial_image(random_images(5, 1), sources, proposal, 0.0, steps=60)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)
    nearly = trial_image(random_images(5, 1), sources, proposal, 0.0)
    torch.testing.assert_close(nearly, expected, rtol=0, atol=0.02)


@pytest.mark.parametrize("gradient_share", [0.0, 1.0, 3.0, 14.0])
def test_the_energy_falls_at_every_step(gradient_share: float) -> None:
    fused, sources, proposal = random_images(6, 1), random_images(7, 2), random_proposal(8)
    images = [trial_image(fused, sources, proposal, gradient_share, steps) for steps in range(9)]
    energies = [float(proposed_energy(image, sources, proposal, gradient_share)) for image in images]
    assert torch.equal(images[0], fused)
    assert all(after < before for before, after in pairwise(energies))


def test_a_trial_step_goes_against_the_gradient_of_the_energy() -> None:
    fused, sources = random_images(9, 1, 0.3, 0.7).requires_grad_(), random_images(10, 2, 0.3, 0.7)
    proposal = random_proposal(11)
    (slope,) = torch.autograd.grad(proposed_energy(fused, sources, proposal, 3.0), fused)
    moved = trial_image(fused, sources, proposal, 3.0, steps=1) - fused
    torch.testing.assert_close(moved, -1.6 / 4 * slope * fused.numel() / 2)


def test_the_trial_image_of_equal_sources_is_that_source() -> None:
    source = random_images(12, 1)
    found = trial_image(source, source.expand(-1, 2, -1, -1), random_proposal(13), 3.0)
    torch.testing.assert_close(found, source, rtol=0, atol=1e-15)


def test_the_gradient_with_respect_to_the_proposal_equals_finite_differences() -> None:
    fused, sources = random_images(14, 1, 0.2, 0.8), random_images(15, 2, 0.2, 0.8)
    weights = torch.cat(list(random_proposal(16)), dim=1).requires_grad_()
    pattern = random_images(17, 1)

    def shown(weights: Tensor) -> Tensor:
        return (pattern * trial_image(fused, sources, Proposal(*weights.chunk(2, dim=1)), 3.0)).sum()

    (gradient,) = torch.autograd.grad(shown(weights), weights)
    for seed in range(3):
        direction = torch.cat([random_images(20 + seed, 2, -1, 1), random_images(30 + seed, 2, -1, 1)], dim=1)
        with torch.no_grad():
            expected = (shown(weights + 1e-6 * direction) - shown(weights - 1e-6 * direction)) / 2e-6
        torch.testing.assert_close((gradient * direction).sum(), expected, rtol=1e-7, atol=0)


def test_a_judge_whose_r_rebuilds_everything_has_nothing_to_say_against_the_image() -> None:
    real, planted = random_images(18, 1, 0.1, 0.5), random_images(19, 1, 0.5, 0.9)
    twice = [image.expand(-1, 2, -1, -1) for image in (real, planted)]
    judged = balanced_judge(lambda image: image.expand(-1, 2, -1, -1), real, twice[0], planted, twice[1])
    assert float(judged) == 0


def test_an_r_that_is_blind_to_lesions_is_charged_for_their_intensity_their_edges_and_its_silence() -> None:
    real = torch.full((1, 1, SIDE, SIDE), 0.5, dtype=torch.float64)
    sources = real.expand(-1, 2, -1, -1)
    planted = sources.clone()
    planted[:, 0, 5, 5] += 0.3
    edges = sum(abs(sobel(planted[0, 0].numpy() - 0.5, axis, mode="constant")) for axis in (0, 1))
    expected = (0.3**2 + np.sum((edges / 8) ** 2)) / SIDE**2 + TELLING_SHARE * 1.0
    judged = balanced_judge(lambda image: image.expand(-1, 2, -1, -1), real, sources, real, planted)
    assert float(judged) == pytest.approx(expected, rel=1e-12)


def test_the_worse_rebuilt_source_decides_at_each_pixel() -> None:
    image = torch.full((1, 1, SIDE, SIDE), 0.5, dtype=torch.float64)
    sources = torch.cat([image + 0.1, image - 0.3], dim=1)
    inside = balanced_judge(lambda image: image.expand(-1, 2, -1, -1), image, sources, image, sources)
    ramp = sobel(np.full((SIDE, SIDE), 0.3), 0, mode="constant"), sobel(np.full((SIDE, SIDE), 0.3), 1, mode="constant")
    edges = np.mean(((abs(ramp[0]) + abs(ramp[1])) / 8) ** 2)
    assert float(inside) == pytest.approx(2 * (0.3**2 + edges), rel=1e-12)


NEEDED = ("image_trial", "meta_cycle", "recipe", "refine_loss", "averaged", "opinion")
"""What a GPU program takes of the cycle."""

READERS = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(f"training.{name}")
    print(name, *sorted({"monai", "nibabel", "pydicom", "SimpleITK", "skimage", "PIL"} & sys.modules.keys()))
"""
"""Imports one module after the other, and says after each which readers of images are there."""


def test_what_a_gpu_program_takes_of_the_cycle_needs_no_reader_of_images() -> None:
    root = Path(__file__).parents[2]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(root / "src"), str(root)])}
    command = [sys.executable, "-c", READERS, *NEEDED]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    assert done.stdout.splitlines() == [*NEEDED]
