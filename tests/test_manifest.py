"""The plugin's manifest, and what napari loads because of it."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from npe2 import PluginManager, PluginManifest

from napari_refusion.cohort.case_manifest import MANIFESTS
from napari_refusion.io.formats import UNNAMED, claimed_endings
from napari_refusion.io.sample import SAMPLES

ROOT = Path(__file__).resolve().parents[1]
MANIFEST = ROOT / "src" / "napari_refusion" / "napari.yaml"


@pytest.fixture(scope="module")
def manifest() -> PluginManifest:
    return PluginManifest.from_file(MANIFEST)


def test_npe2_accepts_the_manifest_and_finds_every_function(manifest: PluginManifest) -> None:
    manifest.validate_imports()


def test_the_manifest_at_the_root_equals_the_one_in_the_package() -> None:
    at_root = ROOT / "napari.yaml"
    if at_root.stat().st_size < 100:
        pytest.skip("this checkout has no symbolic links")
    assert at_root.read_text(encoding="utf-8") == MANIFEST.read_text(encoding="utf-8")


def test_its_name_is_that_of_the_distribution_and_starts_every_command(manifest: PluginManifest) -> None:
    assert manifest.name == "napari-refusion"
    assert all(command.id.startswith("napari-refusion.") for command in manifest.contributions.commands)


def test_every_python_name_is_there(manifest: PluginManifest) -> None:
    for command in manifest.contributions.commands:
        module, _, name = command.python_name.partition(":")
        assert callable(getattr(import_module(module), name))


def test_every_sample_is_in_the_menu(manifest: PluginManifest) -> None:
    assert {sample.key: sample.display_name for sample in manifest.contributions.sample_data} == {
        key: sample.title for key, sample in SAMPLES.items()
    }


def test_no_reader_claims_every_file(manifest: PluginManifest) -> None:
    patterns = [pattern for reader in manifest.contributions.readers for pattern in reader.filename_patterns]
    assert patterns
    assert "*" not in patterns


def test_napari_offers_every_format_that_is_claimed_in_either_case_of_its_ending(manifest: PluginManifest) -> None:
    patterns = {pattern for reader in manifest.contributions.readers for pattern in reader.filename_patterns}
    named = {pattern.lower() for pattern in patterns - set(UNNAMED)}
    # lists of cases go into the worklist; a .csv opened from the menu is napari's own, of points
    lists = {f"*{one}" for one in MANIFESTS if one != ".csv"}
    assert named == {f"*{one}" for one in claimed_endings()} | lists
    assert patterns >= set(UNNAMED)


@pytest.mark.parametrize(
    ("name", "is_offered"),
    [
        ("DICOMDIR", True),
        ("dicomdir", True),
        ("IM000001", True),
        ("Z01", True),
        ("E", True),
        ("1.2.840.113619.2.55.7", True),
        ("MR.1.3.12.2.1107.5.2.32.14", True),
        ("T1.DCM", True),
        ("brain.NII.gz", True),
        ("picture.png", False),
        ("table.csv", False),
    ],
)
def test_napari_offers_what_lies_on_media_and_leaves_pictures_alone(
    manifest: PluginManifest, tmp_path: Path, name: str, is_offered: bool
) -> None:
    (tmp_path / name).write_bytes(b"")
    plugins = PluginManager()
    plugins.register(manifest)
    assert bool(list(plugins.iter_compatible_readers(str(tmp_path / name)))) is is_offered


def loaded_after(code: str) -> str:
    """Return which of torch and MONAI a fresh interpreter has loaded after `code`."""
    code += "\nimport sys; print('loaded', *[name for name in ('torch', 'monai') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    return done.stdout.strip().splitlines()[-1]


def test_importing_every_module_that_the_manifest_names_loads_neither_torch_nor_monai(manifest: PluginManifest) -> None:
    modules = {command.python_name.partition(":")[0] for command in manifest.contributions.commands}
    assert loaded_after("\n".join(f"import {module}" for module in sorted(modules))) == "loaded"


def test_opening_the_dock_loads_neither_torch_nor_monai() -> None:
    code = """
import napari
viewer = napari.Viewer(show=False)
viewer.add_image(__import__("numpy").zeros((3, 4, 5)), name="T1w")
viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
viewer.close()
"""
    assert loaded_after(code) == "loaded"


def test_asking_for_a_reader_loads_neither_torch_nor_monai() -> None:
    code = "from napari_refusion.widgets.contributions import get_reader; assert get_reader('a.nii.gz')"
    assert loaded_after(code) == "loaded"
