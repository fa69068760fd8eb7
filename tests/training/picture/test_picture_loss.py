from dataclasses import replace

import pytest
import torch
from torch import Tensor

from training.picture.examples import Examples, examples
from training.picture.loss import LEAST_SHOWN, picture_terms, weighted_sum
from training.picture.shares import Shares

FACTORS = tuple(Shares().factors())

ALL = Shares(**dict.fromkeys(FACTORS, 1.0))


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def _sources(count: int = 8) -> Tensor:
    """Pairs with a black background and a textured middle, (B, 2, 48, 48)."""
    sources = torch.zeros(count, 2, 48, 48)
    sources[..., 6:-6, 6:-6] = 0.3 + 0.4 * torch.rand(count, 2, 36, 36)
    return sources


def _given(shares: Shares, count: int = 8) -> Examples:
    return examples(_sources(count), shares, torch.rand(4, 1, 72, 72) if shares.refocused else None)


def _average(given: Examples) -> Tensor:
    return given.images.mean(dim=1, keepdim=True)


def test_every_factor_names_one_term() -> None:
    given = _given(ALL)
    assert set(picture_terms(_average(given), given, ALL)) - {"shown"} == set(FACTORS)


@pytest.mark.parametrize("name", [name for name in FACTORS if name != "hidden"])
def test_a_term_of_factor_0_is_absent_and_the_others_are_as_they_were(name: str) -> None:
    given = _given(ALL)
    fused = _average(given)
    whole, without = (picture_terms(fused, given, shares) for shares in (ALL, replace(ALL, **{name: 0.0})))
    lost = {"lesion": {"lesion", "hidden", "shown"}}.get(name, {name})
    assert whole.keys() - without.keys() == lost
    # without lesions the range of the planted pictures is not looked at
    for other in without.keys() - ({"range"} if name == "lesion" else set()):
        assert torch.equal(without[other], whole[other])


def test_the_loss_is_the_sum_of_terms_by_their_factors_and_of_no_setting() -> None:
    shares = Shares(qabf=2.0, lesion=3.0, lesion_kept=0.8, lesion_size=9.0)
    terms = {"qabf": torch.tensor(0.25), "lesion": torch.tensor(0.5), "shown": torch.tensor(100.0)}
    assert float(weighted_sum(terms, shares)) == pytest.approx(2 * 0.25 + 3 * 0.5)


def test_an_average_costs_what_mathematics_says() -> None:
    shares = Shares(lesion=1.0, hidden=1.0, lesion_kept=0.9, noise=1.0, identity=1.0, background=1.0, range=1.0)
    given = examples(torch.full((64, 2, 48, 48), 0.5), shares)
    terms = picture_terms(_average(given), given, shares)
    assert float(terms["shown"]) == pytest.approx(0.5, abs=1e-5)
    assert float(terms["lesion"]) == pytest.approx((0.9 - 0.5) ** 2, abs=1e-5)
    assert float(terms["hidden"]) == pytest.approx(max(LEAST_SHOWN - 0.5, 0) ** 2, abs=1e-6)
    assert float(terms["noise"]) == pytest.approx(0.5**0.5 - 0.7, abs=0.01)
    assert float(terms["background"]) == 0
    assert float(terms["range"]) == 0
    # x alone is shown at half of its brightness, x with itself as it is
    alone = (given.alike == 0).all(dim=3).all(dim=2).any(dim=1).float().mean()
    assert float(terms["identity"]) == pytest.approx(0.25 * float(alone), abs=1e-5)


def test_the_truth_behind_a_refocused_pair_costs_nothing() -> None:
    shares = Shares(refocused=1.0)
    given = _given(shares)
    terms = picture_terms(torch.cat([given.sources[:, :1], given.sharp]), given, shares)
    assert float(terms["refocused"]) == pytest.approx(0, abs=1e-4)


def test_the_whole_loss_has_a_finite_gradient_on_black_flat_and_equal_pictures() -> None:
    for sources in (
        torch.zeros(4, 2, 48, 48),
        torch.full((4, 2, 48, 48), 0.6),
        _sources(4)[:, :1].expand(-1, 2, -1, -1),
    ):
        given = examples(sources, ALL, torch.zeros(2, 1, 72, 72))
        fused = _average(given).requires_grad_()
        weighted_sum(picture_terms(fused, given, ALL), ALL).backward()
        assert fused.grad is not None
        assert bool(fused.grad.isfinite().all())
