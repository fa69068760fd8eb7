"""The demonstration: fuse the bundled MRI/PET pair and show it in napari, or in a picture where there is no display."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Final

from napari_refusion.volume.finding import refuse

if TYPE_CHECKING:
    from napari_refusion.fusion.fuse import Fused
    from napari_refusion.study.study import Study
    from napari_refusion.volume.volume import Volume

SAMPLE: Final = "mri_pet"

_WINDOW: Final = (1500, 900)
"""Pixels, where the screen has them."""


def run_demo(output: Path, weights: str = "") -> Iterator[str]:
    """Fuse the sample, write the result and a picture of the window into a folder, and show it; yield what is done.

    Parameters
    ----------
    weights
        Name of installed weights or a file; empty for those of the task.

    Raises
    ------
    RefusedError
        If the pair is refused, nothing can be written, Qt is missing, or there is neither a display nor Xvfb.
    """
    from napari_refusion.io.write import write_volume
    from napari_refusion.io.write_json import write_json

    _check_qt()
    output.mkdir(parents=True, exist_ok=True)
    yield "Fusing the bundled head phantom, PET and MRI ..."
    sources, pair, fused = fuse_sample(weights)
    volume, record, picture = (output / f"fused{ending}" for ending in (".nii.gz", ".json", ".png"))
    write_volume(fused.volume, volume, overwrite=True)
    write_json(fused.record(), record, overwrite=True)
    yield f"wrote {volume}"
    yield f"wrote {record}"
    seen = has_display()
    with nullcontext() if seen else virtual_display():
        _show(sources, pair, fused, picture, stay=seen)
    yield f"wrote {picture}"


def fuse_sample(weights: str = "") -> tuple[tuple[Volume, Volume], Study, Fused]:
    """Return the two volumes of the sample, the pair that they make, and that pair fused."""
    from napari_refusion.io.open import open_volume
    from napari_refusion.io.sample import SAMPLES
    from napari_refusion.session.fusion import FusionSession
    from napari_refusion.session.settings import FuseSettings
    from napari_refusion.session.source import OpenedVolume, Request, Source

    sample = SAMPLES[SAMPLE]
    first, second = (open_volume(path) for path in sample.paths())
    sources = Source(OpenedVolume(first, "first")), Source(OpenedVolume(second, "second"))
    session = FusionSession()
    session.fuse(Request(*sources, FuseSettings(sample.task, weights)))
    fused = session.fused()
    assert session.partial is not None
    return (first, second), session.partial.study, fused


def _check_qt() -> None:
    """Raise `RefusedError` where napari has no Qt to open a window with; asked before the work is done."""
    try:
        import qtpy.QtWidgets  # noqa: F401 - only whether it can be imported
    except ImportError:
        sentence = 'napari cannot open a window without Qt: install it, for example pip install "napari[all]".'
        raise refuse("display", sentence) from None


def has_display() -> bool:
    """Return whether windows can be opened."""
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


@contextmanager
def virtual_display() -> Iterator[None]:
    """Open windows on a screen in memory for a while; Qt must not have been started before.

    Raises
    ------
    RefusedError
        If Xvfb is not installed.
    """
    width, height = _WINDOW
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", f"{width}x{height}x24", "+extension", "GLX", "-noreset"]
    try:
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    except FileNotFoundError:
        sentence = "There is no display and Xvfb is not installed: run `make demo`, or install the package xvfb."
        raise refuse("display", sentence) from None
    try:
        assert server.stdout is not None
        os.environ["DISPLAY"] = f":{server.stdout.readline().strip()}"
        yield
    finally:
        os.environ.pop("DISPLAY", None)
        server.terminate()
        server.wait()


def _show(sources: tuple[Volume, Volume], study: Study, fused: Fused, picture: Path, stay: bool) -> None:
    """Show sources and result side by side with the Fuse widget, save a picture of the window, and `stay` open."""
    import napari
    from qtpy.QtWidgets import QApplication

    from napari_refusion.fusion.device import choose_device, describe_device
    from napari_refusion.widgets.demo_layers import open_demo_layers
    from napari_refusion.widgets.fuse.opened import fuse_widget

    viewer = napari.Viewer()
    viewer.window.resize(*_on_screen(*_WINDOW))
    widget = fuse_widget(viewer)
    widget.pause_live()
    widget.finish_letters()
    open_demo_layers(viewer, *sources, fused)
    widget.show_findings(study.findings, f"Device: {describe_device(choose_device(fused.provenance.device))}")
    widget.legend.show_legend(fused.legend)
    for _ in range(5):  # layout, docks and the first drawing each need a turn
        QApplication.processEvents()
    viewer.reset_view()
    QApplication.processEvents()
    viewer.screenshot(str(picture), canvas_only=False, flash=False)
    if stay:
        napari.run()
    else:
        viewer.close()


def _on_screen(width: int, height: int) -> tuple[int, int]:
    """Return width and height of a window that the screen can show whole, with its title."""
    from qtpy.QtCore import QSize
    from qtpy.QtGui import QGuiApplication

    from napari_refusion.widgets.screen_room import below_title

    if (screen := QGuiApplication.primaryScreen()) is None:
        return width, height
    size = QSize(width, height).boundedTo(below_title(screen.availableSize()))
    return size.width(), size.height()
