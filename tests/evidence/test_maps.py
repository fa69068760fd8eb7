from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from napari_refusion.evidence.maps import (
    KINDS,
    Examiner,
    examine_slice,
    outside_both,
    saturation,
    start_examiner,
)
from napari_refusion.fusion.engines import start_engine
from napari_refusion.fusion.rebuilding import Rebuilding
from napari_refusion.fusion.torch_engine import TorchEngine
from napari_refusion.model.loss_proposal_net import LossProposalNet, Proposal
from napari_refusion.model.reconstruction_net import ReconstructionNet
from napari_refusion.model.weights import Weights
from napari_refusion.model.weights_files import load_weights

NAMES = [
    "residual_a",
    "residual_b",
    "weight_a",
    "gradient_weight_a",
    "contribution_a",
    "contribution_b",
    "overshoot",
    "saturation",
]


class Brighter(nn.Module):
    """Fuses to the brighter source, plus a little."""

    def __init__(self) -> None:
        super().__init__()
        self.more = nn.Parameter(torch.tensor(0.0))

    def forward(self, sources: Tensor) -> Tensor:
        return sources.amax(dim=1, keepdim=True) + self.more


class Halves(nn.Module):
    """Rebuilds source a as the fused image, source b as half of it."""

    def forward(self, fused: Tensor) -> Tensor:
        return torch.cat([fused, fused / 2], dim=1)


class Shares(nn.Module):
    """Lets a count by its own brightness, its edges by a quarter."""

    def forward(self, sources: Tensor) -> Proposal:
        a, quarter = sources[:, :1], torch.full_like(sources[:, :1], 0.25)
        return Proposal(torch.cat([a, 1 - a], dim=1), torch.cat([quarter, 1 - quarter], dim=1))


def engine() -> TorchEngine:
    return TorchEngine(Brighter(), Weights(state={}), torch.device("cpu"), ())  # type: ignore[arg-type]


def examiner(reconstruction: nn.Module | None = None, proposal: nn.Module | None = None) -> Examiner:
    rebuild = None if reconstruction is None else Rebuilding(reconstruction, "cpu")  # type: ignore[arg-type]
    return Examiner(engine(), rebuild, proposal, ())  # type: ignore[arg-type]


def slices() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    return random.random((16, 12), np.float32), random.random((16, 12), np.float32)


def test_every_kind_says_what_it_sees_and_misses() -> None:
    assert list(KINDS) == NAMES
    for name, kind in KINDS.items():
        assert kind.name == name
        assert kind.sees.endswith(".")
        assert "shifted or mirrored" in kind.misses
        assert kind.limits[0] < kind.limits[1]
        assert not kind.is_signed or kind.limits[0] == -kind.limits[1]


def test_the_maps_of_known_networks_are_known() -> None:
    a, b = slices()
    fused = np.maximum(a, b)
    maps = examine_slice(examiner(Halves(), Shares()), a, b, fused)
    assert list(maps) == NAMES
    expected = {
        "residual_a": np.maximum(b - a, 0),
        "residual_b": np.abs(fused / 2 - b),
        "weight_a": a,
        "gradient_weight_a": np.full_like(a, 0.25),
        "contribution_a": np.maximum(a - b, 0),
        "contribution_b": np.maximum(b - a, 0),
        "overshoot": np.zeros_like(a),
        "saturation": fused > 0.98,
    }
    for name, image in maps.items():
        assert image.dtype == np.float32
        np.testing.assert_allclose(image, expected[name], atol=1e-6, err_msg=name)


def test_maps_without_their_network_are_left_out() -> None:
    a, b = slices()
    assert list(examine_slice(examiner(), a, b, np.maximum(a, b))) == NAMES[4:]
    assert list(examine_slice(examiner(Halves()), a, b, np.maximum(a, b))) == NAMES[:2] + NAMES[4:]


def test_an_empty_slice_has_empty_maps_and_runs_no_network() -> None:
    class Never(nn.Module):
        def forward(self, _images: Tensor) -> Tensor:
            raise AssertionError

    empty = np.zeros((16, 12), np.float32)
    maps = examine_slice(examiner(Never(), Never()), empty, empty, empty)
    assert list(maps) == NAMES
    assert not any(image.any() for image in maps.values())


def test_an_empty_source_contributes_nothing() -> None:
    _, b = slices()
    maps = examine_slice(examiner(), np.zeros_like(b), b, b)
    assert not maps["contribution_a"].any()
    np.testing.assert_array_equal(maps["contribution_b"], b)  # without either source nothing is left


def test_only_what_leaves_the_range_of_both_sources_is_overshoot() -> None:
    a, b = np.float32([[0.2, 0.2, 0.2]]), np.float32([[0.6, 0.6, 0.6]])
    np.testing.assert_allclose(outside_both(a, b, np.float32([[0.1, 0.4, 0.9]])), [[-0.1, 0, 0.3]], atol=1e-6)


def test_the_real_networks_fit_the_maps() -> None:
    torch.manual_seed(0)
    real = start_engine("medical", device="cpu")
    a, b = slices()
    fused = real.fuse(a, b)
    rebuild = Rebuilding(ReconstructionNet().eval(), "cpu")
    maps = examine_slice(Examiner(real, rebuild, LossProposalNet().eval(), ()), a, b, fused)
    assert all(image.shape == a.shape and np.isfinite(image).all() for image in maps.values())
    assert maps["weight_a"].min() >= 0
    assert maps["weight_a"].max() <= 1


@pytest.fixture
def weights_of_unknown_symmetry(monkeypatch: pytest.MonkeyPatch) -> None:
    """The installed P as if its file did not say that it is symmetric."""

    def loaded(path: Path) -> Weights:
        return replace(load_weights(path), symmetry="none")

    monkeypatch.setattr("napari_refusion.model.weights_files.load_weights", loaded)


def test_the_installed_weights_bring_their_own_networks_along() -> None:
    started = start_examiner(start_engine("medical", device="cpu"))
    assert isinstance(started.rebuild, Rebuilding)
    assert isinstance(started.proposal, LossProposalNet)
    assert not started.rebuild.network.training
    assert not started.proposal.training
    assert started.findings == ()
    assert list(started.kinds) == NAMES


def test_the_map_of_a_symmetric_p_follows_a_source_when_the_sources_are_swapped() -> None:
    started = start_examiner(start_engine("medical", device="cpu"))
    a, b = slices()
    fused = np.maximum(a, b)
    for name in ("weight_a", "gradient_weight_a"):
        of_a, of_b = (examine_slice(started, *pair, fused)[name] for pair in ((a, b), (b, a)))
        np.testing.assert_allclose(of_a + of_b, 1, atol=1e-6)


@pytest.mark.usefixtures("weights_of_unknown_symmetry")
def test_the_map_of_a_p_that_knows_the_first_source_by_its_place_is_left_out_with_the_reason() -> None:
    started = start_examiner(start_engine("medical", device="cpu"))
    assert started.rebuild is not None
    assert started.proposal is None
    assert list(started.kinds) == [name for name in NAMES if name not in ("weight_a", "gradient_weight_a")]
    (finding,) = started.findings
    assert "may weigh a source by whether it comes first" in finding.sentence


@pytest.mark.parametrize("change", [{"sha256": "0" * 64}, {"sha256": ""}, {"task": "multi_focus"}])
def test_other_weights_are_not_judged_by_networks_that_they_were_not_trained_with(change: dict[str, str]) -> None:
    real = start_engine("medical", device="cpu")
    started = start_examiner(replace(real, weights=replace(real.weights, **change)))
    assert started.rebuild is None
    assert started.proposal is None
    assert ["come without the network R" in started.findings[0].sentence, len(started.findings)] == [True, 2]


def test_weights_that_were_installed_alone_are_examined_without_r_and_p() -> None:
    started = start_examiner(start_engine("infrared_visible", device="cpu"))
    assert list(started.kinds) == NAMES[4:]
    assert len(started.findings) == 2


def test_a_fusion_without_a_network_is_examined_without_r_and_p() -> None:
    started = start_examiner(start_engine(engine="maximum"))
    assert list(started.kinds) == NAMES[4:]
    assert [finding.sentence.split(", as ")[1] for finding in started.findings] == [
        "the engine maximum comes without the network R.",
        "the engine maximum comes without the network P.",
    ]
    a, b = slices()
    maps = examine_slice(started, a, b, np.maximum(a, b))
    np.testing.assert_array_equal(maps["contribution_a"], np.maximum(a, b) - b)  # alone, b is fused to b


def test_saturation_tells_the_fused_image_from_its_sources() -> None:
    a, b = np.float32([[1.0, 0.2, 1.0, 0.5]]), np.float32([[0.1, 1.0, 0.1, 0.5]])
    fused = np.float32([[0.5, 0.6, 0.99, 0.5]])
    np.testing.assert_array_equal(saturation(a, b, fused), [[0.5, 0.5, 1.0, 0.0]])
