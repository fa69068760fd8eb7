"""Volumes whose place is known by construction."""

import numpy as np
from napari.layers import Image

from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.layers import to_layer_data

IPL_AFFINE = np.array([[0, 0, -1, 10], [0, -2, 0, 20], [-4, 0, 0, 30], [0, 0, 0, 1]], dtype=np.float64)
"""Voxels of 4 x 2 x 1 mm along (I, P, L); voxel (0, 0, 0) lies at R 10, A 20, S 30."""


def blob(shape: tuple[int, int, int], seed: int) -> np.ndarray:
    """Return a smooth ball with a little texture, float32."""
    grid = np.stack(np.meshgrid(*(np.linspace(-1, 1, size) for size in shape), indexing="ij"))
    ball = np.clip(1.2 - np.linalg.norm(grid, axis=0), 0, None)
    noise = np.random.default_rng(seed).normal(0, 0.02, shape)
    return (100 * (ball + noise)).astype(np.float32)


def oblique(degrees: float) -> np.ndarray:
    """Return `IPL_AFFINE` turned about the patient's left-right axis."""
    turn = np.eye(4)
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    turn[1:3, 1:3] = [[cosine, -sine], [sine, cosine]]
    return turn @ IPL_AFFINE


def layer_of(volume: Volume) -> Image:
    """Return the layer that the plugin makes of a volume."""
    data, properties, _ = to_layer_data(volume)
    return Image(data, **properties)
