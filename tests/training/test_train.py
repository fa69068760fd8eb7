"""Whole runs on small synthetic pairs: resume, failures, and what a run leaves behind."""

import csv
import os
import random
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image

from napari_refusion.model.weights_files import load_weights
from tests.recorded import IS_THOROUGH
from training.alone import alone_in
from training.ranks import Ranks
from training.recipe import Recipe, read_recipe
from training.run import check_finite
from training.train import train

ROOT = Path(__file__).parents[2]
DEBUG = ROOT / "training/recipes/debug.toml"
CPU = torch.device("cpu")

RUNNABLE = f"""
based_on = "{DEBUG.as_posix()}"
validation = ["p3"]
opinion = "random"
cycles = 6
refine_steps = 3
validate_every = 3
"""


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


def test_a_run_without_meta_steps_logs_no_outer_loss(images: Path, recipe: Recipe, tmp_path: Path) -> None:
    train(replace(recipe, meta_steps=0, cycles=1), images, tmp_path / "run", resume=False, device=CPU)
    (row,) = rows(tmp_path / "run")
    assert (row["outer_loss"], row["largest_meta_gradient"]) == ("", "")
    assert float(row["fusion_loss"]) > 0


def test_a_stopped_run_resumes_to_exactly_the_same_losses_and_networks(
    images: Path, recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = train(recipe, images, tmp_path / "whole", resume=False, device=CPU)

    def stop_in_third_cycle(ranks: Ranks, where: str, files: list[str], *values: torch.Tensor) -> None:
        if where.startswith("cycle 2, refine"):
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("training.steps.check_finite", stop_in_third_cycle)
        with pytest.raises(KeyboardInterrupt):
            train(recipe, images, tmp_path / "cut", resume=False, device=CPU)
    resumed = train(recipe, images, tmp_path / "cut", resume=True, device=CPU)
    logs = [(tmp_path / run / "log.csv").read_bytes() for run in ("cut", "whole")]
    assert logs[0] == logs[1]
    for name, network in whole.networks.items():
        for key, value in network.state_dict().items():
            assert torch.equal(value, resumed.networks[name].state_dict()[key]), (name, key)


@pytest.mark.slow
@pytest.mark.skipif(not IS_THOROUGH, reason="a minute, of which a run that is stopped takes ten seconds")
@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot kill a process the same way")
def test_a_run_killed_at_any_moment_resumes_to_the_same_log_and_weights(images: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(RUNNABLE)
    command = [sys.executable, "-m", "training.train", str(recipe), "--data", str(images), "--device", "cpu"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    whole = train(read_recipe(recipe), images, tmp_path / "whole", resume=False, device=CPU)
    process = subprocess.Popen(
        [*command, "--output", str(tmp_path / "cut"), "--resume"], cwd=ROOT, env=environment, stdout=subprocess.PIPE
    )
    log = tmp_path / "cut/log.csv"
    while process.poll() is None and not (log.is_file() and len(rows(tmp_path / "cut")) > 2):
        time.sleep(0.02)
    time.sleep(random.random() / 2)
    process.kill()
    process.communicate()
    assert 2 < len(rows(tmp_path / "cut")) < 6, "the kill came too late to test anything"
    subprocess.run([*command, "--output", str(tmp_path / "cut"), "--resume"], cwd=ROOT, env=environment, check=True)
    assert (tmp_path / "cut/log.csv").read_bytes() == (tmp_path / "whole/log.csv").read_bytes()
    kept = torch.load(tmp_path / "cut/checkpoint.pt", weights_only=True)
    for name, network in whole.networks.items():
        best = [load_weights(tmp_path / run / f"{name}.safetensors").state for run in ("cut", "whole")]
        for key, value in network.state_dict().items():
            assert torch.equal(kept["networks"][name][key], value), (name, key)
            assert torch.equal(best[0][key], best[1][key]), (name, key)


def test_a_run_is_not_overwritten_without_being_asked(images: Path, recipe: Recipe, tmp_path: Path) -> None:
    short = replace(recipe, cycles=1)
    train(short, images, tmp_path / "run", resume=False, device=CPU)
    with pytest.raises(ValueError, match="--resume"):
        train(short, images, tmp_path / "run", resume=False, device=CPU)


def test_weights_without_their_checkpoint_are_not_overwritten_without_being_asked(
    images: Path, recipe: Recipe, tmp_path: Path
) -> None:
    short = replace(recipe, cycles=1)
    train(short, images, tmp_path / "run", resume=False, device=CPU)
    (tmp_path / "run/checkpoint.pt").unlink()
    kept = (tmp_path / "run/fusion.safetensors").read_bytes()
    with pytest.raises(ValueError, match=r"fusion\.safetensors: a run is there already; add --resume"):
        train(short, images, tmp_path / "run", resume=False, device=CPU)
    assert (tmp_path / "run/fusion.safetensors").read_bytes() == kept


def test_two_runs_do_not_write_into_one_folder_at_a_time(images: Path, recipe: Recipe, tmp_path: Path) -> None:
    with (
        alone_in(tmp_path / "run"),
        pytest.raises(ValueError, match=r"run: another training writes into it; wait for its end, or choose another"),
    ):
        train(recipe, images, tmp_path / "run", resume=True, device=CPU)
    train(replace(recipe, cycles=1), images, tmp_path / "run", resume=False, device=CPU)


def test_an_output_that_is_a_file_is_named(images: Path, recipe: Recipe, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    for output in (tmp_path / "notes.txt", tmp_path / "notes.txt/run"):
        with pytest.raises(ValueError, match=r"is or lies in a file; choose a folder for --output"):
            train(recipe, images, output, resume=False, device=CPU)
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_an_output_that_cannot_be_made_is_named_with_the_reason(images: Path, recipe: Recipe, tmp_path: Path) -> None:
    output = tmp_path / ("x" * 300)  # more than a file system takes
    with pytest.raises(ValueError, match=rf"{output.name}: cannot be made \([^\[]+\); choose another folder"):
        train(recipe, images, output, resume=False, device=CPU)


def test_a_run_goes_on_with_the_images_that_it_began_with_wherever_they_lie(
    images: Path, recipe: Recipe, tmp_path: Path
) -> None:
    train(replace(recipe, cycles=1), images, tmp_path / "run", resume=False, device=CPU)
    moved = images.rename(tmp_path / "elsewhere")
    longer = replace(recipe, cycles=2)  # of the same hash, which read_recipe alone computes
    assert train(longer, moved, tmp_path / "run", resume=True, device=CPU).cycle == 2
    for changed in ("a/p1_0.png", "b/p3_0.png"):  # trained on, held out
        kept = (moved / changed).read_bytes()
        with Image.open(moved / changed) as image:
            image.transpose(Image.Transpose.FLIP_TOP_BOTTOM).save(moved / changed)
        with pytest.raises(ValueError, match=r"checkpoint\.pt: other images than these were trained on; put"):
            train(longer, moved, tmp_path / "run", resume=True, device=CPU)
        (moved / changed).write_bytes(kept)


def test_a_run_never_writes_into_its_images(images: Path, recipe: Recipe) -> None:
    with pytest.raises(ValueError, match="must not lie in"):
        train(recipe, images, images / "run", resume=False, device=CPU)


def test_a_run_never_writes_into_images_that_are_only_linked_to(images: Path, recipe: Recipe, tmp_path: Path) -> None:
    (tmp_path / "linked").mkdir()
    for side in ("a", "b"):
        (tmp_path / "linked" / side).symlink_to(images / side, target_is_directory=True)
    with pytest.raises(ValueError, match="must not lie in"):
        train(recipe, tmp_path / "linked", images / "a" / "run", resume=False, device=CPU)


def test_a_run_changes_no_file_of_its_images(images: Path, recipe: Recipe, tmp_path: Path) -> None:
    def held() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in images.rglob("*") if path.is_file()}

    before = held()
    train(replace(recipe, cycles=1), images, tmp_path / "run", resume=False, device=CPU)
    assert held() == before


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
    values = (torch.tensor(1.0), torch.tensor([1.0, torch.inf]))
    with pytest.raises(FloatingPointError, match=r"cycle 7, refine step 1.*bad\.png"):
        check_finite(Ranks(), "cycle 7, refine step 1", ["bad.png"], *values)
