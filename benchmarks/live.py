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
from collections.abc import Iterator
from contextlib import nullcontext
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from benchmarks.pauses import Heart, rest, wait
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


def step_to(viewer: "napari.Viewer", index: int) -> float:  # noqa: F821
    """Move the slider, and return the seconds until the slice is drawn."""
    from qtpy.QtWidgets import QApplication

    start = time.perf_counter()
    viewer.dims.set_current_step(0, int(index))
    QApplication.processEvents()
    return time.perf_counter() - start


def appearing(viewer: "napari.Viewer", done: NDArray[np.bool_]) -> Iterator[float]:  # noqa: F821
    """Yield for each slice that nobody has fused yet the seconds from the move of the slider until it is done."""
    for index in np.random.default_rng(1).permutation(SLICES):
        if not done[index]:
            start = time.perf_counter()
            viewer.dims.set_current_step(0, int(index))
            wait(lambda index=index: bool(done[index]))
            yield time.perf_counter() - start


def measure(form: str) -> dict[str, float]:
    """Return seconds of one process: see the top of this file."""
    import napari

    from benchmarks.plain_fusion_net import plain_fusion
    from napari_refusion.model.fusion_net import FusionNet

    if form == "plain":
        FusionNet.forward = plain_fusion  # type: ignore[method-assign]
    viewer = napari.Viewer()
    heart = Heart(is_watched=False)
    found: dict[str, float] = {}

    def note_blocked(when: str) -> None:
        found[f"blocked, {when}"] = max(pause.clock for pause in heart.pauses())

    add_pair(viewer)
    rest(1)
    heart.pauses()
    found["kept, sources alone"] = statistics.median(step_to(viewer, index) for index in range(SLICES))
    note_blocked("sources alone")
    _, widget = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
    widget.page.live.setChecked(True)
    wait(lambda: widget.partial is not None)
    rest(3)
    partial = widget.partial
    heart.pauses()
    new = list(islice(appearing(viewer, partial.done), 10))
    note_blocked("moving")
    found |= {"new": statistics.median(new), "new, longest": max(new)}
    rest(2)
    found["kept"] = statistics.median(step_to(viewer, index) for index in np.flatnonzero(partial.done))
    heart.pauses()
    start = time.perf_counter()
    widget.fuse(is_slice=False)
    wait(lambda: partial.is_complete)
    found["filled"] = time.perf_counter() - start
    note_blocked("filling")
    viewer.close()
    return found


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
