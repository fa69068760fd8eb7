"""How fast a review answers on 256 x 256 slices: ``python -m benchmarks.review``.

A real viewer (without a display: in memory, with Xvfb) with a volume of 96 slices that is fused by a maximum and
examined by made-up evidence: what is measured is the review, not the network. Printed are median and longest of 40

* *slice, sources alone*: from the move of the slider to the drawn slice, napari with two layers and no plugin,
* *slice, review*: the same with fused layers and a review going on; *with evidence*: with an evidence map above them,
* *verdict stored*: from the call to the event on the disk,
* *key A*: from the key to the stored verdict, the strip and the next slice on the screen.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from benchmarks.live import SIDE, add_pair
from benchmarks.pauses import rest, wait

SLICES, TIMES = 96, 40


def made_up(engine: Any, partial: Any, _looked_at: int) -> Iterator[object]:  # noqa: ANN401
    """Yield an examination of a partial fusion that took no time."""
    from napari_refusion.evidence.examination import Examination
    from napari_refusion.evidence.examiner import start_examiner
    from napari_refusion.evidence.indicators import per_slice
    from napari_refusion.evidence.map_kinds import MEASURED
    from napari_refusion.session.examined import Examined

    random, count = np.random.default_rng(0), len(partial.done)
    maps = {name: random.random(partial.fused.shape, np.float32).astype(np.float16) for name in MEASURED}
    numbers = {name: random.random(count) for name in per_slice()}
    body = np.ones(count, np.bool_)
    yield Examined(
        Examination(start_examiner(engine), partial, maps, numbers, body, (), missed_run=True, findings=()), None
    )


def timed(action: Callable[[int], object]) -> list[float]:
    """Return the seconds until the window has drawn what an action for each of some slices changed."""
    from qtpy.QtWidgets import QApplication

    found = []
    for index in range(10, 10 + TIMES):
        start = time.perf_counter()
        action(index)
        QApplication.processEvents()
        found.append(time.perf_counter() - start)
    return found


def measure() -> dict[str, list[float]]:
    """Return seconds by what was measured."""
    import napari

    from napari_refusion.widgets.fuse.choice_box import choose

    viewer = napari.Viewer()
    with patch("benchmarks.live.SLICES", SLICES):
        add_pair(viewer)
    rest(1)
    found = {"slice, sources alone": timed(lambda index: viewer.dims.set_current_step(0, index))}
    _, widget = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
    widget.page.live.setChecked(False)
    choose(widget.page.form.weights, "maximum")
    widget.fuse(is_slice=False)
    wait(lambda: widget.partial is not None and widget.partial.is_complete and widget.is_idle)
    panel = widget.panels.review
    widget.panels.setCurrentWidget(panel)
    with tempfile.TemporaryDirectory() as folder:
        panel.begin(Path(folder), "R1")
        wait(lambda: panel.session is not None and panel.session.examination is not None)
        panel.reading.answer("aligned")
        rest(1)
        found |= reviewed(panel)
        panel.end()
    viewer.close()
    return found


def reviewed(panel: Any) -> dict[str, list[float]]:  # noqa: ANN401 - of a widget, which is imported with a display
    """Return seconds by what was measured in a review that goes on."""
    found = {"slice, review": timed(panel.watch.go_to)}
    panel.form.next_map()
    rest(1)
    found["slice, with evidence"] = timed(panel.watch.go_to)
    found["verdict stored"] = timed(lambda index: panel.session.judge(index, "flag", ["step"]))
    panel.watch.go_to(10)
    rest(1)
    found["key A"] = timed(lambda _index: panel.keys.press("A"))
    return found


def main() -> None:
    """Measure and print."""
    from napari_refusion.widgets.demo import has_display, virtual_display

    examined = patch("napari_refusion.session.reading.examined", made_up)
    with examined, nullcontext() if has_display() else virtual_display():
        found = measure()
    print(f"{SLICES} slices of {SIDE} x {SIDE}, milliseconds")
    print(f"{'':24} {'median':>8} {'longest':>8}")
    for name, seconds in found.items():
        print(f"{name:24} {statistics.median(seconds) * 1e3:8.1f} {max(seconds) * 1e3:8.1f}")


if __name__ == "__main__":
    main()
