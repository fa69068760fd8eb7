"""Made-up packs, small enough to train on a CPU in a second."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from training.gpu.given import Given, given_by
from training.gpu.recipe import TimedRecipe
from training.pack.encoding import PackedImage, PlannedSet, packed
from training.pack.reading import Channel, PackedSet
from training.pack.writing import write_pack
from training.picture.shares import Shares

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def pictures(count: int, channels: int, side: int = 48, seed: int = 0) -> np.ndarray:
    """Smooth blobs on black, (N, C, H, W) uint8."""
    random = np.random.default_rng(seed)
    rows, columns = np.mgrid[:side, :side]
    centres, widths = random.uniform(12, side - 12, (count, channels, 2)), random.uniform(6, 14, (count, channels))
    apart = (rows - centres[..., :1, None]) ** 2 + (columns - centres[..., 1:, None]) ** 2
    blobs = np.exp(-apart / (2 * widths[..., None, None] ** 2))
    return np.where(blobs > 0.1, 255 * blobs, 0).astype(np.uint8)


@pytest.fixture
def make_set() -> Callable[..., PackedSet]:
    """A function that returns a packed set of images of one size, (N, C, H, W) uint8."""

    def made(name: str, images: np.ndarray, channels: tuple[Channel, ...], split: str = "train") -> PackedSet:
        count, _, height, width = images.shape
        pixels = torch.from_numpy(images).permute(1, 0, 2, 3).reshape(images.shape[1], -1).contiguous()
        return PackedSet(
            name=name,
            task="infrared_visible",
            split=split,
            channels=channels,
            pixels=pixels,
            offsets=torch.arange(count) * height * width,
            heights=torch.full((count,), height),
            widths=torch.full((count,), width),
            names=tuple(f"p{number}" for number in range(count)),
        )

    return made


@pytest.fixture
def thermal() -> tuple[Channel, Channel]:
    return Channel("ir", 0.0, 1.0, root=False), Channel("vi", 0.0, 1.0, root=False)


@pytest.fixture
def packed_sets(make_set: Callable[..., PackedSet], thermal: tuple[Channel, Channel]) -> dict[str, PackedSet]:
    """The one set that the infrared task is trained on, and two pairs that are held out."""
    return {
        f"infrared_visible:{split}": make_set("infrared_visible", pictures(count, 2, seed=count), thermal, split)
        for split, count in (("train", 6), ("validation", 2))
    }


@pytest.fixture
def recipe() -> TimedRecipe:
    """Four crops of 32 pixels a step."""
    loss = Shares(qabf=1.0, ssim=1.0, lesion=2.0, identity=4.0, noise=0.5)
    return TimedRecipe(task="infrared_visible", loss=loss, sides=(32,), whole=0, pixels=4096, sha256="of-the-recipe")


@pytest.fixture
def given(packed_sets: dict[str, PackedSet], recipe: TimedRecipe) -> Given:
    return given_by(packed_sets, recipe, CPU, "of-the-pack")


@pytest.fixture
def pack(tmp_path: Path, thermal: tuple[Channel, Channel]) -> Path:
    """A pack on disk with the infrared task alone."""

    def images() -> Iterator[PackedImage]:
        for number, image in enumerate(pictures(8, 2)):
            yield packed(f"{'held' if number > 5 else 'p'}{number}", image)

    (tmp_path / "data").mkdir()
    planned = PlannedSet("infrared_visible", "infrared_visible", thermal, images(), ("held",))
    write_pack([planned], tmp_path / "pack", tmp_path / "data")
    return tmp_path / "pack"


RECIPE = """task = "infrared_visible"
sides = [32]
whole = 0
pixels = 4096
symmetric = false

[loss]
qabf = 1.0
lesion = 2.0
"""


@pytest.fixture
def recipe_file(tmp_path: Path) -> Path:
    (tmp_path / "tiny.toml").write_text(RECIPE)
    return tmp_path / "tiny.toml"
