import numpy as np
import torch
from torch import Tensor, nn

from napari_refusion.evidence.examiner import Examiner
from napari_refusion.evidence.maps import examine_slice, outside_both, saturation
from napari_refusion.fusion.engines import start_engine
from napari_refusion.fusion.rebuilding import Rebuilding
from napari_refusion.model.loss_proposal_net import LossProposalNet, Proposal
from napari_refusion.model.reconstruction_net import ReconstructionNet
from tests.evidence.known_networks import NAMES, engine, slices


class Halves(nn.Module):
    """Rebuilds source a as the fused image, source b as half of it."""

    def forward(self, fused: Tensor) -> Tensor:
        return torch.cat([fused, fused / 2], dim=1)


class Shares(nn.Module):
    """Lets a count by its own brightness, its edges by a quarter."""

    def forward(self, sources: Tensor) -> Proposal:
        a, quarter = sources[:, :1], torch.full_like(sources[:, :1], 0.25)
        return Proposal(torch.cat([a, 1 - a], dim=1), torch.cat([quarter, 1 - quarter], dim=1))


def examiner(reconstruction: nn.Module | None = None, proposal: nn.Module | None = None) -> Examiner:
    rebuild = None if reconstruction is None else Rebuilding(reconstruction, "cpu")  # type: ignore[arg-type]
    return Examiner(engine(), rebuild, proposal, ())  # type: ignore[arg-type]


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


def test_saturation_tells_the_fused_image_from_its_sources() -> None:
    a, b = np.float32([[1.0, 0.2, 1.0, 0.5]]), np.float32([[0.1, 1.0, 0.1, 0.5]])
    fused = np.float32([[0.5, 0.6, 0.99, 0.5]])
    np.testing.assert_array_equal(saturation(a, b, fused), [[0.5, 0.5, 1.0, 0.0]])
