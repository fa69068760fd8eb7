"""The brain: folded cortex, white matter, ventricles, deep nuclei, cerebellum and stem.

Distances as in `shapes`: (N,) mm, negative inside, of points (N, 3) in RAS+ mm. Nothing here is mirrored exactly: the
folds are noise without symmetry, the left ventricle is wider than the right one.
"""

import numpy as np

from sample_data.head import CRANIUM_CENTRE, CRANIUM_HALF_AXES, egg, rise
from sample_data.shapes import Array, Ripple, ellipsoid, fill, join, tube

CORTEX_MM = 3.1
SUBARACHNOID_MM = 1.6
SULCUS_MM = 17.0
"""Depth of the sulci under the brain's surface."""

_gyri = Ripple(wavelength=24.0, seed=21, waves=28)
_depth = Ripple(wavelength=40.0, seed=22)
_folia = Ripple(wavelength=9.0, seed=23)


def hull(points: Array, space: Array) -> Array:
    """Return the distance to the cerebrum's outer surface: in the cavity, above tentorium and cisterns."""
    x, y, z = points.T
    tentorium = -24 + 12 * np.exp(-((x / 22) ** 2)) + 0.16 * (y + 40)
    above = tentorium - z - 100 * rise(y + 12 + 0.5 * np.abs(x), 4.0)
    cistern = join(ellipsoid(points, (0, -18, -20), (19, 17, 15)), ellipsoid(points, (0, 6, -18), (13, 11, 9)), 6.0)
    return np.maximum(np.maximum(space + SUBARACHNOID_MM, above), -cistern)


def fissures(points: Array) -> tuple[Array, Array]:
    """Return the distances to the fissure between the hemispheres and to the lateral ones with their insulae."""
    x, y, z = points.T
    midline = np.abs(x - 1.2 * np.sin(y / 30))
    arch = ellipsoid(points * (0, 1, 1), (0, -10, 2), (1.0, 39, 25))
    between = np.hypot(midline, 2.5 * np.maximum(-arch, 0)) - 0.5
    height = -6 - 0.30 * (8 - y) * np.where(y > 8, 0.2, -0.9) + 2.5 * _depth.value(points)
    side = np.abs(x)
    cleft = np.sqrt((z - height) ** 2 + np.maximum(38 - side, 0) ** 2 + np.maximum(np.abs(y + 3) - 31, 0) ** 2)
    island = np.sqrt(
        (side - 38 - 1.5 * np.sin(y / 4) - 1.5 * _depth.value(points)) ** 2
        + np.maximum(np.abs(z - height - 3) - 11, 0) ** 2
        + np.maximum(np.abs(y - 4) - 21, 0) ** 2
    )
    return between, np.minimum(cleft - 0.9, island - 0.8)


def pia(points: Array, space: Array) -> Array:
    """Return how far points lie under the nearest surface of the cortex, mm; negative in the fluid of the sulci."""
    under = -hull(points, space)
    between, lateral = fissures(points)
    # Between the hemispheres the sulci are half as deep.
    depth = np.minimum(under, between + SULCUS_MM / 2)
    outward = np.linalg.norm((egg(points) - CRANIUM_CENTRE) / CRANIUM_HALF_AXES, axis=1)
    shrink = np.clip(outward, 0.55, 1.2) ** 0.8
    # Sheets of equal noise along the rays from the centre: sulci cut into the brain at right angles to its surface.
    sheet = _gyri.sheet(points / shrink[:, None]) * shrink
    reach = SULCUS_MM * (1 + 0.3 * np.tanh(_depth.value(points)))
    sulcus = np.hypot(sheet, np.maximum(depth - reach, 0)) - 0.35 - 0.9 * np.exp(-np.maximum(depth, 0) / 5)
    return np.min((under, between, lateral, sulcus), axis=0)


def ventricles(points: Array) -> Array:
    """Return the distance to the lateral, third and fourth ventricles."""
    x = points[:, 0]
    mirrored = np.stack([np.abs(x - 0.5), points[:, 1], points[:, 2]], axis=1)
    body = [(14, 30, 4), (9, 24, 10), (8, 6, 19), (12, -16, 22), (22, -38, 14), (24, -54, 8), (20, -68, 6)]
    lateral = tube(mirrored, body, [3.0, 5.2, 4.6, 5.0, 6.5, 4.0, 1.2], (1.0, 1.0, 1.15))
    temporal = tube(mirrored, [(22, -38, 12), (31, -30, -8), (33, -10, -20)], [5.5, 2.4, 1.5])
    wider = np.where(x < 0, 0.9, 0.0)
    third = ellipsoid(points, (0.5, -8, -1), (2.2, 15, 10))
    fourth = ellipsoid(points, (0, -38, -44), (6, 5, 12))
    return np.min((join(lateral, temporal, 4.0) - wider, third, fourth), axis=0)


def nuclei(points: Array) -> dict[str, Array]:
    """Return the distances to thalamus, caudate, putamen, pallidum."""
    mirrored = np.stack([np.abs(points[:, 0] - 0.3), points[:, 1], points[:, 2]], axis=1)
    caudate = tube(mirrored, [(13, 23, 2), (15, 16, 9), (16, -4, 21), (23, -26, 20)], [5.0, 5.5, 3.0, 2.0])
    return {
        "thalamus": ellipsoid(mirrored, (11.5, -18, 6), (9, 15, 9.5), tilt=-22),
        "caudate": caudate,
        "putamen": ellipsoid(mirrored, (26.5, 3, 2), (5.2, 18, 10.5), tilt=10),
        "pallidum": ellipsoid(mirrored, (19.5, -1, -1), (3.6, 10.5, 6.5), tilt=18),
    }


def stem(points: Array) -> Array:
    """Return the distance to midbrain, pons, medulla and cord."""
    path = [(0, -20, 0), (0, -20, -16), (0, -18, -33), (0, -25, -58), (0, -30, -80), (0, -34, -160)]
    return tube(points, path, [13, 12, 14.5, 9.5, 6, 6], (1.1, 1.0, 1.0))


def cerebellum(points: Array, space: Array) -> tuple[Array, Array]:
    """Return the distances to the cerebellum and to its white core."""
    mirrored = np.stack([np.abs(points[:, 0] + 0.8), points[:, 1], points[:, 2]], axis=1)
    lobe = join(ellipsoid(mirrored, (24, -58, -44), (27, 28, 22)), ellipsoid(points, (0, -58, -40), (14, 26, 25)), 8.0)
    x, y, z = points.T
    roof = z - (-26 + 12 * np.exp(-((x / 22) ** 2)) + 0.16 * (y + 40))
    whole = np.max((lobe, space + 1.2, roof), axis=0)
    # Squeezing the noise along the leaves' normal makes thin, nearly parallel sheets of it.
    leaves = _folia.sheet(points * (0.35, 0.6, 1.0))
    grey = np.minimum(-whole, np.hypot(leaves, np.maximum(-whole - 12, 0)) - 0.2)
    return whole, 2.0 - grey


def paint_brain(points: Array, space: Array, layers: dict[str, Array]) -> None:
    """Paint the contents of the cavity into `layers`, bottom to top (see `head.paint_head`)."""
    depth = pia(points, space)
    small, core = cerebellum(points, space)
    deep = nuclei(points)
    fluid = ventricles(points)
    layers["dura"] = fill(space)
    layers["fluid"] = fill(space + 0.8)
    layers["grey"] = np.maximum(fill(-depth), fill(small))
    layers["white"] = np.maximum(fill(CORTEX_MM - depth), fill(core))
    layers["stem"] = fill(np.maximum(stem(points), space + 2.0))
    for name, distance in deep.items():
        layers[name] = fill(distance)
    layers["ventricle"] = fill(fluid)
