"""Parts of a body as CT and PET, made of ellipses: HU and SUV are textbook values."""

import numpy as np
from numpy.typing import NDArray

from napari_refusion.volume.affine import IPL_TO_RAS
from napari_refusion.volume.volume import Volume

STEP = 4.0
"""mm between voxels along each axis."""

Array = NDArray[np.float32]


def ellipse(
    shape: tuple[int, int], semi: tuple[float, float], centre: tuple[float, float] = (0, 0)
) -> NDArray[np.bool_]:
    """Return the pixels of an ellipse, semi-axes and centre in mm along (P, L) from the middle."""
    p, left = np.meshgrid(*((np.arange(size) - (size - 1) / 2) * STEP for size in shape), indexing="ij")
    inside = ((p - centre[0]) / semi[0]) ** 2 + ((left - centre[1]) / semi[1]) ** 2 < 1
    return np.asarray(inside)


def head_slice(shape: tuple[int, int] = (64, 52)) -> Array:
    """Return HU of a slice through a skull: scalp, bone of 8 mm, brain, a ventricle."""
    plane = np.full(shape, -1000, np.float32)
    for semi, hu in (((98, 78), -40), ((93, 73), 900), ((83, 63), 34), ((20, 8), 8)):
        plane[ellipse(shape, semi)] = hu
    return plane


def face_slice(shape: tuple[int, int] = (64, 52)) -> Array:
    """Return HU of a slice below a skull: soft tissue, a sinus, parts of bone that enclose nothing."""
    plane = np.full(shape, -1000, np.float32)
    plane[ellipse(shape, (95, 70))] = 40
    plane[ellipse(shape, (18, 18), (-45, 0))] = -950
    for side in (-45, 45):
        plane[ellipse(shape, (25, 8), (-10, side))] = 700
    return plane


def chest_slice(shape: tuple[int, int] = (84, 108), *, lung: float = 0.85) -> Array:
    """Return HU of a slice through a chest: fat, muscle, twelve ribs with gaps, two lungs of some size, a vertebra."""
    plane = np.full(shape, -1000, np.float32)
    plane[ellipse(shape, (125, 180))] = -100
    plane[ellipse(shape, (110, 160))] = 45
    for side in (-75, 75):
        plane[ellipse(shape, (80 * lung, 62 * lung), (0, side))] = -850
    for angle in np.linspace(0, 2 * np.pi, 12, endpoint=False):
        plane[ellipse(shape, (8, 12), (98 * np.cos(angle), 148 * np.sin(angle)))] = 500
    plane[ellipse(shape, (20, 20), (85, 0))] = 450
    return plane


def thigh_slice(shape: tuple[int, int] = (60, 110)) -> Array:
    """Return HU of a slice through two thighs: fat, muscle, a shaft of bone with marrow."""
    plane = np.full(shape, -1000, np.float32)
    for side in (-95, 95):
        for semi, hu in (((90, 80), -100), ((75, 66), 55), ((18, 18), 1100), ((9, 9), -60)):
            plane[ellipse(shape, semi, (0, side))] = hu
    return plane


def stacked(*parts: tuple[Array, int]) -> Array:
    """Return slices repeated from the head down, (I, P, L), each part's slice as often as given, 4 mm apart."""
    height, width = (max(plane.shape[axis] for plane, _ in parts) for axis in (0, 1))
    return np.stack([_in_middle(plane, height, width) for plane, count in parts for _ in range(count)])


def _in_middle(plane: Array, height: int, width: int) -> Array:
    out = np.full((height, width), plane.min(), np.float32)
    top, left = (height - plane.shape[0]) // 2, (width - plane.shape[1]) // 2
    out[top : top + plane.shape[0], left : left + plane.shape[1]] = plane
    return out


def head_ct() -> Volume:
    """Return the CT of a head from the vertex to the jaw."""
    return ct(stacked((head_slice(), 24), (face_slice(), 14)))


def thigh_ct() -> Volume:
    """Return the CT of both thighs."""
    return ct(stacked((thigh_slice(), 40)))


def chest_ct() -> Volume:
    """Return the CT of a chest and the upper abdomen."""
    return ct(stacked((chest_slice(), 50), (chest_slice(lung=0.1), 20)))


def lung_ct() -> Volume:
    """Return a CT of little else than lungs."""
    return ct(stacked((chest_slice(lung=1.2), 40)))


def whole_body_ct() -> Volume:
    """Return the CT of a patient from the vertex to the thighs."""
    return ct(
        stacked(
            (head_slice(), 25),
            (face_slice(), 20),
            (chest_slice(), 75),
            (chest_slice(lung=0.1), 75),
            (thigh_slice(), 55),
        )
    )


def ct(data: Array) -> Volume:
    """Return HU as a CT on a grid of 4 mm, with a little noise."""
    noise = np.random.default_rng(0).normal(0, 8, data.shape).astype(np.float32)
    return Volume(data + noise, grid_affine(), "CT", "HU", name="CT")


def pet(suv: Array) -> Volume:
    """Return SUV as a PET on a grid of 4 mm, with a little noise."""
    noise = np.random.default_rng(0).gamma(4, 0.25, suv.shape).astype(np.float32)
    return Volume(suv * noise, grid_affine(), "PT", "SUVbw", name="PET")


def brain_pet() -> Volume:
    """Return the FDG of a head: grey matter around white, a scalp."""
    plane = np.full((64, 52), 0.02, np.float32)
    for semi, suv in (((98, 78), 0.8), ((83, 63), 9.0), ((68, 48), 4.0)):
        plane[ellipse(plane.shape, semi)] = suv
    return pet(stacked((plane, 30)))


def thigh_pet(tumour: float = 12.0) -> Volume:
    """Return the FDG of two thighs, one with a tumour of 7 cm."""
    plane = np.full((60, 110), 0.02, np.float32)
    for side in (-95, 95):
        plane[ellipse(plane.shape, (85, 75), (0, side))] = 0.6
    suv = stacked((plane, 40))
    suv[15:33][:, ellipse(plane.shape, (36, 36), (20, 95))] = tumour
    return pet(suv)


def grid_affine() -> NDArray[np.float64]:
    """Return voxels of 4 mm along (I, P, L)."""
    scaled = IPL_TO_RAS.copy()
    scaled[:3, :3] *= STEP
    return scaled
