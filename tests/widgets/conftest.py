"""A pair, small random weights, and napari kept away from the user's settings."""

import gc
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Final

import napari.settings
import pytest
from napari import Viewer
from npe2 import PluginManifest

from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.warming import SLOW
from tests.small_pair import small_mri, small_pet, untrained

_VIEWERS: Final = count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the slow ones of these tests: half a minute at the very end kept one worker busy and no other."""
    places = [place for place, item in enumerate(items) if Path(__file__).parent in item.path.parents]
    slow_first = sorted(places, key=lambda place: items[place].get_closest_marker("slow") is None)
    for place, item in zip(places, [items[place] for place in slow_first], strict=True):
        items[place] = item


@pytest.fixture
def mri() -> Volume:
    return small_mri()


@pytest.fixture
def pet() -> Volume:
    return small_pet()


@pytest.fixture
def viewer(make_napari_viewer: Callable[..., Viewer]) -> Viewer:
    """A viewer with nothing in it."""
    return make_napari_viewer()


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fusion network that was never trained."""
    return untrained(tmp_path_factory.mktemp("weights"))


@pytest.fixture(scope="session", autouse=True)
def frozen() -> Iterator[None]:
    """Let the collector leave alone what was there before: napari collects around each test, half a second without."""
    for name in SLOW:
        import_module(name)
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(autouse=True)
def frozen_anew(frozen: None, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the collector leave alone what earlier viewers left in caches, 5,000 objects each, and layers that go.

    napari collects after each layer that is removed, also by these tests themselves. What was frozen while it was used
    is looked through now and then: without, a worker grew to 3 GB.
    """
    if "make_napari_viewer" in request.fixturenames and "unfrozen" not in request.fixturenames:
        if next(_VIEWERS) % 20 == 0:
            gc.unfreeze()
        gc.collect()
        gc.freeze()
        monkeypatch.setattr("napari._vispy.canvas.gc", SimpleNamespace(collect=lambda: 0))


@pytest.fixture
def unfrozen(frozen: None) -> Iterator[None]:
    """Let the collector look through everything, as it does for a reader, from this test on until it is over."""
    gc.unfreeze()
    yield
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def read_once() -> Iterator[None]:
    """Let the manifests of installed plugins be read once, and not twice for each viewer."""
    with pytest.MonkeyPatch.context() as patched:
        read = cache(PluginManifest.from_file)
        patched.setattr(PluginManifest, "from_file", lambda path: read(path).model_copy())
        yield


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
