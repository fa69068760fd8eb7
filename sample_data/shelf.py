"""Multi-focus: a cup before a shelf of books."""

from pathlib import Path

import numpy as np

from sample_data.canvas import SIZE, TwinCanvas, grain, grey, soften, write_png


def draw_shelf(scene: TwinCanvas) -> None:
    """Draw a shelf of books on the first picture and a cup before it on the second; the second is its outline too."""
    scene.box(0, 0, 256, 256, (0.36, 0.26, 0.18), grey(0))
    titles = ("ATLAS", "OPTICS", "BRAIN", "LIGHT", "WAVES", "TENSOR", "FOURIER", "IMAGE")
    colours = ((0.6, 0.2, 0.16), (0.18, 0.36, 0.55), (0.82, 0.72, 0.4), (0.2, 0.45, 0.3))
    for shelf, top in enumerate((8, 100)):
        left = 4.0
        for book in range(9):
            wide, short = 22 + 7 * ((book * 5 + shelf * 3) % 3), 4 * ((book * 7 + shelf) % 4)
            red, green, blue = colours[(book * 3 + shelf) % 4]
            scene.box(left, top + short, left + wide, top + 84, (red, green, blue), None)
            scene.box(left, top + short + 8, left + wide, top + short + 11, (0.9, 0.8, 0.5), None)
            for letter, sign in enumerate(titles[(book + 4 * shelf) % 8]):
                scene.text(left + wide / 2, top + short + 20 + 9 * letter, sign, 9, grey(0.95), None)
            left += wide + 1
        scene.box(0, top + 84, 256, top + 92, (0.5, 0.36, 0.22), None)


def draw_cup(scene: TwinCanvas) -> None:
    """Draw the cup with its pattern, on black: its shape on the first picture, itself on the second."""
    white = grey(1)
    for shape, colour in ((13.0, (0.85, 0.83, 0.8)), (7.0, None)):
        scene.disc(196, 178, shape * 2, shape * 2.6, white if colour else grey(0), colour or grey(0))
    scene.polygon([(72, 120), (188, 120), (178, 244), (82, 244)], white, (0.88, 0.86, 0.83))
    scene.disc(130, 120, 58, 13, white, (0.6, 0.55, 0.5))
    scene.disc(130, 121, 52, 10, white, (0.25, 0.13, 0.07))
    scene.disc(130, 243, 48, 10, white, (0.88, 0.86, 0.83))
    for row in range(4):
        for column in range(8):
            x, y = 88 + 12 * column, 146 + 7 * (row % 2) + 4
            scene.disc(x, y, 3, 3, white, (0.15, 0.3, 0.55) if row < 2 else None)
            scene.box(x - 3, 222 + 5 * (row % 2), x, 225 + 5 * (row % 2), white, (0.7, 0.25, 0.2))
    scene.text(130, 186, "ReFusion", 22, white, (0.65, 0.15, 0.15))
    scene.text(130, 206, "near and far", 12, white, grey(0.2))


def write_multi_focus(root: Path) -> None:
    """Write a cup before a shelf: once the cup in focus, once the shelf."""
    behind, before = TwinCanvas(), TwinCanvas()
    draw_shelf(behind)
    draw_cup(before)
    shelf = behind.images()[0] * (1 + 0.06 * grain(41, 0.7))
    outline, cup = before.images()
    columns = np.arange(SIZE)[None, :, None]
    cup = cup * (1.05 - 0.45 * ((columns - 110) / 90) ** 2) * (1 + 0.03 * grain(42, 0.6))
    # What is blurred is blurred with its outline: a lens out of focus mixes before and behind at the edge.
    for name, sharp_cup in (("near", True), ("far", False)):
        cover, front = (outline, cup) if sharp_cup else (soften(outline, 3.0), soften(cup, 3.0))
        image = front + (1 - cover) * (soften(shelf, 3.0) if sharp_cup else shelf)
        write_png(image + 0.004 * grain(43 + sharp_cup, 0.4, 3), root / "slices" / "multi_focus" / f"{name}.png")
