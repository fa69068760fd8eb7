from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from napari_refusion.model.loss_proposal_net import LossProposalNet
from training.data import PairImages, list_pairs
from training.opinion import form_opinion, preference
from training.recipe import Recipe, read_recipe

DEBUG = Path(__file__).parents[2] / "training/recipes/debug.toml"


def test_a_source_that_is_brighter_by_a_fifth_is_preferred_as_the_softmax_says() -> None:
    sources = torch.stack([torch.full((5, 5), 0.6), torch.full((5, 5), 0.4)])[None]
    weights = preference(sources, "brighter", decision=10.0).intensity[0, :, 2, 2]
    expected = 1 / (1 + np.exp(-10 * 0.2))
    assert weights.tolist() == pytest.approx([expected, 1 - expected], rel=1e-5)


def test_flat_regions_have_no_preferred_gradient() -> None:
    sources = torch.stack([torch.full((7, 7), 0.9), torch.full((7, 7), 0.1)])[None]
    inside = preference(sources, "brighter", 10.0).gradient[..., 2:-2, 2:-2]
    torch.testing.assert_close(inside, torch.full_like(inside, 0.5))


def test_p_comes_nearer_to_the_preference_while_it_learns_it(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    for side in ("a", "b"):
        (tmp_path / side).mkdir()
        for index in range(3):
            Image.fromarray(random.integers(0, 256, (24, 24), dtype=np.uint8)).save(tmp_path / side / f"{index}.png")
    recipe = replace(read_recipe(DEBUG), opinion="brighter")
    ends = []
    for steps in (1, 40):
        torch.manual_seed(0)
        longer = replace(recipe, opinion_steps=steps)
        images = PairImages(list_pairs(tmp_path, longer)[0], longer)
        ends.append(form_opinion(LossProposalNet(), images, torch.device("cpu")))
    assert ends[1] < 0.8 * ends[0]


def test_the_sharper_source_is_preferred_even_where_it_is_darker() -> None:
    flat = torch.full((24, 24), 0.8)
    ramp = torch.linspace(0.0, 0.4, 24).expand(24, 24)
    # Sobel magnitude of the ramp is 8 x 0.4 / 23, so its softmax weight is known
    expected = 1 / (1 + np.exp(-20 * 8 * 0.4 / 23))
    weights = preference(torch.stack([ramp, flat])[None], "sharper", decision=20.0)
    assert float(weights.intensity[0, 0, 12, 12]) == pytest.approx(expected, rel=1e-4)


def test_an_even_opinion_is_one_half_everywhere_and_a_random_one_is_left_alone(images: Path, recipe: Recipe) -> None:
    sources = torch.rand(1, 2, 16, 16)
    torch.manual_seed(0)
    proposal = LossProposalNet()
    before = proposal(sources).intensity
    for opinion in ("random", "even"):
        other = replace(recipe, opinion=opinion)
        form_opinion(proposal, PairImages(list_pairs(images, other)[0], other), torch.device("cpu"))
        after = proposal(sources)
        if opinion == "random":
            assert torch.equal(after.intensity, before)
    assert all(torch.equal(weights, torch.full_like(weights, 0.5)) for weights in after)
