from dataclasses import replace
from pathlib import Path

import pytest
import torch

from napari_refusion.model.weights_files import load_weights
from training.recipe import Recipe
from training.start import go_on_from, new_networks
from training.train import train

CPU = torch.device("cpu")


def test_equal_seeds_give_equal_networks_and_other_seeds_others(recipe: Recipe) -> None:
    def first(seed: int) -> torch.Tensor:
        return next(new_networks(replace(recipe, seed=seed), CPU)[1].networks["fusion"].parameters())

    assert torch.equal(first(1), first(1))
    assert not torch.equal(first(1), first(2))


def test_a_run_goes_on_with_the_networks_of_the_run_beside_it(images: Path, recipe: Recipe, tmp_path: Path) -> None:
    train(replace(recipe, cycles=1), images, tmp_path / "first", resume=False, device=CPU)
    _, state = new_networks(replace(recipe, seed=5), CPU)
    go_on_from("first", state, tmp_path)
    for name, network in state.networks.items():
        saved = load_weights(tmp_path / "first" / f"{name}.safetensors").state
        assert all(torch.equal(saved[key], value) for key, value in network.state_dict().items())
    averaged = state.averaged.state_dict()
    assert all(torch.equal(averaged[key], value) for key, value in state.networks["fusion"].state_dict().items())


def test_a_start_that_is_nowhere_is_named(recipe: Recipe, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"start_from = 'elsewhere': no .*fusion.safetensors and no installed fusion"):
        go_on_from("elsewhere", new_networks(recipe, CPU)[1], tmp_path)


def test_no_start_changes_nothing(recipe: Recipe, tmp_path: Path) -> None:
    _, state = new_networks(recipe, CPU)
    before = state.networks["fusion"].state_dict()["output.weight"].clone()
    go_on_from("", state, tmp_path)
    assert torch.equal(state.networks["fusion"].state_dict()["output.weight"], before)
