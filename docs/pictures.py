"""Draw the README's pictures again: ``python -m docs.pictures``, on a machine without a display.

``demo.png`` is what `make demo` saves. ``widget.png`` is the Fuse widget after it fused the CT and the oblique MRI of
the sample data, started as a user starts it. ``lesion.png`` shows what a pixelwise maximum hides.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot
from matplotlib.patches import Circle

from napari_refusion.widgets.demo import virtual_display
from training.contenders import contenders
from training.contrast_transfer import lesion_positions, plant_lesions
from training.volumes import volume_slices

mpl.use("Agg")

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


def draw_lesion() -> None:
    """Write ``lesion.png``: a faint lesion planted in the head phantom's PET, where a maximum shows the MRI alone."""
    folder = HERE.parent / "sample_data/mri_pet"
    slices = list(volume_slices(folder / "sub-phantom_pet.nii.gz", folder / "sub-phantom_T1w.nii.gz"))
    pet, mri = (np.asarray(side, dtype=np.float64) for side in slices[len(slices) // 2][1])
    chosen = contenders(["maximum", "medical"])
    with_uptake = [place for place in lesion_positions(pet, mri) if pet[place] > 0.25]
    row, column = max(with_uptake, key=lambda place: mri[place] - pet[place])
    planted = plant_lesions(pet, [(row, column)])
    images = {"PET, lesion planted": planted, "MRI": mri} | {name: fuse(planted, mri) for name, fuse in chosen.items()}
    figure, axes = pyplot.subplots(1, 4, figsize=(12, 3.8), layout="constrained")
    for axis, (name, image) in zip(axes, images.items(), strict=True):
        axis.imshow(image, cmap="gray", vmin=0, vmax=1)
        axis.add_patch(Circle((column, row), 11, fill=False, edgecolor="#ffd000", linewidth=1))
        axis.set_axis_off()
        if name in chosen:
            shown = (image - chosen[name](pet, mri))[row, column] / (planted - pet)[row, column]
            name = f"{name}: {shown:.0%} of the lesion"
        axis.set_title(name, fontsize=10)
    figure.savefig(HERE / "lesion.png", dpi=100)


if __name__ == "__main__":
    draw_lesion()
    draw_demo()
    with virtual_display():
        draw_widget()
