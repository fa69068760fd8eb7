"""Draw the README's pictures again: ``python -m docs.pictures``, on a machine without a display.

``demo.png`` is what `make demo` saves, ``lesion.png`` shows what a pixelwise maximum hides. All others show the Fuse
widget with sample data, started as a user starts it.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
import PIL.Image
from matplotlib import pyplot
from matplotlib.patches import Circle

from napari_refusion.widgets.demo import virtual_display
from training.contenders import contenders
from training.contrast_transfer import lesion_positions, plant_lesions
from training.volumes import volume_slices

if TYPE_CHECKING:
    import napari

    from napari_refusion.widgets.fuse.widget import FuseWidget

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
    """Write ``widget.png``: CT and oblique MRI, fused live."""
    with opened("mri_ct") as (viewer, widget):
        wait(lambda: widget.partial is not None)
        to_middle(viewer)
        wait_for_slice(widget)
        viewer.screenshot(str(HERE / "widget.png"), canvas_only=False, flash=False)


def draw_live() -> None:
    """Write ``live.gif``: a hand on the slider, then on the window."""
    frames = []

    def take() -> None:
        pixels = viewer.screenshot(canvas_only=False, flash=False)
        frames.append(PIL.Image.fromarray(pixels).convert("RGB").resize((750, 450), PIL.Image.Resampling.LANCZOS))

    with opened("mri_pet") as (viewer, widget):
        wait(lambda: widget.partial is not None)
        to_middle(viewer)
        step = viewer.dims.current_step[0]
        for index in range(step - 24, step + 1, 2):
            viewer.dims.set_current_step(0, index)
            wait_for_slice(widget)
            take()
        mri = viewer.layers["sub-phantom_T1w"]
        low, high = mri.contrast_limits
        for part in (0.9, 0.8, 0.7, 0.6, 0.7, 0.85, 1.0):
            mri.contrast_limits = (low, low + part * (high - low))
            wait_for_slice(widget)
            take()
    colours = [frame.quantize(256, PIL.Image.Quantize.MAXCOVERAGE, dither=PIL.Image.Dither.NONE) for frame in frames]
    colours[0].save(HERE / "live.gif", save_all=True, append_images=colours[1:], duration=250, loop=0)


def draw_compare() -> None:
    """Write ``compare.png``: every way to compare, and side by side."""
    pictures = {}
    with opened("mri_pet") as (viewer, widget):
        wait(lambda: widget.partial is not None)
        to_middle(viewer)
        wait_for_slice(widget)
        comparing = widget.panels.comparing
        comparing.next_mode()
        while (mode := comparing.state.mode) is not None:
            settle()
            pictures[comparing.state.caption(mode)] = viewer.screenshot(flash=False)
            comparing.next_mode()
        widget.panels.setCurrentWidget(widget.panels.compare)
        comparing.toggle_side_by_side()
        wait(lambda: viewer.canvas.grid.enabled)
        settle(1.0)
        viewer.screenshot(str(HERE / "side_by_side.png"), canvas_only=False, flash=False)
        comparing.toggle_side_by_side()
    figure, axes = pyplot.subplots(2, 4, figsize=(14, 7.6), layout="constrained")
    for axis, (name, picture) in zip(axes.flat, pictures.items(), strict=True):
        axis.imshow(picture)
        axis.set_title(textwrap.fill(name, 30, break_on_hyphens=False), fontsize=10)
        axis.set_axis_off()
    figure.savefig(HERE / "compare.png", dpi=80)


def draw_probe() -> None:
    """Write ``probe.png``: the values under the cursor and the statistics of a region."""
    with opened("mri_pet") as (viewer, widget):
        wait(lambda: widget.partial is not None)
        to_middle(viewer)
        wait_for_slice(widget)
        widget.panels.setCurrentWidget(widget.panels.probe)
        widget.panels.probe.draw_regions()
        centre = np.array(viewer.dims.point)
        corners = [centre + np.array((0, row, column)) for row, column in ((-40, 8), (-40, 32), (-16, 32), (-16, 8))]
        regions = viewer.layers.selection.active
        regions.add_ellipses(np.array([regions.world_to_data(corner) for corner in corners]))
        settle()
        move_mouse(viewer, 0.55, 0.4)
        settle(1.0)
        viewer.screenshot(str(HERE / "probe.png"), canvas_only=False, flash=False)


def draw_planes() -> None:
    """Write ``planes.png``: the overlay in three planes."""
    with opened("mri_pet") as (viewer, widget):
        wait(lambda: widget.partial is not None)
        to_middle(viewer)
        wait_for_slice(widget)
        compare = widget.panels.compare
        widget.panels.setCurrentWidget(compare)
        widget.panels.comparing.choose("overlay")
        widget.planes.show_all()
        settle(3.0)
        viewer.screenshot(str(HERE / "planes.png"), canvas_only=False, flash=False)
        widget.planes.show_all()
        settle(1.0)


def draw_lesion_list() -> None:
    """Write ``lesion_list.png``: the hot focus of the head phantom in PET and CT, as ``petct.md`` has it."""
    from napari_refusion.widgets.fuse.choice_box import choose
    from napari_refusion.widgets.planes.click import Click

    with opened("mri_pet") as (viewer, widget):
        viewer.open_sample("napari-refusion", "mri_ct")
        ct = next(layer for layer in viewer.layers if layer.name.startswith("CT"))
        pet = viewer.layers["sub-phantom_pet"]
        choose(widget.page.first.layer, str(ct.unique_id))
        choose(widget.page.second.layer, str(pet.unique_id))
        wait(lambda: widget.partial is not None and {"CT", "PET"} == {side.word for side in widget.partial.study.sides})
        wait_for_slice(widget)
        panel = widget.panels.lesions
        widget.panels.setCurrentWidget(panel)
        widget.planes.place.setText("R 27 A 30 S 17")
        widget.planes.go()
        wait_for_slice(widget)
        panel.form.method.amount.setEditText("60")
        panel.form.click.click()
        panel.clicking.take(Click(tuple(viewer.dims.point[-3:]), (0,), tuple(viewer.layers)))
        panel.form.click.click()
        panel.session.set_site(1, "right frontal")
        panel.go_to(1)
        wait(lambda: 1 in panel.session.shares.known)
        settle(1.0)
        viewer.screenshot(str(HERE / "lesion_list.png"), canvas_only=False, flash=False)


def draw_register() -> None:
    """Write ``register.png``: a PET that lies 10 mm off is brought back."""
    with opened("mri_pet") as (viewer, widget):
        pet = viewer.layers["sub-phantom_pet"]
        pet.translate = pet.translate + np.array((0, 0, 10))
        to_middle(viewer)
        wait_for_slice(widget)
        panel = widget.panels.register
        widget.panels.setCurrentWidget(panel)
        panel.register.click()
        wait(panel.accept.isEnabled)
        settle(1.0)
        viewer.screenshot(str(HERE / "register.png"), canvas_only=False, flash=False)


def draw_review() -> None:
    """Write ``review.png``, a review that is going on, and ``report.png``, two pages of its report."""
    from napari_refusion.record.case import REASONS

    with opened("mri_pet") as (viewer, widget), tempfile.TemporaryDirectory() as folder:
        wait(lambda: widget.partial is not None)
        to_middle(viewer)
        wait_for_slice(widget)
        panel = widget.panels.review
        widget.panels.setCurrentWidget(panel)
        panel.begin(Path(folder), "R1")
        wait(lambda: panel.session.examination is not None)
        session, middle = panel.session, panel.session.count // 2
        panel.reading.answer("aligned")
        for index in range(20, middle + 12):
            session.look(index, 1.0)
            verdict = {middle - 9: "reject", middle - 4: "flag", middle: "flag"}.get(index, "accept")
            session.judge(index, verdict, list(REASONS)[index % 3 : index % 3 + 1])
        session.comment(middle, "thalamus brighter than in the PET")
        session.mark_key(middle, is_key=True, caption="fused")
        panel.watch.go_to(middle)
        panel.refresh()
        settle(1.0)
        viewer.screenshot(str(HERE / "review.png"), canvas_only=False, flash=False)
        files: list[Path] = []
        panel.output.written.connect(lambda _kind, written: files.extend(written))
        panel.write("report")
        wait(lambda: bool(files))  # before that a PDF lies there under the name that it is written by
        draw_pages(next(file for file in files if file.suffix == ".pdf"), (0, 1))
        panel.end()


def draw_chooser() -> None:
    """Write ``chooser.png``: the list of a study from which one chooses what to open."""
    import napari
    from qtpy.QtCore import Qt
    from qtpy.QtTest import QTest

    from napari_refusion.io.listing import Listed
    from napari_refusion.widgets.opening.chooser import Chooser
    from napari_refusion.widgets.opening.offer import Offer

    times = tuple(f"frame {index}, {index:02d}:00 to {index + 1:02d}:00" for index in range(24))
    scout = "Leave out series 1: a scout is a projection and has no slices."
    pet, ct = ((267, 128, 128), (3.27, 5.47, 5.47)), ((299, 512, 512), (3.75, 0.98, 0.98))
    study = (
        Listed("606", "", "PET AC whole body", "PT", *pet, corrected=True),
        Listed("3", "", "CT soft tissue 3.75", "CT", *ct, corrected=None),
        Listed("9", "", "t1_vibe_dixon", "MR", (72, 320, 260), (3.0, 1.19, 1.19), None, ("water", "fat")),
        Listed("610", "", "PET brain dynamic", "PT", (47, 128, 128), (3.27, 2.34, 2.34), True, times),
        Listed("607", "", "PET NAC whole body", "PT", *pet, corrected=False),
        Listed("1", "", "Topogram", "CT", (1, 512, 512), None, None, refusal=scout),
    )
    viewer = napari.Viewer()
    chooser = Chooser([Offer((Path("study"),), one) for one in study], viewer.window._qt_window)
    chooser.resize(chooser.width(), 430)
    chooser.show()
    for key in (*(Qt.Key.Key_Down,) * 2, Qt.Key.Key_Right):
        QTest.keyClick(chooser.tree, key)
    settle(1.0)
    chooser.grab().save(str(HERE / "chooser.png"))
    chooser.close()
    viewer.close()


def draw_pages(document: Path, numbers: tuple[int, ...]) -> None:
    """Write ``report.png``: pages of a PDF beside each other."""
    from PyQt6.QtCore import QSize
    from PyQt6.QtPdf import QPdfDocument

    pages = QPdfDocument(None)
    pages.load(str(document))
    shown = []
    with tempfile.TemporaryDirectory() as folder:
        for number in numbers:
            path = Path(folder) / f"{number}.png"
            pages.render(number, QSize(620, 877)).save(str(path))
            page = PIL.Image.open(path).convert("RGBA")
            paper = PIL.Image.new("RGBA", page.size, "white")
            shown.append(np.asarray(PIL.Image.alpha_composite(paper, page).convert("RGB")))
    PIL.Image.fromarray(np.concatenate(shown, axis=1)).save(HERE / "report.png")


@contextmanager
def opened(sample: str) -> Iterator[tuple["napari.Viewer", "FuseWidget"]]:
    """Open a sample with the Fuse widget, Live on, as a user does."""
    import napari

    viewer = napari.Viewer()
    viewer.window.resize(1500, 900)
    viewer.open_sample("napari-refusion", sample)
    _, widget = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
    widget.page.live.setChecked(True)
    yield viewer, widget
    viewer.close()


def to_middle(viewer: "napari.Viewer") -> None:
    """Go to the middle of the first source, and look at all of it."""
    layer = viewer.layers[0]
    viewer.dims.point = layer.data_to_world((np.array(layer.data.shape[:3]) - 1) / 2)
    viewer.reset_view()


def move_mouse(viewer: "napari.Viewer", right: float, down: float) -> None:
    """Move the mouse to a part of the canvas' width and height."""
    from qtpy.QtCore import QPoint
    from qtpy.QtTest import QTest

    from napari_refusion.widgets.probe.cursor_cross import find_canvas

    canvas = find_canvas(viewer.window._qt_window)
    QTest.mouseMove(canvas, QPoint(int(right * canvas.width()), int(down * canvas.height())))


def settle(seconds: float = 0.4) -> None:
    """Let the window draw."""
    end = time.monotonic() + seconds
    wait(lambda: time.monotonic() > end)


def wait_for_slice(widget: "FuseWidget") -> None:
    """Wait until what is looked at is fused and drawn."""
    settle(0.1)
    wait(lambda: widget.is_idle)
    settle(0.2)


def wait(until: Callable[[], bool]) -> None:
    """Run the window until something is so."""
    from qtpy.QtWidgets import QApplication

    end = time.monotonic() + 900
    while not until():
        QApplication.processEvents()
        if time.monotonic() > end:
            raise TimeoutError("The widget did not finish within a quarter of an hour.")


def draw_lesion() -> None:
    """Write ``lesion.png``: a faint lesion planted in the head phantom's PET, where a maximum shows the MRI alone."""
    folder = HERE.parent / "sample_data/mri_pet"
    slices = list(volume_slices(folder / "sub-phantom_pet.nii.gz", folder / "sub-phantom_T1w.nii.gz"))
    pet, mri = (np.asarray(side, dtype=np.float64) for side in slices[len(slices) // 2][1])
    chosen = contenders(["maximum", "medical"])
    with_uptake = [place for place in lesion_positions(pet, mri) if pet[place] > 0.25]
    row, column = max(with_uptake, key=lambda place: mri[place] - pet[place])
    planted = plant_lesions(pet, [(row, column)])
    fused = {name: engine.fuse(planted, mri) for name, engine in chosen.items()}
    images = {"PET, lesion planted": planted, "MRI": mri} | fused
    figure, axes = pyplot.subplots(1, 4, figsize=(12, 3.8), layout="constrained")
    for axis, (name, image) in zip(axes, images.items(), strict=True):
        axis.imshow(image, cmap="gray", vmin=0, vmax=1)
        axis.add_patch(Circle((column, row), 11, fill=False, edgecolor="#ffd000", linewidth=1))
        axis.set_axis_off()
        if name in chosen:
            shown = (image - chosen[name].fuse(pet, mri))[row, column] / (planted - pet)[row, column]
            name = f"{name}: {shown:.0%} of the lesion"
        axis.set_title(name, fontsize=10)
    figure.savefig(HERE / "lesion.png", dpi=100)


if __name__ == "__main__":
    # settings of nobody, or every picture would begin on the page on which whoever draws them left napari
    os.environ["NAPARI_CONFIG"] = str(Path(tempfile.mkdtemp()) / "settings.yaml")
    draw_lesion()
    draw_demo()
    with virtual_display():
        for draw in (
            draw_widget,
            draw_live,
            draw_compare,
            draw_probe,
            draw_lesion_list,
            draw_register,
            draw_planes,
            draw_review,
            draw_chooser,
        ):
            draw()
