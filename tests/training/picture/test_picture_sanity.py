import math

import pytest
import torch

from training.picture.sanity import flat_places, lit_background, noise_passed, out_of_range


def _sources() -> torch.Tensor:
    return torch.rand(2, 2, 32, 32, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("how", ["average", "maximum", "minimum", "first"])
def test_what_lies_between_the_sources_leaves_no_range(how: str) -> None:
    sources = _sources()
    fused = {
        "average": sources.mean(dim=1, keepdim=True),
        "maximum": sources.amax(dim=1, keepdim=True),
        "minimum": sources.amin(dim=1, keepdim=True),
        "first": sources[:, :1],
    }[how]
    assert float(out_of_range(fused, sources)) == 0


def test_the_range_is_left_by_as_much_as_a_picture_is_too_bright_or_too_dark() -> None:
    sources = torch.full((1, 2, 16, 16), 0.5)
    for fused in (0.7, 0.3):
        assert float(out_of_range(torch.full((1, 1, 16, 16), fused), sources, tolerance=0.05)) == pytest.approx(0.15)
    half = torch.full((1, 1, 16, 16), 0.5)
    half[..., :8, :] = 0.7
    assert float(out_of_range(half, sources, tolerance=0.0)) == pytest.approx(0.1)  # 0.2 in every second row


def test_the_range_is_that_of_the_square_around_a_pixel() -> None:
    sources = torch.zeros(1, 2, 15, 15)
    sources[..., 7, 7] = 1
    for distance, left in ((1, 0.0), (2, 1 / 225)):
        fused = torch.zeros(1, 1, 15, 15)
        fused[..., 7, 7 + distance] = 1
        assert float(out_of_range(fused, sources, tolerance=0.0)) == pytest.approx(left)


def test_light_is_counted_where_both_sources_are_exactly_black() -> None:
    sources = torch.zeros(1, 2, 10, 10)
    sources[:, 0, :5] = 0.4
    fused = torch.full((1, 1, 10, 10), 0.25)
    fused[..., 5:, :5] = 0.5
    assert float(lit_background(fused, sources)) == pytest.approx(0.375)
    assert float(lit_background(fused, sources + 0.01)) == 0


@pytest.mark.parametrize(("how", "expected"), [("average", math.sqrt(0.5)), ("first", 1.0), ("sum", math.sqrt(2))])
def test_noise_passed_is_the_ratio_of_standard_deviations(how: str, expected: float) -> None:
    noise = 0.05 * torch.randn(4, 2, 128, 128, generator=torch.Generator().manual_seed(0))
    change = {
        "average": noise.mean(dim=1, keepdim=True),
        "first": noise[:, :1],
        "sum": noise.sum(dim=1, keepdim=True),
    }[how]
    everywhere = torch.ones_like(change)
    assert float(noise_passed(change, noise, everywhere, gain=0.0)) == pytest.approx(expected, rel=0.02)
    assert float(noise_passed(change, noise, everywhere, gain=0.7)) == pytest.approx(max(expected - 0.7, 0), abs=0.02)


def test_noise_counts_in_flat_places_alone() -> None:
    noise = 0.05 * torch.randn(1, 2, 64, 64, generator=torch.Generator().manual_seed(0))
    flat = torch.zeros(1, 1, 64, 64)
    flat[..., 32:] = 1
    change = noise[:, :1].clone()
    change[..., :32] *= 100
    assert float(noise_passed(change, noise, flat, gain=0.0)) == pytest.approx(1, rel=0.05)
    assert float(noise_passed(change, noise, torch.zeros_like(flat), gain=0.7)) == 0


def test_flat_places_are_neither_edges_nor_background() -> None:
    sources = torch.zeros(1, 2, 40, 40)
    sources[:, 0, :, 20:] = 0.6
    flat = flat_places(sources)[0, 0]
    assert bool((flat[5:-5, :16] == 0).all())  # black
    assert bool((flat[5:-5, 18:22] == 0).all())  # the edge
    assert bool((flat[5:-5, 25:34] == 1).all())
    assert bool((flat_places(torch.full((1, 2, 40, 40), 0.05)) == 0).all())
