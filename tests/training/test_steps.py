"""In which numbers the steps are done."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from training.curves import read_log
from training.meta_cycle import MetaCycle
from training.recipe import Recipe
from training.steps import functional_pairs
from training.train import train, without_tensor_float

CPU = torch.device("cpu")


def test_only_refine_steps_use_bfloat16_and_parameters_stay_float32(
    images: Path, recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, set[bool]] = {}
    for name in ("inner", "outer", "refine"):
        original = getattr(MetaCycle, name)

        def noting(self: MetaCycle, *arguments: Any, _original: Any = original, _name: str = name) -> Any:  # noqa: ANN401
            seen.setdefault(_name, set()).add(torch.is_autocast_enabled("cpu"))
            return _original(self, *arguments)

        monkeypatch.setattr(MetaCycle, name, noting)
    lean = replace(recipe, refine_precision="bfloat16")
    state = train(lean, images, tmp_path / "run", resume=False, device=CPU)
    assert seen == {"inner": {False}, "outer": {False}, "refine": {True}}
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
