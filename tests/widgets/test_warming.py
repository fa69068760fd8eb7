"""What takes seconds is imported in a worker thread, and nothing that is in use is exchanged."""

import gc
import os
import subprocess
import sys
from pathlib import Path

import pint
import pytest

from napari_refusion.io.write import write_nifti
from napari_refusion.widgets.warming import SLOW, ready, take_units
from tests.small_pair import small_mri

OPENING = """
import sys, threading

class Noted:
    first = {}
    def find_spec(self, name, path=None, target=None):
        if name in ("torch", "monai"):
            self.first.setdefault(name, threading.current_thread() is threading.main_thread())

sys.meta_path.insert(0, Noted())
import napari
viewer = napari.Viewer()
viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
layers = viewer.open(sys.argv[1], plugin="napari-refusion")
print(len(layers), sorted(Noted.first.items()), layers[0].source.path == sys.argv[1])
viewer.close()
"""


@pytest.mark.skipif(not os.environ.get("DISPLAY"), reason="needs a display")
def test_opening_the_first_file_imports_torch_and_monai_in_no_thread_of_the_window(tmp_path: Path) -> None:
    path = tmp_path / "sub-01_T1w.nii.gz"
    write_nifti(small_mri(), path)
    command = [sys.executable, "-W", "ignore", "-c", OPENING, str(path)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300)
    assert "Traceback" not in done.stderr
    assert done.stdout.splitlines()[-1] == "1 [('monai', False), ('torch', False)] True"


@pytest.mark.usefixtures("unfrozen")
def test_making_ready_yields_units_and_every_module_and_leaves_the_collector_as_it_was() -> None:
    units, *modules = ready()
    assert isinstance(units, pint.UnitRegistry)
    assert modules == list(SLOW)
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_making_ready_says_nothing_that_a_window_would_show_over_its_notice() -> None:
    program = "from napari_refusion.widgets.warming import ready; list(ready())"
    command = [sys.executable, "-W", "always::DeprecationWarning", "-c", program]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=300)
    assert "torch.jit" not in done.stderr


def test_units_in_use_are_kept_for_those_of_two_registries_cannot_be_compared() -> None:
    registry = pint.application_registry.get()
    try:
        pint.set_application_registry(used := pint.UnitRegistry())
        take_units(pint.UnitRegistry())
        assert pint.application_registry.get() is used
        pint.set_application_registry(pint.LazyRegistry())
        take_units(used)
        assert pint.application_registry.get() is used
    finally:
        pint.set_application_registry(registry)
