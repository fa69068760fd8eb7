from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.model.reconstruction_net import ReconstructionNet
from napari_refusion.model.weights import Weights
from napari_refusion.model.weights_files import save_weights
from training.baselines import BASELINES
from training.contenders import contenders, load_engine


def save_random_weights(file: Path) -> Path:
    torch.manual_seed(0)
    file.parent.mkdir(exist_ok=True)
    save_weights(Weights(state=FusionNet().state_dict()), file)
    return file


@pytest.mark.parametrize("weights", ["nothing", "no/such.safetensors"])
def test_unknown_weights_are_refused_with_what_is_known(weights: str) -> None:
    with pytest.raises(ValueError, match=rf"medical.*: {weights}\. Baselines are average, maximum, laplacian"):
        contenders([weights])


def test_another_network_is_refused_by_its_name(tmp_path: Path) -> None:
    file = tmp_path / "reconstruction.safetensors"
    save_weights(Weights(state=ReconstructionNet().state_dict(), network="reconstruction"), file)
    with pytest.raises(ValueError, match="holds the reconstruction network"):
        load_engine(file)


def test_contenders_of_equal_file_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    files = [save_random_weights(tmp_path / run / "fusion.safetensors") for run in ("one", "two")]
    assert list(contenders([*map(str, files), "average", "average"])) == ["one/fusion", "two/fusion", "average"]


def test_a_label_that_is_taken_is_told_apart(tmp_path: Path) -> None:
    file = save_random_weights(tmp_path / "run" / "medical.safetensors")
    assert list(contenders([str(file)], taken=["medical"])) == ["run/medical"]


def test_a_baseline_is_known_by_its_name() -> None:
    assert contenders(["laplacian", "maximum"]) == {name: BASELINES[name] for name in ("laplacian", "maximum")}


def test_a_network_takes_the_sources_in_the_order_given(tmp_path: Path) -> None:
    file = save_random_weights(tmp_path / "random.safetensors")
    network = FusionNet()
    network.load_state_dict(load_file(file))
    a, b = np.pad(np.random.default_rng(0).random((2, 16, 24)).astype(np.float32), ((0, 0), (8, 8), (8, 8)))
    with torch.inference_mode():
        expected = network(torch.from_numpy(np.stack([a, b])[None]))[0, 0].numpy()
    assert load_engine(file).fuse(a, b) == pytest.approx(expected, abs=1e-6)
