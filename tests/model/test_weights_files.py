"""Weights come back as they were saved, and nothing else passes for weights."""

import hashlib
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load, save_file

from napari_refusion.model import weights_files
from napari_refusion.model.built import build_companion, build_fusion_net
from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.model.loss_proposal_net import SYMMETRIES, LossProposalNet, Symmetry
from napari_refusion.model.reconstruction_net import ReconstructionNet
from napari_refusion.model.weights import Weights, WeightsError
from napari_refusion.model.weights_files import LARGEST_FILE, find_weights, load_weights, save_weights


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "mine.safetensors"
    weights = Weights(
        state=FusionNet().state_dict(), recipe="abc", data="40 pairs", metrics={"qabf": 0.7}, licence="BSD-3-Clause"
    )
    save_weights(weights, path)
    return path


def test_weights_come_back_as_they_were_saved(saved: Path) -> None:
    weights = load_weights(saved)
    assert (weights.task, weights.recipe, weights.data) == ("medical", "abc", "40 pairs")
    assert weights.metrics == {"qabf": 0.7}
    assert weights.sources == ("CT, PET or SPECT", "MRI")
    again = FusionNet()
    again.load_state_dict(weights.state)
    sources = torch.rand(1, 2, 8, 8)
    torch.testing.assert_close(build_fusion_net(weights)(sources), again(sources))


@pytest.mark.parametrize("symmetry", SYMMETRIES)
def test_a_proposal_network_is_as_symmetric_as_its_file_says(tmp_path: Path, symmetry: Symmetry) -> None:
    network = LossProposalNet(symmetry)
    path = tmp_path / "proposal.safetensors"
    save_weights(Weights(state=network.state_dict(), network="proposal", symmetry=symmetry), path)
    built = build_companion(load_weights(path))
    sources = torch.rand(1, 2, 8, 8)
    assert isinstance(built, LossProposalNet)
    assert built.symmetry == symmetry
    torch.testing.assert_close(built(sources).intensity, network(sources).intensity)


def test_a_proposal_network_whose_file_does_not_say_so_is_not_symmetric(tmp_path: Path) -> None:
    """Files that were written before there was a choice."""
    metadata = {"network": "proposal", "task": "medical", "sources": '["CT, PET or SPECT", "MRI"]'}
    save_file(LossProposalNet().state_dict(), tmp_path / "old.safetensors", metadata)
    built = build_companion(load_weights(tmp_path / "old.safetensors"))
    assert isinstance(built, LossProposalNet)
    assert not built.symmetric


def test_a_reconstruction_network_comes_back_ready_to_run(tmp_path: Path) -> None:
    network = ReconstructionNet()
    path = tmp_path / "reconstruction.safetensors"
    save_weights(Weights(state=network.state_dict(), network="reconstruction"), path)
    built = build_companion(load_weights(path))
    fused = torch.rand(1, 1, 8, 8)
    assert not built.training
    assert not any(parameter.requires_grad for parameter in built.parameters())
    torch.testing.assert_close(built(fused), network(fused))


def rewritten(path: Path, factor: float = 1.0, **metadata: str) -> Path:
    """Return a copy of weights whose last parameters were multiplied, and whose description says otherwise."""
    with safe_open(path, framework="pt") as opened:
        state = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118 - not a dict
        described = opened.metadata() | metadata
    state["output.weight"] *= factor
    copy = path.with_name("changed.safetensors")
    save_file(state, copy, described)
    return copy


def test_parameters_that_were_changed_behind_their_description_are_found(saved: Path) -> None:
    load_weights(rewritten(saved))
    with pytest.raises(WeightsError, match="answers the probe image otherwise"):
        load_weights(rewritten(saved, factor=3.0))


@pytest.mark.parametrize(
    ("answer", "words"),
    [("[0.1]", "otherwise than when"), ("[NaN]", "otherwise than when"), ("{", "cannot be read"), ("3", "cannot be")],
)
def test_a_stored_answer_that_is_none_is_one_sentence(saved: Path, answer: str, words: str) -> None:
    with pytest.raises(WeightsError, match=words):
        load_weights(rewritten(saved, answer=answer))


def test_weights_whose_activations_overflow_are_neither_loaded_nor_saved(saved: Path, tmp_path: Path) -> None:
    state = {name: tensor * 1e30 for name, tensor in load_weights(saved).state.items()}
    with pytest.raises(WeightsError, match="reaches"):
        save_weights(Weights(state=state), tmp_path / "huge.safetensors")
    with safe_open(saved, framework="pt") as opened:
        described = opened.metadata()
    save_file(state, tmp_path / "huge.safetensors", described)
    with pytest.raises(WeightsError, match=r"^Choose other weights.*reaches"):
        load_weights(tmp_path / "huge.safetensors")


def test_nothing_half_written_is_left_beside_them(saved: Path) -> None:
    assert [path.name for path in saved.parent.iterdir()] == ["mine.safetensors"]


def test_a_wrong_shape_is_named(tmp_path: Path) -> None:
    state = FusionNet().state_dict() | {"output.weight": torch.zeros(1, 8, 3, 3)}
    with pytest.raises(WeightsError, match=r"output\.weight has the shape \(1, 8, 3, 3\)"):
        save_weights(Weights(state=state), tmp_path / "x.safetensors")


def test_weights_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    state = FusionNet().state_dict()
    state["output.weight"][0, 0, 0, 0] = torch.nan
    with pytest.raises(WeightsError, match="not finite"):
        save_weights(Weights(state=state), tmp_path / "x.safetensors")


@pytest.mark.parametrize("kind", [torch.float64, torch.float16, torch.int8])
def test_numbers_of_another_type_are_named(tmp_path: Path, kind: torch.dtype) -> None:
    state = {name: tensor.to(kind) for name, tensor in FusionNet().state_dict().items()}
    with pytest.raises(WeightsError, match=f"holds {str(kind).removeprefix('torch.')} numbers instead of float32"):
        save_weights(Weights(state=state), tmp_path / "x.safetensors")


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        *(("sources", text) for text in ("[1, 2]", '"ab"', "{", "[" * 100_000)),
        *(("metrics", text) for text in ("[]", '{"a": "b"}', '{"a": true}', "nonsense")),
        ("metrics", '{"a": 1' + "0" * 400 + "}"),
    ],
)
def test_a_description_that_is_none_is_one_sentence(tmp_path: Path, entry: str, text: str) -> None:
    described = {"network": "fusion", "task": "medical", "sources": '["CT", "MRI"]', entry: text}
    save_file(FusionNet().state_dict(), tmp_path / "x.safetensors", described)
    with pytest.raises(WeightsError, match="Copy the file again"):
        load_weights(tmp_path / "x.safetensors")


def test_safetensors_of_another_program_are_refused(tmp_path: Path) -> None:
    save_file(FusionNet().state_dict(), tmp_path / "x.safetensors")
    with pytest.raises(WeightsError, match="not written by this project"):
        load_weights(tmp_path / "x.safetensors")


@pytest.mark.parametrize("keep", [4, 100, 20_000])
def test_a_cut_off_file_is_refused(saved: Path, keep: int) -> None:
    saved.write_bytes(saved.read_bytes()[:keep])
    with pytest.raises(WeightsError, match="Copy it again"):
        load_weights(saved)


def test_a_file_that_is_replaced_while_it_is_read_fuses_under_its_own_hash(
    saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, other = load_weights(saved), saved.with_name("other.safetensors")
    save_weights(Weights(state=FusionNet().state_dict()), other)

    def replaced_before(content: bytes) -> object:
        other.replace(saved)
        return load(content)

    monkeypatch.setattr(weights_files, "load", replaced_before)
    loaded = load_weights(saved)
    assert loaded.sha256 == before.sha256 != hashlib.sha256(saved.read_bytes()).hexdigest()
    assert all(torch.equal(loaded.state[name], tensor) for name, tensor in before.state.items())


def test_what_is_wrong_with_a_file_begins_with_what_to_do_and_ends_with_the_file(saved: Path) -> None:
    saved.write_bytes(saved.read_bytes()[:100])
    with pytest.raises(WeightsError) as refused:
        load_weights(saved)
    assert str(refused.value).startswith("Copy it again, for ")
    assert str(refused.value).endswith(f": {saved}")


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.safetensors"
    with path.open("wb") as file:
        file.truncate(LARGEST_FILE + 1)
    with pytest.raises(WeightsError, match="too large"):
        load_weights(path)


def test_a_name_that_is_neither_installed_nor_a_file_lists_what_there_is() -> None:
    with pytest.raises(WeightsError, match="installed weights"):
        find_weights("no-such-weights")
