"""The cycle against finite differences and double backward, and who changed what."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn
from torch.func import functional_call

from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.model.loss_proposal_net import LossProposalNet, Proposal
from napari_refusion.model.losses import LossForm, fusion_loss, reconstruction_loss
from napari_refusion.model.reconstruction_net import ReconstructionNet
from tests.training.double_backward import meta_gradient, trial_step
from training.batch import Batch, with_swapped
from training.image_trial import balanced_judge, trial_image
from training.meta_cycle import MetaCycle
from training.meta_gradient import named_parameters
from training.refine_loss import PUBLISHED_LOSS, Fuse, ProposedLoss, RefineLoss

SIDE = 12


def new_cycle(*, symmetric: bool, loss: RefineLoss = PUBLISHED_LOSS) -> MetaCycle:
    torch.manual_seed(0)
    fusion, reconstruction = FusionNet().double(), ReconstructionNet().double()
    return MetaCycle(fusion, reconstruction, LossProposalNet("logits" if symmetric else "none").double(), loss)


@pytest.fixture
def cycle() -> MetaCycle:
    return new_cycle(symmetric=True)


def pairs(seed: int, count: int = 1, side: int = SIDE) -> Tensor:
    return torch.rand(count, 2, side, side, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def batch_of(seed: int, count: int = 1) -> Batch:
    """Pairs with their swapped copies and a spot in the first source of each."""
    batch = with_swapped(0.8 * pairs(seed, count))
    planted = batch.sources.clone()
    planted[:, 0, 5:9, 5:9] += 0.2
    return batch._replace(planted=planted)


def copy_of(network: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in network.state_dict().items()}


def unchanged(network: nn.Module, before: dict[str, Tensor]) -> bool:
    return all(torch.equal(before[name], value) for name, value in network.state_dict().items())


def still(cycle: MetaCycle) -> list[torch.optim.Optimizer]:
    return [torch.optim.SGD(network.parameters(), 0.0) for network in (cycle.fusion, cycle.reconstruction)]


def test_the_swapped_copy_has_swapped_sources_and_unswapped_targets() -> None:
    original = pairs(1)
    batch = with_swapped(original)
    assert torch.equal(batch.sources[0], original[0])
    assert torch.equal(batch.sources[1], original[0].flip(0))
    assert torch.equal(batch.targets[0], batch.targets[1])
    assert torch.equal(batch.targets[0], original[0])


@pytest.mark.parametrize("symmetric", [True, False])
def test_p_is_asked_about_the_swapped_half_as_if_it_were_asked_about_all(symmetric: bool) -> None:
    cycle, batch = new_cycle(symmetric=symmetric), with_swapped(pairs(1, 2))
    for found, expected in zip(cycle.propose(batch), cycle.proposal(batch.sources), strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("symmetric", [True, False])
def test_the_meta_gradient_equals_finite_differences(symmetric: bool) -> None:
    """Central differences of the outer loss along random directions of P's parameters, everything redone each time."""
    cycle = new_cycle(symmetric=symmetric, loss=ProposedLoss(0.7))
    train, test, rate = with_swapped(pairs(2)), with_swapped(pairs(3)), 0.5

    def outer_loss(proposal: dict[str, Tensor]) -> Tensor:
        fused = cycle.fusion(train.sources)
        weights = functional_call(cycle.proposal, proposal, (train.sources,))
        loss = fusion_loss(fused, train.sources, weights, 0.7)
        trial_f = trial_step(named_parameters(cycle.fusion), loss, rate, create_graph=False)
        error = reconstruction_loss(cycle.reconstruction(fused.detach()), train.targets)
        trial_r = trial_step(named_parameters(cycle.reconstruction), error, rate, create_graph=False)
        tested = functional_call(cycle.fusion, trial_f, (test.sources,))
        return reconstruction_loss(functional_call(cycle.reconstruction, trial_r, (tested,)), test.targets).detach()

    _, grads = cycle.outer(cycle.inner([train], rate), [test])
    base = {name: value.detach() for name, value in cycle.proposal.named_parameters()}
    for seed in range(3):
        generator = torch.Generator().manual_seed(seed)
        direction = {k: torch.randn(v.shape, dtype=v.dtype, generator=generator) for k, v in base.items()}
        step = 1e-6  # short: the loss has kinks (absolute values, maxima) that a longer one would cross
        ahead = outer_loss({k: v + step * direction[k] for k, v in base.items()})
        behind = outer_loss({k: v - step * direction[k] for k, v in base.items()})
        expected = float(ahead - behind) / (2 * step)
        along = sum(float((grads[k] * direction[k]).sum()) for k in base)
        assert abs(expected) > 1e-9
        assert along == pytest.approx(expected, rel=1e-5)


def asking_anew(fuse: Fuse, batch: Batch, proposal: Proposal) -> Tensor:
    """A loss that never asks for the batch as it is, and in which P shapes two terms of one image."""
    assert batch.planted is not None
    first, second = fuse(torch.cat([batch.sources, batch.planted])).chunk(2)
    proposed = fusion_loss(first, batch.sources, proposal, 2.0) + fusion_loss(second, batch.planted, proposal, 0.5)
    same = batch.sources[:, :1].expand(-1, 2, -1, -1)
    return proposed + (fuse(same) - same).square().mean()


LOSSES: dict[str, RefineLoss] = {
    "published": PUBLISHED_LOSS,
    "signed, with lesions and structure": ProposedLoss(3.0, LossForm(True, True), 9.0, 0.8, 2.4),
    "any function": asking_anew,
}


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES.keys())
@pytest.mark.parametrize("symmetric", [True, False])
def test_the_meta_gradient_is_that_of_double_backward(loss: RefineLoss, symmetric: bool) -> None:
    cycle, train, test = new_cycle(symmetric=symmetric, loss=loss), batch_of(30, 2), batch_of(31, 2)
    expected_loss, expected = meta_gradient(cycle, train, test, 0.3)
    found_loss, found = cycle.outer(cycle.inner([train], 0.3), [test])
    scale = max(float(grad.abs().max()) for grad in expected.values())
    assert scale > 1e-9
    assert float(found_loss) == pytest.approx(float(expected_loss), rel=1e-12)
    for name, grad in expected.items():
        torch.testing.assert_close(found[name] / scale, grad / scale, rtol=0, atol=1e-10)


def test_what_p_has_no_part_in_moves_the_trial_but_is_not_what_p_learns_from(cycle: MetaCycle) -> None:
    """With a rate so small that the trial stays where it is, lesions and structure change nothing for P."""
    whole = replace(cycle, loss=ProposedLoss(1.0, lesion_share=9.0, structure_share=2.4))
    train, test = batch_of(32), batch_of(33)
    trials = [one.inner([train], 1e-9) for one in (cycle, whole)]
    moves = [trial.fusion["output.weight"] - cycle.fusion.output.weight for trial in trials]
    assert not torch.allclose(moves[0], moves[1], rtol=0.1, atol=0)
    alone, with_others = (one.outer(trial, [test])[1] for one, trial in zip((cycle, whole), trials, strict=True))
    scale = max(float(grad.abs().max()) for grad in alone.values())
    for name, grad in alone.items():
        torch.testing.assert_close(with_others[name] / scale, grad / scale, rtol=0, atol=1e-5)


def test_a_meta_step_on_many_small_batches_is_one_on_a_big_batch(cycle: MetaCycle) -> None:
    train, test = pairs(34, 6), pairs(35, 6)
    loss, grads = cycle.outer(cycle.inner([with_swapped(train)], 0.3), [with_swapped(test)])
    dealt = ([with_swapped(part) for part in half.split(2)] for half in (train, test))
    first, second = dealt
    added_loss, added = cycle.outer(cycle.inner(first, 0.3), second)
    assert float(added_loss) == pytest.approx(float(loss), rel=1e-12)
    scale = max(float(grad.abs().max()) for grad in grads.values())
    for name, grad in grads.items():
        torch.testing.assert_close(added[name] / scale, grad / scale, rtol=0, atol=1e-10)


def test_the_trial_fusion_network_differs_in_every_part_also_in_the_cross_fusion(cycle: MetaCycle) -> None:
    trial = cycle.inner([with_swapped(pairs(4))], 0.1)
    changed = {
        name.split(".")[0] for name, p in cycle.fusion.named_parameters() if not torch.equal(p, trial.fusion[name])
    }
    expected = {"embed_a", "embed_b", "encoder_a", "encoder_b", "cross_fusion", "decoder", "shrink", "output"}
    assert changed == expected


def test_inner_and_outer_update_change_nothing_and_leak_no_gradient_into_p(cycle: MetaCycle) -> None:
    networks = (cycle.fusion, cycle.reconstruction, cycle.proposal)
    before = [copy_of(network) for network in networks]
    cycle.outer(cycle.inner([with_swapped(pairs(5))], 0.1), [with_swapped(pairs(6))])
    assert all(unchanged(network, state) for network, state in zip(networks, before, strict=True))
    assert all(parameter.grad is None for network in networks for parameter in network.parameters())


def test_a_loss_that_p_has_no_part_in_teaches_p_nothing_and_says_so(cycle: MetaCycle) -> None:
    def fixed(fuse: Fuse, batch: Batch, _proposal: Proposal) -> Tensor:
        return (fuse(batch.sources) - batch.sources).square().mean()

    deaf = replace(cycle, loss=fixed)
    with pytest.raises(ValueError, match="does not depend on P, so P cannot learn: set meta_steps = 0"):
        deaf.outer(deaf.inner([with_swapped(pairs(7))], 0.1), [with_swapped(pairs(8))])


def test_proposing_better_losses_changes_only_p_and_its_largest_move_is_the_rate(cycle: MetaCycle) -> None:
    before = [copy_of(network) for network in (cycle.fusion, cycle.reconstruction, cycle.proposal)]
    _, grads = cycle.outer(cycle.inner([with_swapped(pairs(9))], 1e-4), [with_swapped(pairs(10))])
    largest = cycle.propose_better_losses(grads, rate=1e-3)
    assert 0 < largest < 1e-2
    assert unchanged(cycle.fusion, before[0])
    assert unchanged(cycle.reconstruction, before[1])
    moves = [(value - before[2][name]).abs().max() for name, value in cycle.proposal.state_dict().items()]
    assert float(max(moves)) == pytest.approx(1e-3, rel=1e-9)


def test_each_half_of_p_moves_by_the_rate_however_small_its_gradient_is_beside_the_other(cycle: MetaCycle) -> None:
    unequal = replace(cycle, loss=ProposedLoss(14.0))
    _, grads = unequal.outer(unequal.inner([with_swapped(pairs(9))], 1e-4), [with_swapped(pairs(10))])
    before = copy_of(cycle.proposal)
    cycle.propose_better_losses(grads, rate=1e-3)
    for half in ("intensity", "gradient"):
        moves = {
            name: value - before[name] for name, value in cycle.proposal.state_dict().items() if name.startswith(half)
        }
        largest = max(float(grads[name].abs().max()) for name in moves)
        assert max(float(move.abs().max()) for move in moves.values()) == pytest.approx(1e-3, rel=1e-9)
        for name, move in moves.items():
            torch.testing.assert_close(move, -1e-3 * grads[name] / largest, rtol=1e-9, atol=1e-15)


def test_a_zero_meta_gradient_moves_nothing(cycle: MetaCycle) -> None:
    before = copy_of(cycle.proposal)
    zero = {name: torch.zeros_like(value) for name, value in cycle.proposal.named_parameters()}
    assert cycle.propose_better_losses(zero, rate=1e-3) == 0
    assert unchanged(cycle.proposal, before)


def test_the_refine_update_changes_only_f_and_r(cycle: MetaCycle) -> None:
    before = [copy_of(network) for network in (cycle.fusion, cycle.reconstruction, cycle.proposal)]
    optimizers = [torch.optim.Adam(network.parameters(), 1e-3) for network in (cycle.fusion, cycle.reconstruction)]
    cycle.refine(with_swapped(pairs(11)), *optimizers)
    assert not unchanged(cycle.fusion, before[0])
    assert not unchanged(cycle.reconstruction, before[1])
    assert unchanged(cycle.proposal, before[2])
    assert all(parameter.grad is None for parameter in cycle.proposal.parameters())


def test_the_reconstruction_loss_does_not_pull_at_the_fusion_network(cycle: MetaCycle) -> None:
    batch = with_swapped(pairs(12))
    fused = cycle.fusion(batch.sources)
    with torch.no_grad():
        proposal = cycle.proposal(batch.sources)
    alone = torch.autograd.grad(fusion_loss(fused, batch.sources, proposal, 1.0), tuple(cycle.fusion.parameters()))
    cycle.refine(batch, *still(cycle))
    for expected, parameter in zip(alone, cycle.fusion.parameters(), strict=True):
        torch.testing.assert_close(parameter.grad, expected)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_the_meta_gradient_on_a_gpu_equals_that_on_the_cpu() -> None:
    torch.manual_seed(0)
    networks = (FusionNet(), ReconstructionNet(), LossProposalNet())
    results = []
    for device in ("cpu", "cuda"):
        on_device = MetaCycle(*(network.to(device) for network in networks))
        train, test = (with_swapped(pairs(seed).float().to(device)) for seed in (1, 2))
        _, grads = on_device.outer(on_device.inner([train], 0.1), [test])
        results.append({name: grad.cpu() for name, grad in grads.items()})
    scale = max(float(grad.abs().max()) for grad in results[0].values())
    for name, grad in results[0].items():
        torch.testing.assert_close(results[1][name] / scale, grad / scale, atol=1e-3, rtol=0)


def test_the_loss_that_a_cycle_is_given_is_what_f_follows_in_both_halves(cycle: MetaCycle) -> None:
    batch = batch_of(36)
    given = replace(cycle, loss=asking_anew)
    with torch.no_grad():
        proposal = given.propose(batch)
    params = named_parameters(given.fusion)
    value = asking_anew(given.fusion, batch, proposal)
    expected = dict(zip(params, torch.autograd.grad(value, tuple(params.values())), strict=True))
    trial = given.inner([batch], 0.1)
    loss, _ = given.refine(batch, *still(given))
    assert float(loss) == pytest.approx(float(value), rel=1e-12)
    for name, parameter in params.items():
        torch.testing.assert_close(parameter.grad, expected[name])
        torch.testing.assert_close(trial.fusion[name], parameter - 0.1 * expected[name])


def test_r_learns_from_the_fused_batch_whatever_the_loss_asks_for(cycle: MetaCycle) -> None:
    batch = batch_of(37)
    errors = [replace(cycle, loss=loss).refine(batch, *still(cycle))[1] for loss in (PUBLISHED_LOSS, asking_anew)]
    expected = reconstruction_loss(cycle.reconstruction(cycle.fusion(batch.sources)), batch.targets)
    for error in errors:
        torch.testing.assert_close(error, expected.detach())


def test_what_r_says_of_trial_images_is_what_the_judge_hears_and_only_p_and_r_learn_from_it(cycle: MetaCycle) -> None:
    batch = batch_of(38)
    assert batch.planted is not None
    value = cycle.judged(batch.sources, batch.planted, 3.0)
    images = [
        trial_image(cycle.fusion(sources), sources, cycle.proposal(sources), 3.0)
        for sources in (batch.sources, batch.planted)
    ]
    expected = balanced_judge(cycle.reconstruction, images[0], batch.sources, images[1], batch.planted)
    torch.testing.assert_close(value, expected)
    torch.autograd.backward(value)
    assert all(parameter.grad is None for parameter in cycle.fusion.parameters())
    for network in (cycle.proposal.intensity, cycle.proposal.gradient, cycle.reconstruction):
        assert max(float(parameter.grad.abs().max()) for parameter in network.parameters()) > 0
