"""Several weightings of the loss learn at once, each as it would alone."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from training.gpu.front import Front, read_weightings
from training.gpu.recipe import TimedRecipe
from training.picture.examples import examples
from training.picture.loss import picture_terms, weighted_sum
from training.picture.shares import Shares

RECIPE = TimedRecipe(task="medical", loss=Shares(qabf=4.0, identity=5.0), sides=(32,), whole=0, pixels=4096, clip=1e9)
CPU = torch.device("cpu")


def test_copies_of_one_weighting_stay_alike_and_another_weighting_leads_elsewhere() -> None:
    weightings = {"one": RECIPE.loss, "same": RECIPE.loss, "other": replace(RECIPE.loss, qabf=0.0)}
    front = Front(RECIPE, weightings, CPU)
    torch.manual_seed(0)
    given = examples(torch.rand(4, 2, 32, 32), RECIPE.loss)
    front.step_on(given, 1e-3)
    one, same, other = front.vectors.detach()
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_a_copy_takes_the_step_that_it_would_take_alone() -> None:
    front = Front(RECIPE, {"edges": RECIPE.loss, "identity": replace(RECIPE.loss, qabf=0.0)}, CPU)
    torch.manual_seed(1)
    given = examples(torch.rand(4, 2, 32, 32), RECIPE.loss)
    alone = front.vectors[1].detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([alone], lr=1e-3)
    shares = front.weightings["identity"]
    fused = front.network(front.project(alone), given.images)
    torch.autograd.backward(weighted_sum(picture_terms(fused, given, shares), shares))
    optimizer.step()
    front.step_on(given, 1e-3)
    moved = (front.vectors[1].detach() - alone.detach()).abs()
    # Adam's first step is the sign of the gradient: where that is nothing but rounding, it may differ
    assert (moved < 1e-6).float().mean() > 0.98


def test_a_table_changes_only_the_factors_that_it_names(tmp_path: Path) -> None:
    file = tmp_path / "weightings.toml"
    file.write_text("[plain]\n[lesions]\nlesion = 9.0\n", encoding="utf-8")
    assert read_weightings(file, RECIPE.loss) == {"plain": RECIPE.loss, "lesions": replace(RECIPE.loss, lesion=9.0)}


@pytest.mark.parametrize("text", ["", "[one]\nleson = 1.0\n", "one = ["])
def test_weightings_that_say_nothing_or_something_unknown_are_one_sentence(tmp_path: Path, text: str) -> None:
    file = tmp_path / "weightings.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"not usable as weightings"):
        read_weightings(file, RECIPE.loss)


def test_an_unknown_factor_is_named_with_those_that_are_known(tmp_path: Path) -> None:
    file = tmp_path / "weightings.toml"
    file.write_text("[one]\nleson = 1.0\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"one holds leson, which is not a factor of the loss: background, clipped"):
        read_weightings(file, RECIPE.loss)
