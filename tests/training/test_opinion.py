from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from napari_refusion.model.loss_proposal_net import LossProposalNet
from training.data import PairImages, list_pairs
from training.prior import learn_prior, preference
from training.recipe import read_recipe

DEBUG = Path(__file__).parents[2] / "training/recipes/debug.toml"


def test_a_source_that_is_brighter_by_a_fifth_is_preferred_as_the_softmax_says() -> None:
    sources = torch.stack([torch.full((5, 5), 0.6), torch.full((5, 5), 0.4)])[None]
    weights = preference(sources, sharpness=10.0).intensity[0, :, 2, 2]
    expected = 1 / (1 + np.exp(-10 * 0.2))
    assert weights.tolist() == pytest.approx([expected, 1 - expected], rel=1e-5)


def test_flat_regions_have_no_preferred_gradient() -> None:
    sources = torch.stack([torch.full((7, 7), 0.9), torch.full((7, 7), 0.1)])[None]
    inside = preference(sources, 10.0).gradient[..., 2:-2, 2:-2]
    torch.testing.assert_close(inside, torch.full_like(inside, 0.5))


def test_p_comes_nearer_to_the_preference_while_it_learns_it(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    for side in ("a", "b"):
        (tmp_path / side).mkdir()
        for index in range(3):
            Image.fromarray(random.integers(0, 256, (24, 24), dtype=np.uint8)).save(tmp_path / side / f"{index}.png")
    recipe = replace(read_recipe(DEBUG), prior_steps=1)
    ends = []
    for steps in (1, 40):
        torch.manual_seed(0)
        longer = replace(recipe, prior_steps=steps)
        images = PairImages(list_pairs(tmp_path, longer)[0], longer)
        ends.append(learn_prior(LossProposalNet(), images, torch.device("cpu")))
    assert ends[1] < 0.8 * ends[0]
