"""Two processes that train together, started by torchrun on CPUs, against the mathematics of one process."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from training.batch import with_swapped
from training.data import PairBatch, PairImages, list_pairs
from training.ranks import Ranks, joined
from training.recipe import Recipe, read_recipe
from training.refine_loss import refine_loss
from training.start import new_networks

ROOT = Path(__file__).parents[2]
CPU = torch.device("cpu")

ONE_STEP = f"""
based_on = "{(ROOT / "training/recipes/debug.toml").as_posix()}"
opinion = "random"
cycles = 1
meta_steps = 1
accumulate = 1
refine_steps = 1
inner_rate = 1e-2
"""


def torchrun(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run two processes on this machine alone, whatever its name resolves to."""
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--standalone", *arguments]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture
def one_step(tmp_path: Path) -> Path:
    path = tmp_path / "recipe.toml"
    path.write_text(ONE_STEP)
    return path


def meta_gradient(recipe: Recipe, *halves: list[PairBatch]) -> dict[str, Tensor]:
    cycle = replace(new_networks(recipe, CPU)[0], loss=refine_loss(recipe, 0))
    train, test = ([with_swapped(pairs) for pairs, _ in half] for half in halves)
    return cycle.outer(cycle.inner(train, recipe.inner_rate), test)[1]


def refine_gradients(state: dict[str, Any], recipe: Recipe, pairs: Tensor) -> dict[str, list[Tensor]]:
    """Return the gradients of one refine step of the start's F and R on the proposal network in `state`."""
    cycle, _ = new_networks(recipe, CPU)
    cycle.proposal.load_state_dict(state["networks"]["proposal"])
    networks = {"fusion": cycle.fusion, "reconstruction": cycle.reconstruction}
    still = [torch.optim.SGD(network.parameters(), 0.0) for network in networks.values()]
    replace(cycle, loss=refine_loss(recipe, 0)).refine(with_swapped(pairs), *still)
    return {name: [param.grad.clone() for param in network.parameters()] for name, network in networks.items()}


def assert_close_to_scale(found: Tensor, expected: Tensor, scale: float) -> None:
    torch.testing.assert_close(found / scale, expected / scale, atol=1e-4, rtol=0)


@pytest.mark.slow
def test_two_processes_step_along_the_mean_of_their_gradients_and_stay_equal(
    images: Path, one_step: Path, tmp_path: Path
) -> None:
    probe = str(Path(__file__).parent / "rank_probe.py")
    done = torchrun(probe, str(one_step), str(images), str(tmp_path))
    assert done.returncode == 0, done.stderr
    found = [torch.load(tmp_path / f"{rank}.pt", weights_only=True) for rank in (0, 1)]

    for name, network in found[0]["networks"].items():
        for key, value in network.items():
            assert torch.equal(value, found[1]["networks"][name][key]), (name, key)
            assert torch.equal(value, found[0]["resumed"][name][key]), (name, key)
            assert torch.equal(value, found[1]["resumed"][name][key]), (name, key)

    recipe = read_recipe(one_step)
    pairs = PairImages(list_pairs(images, recipe)[0], recipe)
    # each process takes every second one of the one sequence
    single = [meta_gradient(recipe, *halves) for halves in pairs.meta_batches(0, 2)]
    scale = max(float(grad.abs().max()) for grad in single[0].values())
    for name, grad in found[0]["meta_gradient"].items():
        assert_close_to_scale(grad, (single[0][name] + single[1][name]) / 2, scale)

    refined = [refine_gradients(found[0], recipe, batch) for batch, _ in pairs.batches(0, 1, 2)]
    for name, moments in found[0]["moments"].items():
        scale = max(float(grad.abs().max()) for grad in refined[0][name])
        for moment, *grads in zip(moments, refined[0][name], refined[1][name], strict=True):
            adam = 0.1  # the first moment after one step of Adam is (1 - 0.9) times the gradient
            assert_close_to_scale(moment / adam, (grads[0] + grads[1]) / 2, scale)

    for rank in (0, 1):  # the second process met a NaN, and both stop with its images
        assert "cycle 0, refine step 0: a loss or gradient is not finite" in found[rank]["sentence"]
        _, (_, files) = pairs.batches(0, 1, 2)
        assert found[rank]["sentence"].endswith(f"Images: {', '.join(files)}")
    assert (tmp_path / "run/log.csv").read_text().count("\n") == 2


@pytest.mark.slow
def test_a_mistake_ends_both_processes_and_is_said_once(images: Path, one_step: Path, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run/checkpoint.pt").touch()
    folders = ("--data", str(images), "--output", str(tmp_path / "run"))
    done = torchrun("-m", "training.train", str(one_step), *folders, "--device", "cpu")
    assert done.returncode != 0
    assert done.stderr.count("a run is there already; add --resume") == 1
    assert "[rank1]" not in done.stderr, "the other process shows where it was waiting"


def test_a_single_process_exchanges_nothing(recipe: Recipe) -> None:
    with joined("cpu") as (ranks, device):
        assert (ranks, device) == (Ranks(0, 1), CPU)
    tensor = torch.tensor([1.0, 2.0])
    ranks.average([tensor])
    assert tensor.tolist() == [1.0, 2.0]
    assert ranks.from_first("a") == "a"
    assert ranks.from_all("a") == ["a"]
    assert ranks.all_agree(torch.tensor(True))
    assert not ranks.all_agree(torch.tensor(False))
    _, state = new_networks(replace(recipe, seed=1), CPU)
    ranks.average_gradients(state.optimizers["fusion"])
