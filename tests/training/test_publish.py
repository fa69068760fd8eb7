import csv
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from napari_refusion.model.weights import NETWORKS, Weights
from napari_refusion.model.weights_files import load_weights, save_weights
from training import publish as publishing
from training.publish import carried, find_sets, publish


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(publishing, "CHECKOUT", tmp_path / "checkout")
    return tmp_path / "checkout"


@pytest.fixture
def finished(tmp_path: Path) -> Path:
    """The output folder of a run."""
    folder = tmp_path / "run"
    folder.mkdir()
    torch.manual_seed(0)
    for name, network in NETWORKS.items():
        save_weights(Weights(state=network().state_dict(), network=name), folder / f"{name}.safetensors")
    (folder / "log.csv").write_text("cycle,fusion_loss,qabf\n0,0.5,\n1,0.25,0.6\n")
    return folder


@pytest.fixture
def devtest(tmp_path: Path) -> Path:
    """A folder with one set of one pair, 32 x 32."""
    random = np.random.default_rng(0)
    for side in ("PET", "MRI"):
        folder = tmp_path / "devtest" / "MRI-PET" / side
        folder.mkdir(parents=True)
        Image.fromarray(random.integers(1, 256, (32, 32), dtype=np.uint8)).save(folder / "1.png")
    return tmp_path / "devtest"


def test_publishing_writes_weights_with_figures_and_all_results(finished: Path, checkout: Path, devtest: Path) -> None:
    printed = publish(finished, "medical", devtest, ["average"])
    weights = load_weights(checkout / "src/napari_refusion/weights/medical.safetensors")
    results = checkout / "training/results/medical"
    with (results / "MRI-PET.csv").open() as opened:
        rows = list(csv.DictReader(opened))
    assert [row["weights"] for row in rows] == ["medical", "average"]
    assert weights.metrics["MRI-PET qabf"] == pytest.approx(float(rows[0]["qabf"]), abs=6e-5)
    assert weights.metrics["MRI-PET hidden"] == pytest.approx(float(rows[0]["hidden"]), abs=6e-5)
    assert (results / "log.csv").read_text() == (finished / "log.csv").read_text()
    assert (results / "curves.svg").is_file()
    assert [line.split()[3] for line in printed.splitlines()[2:]] == ["medical", "average"]
    assert [path.name for path in (checkout / "src/napari_refusion/weights").iterdir()] == ["medical.safetensors"]


def test_the_other_networks_are_copied_if_asked(finished: Path, checkout: Path, devtest: Path) -> None:
    publish(finished, "medical", devtest, [], with_networks=True)
    for network in ("reconstruction", "proposal"):
        copied = checkout / f"src/napari_refusion/weights/medical_{network}.safetensors"
        assert copied.read_bytes() == (finished / f"{network}.safetensors").read_bytes()


@pytest.mark.parametrize("missing", ["fusion.safetensors", "proposal.safetensors", "log.csv"])
def test_a_run_that_lacks_a_file_writes_nothing(finished: Path, checkout: Path, devtest: Path, missing: str) -> None:
    (finished / missing).unlink()
    with pytest.raises(ValueError, match=f"{missing}: no such|no such weights file: .*{missing}"):
        publish(finished, "medical", devtest, [], with_networks=True)
    assert not checkout.exists()


def test_a_renamed_network_is_refused(finished: Path, checkout: Path, devtest: Path) -> None:
    (finished / "reconstruction.safetensors").replace(finished / "fusion.safetensors")
    with pytest.raises(ValueError, match="holds the reconstruction network"):
        publish(finished, "medical", devtest, [])
    assert not checkout.exists()


def test_images_that_cannot_be_used_are_found_before_anything_is_written(
    finished: Path, checkout: Path, devtest: Path
) -> None:
    (devtest / "MRI-PET/MRI/1.png").write_bytes(b"broken")
    with pytest.raises(ValueError, match=r"1\.png: not a readable image"):
        publish(finished, "medical", devtest, [])
    assert not checkout.exists()


def test_a_set_is_a_folder_with_a_pair_or_each_folder_below(devtest: Path) -> None:
    assert [folder.name for folder in find_sets(devtest)] == ["MRI-PET"]
    assert find_sets(devtest / "MRI-PET") == [devtest / "MRI-PET"]
    with pytest.raises(ValueError, match="no folder with sets"):
        find_sets(devtest / "nowhere")


def test_weights_carry_no_figures_that_do_not_exist() -> None:
    row = dict.fromkeys(publishing.CARRIED, 0.25) | {"hidden": math.nan}
    assert carried({"devtest": {"scenes": row}}, "scenes") == {
        f"devtest {name}": 0.25 for name in publishing.CARRIED if name != "hidden"
    }
