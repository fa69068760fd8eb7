"""What somebody does in the window whose pauses `benchmarks.heartbeat` measures."""

import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.pauses import rest, wait
from benchmarks.reading import write_series


def write_pair(folder: Path, slices: int, side: int) -> tuple[Path, Path]:
    """Write a smooth MRI and a PET of half its resolution, 6 mm off, made of noise, as NIfTI."""
    from scipy.ndimage import gaussian_filter

    from napari_refusion.io.write import write_nifti
    from napari_refusion.volume.affine import IPL_TO_RAS
    from napari_refusion.volume.volume import Volume

    random, paths = np.random.default_rng(0), []
    for name, modality, step in (("sub-01_T1w.nii.gz", "MR", 1), ("sub-01_pet.nii.gz", "PT", 2)):
        shape = (slices, side // step, side // step)
        ball = np.linalg.norm(np.stack(np.meshgrid(*(np.linspace(-1, 1, n) for n in shape), indexing="ij")), axis=0)
        noise = gaussian_filter(random.random(shape, np.float32), 3 / step)
        scaled = (noise - noise.min()) / np.ptp(noise)
        affine = IPL_TO_RAS @ np.diag([4.0, step, step, 1.0])
        affine[0, 3] += 6.0 * (step - 1)
        data = (1000 * (0.3 + scaled) * np.clip(6 * (0.9 - ball), 0, 1)).astype(np.float32)
        write_nifti(Volume(data, affine, modality, name=modality), folder / name)
        paths.append(folder / name)
    return paths[0], paths[1]


class Steps:
    """One reader's way through the window, from the dock to the next examination."""

    def __init__(self, viewer: Any, folder: Path, size: tuple[int, int]) -> None:  # noqa: ANN401 - see `heartbeat`
        slices, side = size
        self._viewer, self._folder, self._slices = viewer, folder, slices
        self._pair = write_pair(folder, slices, side)
        self._series = write_series(folder / "ct", 2 * slices, side, 0.0)
        self._widget: Any = None

    def in_turn(self) -> Iterator[tuple[str, Callable[[], None]]]:
        """Yield what is done, and how; each returns when it is over."""
        yield "opening the dock", self._open_dock
        yield "first opening of a NIfTI pair", self._open_pair
        yield "the first fused slice", self._fuse_first
        yield "scrolling with Live", self._scroll
        yield "filling the volume", self._fill
        yield "comparing, every mode", self._compare
        yield "three planes", self._planes
        yield "registering", self._register
        yield "examining in Review", self._examine
        yield "judging slices", self._judge
        yield "report, HTML and PDF", self._report
        yield "saving the session", self._save_session
        yield "opening a saved session", self._open_session
        yield "opening a DICOM folder", self._open_folder

    def _open_dock(self) -> None:
        _, self._widget = self._viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
        self._widget.page.live.setChecked(False)
        rest(0.05)

    def _open(self, *paths: Path) -> None:
        before = len(self._viewer.layers)
        self._viewer.open([str(path) for path in paths], plugin="napari-refusion")
        wait(lambda: len(self._viewer.layers) >= before + len(paths))
        rest(1)

    def _open_pair(self) -> None:
        self._open(*self._pair)

    def _fuse_first(self) -> None:
        self._widget.page.live.setChecked(True)
        wait(lambda: self._widget.partial is not None and self._widget.partial.done.any())
        rest(1)

    def _scroll(self) -> None:
        for index in range(self._slices // 4, self._slices // 2):
            self._viewer.dims.set_current_step(0, index)
            rest(0.5)

    def _fill(self) -> None:
        self._widget.fuse(is_slice=False)
        wait(lambda: self._widget.partial.is_complete and self._widget.is_idle)
        rest(1)

    def _compare(self) -> None:
        comparing = self._widget.panels.comparing
        for mode in (*comparing.state.offered, None):
            comparing.choose(None if mode is None else mode.name)
            rest(0.3)
        comparing.toggle_side_by_side()
        cells = self._widget.panels.compare.view.cells
        wait(lambda: cells.cross is not None)  # the last thing that is made
        rest(0.5)
        comparing.toggle_side_by_side()
        rest(0.5)

    def _planes(self) -> None:
        for _ in range(2):
            self._widget.planes.show_all()
            rest(1)

    def _register(self) -> None:
        session = self._widget.panels.register.session
        self._widget.panels.setCurrentWidget(self._widget.panels.register)
        rest(0.5)
        session.register()
        wait(lambda: not session.is_running)
        rest(0.5)
        session.discard()
        rest(0.5)

    def _examine(self) -> None:
        panel = self._widget.panels.review
        self._widget.panels.setCurrentWidget(panel)
        rest(0.5)
        panel.begin(self._folder / "project", "R1")
        wait(lambda: panel.session is not None and panel.session.examination is not None)
        panel.reading.answer("aligned")
        rest(1)

    def _judge(self) -> None:
        panel = self._widget.panels.review
        panel.form.next_map()
        rest(0.5)
        for index in range(self._slices // 2):
            panel.watch.go_to(index)
            rest(0.2)
            panel.keys.press("A")
            rest(0.2)

    def _report(self) -> None:
        panel, written = self._widget.panels.review, []
        panel.output.written.connect(lambda kind, files: written.append(files))
        panel.write("report")
        wait(lambda: bool(written))
        rest(0.5)
        panel.end()

    def _save_session(self) -> None:
        """Save the pair with its fused slices, in three planes, compared by edges."""
        if not self._widget.planes.three.is_shown:
            self._widget.planes.show_all()
            rest(1)
        self._widget.panels.comparing.choose("edges of second")
        rest(1)
        sessions, saved = self._widget.sessions, []
        sessions.saved.connect(saved.append)
        sessions.save_to(self._folder / "session")
        wait(lambda: bool(saved))
        rest(0.5)

    def _open_session(self) -> None:
        """Open the session in place of what is open, which it equals."""
        sessions, opened = self._widget.sessions, []
        sessions.opened.connect(lambda: opened.append(True))
        sessions.open_from(self._folder / "session", (self._folder,))  # a folder that is named is not asked about
        wait(lambda: bool(opened))
        rest(1)

    def _open_folder(self) -> None:
        self._open(self._series)


class NapariSteps:
    """A dock without anything in it, and layers, in a viewer that has no plugin."""

    def __init__(self, viewer: Any, size: tuple[int, int]) -> None:  # noqa: ANN401
        import scipy.ndimage  # noqa: F401 - napari would import it with its first layer, the plugin has done so
        from pint import UnitRegistry, set_application_registry

        slices, side = size
        self._viewer = viewer
        self._voxels = np.random.default_rng(0).random((slices, side, side), np.float32)
        # made ahead by the plugin, too
        set_application_registry(UnitRegistry(on_redefinition="raise"))
        gc.collect()  # else Python does so within one of the layers

    def in_turn(self) -> Iterator[tuple[str, Callable[[], None]]]:
        """Yield what is done, and how; each returns when it is over."""
        yield "an empty dock", self._open_dock
        yield "the first layer", self._add_layer
        yield "the second layer", self._add_layer
        yield "the third layer", self._add_layer

    def _open_dock(self) -> None:
        from qtpy.QtWidgets import QWidget

        self._viewer.window.add_dock_widget(QWidget(), name="empty")
        rest(1)

    def _add_layer(self) -> None:
        self._viewer.add_image(self._voxels, scale=(4, 1, 1), units="mm", contrast_limits=(0, 1))
        rest(1)
