"""How long the window does not answer: ``python -m benchmarks.heartbeat [--slices 24] [--side 256] [--where]``.

With ``--napari``, what napari does by itself is measured instead: what no plugin can stay below.

A timer beats every 10 ms in a real viewer (without a display: in memory, with Xvfb) while somebody opens a pair of
files, scrolls, fuses, compares, registers, examines, reports and opens a DICOM folder. A pause lies between two beats.
Printed are, for each of these,

* *busy*: the longest pause in time of a processor that the window's thread used, without its drawing,
* *over 100 ms*: how many pauses were longer than that,
* *drawing*: the longest drawing in one pause, in time of a processor: the canvas and putting it on the screen, which
  software does here and a graphics card elsewhere,
* *kept waiting*: the longest time of a processor that the program's other threads used in one pause while the window's
  did not run, which is what Python's only lock cost the window at most,
* *by the clock*: the longest pause with whatever else the machine did.

Other programs change nothing but the last of these. ``--where`` writes to the standard error what ran in pauses of
more than 0.15 s by the clock.
"""

import argparse
import faulthandler
import tempfile
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.heartbeat_steps import NapariSteps, Steps
from benchmarks.pauses import LIMIT, Heart, Pause, rest


def row(name: str, pauses: list[Pause]) -> str:
    """Return a line of the table, milliseconds."""
    longest = (max(values) for values in zip(*((p.busy, p.drawing, p.waiting, p.clock) for p in pauses), strict=True))
    busy, *others = (f"{1e3 * value:,.0f}" for value in longest)
    return f"| {name} | {' | '.join((busy, str(sum(p.busy > LIMIT for p in pauses)), *others))} |"


def measure(steps_in: Callable[[Any], Steps | NapariSteps], is_watched: bool) -> None:
    """Go through all steps in a viewer and print a line for each."""
    import napari

    viewer = napari.Viewer()
    heart = Heart(is_watched)
    heart.watch(viewer.window._qt_viewer.canvas.native)  # napari has no public way to its canvas
    steps = steps_in(viewer)
    rest(2)
    heart.pauses()
    print("| | busy | over 100 ms | drawing | kept waiting | by the clock |")
    print("|---|---|---|---|---|---|")
    for name, act in steps.in_turn():
        act()
        print(row(name, heart.pauses()), flush=True)
        if is_watched:
            faulthandler.cancel_dump_traceback_later()
    viewer.close()


def main() -> None:
    """Measure and print a table in Markdown, milliseconds."""
    from napari_refusion.widgets.demo import has_display, virtual_display

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--slices", type=int, default=24)
    parser.add_argument("--side", type=int, default=256, help="pixels of a slice")
    parser.add_argument("--where", action="store_true")
    parser.add_argument("--napari", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, nullcontext() if has_display() else virtual_display():
        size = options.slices, options.side
        steps = partial(NapariSteps, size=size) if options.napari else partial(Steps, folder=Path(folder), size=size)
        measure(steps, options.where)


if __name__ == "__main__":
    main()
