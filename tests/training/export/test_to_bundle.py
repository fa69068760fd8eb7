"""What is written into a bundle: the files that MONAI's specification names, and nothing that runs by being loaded."""

import json
import re
import zipfile
from pathlib import Path

import pytest
import torch

from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.model.weights import Weights, WeightsError
from napari_refusion.model.weights_files import find_weights, load_weights
from training.export.to_bundle import CHECKOUT, bundle_files, write_bundle

CARD = "# Model card: `medical`\n\nSee [the table](../../../training/README.md#how).\n\n## Limits\n"

FILES = {
    "LICENSE",
    "configs/inference.json",
    "configs/logging.conf",
    "configs/metadata.json",
    "docs/README.md",
    "docs/data_license.txt",
    "models/model.pt",
}


@pytest.fixture(scope="module")
def weights() -> Weights:
    """The installed medical weights."""
    return load_weights(find_weights("medical"))


@pytest.fixture
def bundle(weights: Weights, tmp_path: Path) -> Path:
    """A bundle in a folder."""
    write_bundle(weights, CARD, tmp_path / "refusion_medical")
    return tmp_path / "refusion_medical"


def test_a_bundle_is_a_folder_with_the_files_of_the_specification_and_nothing_beside_it(bundle: Path) -> None:
    assert {str(path.relative_to(bundle)) for path in bundle.rglob("*") if path.is_file()} == FILES
    assert [path.name for path in bundle.parent.iterdir()] == [bundle.name]


def test_its_parameters_are_those_of_the_weights_and_load_as_numbers_only(bundle: Path, weights: Weights) -> None:
    state = torch.load(bundle / "models/model.pt", weights_only=True)
    FusionNet().load_state_dict(state)
    assert all(torch.equal(state[name], value) for name, value in weights.state.items())
    assert not [name for name in zipfile.ZipFile(bundle / "models/model.pt").namelist() if "code" in name]


def test_the_same_weights_give_the_same_bytes(weights: Weights) -> None:
    assert bundle_files(weights, CARD) == bundle_files(weights, CARD)


def test_metadata_name_task_weights_and_licence(bundle: Path, weights: Weights) -> None:
    said = json.loads((bundle / "configs/metadata.json").read_text())
    assert said["name"] == bundle.name
    assert said["refusion"]["weights_sha256"] == weights.sha256
    assert said["refusion"]["licence"] == "BSD-3-Clause"
    assert "not for diagnosis" in said["intended_use"]
    assert said["network_data_format"]["inputs"]["image"]["channel_def"] == {"0": "CT, PET or SPECT", "1": "MRI"}


def test_what_it_runs_comes_with_the_package_and_not_from_the_checkout(bundle: Path) -> None:
    targets = set(re.findall(r'"_target_": "([\w.]+)"', (bundle / "configs/inference.json").read_text()))
    assert {target.partition(".")[0] for target in targets} == {"napari_refusion", "monai", "torch"}


def test_the_page_in_it_has_the_model_card_without_links_out_of_it(bundle: Path) -> None:
    page = (bundle / "docs/README.md").read_text()
    assert "\n## Model card: `medical`\n\nSee the table.\n\n### Limits\n" in page
    assert "](" not in page


def test_an_earlier_bundle_is_replaced_whole_and_another_folder_is_left_alone(bundle: Path, weights: Weights) -> None:
    (bundle / "models/old.pt").touch()
    write_bundle(weights, CARD, bundle)
    assert not (bundle / "models/old.pt").exists()
    with pytest.raises(ValueError, match="something else than a bundle"):
        write_bundle(weights, CARD, bundle.parent)
    assert bundle.is_dir()


def test_weights_that_do_not_fuse_make_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(WeightsError):
        write_bundle(Weights({"x": torch.ones(1)}), CARD, tmp_path / "bundle")
    assert not list(tmp_path.iterdir())


def test_the_licence_is_that_of_the_project(bundle: Path) -> None:
    assert (bundle / "LICENSE").read_bytes() == (CHECKOUT / "LICENSE").read_bytes()
