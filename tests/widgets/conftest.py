"""A pair, small random weights, and napari kept away from the user's settings."""

from collections.abc import Callable, Iterator
from pathlib import Path

import napari.settings
import pytest

from napari_refusion.volume.volume import Volume
from tests.small_pair import small_mri, small_pet, untrained


@pytest.fixture
def mri() -> Volume:
    return small_mri()


@pytest.fixture
def pet() -> Volume:
    return small_pet()


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fusion network that was never trained."""
    return untrained(tmp_path_factory.mktemp("weights"))


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
    for module in ("fuse.answers", "contributions"):
        monkeypatch.setattr(f"napari_refusion.widgets.{module}.show_warning", keep)
    return shown
