import csv
import errno
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from napari_refusion.model.weights_files import load_weights
from training.gpu import records, run
from training.gpu.checkpoint import resumed
from training.gpu.given import Given, drawn
from training.gpu.recipe import TimedRecipe
from training.gpu.refining import SKIPPED, Refiner
from training.gpu.run import beginning, kernels_are_right, parameters_in, refined
from training.picture.loss import weighted_sum
from training.picture.shares import Shares

CPU = torch.device("cpu")

SECOND = 1 / 60


class Clock:
    """A clock that is a second later whenever it is asked."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        self.now += 1
        return self.now


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "time", Clock())


@pytest.fixture
def recipe(recipe: TimedRecipe) -> TimedRecipe:
    return replace(recipe, loss=Shares(ssim=1.0), augment=False)


def _stepped(recipe: TimedRecipe, given: Given, steps: int = 3) -> Refiner:
    refiner = Refiner(recipe, None, CPU)
    for _ in range(steps):
        refiner.step(drawn(given, recipe, 32), 1e-3, lean=False)
    return refiner


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_records_are_written_at_every_interval_and_at_the_end(
    recipe: TimedRecipe, given: Given, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "EVERY", 3.0)
    refiner = Refiner(recipe, None, CPU)
    told = [(progress, refiner.steps) for progress, _ in refined(refiner, given, tmp_path, 8 * SECOND)]
    # one step a second of 8: after 3 and 6 seconds, and when all are over
    assert told == [(3 / 8, 3), (6 / 8, 6), (1.0, 7)]
    losses, figures = _rows(tmp_path / "losses.csv"), _rows(tmp_path / "figures.csv")
    assert [(row["steps"], row["seconds"]) for row in losses] == [("3", "3"), ("6", "6"), ("7", "8")]
    assert list(losses[0]) == ["steps", "seconds", "ssim", "norm", SKIPPED]
    assert [(row["steps"], row["kind"]) for row in figures] == [(steps, "infrared") for steps in ("3", "6", "7")]
    assert 0 <= float(figures[0]["hidden"]) <= 1
    assert {path.name for path in tmp_path.iterdir()} == {
        "checkpoint.pt",
        "losses.csv",
        "figures.csv",
        "fusion.safetensors",
    }


def test_mean_losses_are_of_the_steps_since_the_last_records(
    recipe: TimedRecipe, given: Given, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "EVERY", 2.0)
    refiner = Refiner(recipe, None, CPU)
    terms: list[Tensor] = []
    step = refiner.step

    def noted(*args: object, **options: object) -> Tensor:
        terms.append(step(*args, **options).clone())
        return terms[-1]

    monkeypatch.setattr(refiner, "step", noted)
    means = [found["ssim"] for _, found in refined(refiner, given, tmp_path, 5 * SECOND)]
    values = [float(one[0]) for one in terms]
    assert means == pytest.approx([sum(values[:2]) / 2, sum(values[2:4]) / 2])


def test_the_weights_are_the_running_mean_with_what_is_known_about_it(
    recipe: TimedRecipe, given: Given, tmp_path: Path
) -> None:
    refiner = _stepped(recipe, given)
    records.write_records(refiner, given, tmp_path, 1.0, {"ssim": 1.0})
    weights = load_weights(tmp_path / "fusion.safetensors")
    assert torch.allclose(parameters_in(tmp_path / "fusion.safetensors"), refiner.project(refiner.mean))
    assert (weights.task, weights.recipe) == ("infrared_visible", recipe.sha256)
    assert weights.data == "6 pairs of infrared_visible"


@pytest.mark.parametrize("name", ["checkpoint.pt", "losses.csv", "figures.csv"])
def test_a_run_that_is_cut_off_while_a_file_is_written_keeps_the_older_ones(
    recipe: TimedRecipe, given: Given, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    refiner = _stepped(recipe, given)
    records.write_records(refiner, given, tmp_path, 1.0, {"ssim": 1.0})
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    replace_path = Path.replace

    def cut_off(path: Path, target: Path) -> Path:
        if target.name == name:
            raise OSError(errno.ENOSPC, "No space left on device")
        return replace_path(path, target)

    refiner.step(drawn(given, recipe, 32), 1e-3, lean=False)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", cut_off)
        with pytest.raises(OSError, match=r"No space left on device.*Nothing older is lost.*--resume"):
            records.write_records(refiner, given, tmp_path, 2.0, {"ssim": 1.0})
    assert {path.name for path in tmp_path.iterdir()} == set(before)
    order = ["checkpoint.pt", "losses.csv", "figures.csv", "fusion.safetensors"]
    for later in order[order.index(name) :]:
        assert (tmp_path / later).read_bytes() == before[later]
    again = Refiner(recipe, None, CPU)
    resumed(again, tmp_path / "checkpoint.pt", given.pack)
    assert again.steps == (3 if name == "checkpoint.pt" else 4)


def test_a_run_in_which_no_step_is_finite_stops_with_a_sentence_and_writes_nothing(
    recipe: TimedRecipe, given: Given, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(terms: dict[str, Tensor], shares: Shares) -> Tensor:
        return weighted_sum(terms, shares) * float("nan")

    monkeypatch.setattr("training.gpu.refining.weighted_sum", broken)
    with pytest.raises(ValueError, match="none of the last 3 steps had a finite gradient"):
        list(refined(Refiner(recipe, None, CPU), given, tmp_path / "run", 4 * SECOND))
    assert not (tmp_path / "run").exists()


def test_a_run_begins_with_a_run_beside_it_or_with_installed_weights(
    recipe: TimedRecipe, given: Given, tmp_path: Path
) -> None:
    records.write_records(_stepped(recipe, given), given, tmp_path / "before", 1.0, {})
    beside = beginning(replace(recipe, start_from="before"), CPU, tmp_path, fast=False)
    assert torch.equal(beside.vector, parameters_in(tmp_path / "before/fusion.safetensors"))
    installed = beginning(replace(recipe, start_from="medical", symmetric=False), CPU, tmp_path, fast=False)
    assert not torch.equal(installed.vector, beside.vector)
    with pytest.raises(ValueError, match="neither a weights file nor the name of installed weights"):
        beginning(replace(recipe, start_from="nowhere"), CPU, tmp_path, fast=False)


def test_there_are_no_kernels_without_a_gpu() -> None:
    assert not kernels_are_right(CPU)
