import math

import pytest
import torch
from torch import Tensor

from training.picture.lesions import (
    CONTRAST,
    FIRST,
    SMALLEST,
    lost_contrast,
    nearly_hidden,
    plant,
    shown_share,
)


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def _grey(count: int = 64, side: int = 64) -> Tensor:
    """Pairs in which every place may have a bright and a dark lesion of full height, unclipped."""
    return torch.full((count, 2, side, side), 0.5)


def _added(sources: Tensor, largest: float = 6.0) -> Tensor:
    return plant(sources, largest) - sources


def test_every_pair_gets_one_bright_and_one_dark_spot() -> None:
    added = _added(_grey(), largest=SMALLEST)
    # a lesion that the other one covers in part is lower than the lowest contrast
    apart = [one for one in added if one.max() > 0 and one.min() < 0]
    assert len(apart) == 64
    heights = torch.cat([added.amax(dim=(1, 2, 3)), -added.amin(dim=(1, 2, 3))])
    assert float(heights.max()) <= CONTRAST[1] + 1e-6
    assert float(heights.median()) == pytest.approx(math.sqrt(CONTRAST[0] * CONTRAST[1]), abs=0.04)


def test_a_lesion_is_a_gaussian_of_a_size_between_the_smallest_and_the_largest() -> None:
    for largest in (SMALLEST, 14.0):
        spots = _added(_grey(256, 96), largest).flatten(0, 1)
        middle = spots.flatten(1).argmax(dim=1)
        row, column = middle // 96, middle % 96
        inside = [i for i in range(len(spots)) if spots[i].max() > 0.1 and 4 < row[i] < 90 and 4 < column[i] < 90]
        alone = [i for i in inside if spots[i].min() > -1e-3]  # the dark one is in the other source
        height = torch.stack([spots[i, row[i], column[i]] for i in alone])
        beside = torch.stack([spots[i, row[i], column[i] + 1] for i in alone])
        sigma = (1 / (2 * (height / beside).log())).sqrt()  # exp(-1 / (2 sigma^2)) one pixel beside the middle
        assert len(alone) > 50
        assert float(sigma.min()) >= SMALLEST - 0.01
        assert float(sigma.max()) <= largest + 0.1
        # logarithms of the sizes are equally frequent
        middle_of_logarithms = (math.log(SMALLEST) + math.log(largest)) / 2
        assert float(sigma.log().mean()) == pytest.approx(middle_of_logarithms, abs=0.1)


def test_either_source_gets_lesions_the_first_one_a_little_more_often() -> None:
    added = _added(_grey(2000, 32), SMALLEST)
    bright_in_first = (added[:, 0].amax(dim=(1, 2)) > 0.8 * CONTRAST[0]).float().mean()
    assert float(bright_in_first) == pytest.approx(FIRST, abs=0.05)


def test_lesions_lie_where_they_can_be_seen_and_off_the_border() -> None:
    sources = torch.zeros(128, 2, 64, 64)
    sources[:, :, :, 32:] = 0.5
    bright, dark = (
        added.flatten(2).amax(dim=1).argmax(dim=1) for added in (_added(sources, 2.0), -_added(sources, 2.0))
    )
    for place in (bright, dark):
        row, column = place // 64, place % 64
        assert bool((column >= 32).all())
        assert bool((row >= 4).all() and (row < 60).all() and (column < 60).all())


def test_black_pairs_get_no_lesion_and_bright_ones_no_bright_lesion() -> None:
    black = torch.zeros(4, 2, 64, 64)
    assert torch.equal(plant(black), black)
    bright = torch.full((4, 2, 64, 64), 0.9)
    assert float(_added(bright).max()) == 0
    assert float(_added(bright).amin(dim=(1, 2, 3)).max()) < -CONTRAST[0] + 1e-6


def test_planted_pairs_stay_in_the_range_and_the_given_ones_unchanged() -> None:
    sources = torch.rand(16, 2, 64, 64)
    before = sources.clone()
    planted = plant(sources, 14.0)
    assert float(planted.min()) >= 0
    assert float(planted.max()) <= 1
    assert torch.equal(sources, before)


def _measured(sources: Tensor, planted: Tensor, how: str) -> tuple[Tensor, Tensor]:
    """What lesions add to their source and to the fused image."""
    fuse = {
        "average": lambda pair: pair.mean(dim=1, keepdim=True),
        "maximum": lambda pair: pair.amax(dim=1, keepdim=True),
    }[how]
    return (planted - sources).sum(dim=1, keepdim=True), fuse(planted) - fuse(sources)


def test_an_average_shows_half_of_every_lesion() -> None:
    sources = _grey()
    added, shown = _measured(sources, plant(sources), "average")
    assert float(shown_share(added, shown)) == pytest.approx(0.5, abs=1e-5)
    assert float(lost_contrast(added, shown, 0.9)) == pytest.approx(0.4**2, abs=1e-5)  # 0.9 - 0.5 of each is missing
    assert float(lost_contrast(added, shown, 0.5)) == pytest.approx(0, abs=1e-6)
    assert float(nearly_hidden(added, shown, 0.45)) == pytest.approx(0, abs=1e-6)


def test_a_maximum_shows_bright_lesions_of_the_brighter_source_and_hides_the_darker_one() -> None:
    sources = torch.cat([torch.full((1, 1, 64, 64), 0.7), torch.full((1, 1, 64, 64), 0.2)], dim=1)
    lesion = torch.zeros(1, 1, 64, 64)
    lesion[..., 30:34, 30:34] = 0.2
    nothing = torch.zeros_like(lesion)
    for planted, expected in (([lesion, nothing], 1.0), ([-lesion, nothing], 1.0), ([nothing, lesion], 0.0)):
        added, shown = _measured(sources, sources + torch.cat(planted, dim=1), "maximum")
        assert float(shown_share(added, shown)) == pytest.approx(expected, abs=1e-6)
        assert float(lost_contrast(added, shown, 0.8)) == pytest.approx(0.64 * (1 - expected), abs=1e-6)


def test_a_lesion_of_the_wrong_sign_is_more_than_lost() -> None:
    added = torch.zeros(1, 1, 16, 16)
    added[..., 8, 8] = -0.5
    assert float(lost_contrast(added, -added, 0.5)) == pytest.approx(1.5**2)  # 0.5 wanted, and -1 shown


def test_faint_and_strong_lesions_count_alike_among_the_nearly_hidden() -> None:
    added = torch.zeros(2, 1, 16, 16)
    added[0, :, 4:8, 4:8], added[1, :, 4:8, 4:8] = 0.1, 0.5
    shown = added.clone()
    shown[0] = 0
    assert float(nearly_hidden(added, shown, 0.5)) == pytest.approx(0.25 / 2)
    assert float(lost_contrast(added, shown, 0.5)) == pytest.approx(0.25 * 0.01 / 0.26)  # by the squared contrast


def test_nothing_planted_costs_nothing() -> None:
    nothing = torch.zeros(2, 1, 8, 8)
    assert float(lost_contrast(nothing, nothing, 0.9)) == 0
    assert float(nearly_hidden(nothing, nothing, 0.9)) == 0
    assert float(shown_share(nothing, nothing)) == 0
