"""How fast a rotating projection is prepared and drawn: ``python -m benchmarks.projection``.

A made-up PET of 267 x 200 x 200 voxels, in time of the processor. Printed are

* *an angle*: the median of six, against the plain formulation, `scipy.ndimage.rotate` with linear interpolation and
  numpy's maximum, and the ratio of the two,
* *a turn*: the 108 angles that the view prepares, 54 of them computed, and its first 36,
* *a frame*: from the prepared projection to pixels, in views of two sizes: median and longest of 108, in inverted grey
  and in the colours of a fused volume.
"""

import statistics
import time
from collections.abc import Callable
from contextlib import nullcontext

import numpy as np
from scipy import ndimage

from napari_refusion.fusion.colouring import choose_colouring
from napari_refusion.fusion.partial import PartialFusion, new_partial
from napari_refusion.numerics.intensity import Window
from napari_refusion.session.projection import COARSE, ProjectionSession, angles
from napari_refusion.study.pairing import pair
from napari_refusion.volume.projection import projections, turntable
from napari_refusion.volume.volume import Volume

SHAPE = (267, 200, 200)

AFFINE = np.array([[0, 0, -4.0, 400], [0, -4.0, 0, 400], [-3.0, 0, 0, 400], [0, 0, 0, 1]])

VIEWS = ((300, 640), (700, 1000))
"""Pixels: beside the canvas of a small screen, and on a large one."""


def made_up() -> Volume:
    """Return a PET of noise with some hot spots."""
    random = np.random.default_rng(0)
    data = random.random(SHAPE, np.float32)
    for spot in random.integers(20, 180, (30, 3)):
        data[tuple(slice(at, at + 4) for at in spot)] += 6
    return Volume(data, AFFINE, "PT", "SUVbw", name="pet")


def seconds(action: Callable[[], object]) -> float:
    """Return how long the processor takes."""
    start = time.process_time()
    action()
    return time.process_time() - start


def plain(volume: Volume, degrees: float) -> np.ndarray:
    """Return a projection as one writes it without thinking of time."""
    turned = ndimage.rotate(volume.data, degrees, axes=(2, 1), order=1)
    maximum: np.ndarray = turned.max(axis=1)
    return maximum


def measure_angles(volume: Volume) -> tuple[float, float, float, float]:
    """Return seconds of an angle, of a plain one, of the first 36 angles and of all."""
    table = turntable(volume)
    steps = projections(volume, table, angles())
    found = [seconds(lambda: next(steps)) for _ in angles()]
    theirs = [seconds(lambda degrees=degrees: plain(volume, degrees)) for degrees in (10.0, 40.0, 70.0)]
    return statistics.median(found[1:7]), statistics.median(theirs), sum(found[: COARSE // 2]), sum(found)


def measure_frames(partial: PartialFusion) -> dict[str, list[float]]:
    """Return seconds of each frame of a turn by what is drawn."""
    import napari
    from qtpy.QtGui import QPixmap

    from napari_refusion.widgets.mip.panel import ProjectionPanel

    session = ProjectionSession()
    session.show_pair(partial, choose_colouring(partial.study, "hot_metal_blue"))
    viewer = napari.Viewer(show=False)
    panel = ProjectionPanel(viewer, session)
    # the layer that it follows is not there
    panel.watch.follow = lambda *_: None  # type: ignore[method-assign]
    panel.start()
    found = {}
    for size in VIEWS:
        panel.canvas.setFixedSize(*size)
        target = QPixmap(*size)
        for name, key in (("grey", session.sides[0].key), ("fused colours", "fused colours")):
            panel.show_source(key)

            def draw(degrees: float, target: QPixmap = target) -> None:
                panel.row.turn_to(degrees)
                panel.canvas.render(target)

            wide, high = size
            found[f"{name}, {wide} x {high}"] = [
                seconds(lambda degrees=degrees, draw=draw: draw(degrees))
                for degrees in np.arange(0, 360, 360 / (2 * len(angles())))
            ]
    panel.stop()
    viewer.close()
    return found


def main() -> None:
    """Measure and print."""
    from napari_refusion.widgets.demo import has_display, virtual_display

    volume = made_up()
    ours, theirs, coarse, turn = measure_angles(volume)
    print(f"{' x '.join(map(str, SHAPE))}: an angle {ours * 1e3:.0f} ms, plain {theirs * 1e3:.0f} ms")
    print(f"{theirs / ours:.1f} times as fast")
    print(f"a turn of {COARSE} angles {coarse:.2f} s, of {2 * len(angles())} {turn:.2f} s")
    ct = Volume(volume.data[::-1] * 1000, AFFINE, "CT", "HU", name="ct")
    partial = new_partial(pair(volume, ct, windows=(Window(0, 5), Window(0, 1000))), "axial")
    for index in range(len(partial.done)):
        partial.put(index, np.clip(volume.data[index] / 7, 0, 1))
    with nullcontext() if has_display() else virtual_display():
        for name, frames in measure_frames(partial).items():
            print(f"a frame, {name}: {statistics.median(frames) * 1e3:.1f} ms, longest {max(frames) * 1e3:.1f}")


if __name__ == "__main__":
    main()
