from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from training.recipe import Recipe, read_recipe

DEBUG = Path(__file__).parents[2] / "training/recipes/debug.toml"


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """Five pairs of smooth 24 x 24 images in the folders a and b."""
    random = np.random.default_rng(0)
    for side in ("a", "b"):
        (tmp_path / "images" / side).mkdir(parents=True)
        for name in ("p1_0", "p1_1", "p2_0", "p2_1", "p3_0"):
            coarse = Image.fromarray(random.integers(0, 256, (6, 6), dtype=np.uint8))
            coarse.resize((24, 24), Image.Resampling.BICUBIC).save(tmp_path / "images" / side / f"{name}.png")
    return tmp_path / "images"


@pytest.fixture
def recipe() -> Recipe:
    return replace(read_recipe(DEBUG), validation=("p3",))
