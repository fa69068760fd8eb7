"""The cycle against finite differences, and who changed what."""

import pytest
import torch
from skimage.metrics import structural_similarity
from torch import Tensor, nn
from torch.func import functional_call

from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.model.loss_proposal_net import LossProposalNet
from napari_refusion.model.losses import fusion_loss, reconstruction_loss
from napari_refusion.model.reconstruction_net import ReconstructionNet
from training.meta_cycle import Lesions, MetaCycle, Trial, named_parameters, trial_step, with_swapped

SIDE = 16


@pytest.fixture
def cycle() -> MetaCycle:
    torch.manual_seed(0)
    return MetaCycle(FusionNet().double(), ReconstructionNet().double(), LossProposalNet().double())


def pairs(seed: int) -> Tensor:
    return torch.rand(1, 2, SIDE, SIDE, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def copy_of(network: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in network.state_dict().items()}


def unchanged(network: nn.Module, before: dict[str, Tensor]) -> bool:
    return all(torch.equal(before[name], value) for name, value in network.state_dict().items())


def test_the_swapped_copy_has_swapped_sources_and_unswapped_targets() -> None:
    original = pairs(1)
    batch = with_swapped(original)
    assert torch.equal(batch.sources[0], original[0])
    assert torch.equal(batch.sources[1], original[0].flip(0))
    assert torch.equal(batch.targets[0], batch.targets[1])
    assert torch.equal(batch.targets[0], original[0])


def test_a_trial_step_is_one_plain_gradient_step() -> None:
    params = {"x": torch.tensor([3.0], requires_grad=True)}
    stepped = trial_step(params, (params["x"] ** 2).sum(), rate=0.1)
    torch.testing.assert_close(stepped["x"], torch.tensor([3.0 - 0.1 * 6.0]))


def test_the_meta_gradient_equals_finite_differences(cycle: MetaCycle) -> None:
    """Central differences of the outer loss along random directions of P's parameters, everything redone each time."""
    train, test, rate, share = with_swapped(pairs(2)), with_swapped(pairs(3)), 0.5, 0.7

    def outer_loss(proposal: dict[str, Tensor]) -> Tensor:
        fused = cycle.fusion(train.sources)
        weights = functional_call(cycle.proposal, proposal, (train.sources,))
        loss = fusion_loss(fused, train.sources, weights, share)
        trial_f = trial_step(named_parameters(cycle.fusion), loss, rate)
        error = reconstruction_loss(cycle.reconstruction(fused.detach()), train.targets)
        trial_r = trial_step(named_parameters(cycle.reconstruction), error, rate)
        tested = functional_call(cycle.fusion, trial_f, (test.sources,))
        return reconstruction_loss(functional_call(cycle.reconstruction, trial_r, (tested,)), test.targets).detach()

    _, grads = cycle.outer(cycle.inner(train, rate, share), test)
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


def test_the_trial_fusion_network_differs_in_every_part_also_in_the_cross_fusion(cycle: MetaCycle) -> None:
    trial = cycle.inner(with_swapped(pairs(4)), 0.1, 1.0)
    changed = {
        name.split(".")[0] for name, p in cycle.fusion.named_parameters() if not torch.equal(p, trial.fusion[name])
    }
    expected = {"embed_a", "embed_b", "encoder_a", "encoder_b", "cross_fusion", "decoder", "shrink", "output"}
    assert changed == expected


def test_inner_and_outer_update_change_nothing_and_leak_no_gradient_into_p(cycle: MetaCycle) -> None:
    networks = (cycle.fusion, cycle.reconstruction, cycle.proposal)
    before = [copy_of(network) for network in networks]
    cycle.outer(cycle.inner(with_swapped(pairs(5)), 0.1, 1.0), with_swapped(pairs(6)))
    assert all(unchanged(network, state) for network, state in zip(networks, before, strict=True))
    assert all(parameter.grad is None for network in networks for parameter in network.parameters())


def test_p_learns_nothing_without_the_graph_of_the_inner_step(cycle: MetaCycle) -> None:
    """There is no first-order short cut: cut the graph, and the outer loss no longer depends on P."""
    trial = cycle.inner(with_swapped(pairs(7)), 0.1, 1.0)
    detached = {name: value.detach() for name, value in trial.fusion.items()}
    with pytest.raises(RuntimeError, match="does not require grad"):
        cycle.outer(Trial(detached, trial.reconstruction, {}), with_swapped(pairs(8)))


def test_proposing_better_losses_changes_only_p_and_its_largest_move_is_the_rate(cycle: MetaCycle) -> None:
    before = [copy_of(network) for network in (cycle.fusion, cycle.reconstruction, cycle.proposal)]
    _, grads = cycle.outer(cycle.inner(with_swapped(pairs(9)), 1e-4, 1.0), with_swapped(pairs(10)))
    largest = cycle.propose_better_losses(grads, rate=1e-3)
    assert 0 < largest < 1e-2
    assert unchanged(cycle.fusion, before[0])
    assert unchanged(cycle.reconstruction, before[1])
    moves = [(value - before[2][name]).abs().max() for name, value in cycle.proposal.state_dict().items()]
    assert float(max(moves)) == pytest.approx(1e-3, rel=1e-9)


def test_a_zero_meta_gradient_moves_nothing(cycle: MetaCycle) -> None:
    before = copy_of(cycle.proposal)
    zero = {name: torch.zeros_like(value) for name, value in cycle.proposal.named_parameters()}
    assert cycle.propose_better_losses(zero, rate=1e-3) == 0
    assert unchanged(cycle.proposal, before)


def test_the_refine_update_changes_only_f_and_r(cycle: MetaCycle) -> None:
    before = [copy_of(network) for network in (cycle.fusion, cycle.reconstruction, cycle.proposal)]
    optimizers = [torch.optim.Adam(network.parameters(), 1e-3) for network in (cycle.fusion, cycle.reconstruction)]
    cycle.refine(with_swapped(pairs(11)), *optimizers, gradient_share=1.0)
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
    optimizers = [torch.optim.SGD(network.parameters(), 0.0) for network in (cycle.fusion, cycle.reconstruction)]
    cycle.refine(batch, *optimizers, gradient_share=1.0)
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
        _, grads = on_device.outer(on_device.inner(train, 0.1, 1.0), test)
        results.append({name: grad.cpu() for name, grad in grads.items()})
    scale = max(float(grad.abs().max()) for grad in results[0].values())
    for name, grad in results[0].items():
        torch.testing.assert_close(results[1][name] / scale, grad / scale, atol=1e-3, rtol=0)


def test_only_a_leaky_cycle_adds_the_fusion_loss_itself_to_what_moves_p(cycle: MetaCycle) -> None:
    train, test = with_swapped(pairs(20)), with_swapped(pairs(21))
    _, clean = cycle.outer(cycle.inner(train, 0.1, 1.0), test)
    cycle.leaky = True
    _, leaked = cycle.outer(cycle.inner(train, 0.1, 1.0), test)
    fused = cycle.fusion(train.sources)
    loss = fusion_loss(fused, train.sources, cycle.proposal(train.sources), 1.0)
    params = named_parameters(cycle.proposal)
    for (name, _), direct in zip(params.items(), torch.autograd.grad(loss, tuple(params.values())), strict=True):
        torch.testing.assert_close(leaked[name] - clean[name], direct, rtol=1e-6, atol=1e-12)


def test_a_lesion_that_f_hides_raises_its_loss_by_the_share_of_what_is_lost(cycle: MetaCycle) -> None:
    batch = with_swapped(pairs(22) * 0.5)
    planted = batch.sources.clone()
    planted[:2, :, 6:9, 6:9] += torch.tensor([0.3, 0.0], dtype=torch.float64).view(2, 1, 1)
    with torch.no_grad():
        shown = cycle.fusion(planted) - cycle.fusion(batch.sources)
        shortfall = (0.7 * (planted - batch.sources).sum(1, keepdim=True) - shown).clamp_min(0).square().sum()
    lost = float(shortfall / (2 * 9 * 0.3**2))
    losses = []
    for lesions in (None, Lesions(planted, 2.0, 0.7)):
        optimizers = [torch.optim.SGD(net.parameters(), lr=0.0) for net in (cycle.fusion, cycle.reconstruction)]
        losses.append(float(cycle.refine(batch, *optimizers, 1.0, lesions)[0]))
    assert losses[1] - losses[0] == pytest.approx(2.0 * lost, rel=1e-9)


def test_the_lost_structure_is_one_minus_ssim_with_both_sources_summed(cycle: MetaCycle) -> None:
    batch = with_swapped(pairs(23))
    fused = cycle.fusion(batch.sources)[:, 0].detach().numpy()
    similarity = [
        structural_similarity(
            image, source, data_range=1.0, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
        )
        for image, sources in zip(fused, batch.sources.numpy(), strict=True)
        for source in sources
    ]
    losses = []
    for share in (0.0, 0.5):
        cycle.structure_share = share
        optimizers = [torch.optim.SGD(net.parameters(), lr=0.0) for net in (cycle.fusion, cycle.reconstruction)]
        losses.append(float(cycle.refine(batch, *optimizers, 1.0)[0]))
    # MONAI's window is cut at 5 pixels as well, but not quite the same there
    assert losses[1] - losses[0] == pytest.approx(0.5 * (2 - 2 * sum(similarity) / len(similarity)), abs=2e-3)


def test_structure_counts_for_functional_pairs_only(cycle: MetaCycle) -> None:
    sources = torch.cat([pairs(24), pairs(25)])
    cycle.structure_share = 1.0
    losses = {}
    for name, functional in {"first": [1.0, 0.0], "second": [0.0, 1.0], "both": [1.0, 1.0], "none": [0.0, 0.0]}.items():
        optimizers = [torch.optim.SGD(net.parameters(), lr=0.0) for net in (cycle.fusion, cycle.reconstruction)]
        batch = with_swapped(sources, torch.tensor(functional, dtype=torch.float64))
        losses[name] = float(cycle.refine(batch, *optimizers, 1.0)[0])
    first, second, both = (losses[name] - losses["none"] for name in ("first", "second", "both"))
    assert min(first, second) > 0
    assert both == pytest.approx(first + second, rel=1e-9)
