"""What a CT shows, from its values: a head by the shell of its skull, lungs by their air, or another part of a body."""

from collections.abc import Iterator
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.measure import block_reduce

Content = Literal["head", "lung", "body"]

BETWEEN: Final = 6.0
"""mm between the axial slices that are looked at."""

PIXEL: Final = 2.5
"""mm, to which their pixels are made coarser."""

BONE: Final = 150.0
"""HU; more is bone, contrast agent or metal."""

TISSUE: Final = -300.0
"""HU; more is body, less is air or lung."""

LUNG: Final = (-980.0, -400.0)
"""HU of lung; less is air in the bowel or in a cavity."""

SKULL: Final = (35.0, 300.0)
"""cm2 that bone encloses in a slice through a skull: 60 of a newborn's, 200 of a large one's. In the CTs of 24 legs and
trunks bone never enclosed more than 18."""

BRAIN: Final = (-20.0, 100.0)
"""HU, median of what a skull encloses."""

SKULL_SHARE: Final = 0.35
"""Share of the slices that go through a skull in the CT of a head; in one of a head, neck and trunk it is below 0.3."""

LUNG_SHARE: Final = 0.4
"""Share of the body that is lung in a CT that shows little else; in one of a whole chest it is 0.2 to 0.35."""

SMALLEST: Final = 10.0
"""cm2 of body in a slice that is counted."""

CLOSED: Final = 2
"""Coarse pixels; gaps of twice as many in bone or skin are closed: sutures, thin bone."""


def ct_content(data: NDArray[np.float32], spacing: tuple[float, float, float]) -> Content:
    """Return what a CT shows. Beside a few slices nothing is copied.

    Parameters
    ----------
    data
        (I, P, L) in HU.
    spacing
        mm along the same axes.
    """
    slices = [_measured(*one) for one in _coarse(data, spacing)]
    with_body = [one for one in slices if one is not None]
    if not with_body:
        return "body"
    skulls, lungs, bodies = (sum(column) for column in zip(*with_body, strict=True))
    if skulls >= SKULL_SHARE * len(with_body):
        return "head"
    return "lung" if lungs >= LUNG_SHARE * bodies else "body"


def _coarse(
    data: NDArray[np.float32], spacing: tuple[float, float, float]
) -> Iterator[tuple[NDArray[np.float32], NDArray[np.bool_], float]]:
    """Yield axial slices, made coarser, where bone lies in each, and the size of a pixel in cm2."""
    between, down, along = (
        max(1, round(wanted / step)) for wanted, step in zip((BETWEEN, PIXEL, PIXEL), spacing, strict=True)
    )
    area = spacing[1] * down * spacing[2] * along / 100
    for plane in data[::between]:
        coarse = plane[::down, ::along]
        # the largest value of each block, so that a thin skull stays closed
        bone = block_reduce(plane > BONE, (down, along), np.max)[: coarse.shape[0], : coarse.shape[1]]
        yield coarse, bone, area


def _measured(plane: NDArray[np.float32], bone: NDArray[np.bool_], area: float) -> tuple[bool, int, int] | None:
    """Return whether a slice goes through a skull, and its pixels of lung and of body; None for one without a body.

    Parameters
    ----------
    plane, bone
        (P, L) HU, and where it is bone.
    area
        Of a pixel, cm2.
    """
    body = _filled(plane > TISSUE)
    if body.sum() * area < SMALLEST:
        return None
    lung = body & (plane > LUNG[0]) & (plane < LUNG[1])
    return _is_skull(plane, _filled(bone) & ~bone, area), int(lung.sum()), int(body.sum())


def _is_skull(plane: NDArray[np.float32], enclosed: NDArray[np.bool_], area: float) -> bool:
    """Return whether the largest part that bone encloses has the size of a skull and the density of a brain."""
    parts, count = ndimage.label(enclosed)
    if not count:
        return False
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    largest = int(sizes.argmax())
    if not SKULL[0] <= sizes[largest] * area <= SKULL[1]:
        return False
    return bool(BRAIN[0] <= np.median(plane[parts == largest]) <= BRAIN[1])


def _filled(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return a mask with its small gaps closed and its holes filled."""
    wide = np.pad(mask, CLOSED + 1)
    filled = ndimage.binary_fill_holes(ndimage.binary_closing(wide, iterations=CLOSED))
    return filled[CLOSED + 1 : -CLOSED - 1, CLOSED + 1 : -CLOSED - 1] | mask
