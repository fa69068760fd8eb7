from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from training.data import PairImages, list_pairs
from training.recipe import Recipe, read_recipe

DEBUG = Path(__file__).parents[2] / "training/recipes/debug.toml"


@pytest.fixture
def recipe() -> Recipe:
    return replace(read_recipe(DEBUG), pairs=(("few/a", "few/b"), ("many/a", "many/b")), pairs_per_batch=2, crop=8)


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """Two pairs in one group and six in another; a bright square on black; b = 255 - a inside the square."""
    for group, count in (("few", 2), ("many", 6)):
        for index in range(count):
            level = 40 + 10 * index
            for side, value in (("a", level), ("b", 255 - level)):
                pixels = np.zeros((32, 32), np.uint8)
                pixels[4:20, 4:20] = value
                folder = tmp_path / group / side
                folder.mkdir(parents=True, exist_ok=True)
                Image.fromarray(pixels).save(folder / f"{index}.png")
    return tmp_path


def test_the_same_cycle_gives_the_same_batches_and_another_cycle_others(images: Path, recipe: Recipe) -> None:
    pairs = PairImages(list_pairs(images, recipe)[0], recipe)
    first, again = ([b for b, _ in pairs.batches(5, 1, 4)] for _ in range(2))
    other = [b for b, _ in pairs.batches(6, 1, 4)]
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(first, other, strict=True))


def test_groups_take_turns_however_many_images_they_have(images: Path, recipe: Recipe) -> None:
    pairs = PairImages(list_pairs(images, recipe)[0], recipe)
    drawn = [name for _, names in pairs.batches(0, 1, 6) for name in names]
    assert sum("few" in name for name in drawn) == 6


def test_no_image_comes_again_before_the_others_of_its_group(images: Path, recipe: Recipe) -> None:
    pairs = PairImages(list_pairs(images, recipe)[0], recipe)
    drawn = [name for _, names in pairs.batches(0, 0, 6) for name in names if "many" in name]
    assert len(drawn) == len(set(drawn)) == 6


def test_crops_keep_both_sources_together_and_hold_foreground(images: Path, recipe: Recipe) -> None:
    pairs = PairImages(list_pairs(images, recipe)[0], recipe)
    bright = 0
    for batch, _ in pairs.batches(1, 1, 10):
        assert batch.shape == (2, 2, 8, 8)
        inside = batch[:, 0] > 0
        torch.testing.assert_close(batch.sum(dim=1)[inside], torch.ones(int(inside.sum())), atol=1e-6, rtol=0)
        bright += int(inside.any(dim=(1, 2)).sum())
    assert bright >= 18  # foreground is a quarter of the image; drawn evenly, many crops would miss it


def test_colour_is_read_as_luminance(tmp_path: Path, recipe: Recipe) -> None:
    for side, colour in (("a", (255, 0, 0)), ("b", (0, 0, 255))):
        (tmp_path / side).mkdir()
        Image.new("RGB", (16, 16), colour).save(tmp_path / side / "0.png")
    recipe = replace(recipe, pairs=(("a", "b"),))
    pair = PairImages(list_pairs(tmp_path, recipe)[0], recipe).whole(0)
    np.testing.assert_allclose(pair[:, 3, 3], [0.299, 0.114], atol=1e-6)


def test_validation_takes_whole_patients_by_the_beginning_of_the_name(images: Path, recipe: Recipe) -> None:
    training, validation = list_pairs(images, replace(recipe, validation=("1",)))
    assert len(validation) == 2
    assert all(pair.a.name == pair.b.name == "1.png" for pair in validation)
    assert all(pair.a.name != "1.png" for pair in training)


def test_a_missing_folder_is_named(tmp_path: Path, recipe: Recipe) -> None:
    with pytest.raises(ValueError, match="few/a"):
        list_pairs(tmp_path, recipe)
