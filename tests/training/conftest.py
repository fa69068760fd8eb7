import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from training.recipe import Recipe, read_recipe

DEBUG = Path(__file__).parents[2] / "training/recipes/debug.toml"


@pytest.fixture(scope="session")
def kept_images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five pairs of smooth 24 x 24 images in the folders a and b, not to be changed; p3, for validation, has 16 x 16.

    Validation plants lesions all over an image, which took more than the cycle itself.
    """
    random, folder = np.random.default_rng(0), tmp_path_factory.mktemp("kept") / "images"
    for side in ("a", "b"):
        (folder / side).mkdir(parents=True)
        for name in ("p1_0", "p1_1", "p2_0", "p2_1", "p3_0"):
            coarse = Image.fromarray(random.integers(0, 256, (6, 6), dtype=np.uint8))
            size = (16, 16) if name == "p3_0" else (24, 24)
            coarse.resize(size, Image.Resampling.BICUBIC).save(folder / side / f"{name}.png")
    return folder


@pytest.fixture
def images(kept_images: Path, tmp_path: Path) -> Path:
    """The same images, which a test may change."""
    return Path(shutil.copytree(kept_images, tmp_path / "images"))


@pytest.fixture(scope="session")
def recipe() -> Recipe:
    return replace(read_recipe(DEBUG), validation=("p3",))
