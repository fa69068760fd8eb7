"""Whole runs on small synthetic pairs: resume, failures, and what a run leaves behind."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from napari_refusion.model.weights import load_weights
from training.recipe import Recipe, read_recipe
from training.train import check_finite, train

RECIPES = Path(__file__).parents[2] / "training/recipes"
CPU = torch.device("cpu")


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
    return replace(read_recipe(RECIPES / "debug.toml"), validation=("p3",))


def rows(output: Path) -> list[dict[str, str]]:
    with (output / "log.csv").open() as file:
        return list(csv.DictReader(file))


def test_a_run_logs_every_cycle_and_leaves_three_usable_networks(images: Path, recipe: Recipe, tmp_path: Path) -> None:
    train(recipe, images, tmp_path / "run", resume=False, device=CPU)
    logged = rows(tmp_path / "run")
    assert [row["cycle"] for row in logged] == ["0", "1", "2"]
    assert all(float(row["fusion_loss"]) > 0 and float(row["largest_meta_gradient"]) > 0 for row in logged)
    for network in ("fusion", "reconstruction", "proposal"):
        weights = load_weights(tmp_path / "run" / f"{network}.safetensors")
        assert (weights.network, weights.recipe) == (network, recipe.sha256)
        assert weights.data.startswith("4 pairs")


def test_a_stopped_run_resumes_to_exactly_the_same_losses_and_networks(
    images: Path, recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = train(recipe, images, tmp_path / "whole", resume=False, device=CPU)

    def stop_in_third_cycle(where: str, files: list[str], *values: torch.Tensor) -> None:
        if where.startswith("cycle 2, refine"):
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("training.train.check_finite", stop_in_third_cycle)
        with pytest.raises(KeyboardInterrupt):
            train(recipe, images, tmp_path / "cut", resume=False, device=CPU)
    resumed = train(recipe, images, tmp_path / "cut", resume=True, device=CPU)
    logs = [(tmp_path / run / "log.csv").read_bytes() for run in ("cut", "whole")]
    assert logs[0] == logs[1]
    for name, network in whole.networks.items():
        for key, value in network.state_dict().items():
            assert torch.equal(value, resumed.networks[name].state_dict()[key]), (name, key)


def test_a_run_is_not_overwritten_without_being_asked(images: Path, recipe: Recipe, tmp_path: Path) -> None:
    short = replace(recipe, cycles=1)
    train(short, images, tmp_path / "run", resume=False, device=CPU)
    with pytest.raises(ValueError, match="--resume"):
        train(short, images, tmp_path / "run", resume=False, device=CPU)


def test_a_checkpoint_of_another_recipe_is_refused(images: Path, recipe: Recipe, tmp_path: Path) -> None:
    short = replace(recipe, cycles=1)
    train(short, images, tmp_path / "run", resume=False, device=CPU)
    with pytest.raises(ValueError, match="another recipe"):
        train(replace(short, sha256="other"), images, tmp_path / "run", resume=True, device=CPU)


def test_a_run_never_writes_into_its_images(images: Path, recipe: Recipe) -> None:
    with pytest.raises(ValueError, match="must not lie in"):
        train(recipe, images, images / "run", resume=False, device=CPU)


def test_an_image_without_partner_is_named(images: Path, recipe: Recipe, tmp_path: Path) -> None:
    (images / "b" / "p1_1.png").unlink()
    with pytest.raises(ValueError, match=r"p1_1\.png"):
        train(recipe, images, tmp_path / "run", resume=False, device=CPU)


def test_partners_of_different_size_are_named(images: Path, recipe: Recipe, tmp_path: Path) -> None:
    Image.new("L", (20, 24), 9).save(images / "b" / "p2_0.png")
    with pytest.raises((ValueError, RuntimeError)) as raised:
        train(recipe, images, tmp_path / "run", resume=False, device=CPU)
    assert "p2_0.png" in str(raised.value.__cause__ or raised.value)


def test_a_value_that_is_not_finite_stops_the_run_and_names_its_images() -> None:
    with pytest.raises(FloatingPointError, match=r"cycle 7, refine step 1.*bad\.png"):
        check_finite("cycle 7, refine step 1", ["bad.png"], torch.tensor(1.0), torch.tensor([1.0, torch.inf]))
