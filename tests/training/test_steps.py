"""In which numbers the steps are done."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.model.loss_proposal_net import LossProposalNet
from napari_refusion.model.reconstruction_net import ReconstructionNet
from napari_refusion.model.weights_files import load_weights
from training.averaged import follow
from training.checkpoint import load_checkpoint
from training.curves import read_log
from training.meta_cycle import MetaCycle
from training.recipe import Recipe
from training.refine_loss import ProposedLoss
from training.run import Run, functional_pairs
from training.start import new_networks
from training.steps import learn_the_loss
from training.train import train, without_tensor_float

CPU = torch.device("cpu")


def test_only_networks_in_refine_steps_use_bfloat16_and_parameters_stay_float32(
    images: Path, recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, set[bool]] = {}
    during = ["nothing"]

    def noting(owner: object, name: str, where: str = "") -> None:
        original = getattr(owner, name)

        def called(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401
            seen.setdefault(f"{name} {during[-1]}" if where else name, set()).add(torch.is_autocast_enabled("cpu"))
            during.append(name)
            try:
                return original(*arguments, **named)
            finally:
                during.pop()

        monkeypatch.setattr(owner, name, called)

    for method in ("inner", "outer", "refine"):
        noting(MetaCycle, method)
    noting(ProposedLoss, "__call__", "within")
    networks: dict[str, set[bool]] = {}
    for network in (FusionNet, ReconstructionNet, LossProposalNet):

        def forward(self: Any, images: Tensor, _original: Any = network.forward) -> Any:  # noqa: ANN401
            if "refine" in during:
                networks.setdefault(type(self).__name__, set()).add(torch.is_autocast_enabled("cpu"))
            return _original(self, images)

        monkeypatch.setattr(network, "forward", forward)
    lean = replace(recipe, refine_precision="bfloat16")
    state = train(lean, images, tmp_path / "run", resume=False, device=CPU)
    assert seen == {
        name: {False} for name in ("inner", "outer", "refine", "__call__ inner", "__call__ outer", "__call__ refine")
    }
    assert networks == {name: {True} for name in ("FusionNet", "ReconstructionNet", "LossProposalNet")}
    for network in state.networks.values():
        for parameter in network.parameters():
            assert parameter.dtype == torch.float32
            assert torch.isfinite(parameter).all()
    for optimizer in state.optimizers.values():
        assert all(moments["exp_avg"].dtype == torch.float32 for moments in optimizer.state.values())


def test_the_first_meta_steps_are_the_same_whatever_the_refine_steps_use(
    images: Path, recipe: Recipe, tmp_path: Path
) -> None:
    logs = []
    for precision in ("float32", "bfloat16"):
        one = replace(recipe, cycles=1, refine_precision=precision)
        train(one, images, tmp_path / precision, resume=False, device=CPU)
        logs.append(read_log(tmp_path / precision / "log.csv"))
    for column in ("outer_loss", "largest_meta_gradient", "intensity_weight_a", "gradient_entropy"):
        assert logs[0][column] == logs[1][column]
    assert logs[0]["fusion_loss"] != logs[1]["fusion_loss"]
    (exact,), (rounded,) = ([value for _, value in log["fusion_loss"]] for log in logs)
    assert rounded == pytest.approx(exact, rel=0.05)  # bfloat16 keeps 8 bits


def test_a_run_multiplies_in_full_float32_on_a_gpu() -> None:
    torch.backends.cudnn.allow_tf32 = True
    without_tensor_float()
    assert not torch.backends.cudnn.allow_tf32
    assert not torch.backends.cuda.matmul.allow_tf32


def test_pairs_are_functional_by_the_folders_that_the_recipe_names(recipe: Recipe) -> None:
    kinds = ("CT", "PET", "SPECT")
    # the folder of all data may be called anything
    files = [f"/MRI-PET/data/MRI-{kind}/{kind}/MRI-PET.png" for kind in kinds]
    pairs = tuple((f"MRI-{kind}/{kind}", f"MRI-{kind}/MRI") for kind in kinds)
    named = replace(recipe, pairs=pairs, functional=("MRI-PET", "MRI-SPECT"))
    assert functional_pairs(named, files).tolist() == [0.0, 1.0, 1.0]
    assert functional_pairs(recipe, files).tolist() == [1.0, 1.0, 1.0]


def moved(recipe: Recipe, images: Path, run: Path) -> dict[str, bool]:
    """Whether each half of P, R and F are other than at the start after a run."""
    before, after = new_networks(recipe, CPU)[1], train(recipe, images, run, resume=False, device=CPU)
    parts = {}
    for name, network in after.networks.items():
        for key, value in network.state_dict().items():
            part = key.split(".")[0] if name == "proposal" else name
            parts[part] = parts.get(part, False) or not torch.equal(before.networks[name].state_dict()[key], value)
    return parts


@pytest.mark.parametrize("trial", ["parameter", "image"])
def test_both_halves_of_p_move_in_either_kind_of_trial(
    images: Path, recipe: Recipe, tmp_path: Path, trial: str
) -> None:
    learning = replace(recipe, trial=trial, opinion="random", cycles=1)
    every = {"intensity": True, "gradient": True, "fusion": True, "reconstruction": True}
    assert moved(learning, images, tmp_path / "run") == every


def test_p_starts_even_with_image_trials_and_r_learns_alone_as_long_as_the_recipe_says(
    images: Path, recipe: Recipe, tmp_path: Path
) -> None:
    judging = replace(recipe, trial="image", opinion="random", cycles=2, judge_steps=2 * recipe.meta_steps)
    weights = new_networks(judging, CPU)[1].networks["proposal"](torch.rand(1, 2, 8, 8))
    assert all(torch.equal(half, torch.full_like(half, 0.5)) for half in weights)
    kept = {"intensity": False, "gradient": False, "fusion": True, "reconstruction": True}
    assert moved(judging, images, tmp_path / "run") == kept
    learning = replace(judging, judge_steps=2 * recipe.meta_steps - 1)
    assert moved(learning, images, tmp_path / "other")["intensity"]


def test_a_run_with_image_trials_goes_on_exactly_where_it_stopped(
    images: Path, recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learning = replace(recipe, trial="image", opinion="random", lesion_share=1.0)
    whole = train(learning, images, tmp_path / "whole", resume=False, device=CPU)
    state = new_networks(learning, CPU)[1]
    with monkeypatch.context() as patched:
        patched.setattr("training.steps.learn_the_loss", stop_after(2))
        with pytest.raises(KeyboardInterrupt):
            train(learning, images, tmp_path / "cut", resume=False, device=CPU)
    load_checkpoint(state, learning, tmp_path / "cut/checkpoint.pt")
    assert state.cycle == 2
    resumed = train(learning, images, tmp_path / "cut", resume=True, device=CPU)
    for name, network in (whole.networks | {"averaged": whole.averaged}).items():
        again = (resumed.networks | {"averaged": resumed.averaged})[name].state_dict()
        assert all(torch.equal(value, again[key]) for key, value in network.state_dict().items()), name


def stop_after(cycles: int) -> Any:  # noqa: ANN401
    """Return a first half of a cycle that is interrupted when so many cycles are finished."""

    def learn(run: Run) -> tuple[float, float]:
        if run.state.cycle == cycles:
            raise KeyboardInterrupt
        return learn_the_loss(run)

    return learn


def test_what_is_exported_is_f_averaged_over_its_steps(images: Path, recipe: Recipe, tmp_path: Path) -> None:
    """After n steps of which the k-th keeps min(ema, k / (k + 10)), by hand."""
    short = replace(recipe, cycles=1, refine_steps=4, ema=0.2)
    steps: list[dict[str, Tensor]] = []

    def noting(averaged: Any, network: Any, part: float) -> None:  # noqa: ANN401
        steps.append({name: value.detach().clone() for name, value in network.state_dict().items()})
        follow(averaged, network, part)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("training.steps.follow", noting)
        train(short, images, tmp_path / "run", resume=False, device=CPU)
    expected = new_networks(short, CPU)[1].networks["fusion"].state_dict()
    for number, state in enumerate(steps, 1):
        part = min(0.2, number / (number + 10))
        expected = {name: part * value + (1 - part) * state[name] for name, value in expected.items()}
    saved = load_weights(tmp_path / "run/fusion.safetensors").state
    for name, value in expected.items():
        torch.testing.assert_close(saved[name], value, rtol=1e-5, atol=1e-7)


def test_without_averaging_the_last_f_is_exported(images: Path, recipe: Recipe, tmp_path: Path) -> None:
    state = train(replace(recipe, cycles=1, ema=0.0), images, tmp_path / "run", resume=False, device=CPU)
    saved = load_weights(tmp_path / "run/fusion.safetensors").state
    assert all(torch.equal(saved[name], value) for name, value in state.networks["fusion"].state_dict().items())


@pytest.mark.parametrize("symmetric", [True, False])
def test_the_file_of_p_says_whether_it_is_symmetric(
    images: Path, recipe: Recipe, tmp_path: Path, symmetric: bool
) -> None:
    train(replace(recipe, cycles=1, proposal_symmetric=symmetric), images, tmp_path / "run", resume=False, device=CPU)
    assert load_weights(tmp_path / "run/proposal.safetensors").symmetry == ("logits" if symmetric else "none")
    assert load_weights(tmp_path / "run/fusion.safetensors").symmetry == "none"
