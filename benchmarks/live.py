"""How long a 256 x 256 slice takes to appear after the hand stops: ``python -m benchmarks.live [--threads 2]``.

A real viewer with the Fuse widget, once with the compiled network, once with it in PyTorch alone, and once in its plain
formulation, each in a process of its own (without a display: in memory, with Xvfb). Printed are

* *new*: from the move of the slider to the drawn slice that nobody has fused yet, median and longest,
* *kept*: the same for a slice that is there already,
* *blocked*: the longest pause of the window's event loop, while the slider moves and while a volume is filled,
* *sources alone*: the same with napari and two layers, before the plugin is opened; what is left is drawing,
* *filled*: from the click to the last slice of the volume.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from itertools import pairwise

import numpy as np

from napari_refusion.fusion.compilation import SWITCH, Compilation, Compiling

SIDE, SLICES = 256, 40

FORMS = ("compiled", "pytorch", "plain")


def add_pair(viewer: "napari.Viewer") -> None:  # noqa: F821 - imported where there is a display
    """Add a smooth MRI and PET of 256 x 256 slices, made of noise, to a viewer."""
    from scipy.ndimage import gaussian_filter

    from napari_refusion.volume.affine import IPL_TO_RAS
    from napari_refusion.volume.volume import Volume
    from napari_refusion.widgets.layers import to_layer_data

    random = np.random.default_rng(0)
    ball = np.linalg.norm(np.mgrid[-1 : 1 : SLICES * 1j, -1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j], axis=0) < 0.9
    for modality, sigma in (("MR", 1.5), ("PT", 5.0)):
        noise = gaussian_filter(random.random((SLICES, SIDE, SIDE), np.float32), sigma)
        scaled = (noise - noise.min()) / np.ptp(noise)
        volume = Volume((1000 * scaled * ball).astype(np.float32), IPL_TO_RAS, modality, name=modality)
        data, properties, _ = to_layer_data(volume)
        viewer.add_image(data, **properties)


def measure(form: str) -> dict[str, float]:
    """Return seconds of one process: see the top of this file."""
    import napari
    from qtpy.QtCore import QTimer
    from qtpy.QtWidgets import QApplication

    from benchmarks.plain_fusion_net import plain_fusion
    from napari_refusion.model.fusion_net import FusionNet

    if form == "plain":
        FusionNet.forward = plain_fusion  # type: ignore[method-assign]
    beats: list[float] = []

    def wait(until: Callable[[], bool], limit: float = 120.0) -> float:
        start = time.perf_counter()
        while not until():
            QApplication.processEvents()
            time.sleep(0.002)  # a window waits for events, too, and leaves the core to others
            if time.perf_counter() - start > limit:
                raise TimeoutError("The widget did not answer.")
        return time.perf_counter() - start

    def rest(seconds: float) -> None:
        end = time.perf_counter() + seconds
        wait(lambda: time.perf_counter() > end)

    def longest_pause() -> float:
        return max(later - earlier for earlier, later in pairwise(beats))

    def step_to(index: int) -> float:
        start = time.perf_counter()
        viewer.dims.set_current_step(0, int(index))
        QApplication.processEvents()
        return time.perf_counter() - start

    viewer = napari.Viewer()
    heart = QTimer()
    heart.setInterval(1)
    # some turns of the loop are long because napari runs it within itself: that blocks nobody
    heart.timeout.connect(lambda: beats.append(time.perf_counter()))
    heart.start()
    add_pair(viewer)
    rest(1)
    beats.clear()
    alone = [step_to(index) for index in range(SLICES)]
    alone_blocked = longest_pause()
    _, widget = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
    widget.page.live.setChecked(True)
    wait(lambda: widget.partial is not None)
    rest(3)
    partial = widget.partial
    new = []
    beats.clear()
    for index in np.random.default_rng(1).permutation(SLICES):
        if partial.done[index]:
            continue
        viewer.dims.set_current_step(0, int(index))
        new.append(wait(lambda index=index: bool(partial.done[index])))
        if len(new) == 10:
            break
    moving = longest_pause()
    rest(2)
    kept = [step_to(index) for index in np.flatnonzero(partial.done)]
    beats.clear()
    widget.fuse(is_slice=False)
    filled = wait(lambda: partial.is_complete)
    filling = longest_pause()
    viewer.close()
    return {
        "new": statistics.median(new),
        "new, longest": max(new),
        "kept": statistics.median(kept),
        "kept, sources alone": statistics.median(alone),
        "blocked, moving": moving,
        "blocked, filling": filling,
        "blocked, sources alone": alone_blocked,
        "filled": filled,
    }


def in_own_process(form: str, threads: int) -> dict[str, float]:
    """Return `measure` of a fresh process."""
    command = [sys.executable, "-m", "benchmarks.live", "--form", form]
    environment = os.environ | {"OMP_NUM_THREADS": str(threads), SWITCH: str(int(form == "compiled"))}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return json.loads(done.stdout.strip().splitlines()[-1])


def main() -> None:
    """Measure all forms and print them side by side."""
    from napari_refusion.widgets.demo import has_display, virtual_display

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--form", choices=FORMS, help="measure one form in this process, print JSON")
    options = parser.parse_args()
    if options.form:
        with nullcontext() if has_display() else virtual_display():
            print(json.dumps(measure(options.form)))
        return
    while isinstance(Compilation().state(), Compiling):
        time.sleep(1)
    taken = {form: in_own_process(form, options.threads) for form in FORMS}
    print(f"{SIDE} x {SIDE}, {options.threads} threads, milliseconds")
    print(f"{'':24} {''.join(f'{form:>10}' for form in FORMS)}")
    for name in taken["compiled"]:
        print(f"{name:24} {''.join(f'{1e3 * taken[form][name]:10.0f}' for form in FORMS)}")


if __name__ == "__main__":
    main()
