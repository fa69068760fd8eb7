"""Infrared and visible: a street by night."""

from pathlib import Path

from sample_data.canvas import TwinCanvas, glow, grain, grey, soften, write_png


def draw_street(scene: TwinCanvas) -> None:
    """Draw houses, road, sign and lamp: to the eye on the first picture, by their warmth on the second."""
    scene.box(0, 0, 256, 256, (0.05, 0.06, 0.11), grey(0.08))
    scene.box(0, 20, 96, 165, (0.16, 0.13, 0.11), grey(0.34))
    scene.box(96, 62, 150, 165, (0.11, 0.11, 0.13), grey(0.27))
    scene.box(196, 34, 256, 165, (0.14, 0.12, 0.13), grey(0.31))
    for row in (32, 66, 100):
        for column, lit in ((10, row == 66), (40, row == 100), (70, row == 32)):
            scene.box(column, row, column + 16, row + 22, (0.9, 0.72, 0.36) if lit else (0.06, 0.07, 0.1), grey(0.45))
    scene.polygon([(0, 165), (256, 165), (256, 256), (0, 256)], (0.13, 0.13, 0.15), grey(0.2))
    scene.polygon([(0, 165), (256, 165), (256, 176), (0, 192)], (0.24, 0.23, 0.23), grey(0.25))
    for start in (20, 92, 164, 236):
        scene.polygon([(start, 222), (start + 40, 220), (start + 38, 226), (start - 4, 228)], grey(0.55), None)
    scene.box(108, 84, 142, 116, (0.75, 0.75, 0.78), grey(0.28))
    scene.box(110, 86, 140, 114, (0.08, 0.2, 0.5), None)
    scene.text(125, 94, "EXIT", 11, grey(0.95), None)
    scene.text(125, 106, "A 7", 11, grey(0.95), None)
    scene.box(123, 116, 127, 172, grey(0.3), grey(0.24))
    scene.box(178, 40, 181, 176, grey(0.22), grey(0.2))
    scene.disc(179, 40, 7, 4, (1.0, 0.93, 0.75), grey(0.75))


def draw_car(scene: TwinCanvas) -> None:
    """Draw a parked car: lamps and plate shine for the eye, bonnet and wheels for the warmth."""
    scene.polygon([(6, 206), (14, 186), (34, 176), (66, 176), (80, 190), (92, 194), (92, 214), (6, 214)],
                  (0.2, 0.05, 0.06), grey(0.3))  # fmt: skip
    scene.polygon([(20, 188), (36, 179), (62, 179), (72, 190)], (0.12, 0.16, 0.2), grey(0.18))
    scene.polygon([(70, 191), (92, 195), (92, 206), (70, 206)], None, grey(0.7))
    scene.disc(90, 200, 2.5, 3, (1.0, 0.95, 0.8), None)
    for wheel in (24, 76):
        scene.disc(wheel, 214, 9, 9, grey(0.05), grey(0.62))
        scene.disc(wheel, 214, 4, 4, grey(0.3), grey(0.45))
    scene.box(28, 203, 46, 208, grey(0.8), None)


def draw_person(scene: TwinCanvas, x: float, foot: float, tall: float) -> None:
    """Draw someone in dark clothes before a dark wall: hardly a shadow to the eye, bright to the warmth."""
    cloth, unit = (0.11, 0.11, 0.125), tall / 8
    for side in (-1, 1):
        hip, knee = x + side * 0.45 * unit, x + side * 0.8 * unit
        scene.polygon([(hip - 0.5 * unit, foot - 4 * unit), (hip + 0.5 * unit, foot - 4 * unit),
                       (knee + 0.35 * unit, foot), (knee - 0.4 * unit, foot)], cloth, grey(0.72))  # fmt: skip
        shoulder, hand = x + side * 1.0 * unit, x + side * 1.5 * unit
        scene.polygon([(shoulder - 0.35 * unit, foot - 6.6 * unit), (shoulder + 0.3 * unit, foot - 6.6 * unit),
                       (hand + 0.3 * unit, foot - 3.9 * unit), (hand - 0.25 * unit, foot - 3.9 * unit)],
                      cloth, grey(0.78))  # fmt: skip
        scene.disc(hand, foot - 3.7 * unit, 0.33 * unit, 0.4 * unit, cloth, grey(0.93))
    scene.disc(x, foot - 5.3 * unit, 1.1 * unit, 1.7 * unit, cloth, grey(0.84))
    scene.disc(x, foot - 7.4 * unit, 0.55 * unit, 0.72 * unit, (0.12, 0.11, 0.11), grey(0.99))


def write_infrared_visible(root: Path) -> None:
    """Write the street by night: people only in the infrared, sign, markings and lit windows only to the eye."""
    scene = TwinCanvas()
    draw_street(scene)
    draw_car(scene)
    draw_person(scene, 214, 196, 66)
    draw_person(scene, 160, 182, 40)
    visible, warmth = scene.images()
    wall = 1 + 0.12 * grain(31, 1.2)
    light = 0.75 + 1.1 * glow(179, 40, 45) + 0.5 * glow(92, 202, 18)
    visible = visible * light * wall + glow(179, 40, 9) * (0.8, 0.7, 0.5) + 0.012 * grain(32, 0.5, 3)
    warmth = soften(warmth[..., :1] * (1 + 0.04 * grain(33, 6.0)), 0.8) + 0.012 * grain(34, 0.6)
    write_png(visible, root / "slices" / "infrared_visible" / "vi.png")
    write_png(warmth, root / "slices" / "infrared_visible" / "ir.png")
