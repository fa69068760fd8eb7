"""Multi-exposure: a dark room with a bright window."""

from pathlib import Path

import numpy as np

from sample_data.canvas import TwinCanvas, glow, grain, grey, write_png


def draw_room(scene: TwinCanvas) -> None:
    """Draw a room on the first picture and, on black, what is seen through its window on the second."""
    scene.box(0, 0, 256, 190, (0.62, 0.5, 0.4), grey(0))
    for stripe in range(0, 256, 16):
        scene.box(stripe, 0, stripe + 6, 190, (0.56, 0.43, 0.34), None)
    scene.polygon([(0, 190), (256, 190), (256, 256), (0, 256)], (0.36, 0.24, 0.15), None)
    for board in (202, 217, 236):
        scene.box(0, board, 256, board + 1.2, (0.2, 0.12, 0.07), None)
    scene.box(92, 18, 232, 134, (0.8, 0.78, 0.72), None)
    scene.box(98, 24, 226, 128, grey(0), (0.45, 0.66, 0.95))
    for x, y, across in ((122, 44, 18), (140, 40, 14), (196, 54, 20), (180, 58, 13)):
        scene.disc(x, y, across, across * 0.42, None, (0.97, 0.97, 0.98))
    scene.polygon(
        [(98, 100), (128, 76), (156, 96), (188, 66), (226, 98), (226, 128), (98, 128)], None, (0.4, 0.45, 0.5)
    )
    scene.polygon([(180, 74), (188, 66), (199, 75), (190, 79)], None, (0.95, 0.96, 1.0))
    scene.polygon([(98, 108), (160, 100), (226, 112), (226, 128), (98, 128)], None, (0.25, 0.45, 0.16))
    for x in (110, 122, 206, 216):
        scene.polygon([(x - 6, 114), (x, 90), (x + 6, 114)], None, (0.1, 0.27, 0.12))
    for bar in ((160, 24, 164, 128), (98, 74, 226, 77)):
        scene.box(*bar, (0.7, 0.68, 0.63), grey(0))
    scene.box(16, 36, 72, 104, (0.3, 0.2, 0.1), None)
    scene.box(21, 41, 67, 99, (0.75, 0.7, 0.58), None)
    scene.text(44, 62, "Paris", 13, (0.3, 0.1, 0.1), None)
    scene.text(44, 80, "1923", 12, (0.3, 0.1, 0.1), None)
    scene.box(18, 164, 150, 171, (0.45, 0.28, 0.14), None)
    for leg in (26, 136):
        scene.box(leg, 171, leg + 6, 238, (0.4, 0.25, 0.12), None)
    scene.polygon([(52, 164), (46, 138), (70, 138), (64, 164)], (0.25, 0.42, 0.6), None)
    for x, y in ((48, 124), (58, 112), (68, 122), (56, 128)):
        scene.disc(x, y, 7, 7, (0.75, 0.2, 0.25), None)
    for book, colour in enumerate(((0.6, 0.2, 0.15), (0.2, 0.4, 0.3), (0.7, 0.6, 0.25))):
        scene.box(92 + 2 * book, 158 - 6 * book, 134 - 3 * book, 164 - 6 * book, colour, None)


def write_multi_exposure(root: Path) -> None:
    """Write the room twice: exposed for what is outside its window, and for its dark corners."""
    scene = TwinCanvas()
    draw_room(scene)
    inside, outside = scene.images()
    fall = 0.25 + 1.3 * glow(165, 130, 90)
    radiance = (inside**2.2 * fall * (1 + 0.08 * grain(51, 0.8))) + 22 * outside**2.2 * (1 + 0.05 * grain(52, 1.0))
    for name, exposure, seed in (("under", 0.045, 53), ("over", 2.2, 54)):
        seen = np.clip(radiance * exposure, 0, 1) ** (1 / 2.2)
        write_png(seen + 0.004 * grain(seed, 0.4, 3), root / "slices" / "multi_exposure" / f"{name}.png")
