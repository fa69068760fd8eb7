"""Volumes whose place is known by construction, a pair of them, and a network that was never trained."""

from pathlib import Path

import numpy as np
import torch

from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.model.weights import Weights
from napari_refusion.model.weights_files import save_weights
from napari_refusion.volume.origin import Origin
from napari_refusion.volume.volume import Volume

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


def small_mri() -> Volume:
    """Return an MRI of 6 x 24 x 32 voxels."""
    return Volume(blob((6, 24, 32), 1), IPL_AFFINE, "MR", name="T1w", origin=Origin(sha256="1" * 64))


def small_pet() -> Volume:
    """Return a PET on the same grid."""
    return Volume(blob((6, 24, 32), 2), IPL_AFFINE, "PT", "Bq/ml", name="pet", origin=Origin(sha256="2" * 64))


def untrained(folder: Path) -> Path:
    """Return the file of a fusion network that was never trained."""
    path = folder / "untrained.safetensors"
    torch.manual_seed(0)
    save_weights(Weights(FusionNet().state_dict()), path)
    return path
