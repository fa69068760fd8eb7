"""Expected shapes and sizes are from the description of ReFusion; outputs from the authors' own network."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as nnf

from napari_refusion.model.built import build_fusion_net
from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.model.loss_proposal_net import LossProposalNet, Symmetry, WeightMapNet
from napari_refusion.model.reconstruction_net import ReconstructionNet
from napari_refusion.model.restormer import LayerNorm, channel_attention
from napari_refusion.model.weights_files import load_weights

CASES = (
    "MIF/MRI-CT-11",
    "MIF/MRI-CT-21",
    "MIF/MRI-PET-11",
    "MIF/MRI-PET-32",
    "MIF/MRI-SPECT-11",
    "IVIF/devtest-msrs_00710N",
    "MFIF/devtest-lytro_01",
    "MEIF/devtest-AirBellowsGap",
)


@pytest.mark.parametrize(
    ("network", "count"),
    [(FusionNet, 59_856), (ReconstructionNet, 59_648), (WeightMapNet, 44_529), (LossProposalNet, 89_058)],
)
def test_networks_have_the_published_number_of_parameters(network: type[torch.nn.Module], count: int) -> None:
    assert sum(parameter.numel() for parameter in network().parameters()) == count


@pytest.mark.parametrize("case", CASES)
def test_the_raw_output_equals_that_of_the_authors_network(shared: Path, case: str) -> None:
    task = case.split("/")[0]
    network = build_fusion_net(load_weights(shared / f"reference/weights/ReFusion_{task}.pth"))
    with np.load(shared / "reference/outputs.npz") as reference:
        sources = torch.from_numpy(np.stack([reference[f"{case}/a"], reference[f"{case}/b"]])[None])
        expected = torch.from_numpy(reference[f"{case}/fused"])
    with torch.inference_mode():
        fused = network(sources)[0, 0]
    assert (fused - expected).abs().max() <= 1e-5


@pytest.mark.parametrize("size", [(16, 16), (17, 31), (1, 1)])
def test_any_image_size_keeps_its_size(size: tuple[int, int]) -> None:
    sources = torch.rand(2, 2, *size)
    fused = FusionNet()(sources)
    assert fused.shape == (2, 1, *size)
    assert ReconstructionNet()(fused).shape == (2, 2, *size)
    assert LossProposalNet()(sources).gradient.shape == (2, 2, *size)


def test_the_images_of_a_batch_do_not_influence_each_other() -> None:
    torch.manual_seed(0)
    network, sources = FusionNet().double(), torch.rand(3, 2, 12, 10, dtype=torch.float64)
    together = network(sources)
    alone = torch.cat([network(sources[i : i + 1]) for i in range(3)])
    torch.testing.assert_close(together, alone, rtol=0, atol=1e-12)


def test_three_sources_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(1, 3, 8, 8\)"):
        FusionNet()(torch.rand(1, 3, 8, 8))


def test_proposed_weights_sum_to_one_at_every_pixel() -> None:
    proposal = LossProposalNet()(torch.rand(2, 2, 9, 9))
    for weights in proposal:
        assert weights.min() >= 0
        torch.testing.assert_close(weights.sum(dim=1), torch.ones(2, 9, 9))


@pytest.mark.parametrize("pairs", [1, 3])
@pytest.mark.parametrize("symmetry", ["weights", "logits"])
def test_swapped_sources_have_exactly_swapped_weights_in_the_symmetric_forms(pairs: int, symmetry: Symmetry) -> None:
    torch.manual_seed(0)
    network, sources = LossProposalNet(symmetry), torch.rand(pairs, 2, 12, 10)
    for weights, swapped in zip(network(sources), network(sources.flip(1)), strict=True):
        assert torch.equal(weights, swapped.flip(1))
        torch.testing.assert_close(weights.sum(dim=1), torch.ones(pairs, 12, 10))


def test_the_form_of_weights_is_the_mean_of_the_published_one_for_both_orders() -> None:
    torch.manual_seed(0)
    network, sources = LossProposalNet("weights"), torch.rand(2, 2, 12, 10)
    published = LossProposalNet()
    published.load_state_dict(network.state_dict())
    forth, back = published(sources), published(sources.flip(1))
    assert not torch.allclose(forth.intensity, back.intensity.flip(1), atol=1e-3), "nothing to average"
    for weights, one, other in zip(network(sources), forth, back, strict=True):
        torch.testing.assert_close(weights, (one + other.flip(1)) / 2)


def test_a_habit_for_the_first_place_leaves_no_trace_in_the_form_of_logits_and_stops_the_form_of_weights() -> None:
    """A constant added to the first logit, far enough for the softmax to be 0 or 1 in float32."""
    torch.manual_seed(0)
    sources, asked = torch.rand(2, 2, 12, 10), {}
    for symmetry in ("weights", "logits"):
        for habit in (0.0, 60.0):
            network = LossProposalNet(symmetry)
            network.load_state_dict(asked[symmetry, 0.0].state_dict() if habit else network.state_dict())
            asked[symmetry, habit] = network
            for half in (network.intensity, network.gradient):
                half.output.register_forward_hook(partial(_with_habit, habit))
    for weights, habitual in zip(asked["logits", 0.0](sources), asked["logits", 60.0](sources), strict=True):
        torch.testing.assert_close(weights, habitual)
        assert float((weights - 0.5).abs().max()) > 1e-3
    for weights in asked["weights", 60.0](sources):
        assert float((weights - 0.5).abs().max()) < 1e-6
    habitual = asked["weights", 60.0]
    habitual(sources).intensity.square().sum().backward()
    assert float(habitual.intensity.shrink.weight.grad.abs().max()) < 1e-6, "nothing to come back by"


def _with_habit(habit: float, _module: torch.nn.Module, _inputs: object, logits: torch.Tensor) -> torch.Tensor:
    return logits + torch.tensor([habit, 0.0]).view(1, 2, 1, 1)


def test_attention_equals_its_textbook_form() -> None:
    """Softmax(tau * normalised q k^T) v per head, then the 1x1 convolution, written out plainly in float64."""
    torch.manual_seed(1)
    images, pixels, channels, heads = 2, 35, 16, 8
    query, key, value = torch.randn(3, images, pixels, channels, dtype=torch.float64)
    temperature = torch.rand(heads, 1, 1, dtype=torch.float64)
    projection = torch.randn(channels, channels, 1, 1, dtype=torch.float64)
    by_head = [x.mT.reshape(images, heads, channels // heads, pixels) for x in (query, key, value)]
    q, k = (nnf.normalize(x, dim=-1) for x in by_head[:2])
    attended = ((q @ k.mT) * temperature).softmax(dim=-1) @ by_head[2]
    plain = nnf.conv2d(attended.reshape(images, channels, 5, 7), projection).flatten(2).mT
    torch.testing.assert_close(channel_attention(query, key, value, temperature, projection), plain)


def test_layer_norm_gives_every_pixel_mean_zero_and_variance_one() -> None:
    normalised = LayerNorm(16)(5 + 3 * torch.randn(1, 16, 4, 4))
    torch.testing.assert_close(normalised.mean(dim=1), torch.zeros(1, 4, 4), atol=1e-5, rtol=0)
    torch.testing.assert_close(normalised.var(dim=1, correction=0), torch.ones(1, 4, 4), atol=1e-3, rtol=0)


def test_black_images_give_finite_outputs_and_gradients_to_second_order() -> None:
    torch.manual_seed(2)
    network = FusionNet()
    parameters = tuple(network.parameters())
    loss = network(torch.zeros(1, 2, 8, 8)).square().mean()
    first = torch.autograd.grad(loss, parameters, create_graph=True)
    second = torch.autograd.grad(sum(g.square().sum() for g in first), parameters, allow_unused=True)
    assert all(torch.isfinite(g).all() for g in (*first, *(g for g in second if g is not None)))
