"""Draw the README's pictures again: ``python docs/pictures.py``, on a machine without a display.

``demo.png`` is what `make demo` saves. ``widget.png`` is the Fuse widget after it fused the CT and the oblique MRI of
the sample data, started as a user starts it.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from napari_refusion.widgets.demo import virtual_display

HERE = Path(__file__).resolve().parent


def draw_demo() -> None:
    """Write ``demo.png``, in a process without a display."""
    environment = {name: value for name, value in os.environ.items() if "DISPLAY" not in name}
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "napari_refusion.cli", "demo", "--output", folder]
        subprocess.run(command, env=environment, check=True)
        shutil.copy(Path(folder) / "fused.png", HERE / "demo.png")


def draw_widget() -> None:
    """Write ``widget.png``."""
    import napari
    from qtpy.QtWidgets import QApplication

    viewer = napari.Viewer()
    viewer.window.resize(1500, 900)
    viewer.open_sample("napari-refusion", "mri_ct")
    _, widget = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
    widget.fuse(is_slice=False)
    wait_until = time.monotonic() + 300
    while not widget.fuse_volume.isEnabled() or len(viewer.layers) < 3:
        QApplication.processEvents()
        if time.monotonic() > wait_until:
            raise TimeoutError("The widget did not finish within five minutes.")
    viewer.reset_view()
    for _ in range(10):
        QApplication.processEvents()
    viewer.screenshot(str(HERE / "widget.png"), canvas_only=False, flash=False)
    viewer.close()


if __name__ == "__main__":
    draw_demo()
    with virtual_display():
        draw_widget()
