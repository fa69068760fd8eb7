"""A pair, small random weights, and napari kept away from the user's settings."""

from collections.abc import Callable, Iterator
from pathlib import Path

import napari.settings
import pytest
import torch

from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.model.weights import Weights, save_weights
from napari_refusion.volume.origin import Origin
from napari_refusion.volume.volume import Volume
from tests.widgets.made import IPL_AFFINE, blob


@pytest.fixture
def mri() -> Volume:
    return Volume(blob((6, 24, 32), 1), IPL_AFFINE, "MR", name="T1w", origin=Origin(sha256="1" * 64))


@pytest.fixture
def pet() -> Volume:
    return Volume(blob((6, 24, 32), 2), IPL_AFFINE, "PT", "Bq/ml", name="pet", origin=Origin(sha256="2" * 64))


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fusion network that was never trained."""
    path = tmp_path_factory.mktemp("weights") / "untrained.safetensors"
    torch.manual_seed(0)
    save_weights(Weights(FusionNet().state_dict()), path)
    return path


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keep napari away from the user's settings, its own and those of the plugin."""
    monkeypatch.setenv("NAPARI_CONFIG", str(tmp_path / "settings.yaml"))
    napari.settings._clear_plugin_settings_cache()
    napari.settings.get_plugin_settings(path_dir=tmp_path)
    yield
    napari.settings._clear_plugin_settings_cache()


@pytest.fixture
def notes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was shown to the user as a warning."""
    shown: list[str] = []
    keep: Callable[[str], None] = shown.append
    for module in ("fuse.widget", "contributions"):
        monkeypatch.setattr(f"napari_refusion.widgets.{module}.show_warning", keep)
    return shown
