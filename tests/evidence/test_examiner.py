"""Which networks examine a fusion, and why others do not."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from napari_refusion.evidence.examiner import start_examiner
from napari_refusion.evidence.maps import examine_slice
from napari_refusion.fusion.engines import start_engine
from napari_refusion.fusion.rebuilding import Rebuilding
from napari_refusion.model.loss_proposal_net import LossProposalNet
from napari_refusion.model.weights import Weights
from napari_refusion.model.weights_files import load_weights
from tests.evidence.known_networks import NAMES, slices


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
