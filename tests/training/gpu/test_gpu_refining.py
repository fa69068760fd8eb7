from dataclasses import replace

import pytest
import torch
from torch import Tensor

from training.gpu.given import Given, drawn
from training.gpu.recipe import TimedRecipe
from training.gpu.refining import SKIPPED, Refiner
from training.picture.examples import Examples, examples
from training.picture.shares import Shares

CPU = torch.device("cpu")


def _examples(recipe: TimedRecipe) -> Examples:
    row = torch.linspace(0.1, 0.8, 32).expand(4, 1, 32, 32)
    return examples(torch.cat([row, row.transpose(2, 3)], dim=1), recipe.loss)


def test_the_loss_falls_over_some_steps_on_the_same_examples(recipe: TimedRecipe) -> None:
    one = replace(recipe, loss=Shares(ssim=1.0, identity=4.0))
    refiner, given = Refiner(one, None, CPU), _examples(one)
    losses = []
    for _ in range(12):
        terms = refiner.step(given, 2e-3, lean=False)
        named = dict(zip(refiner.names, terms.tolist(), strict=True))
        losses.append(named["ssim"] + 4 * named["identity"])
    assert losses[-1] < 0.7 * losses[0]
    assert named[SKIPPED] == 0


def test_a_step_tells_its_terms_by_name(recipe: TimedRecipe, given: Given) -> None:
    refiner = Refiner(recipe, None, CPU)
    terms = refiner.step(drawn(given, recipe, 32), 1e-3, lean=False)
    assert refiner.names == ("qabf", "ssim", "lesion", "shown", "noise", "identity", "norm", SKIPPED)
    assert terms.shape == (8,)
    assert bool(terms.isfinite().all())


def _broken(fused: Tensor, sources: Tensor) -> Tensor:
    return (fused * float("nan")).mean() + sources.mean()


def test_a_gradient_that_is_not_finite_changes_no_parameter(recipe: TimedRecipe, given: Given) -> None:
    one = replace(recipe, loss=Shares(ssim=1.0), augment=False)
    broken = [False]

    def pull(fused: Tensor, sources: Tensor) -> Tensor:
        return _broken(fused, sources) if broken[0] else 0.0 * fused.mean()

    refiner = Refiner(one, None, CPU)
    for _ in range(3):  # Adam has momentum now, which would go on by itself
        refiner.step(drawn(given, one, 32), 1e-3, lean=False, pull=pull)
    before = refiner.vector.detach().clone()
    broken[0] = True
    terms = refiner.step(drawn(given, one, 32), 1e-3, lean=False, pull=pull)
    assert torch.equal(refiner.vector, before)
    assert dict(zip(refiner.names, terms.tolist(), strict=True)) == {"ssim": 0, "pull": 0, "norm": 0, SKIPPED: 1}
    broken[0] = False
    refiner.step(drawn(given, one, 32), 1e-3, lean=False, pull=pull)
    assert bool(refiner.vector.isfinite().all())
    assert not torch.equal(refiner.vector, before)


def test_a_large_gradient_is_cut_to_the_largest_norm(recipe: TimedRecipe) -> None:
    one = replace(recipe, loss=Shares(ssim=1.0), clip=1e-3)
    refiner = Refiner(one, None, CPU)
    terms = refiner.step(_examples(one), 1e-3, lean=False)
    assert dict(zip(refiner.names, terms.tolist(), strict=True))["norm"] > 1e-3
    assert refiner.vector.grad is not None
    assert float(refiner.vector.grad.norm()) == pytest.approx(1e-3, rel=1e-2)


def test_a_pull_is_added_to_the_loss_with_the_factor_that_it_brings(recipe: TimedRecipe) -> None:
    one = replace(recipe, loss=Shares(identity=1e-9))

    def brighter(fused: Tensor, sources: Tensor) -> Tensor:
        assert len(fused) == len(sources) == 4
        return 10 * (1 - fused).mean()

    refiner, given = Refiner(one, None, CPU), _examples(one)
    before = float(refiner.fuse(given.sources).mean())
    for _ in range(8):
        refiner.step(given, 5e-3, lean=False, pull=brighter)
    assert float(refiner.fuse(given.sources).mean()) > before + 0.02


def test_symmetric_f_fuses_swapped_sources_alike_after_some_steps(recipe: TimedRecipe, given: Given) -> None:
    apart = {}
    for symmetric in (True, False):
        one = replace(recipe, symmetric=symmetric)
        refiner = Refiner(one, None, CPU)
        for _ in range(3):
            refiner.step(drawn(given, one, 32), 2e-3, lean=False)
        sources = given.held_out[0].pairs[0]
        apart[symmetric] = float((refiner.fuse(sources) - refiner.fuse(sources.flip(1))).abs().max())
    assert apart[True] < 1e-5 < 1e-3 < apart[False]


def test_the_running_mean_follows_the_parameters(recipe: TimedRecipe, given: Given) -> None:
    refiner = Refiner(recipe, None, CPU)
    mean = refiner.mean.clone()
    for step in range(4):
        refiner.step(drawn(given, recipe, 32), 1e-3, lean=False)
        decay = min(recipe.average, (1 + step) / (10 + step))
        mean = decay * mean + (1 - decay) * refiner.vector.detach()
    assert torch.allclose(refiner.mean, mean, atol=1e-6)


def test_the_same_seed_begins_with_the_same_network_and_another_with_another(recipe: TimedRecipe) -> None:
    first, again, other = (Refiner(replace(recipe, seed=seed), None, CPU).vector for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_bfloat16_gives_the_terms_of_float32_to_its_precision(recipe: TimedRecipe) -> None:
    one = replace(recipe, loss=Shares(ssim=1.0, qabf=1.0))
    given = _examples(one)
    exact, lean = (Refiner(one, None, CPU).step(given, 1e-3, lean=lean) for lean in (False, True))
    assert torch.allclose(exact[:2], lean[:2], rtol=0.05)
    assert not torch.equal(exact, lean)
