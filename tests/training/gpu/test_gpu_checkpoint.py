from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from training.gpu.checkpoint import resumed, save_checkpoint, saved
from training.gpu.given import Given, drawn
from training.gpu.recipe import TimedRecipe
from training.gpu.refining import Refiner
from training.picture.shares import Shares

CPU = torch.device("cpu")


@pytest.fixture
def recipe(recipe: TimedRecipe) -> TimedRecipe:
    return replace(recipe, loss=Shares(ssim=1.0), augment=False)


def _stepped(recipe: TimedRecipe, given: Given, steps: int = 3) -> Refiner:
    refiner = Refiner(recipe, None, CPU)
    for _ in range(steps):
        refiner.step(drawn(given, recipe, 32), 1e-3, lean=False)
    return refiner


def test_a_resumed_run_has_the_same_steps_parameters_mean_and_moments(
    recipe: TimedRecipe, given: Given, tmp_path: Path
) -> None:
    first = _stepped(recipe, given)
    save_checkpoint(first, tmp_path / "checkpoint.pt", given.pack)
    second = Refiner(replace(recipe, seed=recipe.seed), None, CPU)
    resumed(second, tmp_path / "checkpoint.pt", given.pack)
    before, after = saved(first, given.pack), saved(second, given.pack)
    assert after["steps"] == 3
    assert after["moments"].keys() == {"step", "exp_avg", "exp_avg_sq"}
    for name in ("vector", "mean"):
        assert torch.equal(before[name], after[name])
    for name, moment in before["moments"].items():
        assert torch.equal(moment, after["moments"][name])
    # and goes on to the same parameters
    examples = drawn(given, recipe, 32)
    for refiner in (first, second):
        refiner.step(examples, 1e-3, lean=False)
    assert torch.equal(first.vector, second.vector)


def test_a_checkpoint_of_an_older_program_that_names_no_pack_is_taken(
    recipe: TimedRecipe, given: Given, tmp_path: Path
) -> None:
    content = saved(_stepped(recipe, given), given.pack)
    del content["pack"]
    torch.save(content, tmp_path / "checkpoint.pt")
    refiner = Refiner(recipe, None, CPU)
    resumed(refiner, tmp_path / "checkpoint.pt", given.pack)
    assert refiner.steps == 3


def _damaged(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-2000])


def _of_another_network(path: Path) -> None:
    content = torch.load(path, weights_only=True)
    torch.save(content | {"vector": content["vector"][:-1]}, path)


def _not_finite(path: Path) -> None:
    content = torch.load(path, weights_only=True)
    torch.save(content | {"mean": content["mean"] * float("nan")}, path)


def _without_moments(path: Path) -> None:
    content = torch.load(path, weights_only=True)
    del content["moments"]
    torch.save(content, path)


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (_damaged, "not a readable checkpoint"),
        (_without_moments, "not a readable checkpoint"),
        (_of_another_network, "holds other parameters"),
        (_not_finite, "holds other parameters"),
    ],
)
def test_a_damaged_checkpoint_is_refused_and_changes_nothing(
    recipe: TimedRecipe, given: Given, tmp_path: Path, damage: Callable[[Path], None], sentence: str
) -> None:
    save_checkpoint(_stepped(recipe, given), tmp_path / "checkpoint.pt", given.pack)
    damage(tmp_path / "checkpoint.pt")
    refiner = Refiner(recipe, None, CPU)
    before = refiner.vector.detach().clone()
    with pytest.raises(ValueError, match=rf"checkpoint\.pt: {sentence}"):
        resumed(refiner, tmp_path / "checkpoint.pt", given.pack)
    assert torch.equal(refiner.vector, before)
    assert refiner.steps == 0


def test_a_checkpoint_of_another_recipe_or_another_pack_is_refused(
    recipe: TimedRecipe, given: Given, tmp_path: Path
) -> None:
    save_checkpoint(_stepped(recipe, given), tmp_path / "checkpoint.pt", given.pack)
    with pytest.raises(ValueError, match="belongs to another recipe"):
        resumed(Refiner(replace(recipe, sha256="other"), None, CPU), tmp_path / "checkpoint.pt", given.pack)
    with pytest.raises(ValueError, match="was trained on the pack of-the-pack, not another-pack"):
        resumed(Refiner(recipe, None, CPU), tmp_path / "checkpoint.pt", "another-pack")
