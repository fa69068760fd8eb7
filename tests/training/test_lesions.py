import numpy as np
import pytest
import torch

from training.batch import with_swapped
from training.lesions import lost_contrast, plant


def test_every_pair_gets_one_bright_spot_in_one_of_its_sources() -> None:
    sources = with_swapped(torch.full((8, 2, 32, 32), 0.3)).sources
    added = plant(sources, torch.ones(len(sources)), np.random.default_rng(0)) - sources
    largest = added.amax(dim=(2, 3))
    assert bool((added >= 0).all())
    assert bool(((largest > 0).sum(dim=1) == 1).all())
    # the spot's centre can lie between pixels, so up to a little less than 0.15 is seen of the faintest
    assert float(largest.max(dim=1).values.min()) > 0.14
    assert float(largest.max()) <= 0.4


def test_most_spots_lie_in_the_functional_source_also_of_the_swapped_copies() -> None:
    sources = with_swapped(torch.zeros(400, 2, 8, 8)).sources
    side = (plant(sources, torch.ones(len(sources)), np.random.default_rng(1)).amax(dim=(2, 3))).argmax(dim=1)
    # expected 0.75 of 400; four standard deviations of a binomial are 0.087
    assert float((side[:400] == 0).float().mean()) == pytest.approx(0.75, abs=0.087)
    assert float((side[400:] == 1).float().mean()) == pytest.approx(0.75, abs=0.087)


def test_a_planted_source_never_passes_full_scale() -> None:
    assert float(plant(torch.full((4, 2, 16, 16), 0.95), torch.ones(4), np.random.default_rng(2)).max()) <= 1.0


def test_the_same_random_numbers_plant_the_same_lesions() -> None:
    sources = torch.rand(4, 2, 16, 16, generator=torch.Generator().manual_seed(0))
    first, second = (plant(sources, torch.ones(len(sources)), np.random.default_rng(3)) for _ in range(2))
    assert torch.equal(first, second)


@pytest.mark.parametrize(("passed", "lost"), [(0.0, 0.7**2), (0.35, 0.35**2), (0.7, 0.0), (1.0, 0.0)])
def test_what_is_lost_is_the_squared_shortfall_below_the_part_to_keep(passed: float, lost: float) -> None:
    added = torch.rand(2, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    assert float(lost_contrast(added, passed * added, kept=0.7)) == pytest.approx(lost, abs=1e-6)


def test_nothing_planted_costs_nothing() -> None:
    nothing = torch.zeros(2, 1, 8, 8)
    assert float(lost_contrast(nothing, nothing, kept=0.7)) == 0.0


def test_no_lesion_is_planted_where_there_is_no_uptake() -> None:
    sources = torch.full((4, 2, 16, 16), 0.3)
    planted = plant(sources, torch.tensor([1.0, 0.0, 1.0, 0.0]), np.random.default_rng(4))
    assert [bool((image != 0.3).any()) for image in planted] == [True, False, True, False]
