"""The head around the brain: scalp, skull, face, neck, eyes, air spaces and the cavity in which the brain lies.

Distances as in `shapes`: (N,) mm, negative inside, of points (N, 3) in RAS+ mm.
"""

import numpy as np

from sample_data.shapes import Array, Ripple, ellipsoid, fill, join, tube

CRANIUM_CENTRE = np.array([0.0, -6.0, 4.0])
CRANIUM_HALF_AXES = np.array([77.0, 98.0, 84.0])
SCALP_MM = 5.0
SKULL_MM = 6.5
TABLE_MM = 1.8
"""Thickness of the outer and of the inner table of the skull; diploe lies between."""

_thickness = Ripple(wavelength=70.0, seed=11)
_fascia = Ripple(wavelength=42.0, seed=13)


def rise(value: Array, width: float) -> Array:
    """Return a smooth step from 0 to 1 at zero, about `width` wide on either side."""
    return 0.5 * (1 + np.tanh(value / width))


def egg(points: Array) -> Array:
    """Return the places at which a symmetric ellipsoid is looked up to give the cranium its shape.

    The back of a head is wider than its forehead, the vault flatter than an ellipsoid's, and no head is symmetric: the
    patient's right forehead and left occiput bulge (petalia), which tells a mirrored image from a true one.
    """
    x, y, z = points.T
    # A fourth-power term squares the ellipse off, most at the forehead.
    wide = (1.0 - 0.0009 * (y + 6)) * (1.0 + 0.20 * np.clip((y + 6) / 98, -1.2, 1.2) ** 4)
    bulge = 1.0 + 0.025 * np.tanh(x / 20) * np.tanh(y / 45)
    return np.stack([x / (wide * bulge), y / bulge, z + 0.0007 * (y + 10) ** 2 * rise(z, 30.0)], axis=1)


def cranium(points: Array) -> Array:
    """Return the distance to the scalp's surface over the braincase."""
    return ellipsoid(egg(points), CRANIUM_CENTRE, CRANIUM_HALF_AXES)


def surface(points: Array, vault: Array) -> Array:
    """Return the distance to the skin: braincase, face, nose, ears and neck."""
    x = points[:, 0]
    mirrored = np.stack([np.abs(x), points[:, 1], points[:, 2]], axis=1)
    face = ellipsoid(points, (0, 20, -60), (66, 72, 78))
    cheeks = ellipsoid(mirrored, (30, 52, -58), (32, 34, 36))
    socket = ellipsoid(mirrored, (33, 96, -31), (17, 13, 10))
    neck = tube(points, [(0, -28, -30), (0, -34, -160)], [56, 56], (1.0, 1.05, 1.0))
    nose = tube(points, [(0, 86, -22), (0, 100, -48), (0, 86, -56)], [5, 9, 10])
    ear = ellipsoid(mirrored, (80, -14, -38), (7, 15, 26), tilt=-12)
    skin = join(join(join(vault, face, 14.0), cheeks, 14.0), neck, 22.0)
    skin = -join(-skin, socket, 8.0)
    return join(join(skin, nose, 10.0), ear, 6.0)


def base(points: Array) -> Array:
    """Return the height of the skull base's upper face under each point, mm: three fossae, stepping down backwards."""
    x, y, _ = points.T
    middle = rise(27 + 0.25 * np.abs(x) - y, 5.0) * rise(np.abs(x) - 15, 4.0)
    front = -22 + 8 * np.exp(-((x / 16) ** 2)) * rise(y - 30, 8.0) - 22 * middle
    back = rise(-6 - y - 0.5 * np.abs(x), 4.0)
    return front * (1 - back) - 72 * back


def temporal_muscle(points: Array) -> Array:
    """Return by how much the muscle of the temple thickens the scalp, (N,) mm."""
    x, y, z = points.T
    return 9 * np.exp(-(((y - 22) / 24) ** 2) - ((z + 16) / 22) ** 2) * rise(np.abs(x) - 40, 8.0)


def skull_layers(points: Array, vault: Array) -> tuple[Array, Array]:
    """Return the distances to the outer and to the inner face of the skull over the brain."""
    uneven = _thickness.value(points)
    outer = vault + SCALP_MM + 0.6 * uneven + temporal_muscle(points)
    thick = SKULL_MM + 0.9 * _thickness.value(points[:, ::-1]) + 2.5 * rise(-points[:, 1] - 80, 8.0)
    return outer, outer + np.maximum(thick, 4.0)


def cavity(points: Array, inner: Array) -> Array:
    """Return the distance to the space in which the brain lies: inside the skull, above its base."""
    rough = 1.5 * _thickness.value(2.0 * points)
    hole = tube(points, [(0, -27, -60), (0, -32, -160)], [13, 9])
    return np.minimum(np.maximum(inner, base(points) + rough - points[:, 2]), hole)


def facial_bone(points: Array) -> Array:
    """Return the distance to jaws, cheek bones, and the upper spine."""
    mirrored = np.abs(points[:, 0])[:, None] * (1, 0, 0) + points * (0, 1, 1)
    cheek = tube(mirrored, [(46, 60, -42), (58, 42, -48), (66, 8, -48)], [6, 4, 3.5])
    upper_jaw = np.abs(ellipsoid(points, (0, 56, -66), (36, 30, 26))) - 2.2
    lower_jaw = tube(mirrored, [(52, 8, -52), (50, 2, -82), (22, 62, -108)], [5, 6, 7], (1.0, 1.4, 1.0))
    spine = np.abs(tube(points, [(0, -29, -80), (0, -34, -160)], [14, 14], (1.3, 1.0, 1.0))) - 3.5
    return np.minimum(np.minimum(cheek, upper_jaw), np.minimum(lower_jaw, spine))


def air_spaces(points: Array) -> Array:
    """Return the distance to air: frontal, ethmoid and maxillary sinuses, nose, throat, mastoid cells, ear canals."""
    x, y, z = points.T
    mirrored = np.stack([np.abs(x), y, z], axis=1)
    frontal = ellipsoid(points, (3, 83.5, -9), (17, 4.5, 8))
    ethmoid = ellipsoid(mirrored, (6, 58, -31), (5, 20, 9))
    maxillary = ellipsoid(mirrored, (27, 58, -62), (14, 16, 17))
    nasal = ellipsoid(mirrored, (6, 66, -60), (3.5, 26, 14))
    throat = tube(points, [(0, 32, -52), (0, 22, -80), (0, 12, -160)], [9, 8, 8], (1.3, 1.0, 1.0))
    mastoid = ellipsoid(mirrored, (56, -30, -54), (9, 9, 12)) + 2.5 * Ripple(9.0, seed=12, waves=12).value(points)
    canal = tube(mirrored, [(50, -14, -42), (82, -14, -42)], [2.5, 3.5])
    shapes = (frontal, ethmoid, maxillary, nasal, throat, mastoid, canal)
    return np.min(shapes, axis=0)


def paint_head(points: Array, vault: Array, layers: dict[str, Array]) -> Array:
    """Paint everything outside the brain's coverings into `layers`, bottom to top; return the cavity's distance.

    Parameters
    ----------
    vault
        (N,) of `cranium`.
    layers
        Filled in place with tissue -> coverage (N,) in [0, 1]; a later one covers those before it.
    """
    mirrored = np.stack([np.abs(points[:, 0]), points[:, 1], points[:, 2]], axis=1)
    skin = surface(points, vault)
    outer, inner = skull_layers(points, vault)
    space = cavity(points, inner)
    shell = np.maximum(outer, base(points) - 7 - points[:, 2])
    layers["skin"] = fill(skin)
    layers["fat"] = fill(skin + 1.6)
    layers["muscle"] = fill(np.minimum(skin + 7 + 2 * _thickness.value(points), vault + 3.5)) * fill(
        2.6 - temporal_muscle(points) - 60 * rise(-points[:, 2] - 24, 6.0), 2.0
    )
    layers["fascia"] = layers["muscle"] * fill(_fascia.sheet(points) - 0.5)
    layers["bone"] = np.maximum(fill(np.maximum(shell, -space)), fill(np.maximum(facial_bone(points), skin + 4)))
    layers["diploe"] = fill(np.maximum(outer, -inner) + TABLE_MM) * fill(base(points) + 4 - points[:, 2])
    layers["orbit fat"] = fill(tube(mirrored, [(31, 72, -32), (31, 62, -32), (14, 30, -28)], [14, 17, 3]))
    layers["eye muscle"] = fill(np.abs(tube(mirrored, [(31, 60, -32), (15, 32, -28)], [12.5, 3])) - 1.2)
    layers["eye wall"] = fill(ellipsoid(mirrored, (31, 70, -32), (12.5, 12.5, 12.5)))
    layers["vitreous"] = fill(ellipsoid(mirrored, (31, 70, -32), (11, 11, 11)))
    layers["lens"] = fill(ellipsoid(mirrored, (31, 78.5, -32), (4.5, 2.2, 4.5)))
    layers["nerve"] = fill(tube(mirrored, [(30, 59, -32), (15, 32, -28)], [2.0, 2.0]))
    layers["air"] = fill(np.maximum(air_spaces(points), -space + 1.0))
    return space
