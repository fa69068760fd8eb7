"""The authors' files: their keys, their twins, and what is none of theirs."""

import pickle
from pathlib import Path

import pytest
import torch

from napari_refusion.model.authors_keys import AUTHORS_KEYS
from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.model.weights import WeightsError
from napari_refusion.model.weights_files import load_weights


def authors_state(network: FusionNet) -> dict[str, torch.Tensor]:
    """The network's parameters under the authors' names, every convolution twice."""
    ours = network.state_dict()
    theirs = {}
    for their_key, our_key in AUTHORS_KEYS.items():
        theirs[their_key] = ours[our_key]
        if ours[our_key].ndim == 4:
            theirs[their_key.removesuffix("weight") + "conv.weight"] = ours[our_key]
    return theirs


def test_the_authors_table_has_their_140_keys_for_86_parameters() -> None:
    assert len(AUTHORS_KEYS) == len(set(AUTHORS_KEYS.values())) == 86
    assert len(authors_state(FusionNet())) == 140


def test_a_file_in_the_authors_layout_gives_the_same_network(tmp_path: Path) -> None:
    network = FusionNet()
    torch.save(authors_state(network), tmp_path / "ReFusion_MEIF.pth")
    weights = load_weights(tmp_path / "ReFusion_MEIF.pth")
    assert weights.task == "multi_exposure"
    assert all(torch.equal(weights.state[name], value) for name, value in network.state_dict().items())


def test_an_unknown_key_of_the_authors_is_named(tmp_path: Path) -> None:
    torch.save(authors_state(FusionNet()) | {"FM.surprise": torch.zeros(1)}, tmp_path / "x.pth")
    with pytest.raises(WeightsError, match=r"FM\.surprise unknown"):
        load_weights(tmp_path / "x.pth")


def test_a_missing_key_of_the_authors_is_named(tmp_path: Path) -> None:
    state = authors_state(FusionNet())
    del state["FM.temperature1"]
    torch.save(state, tmp_path / "x.pth")
    with pytest.raises(WeightsError, match=r"FM\.temperature1 missing"):
        load_weights(tmp_path / "x.pth")


def test_twins_that_differ_are_refused(tmp_path: Path) -> None:
    state = authors_state(FusionNet())
    state["FM.qkv1.conv.weight"] = state["FM.qkv1.conv.weight"] + 1
    torch.save(state, tmp_path / "x.pth")
    with pytest.raises(WeightsError, match=r"FM\.qkv1\.conv\.weight"):
        load_weights(tmp_path / "x.pth")


class Bomb:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.touch, (Path("executed"),)


def test_a_weights_file_is_never_executed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bomb.pth").write_bytes(pickle.dumps(Bomb()))
    torch.save({"weight": Bomb()}, tmp_path / "bomb2.pth")
    for name in ("bomb.pth", "bomb2.pth"):
        with pytest.raises(WeightsError, match="not a plain PyTorch weights file"):
            load_weights(tmp_path / name)
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize(
    "tensor", [torch.eye(3).to_sparse(), torch.zeros(2, dtype=torch.complex64), torch.ones(2).int()]
)
def test_a_published_file_with_other_tensors_is_refused(tmp_path: Path, tensor: torch.Tensor) -> None:
    torch.save({"weight": tensor}, tmp_path / "x.pth")
    with pytest.raises(WeightsError, match="other than named tensors of floating-point numbers"):
        load_weights(tmp_path / "x.pth")


@pytest.mark.parametrize(
    ("file", "task"),
    [("IVIF", "infrared_visible"), ("MIF", "medical"), ("MFIF", "multi_focus"), ("MEIF", "multi_exposure")],
)
def test_all_four_published_files_load(shared: Path, file: str, task: str) -> None:
    assert load_weights(shared / f"reference/weights/ReFusion_{file}.pth").task == task
