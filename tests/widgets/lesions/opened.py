"""A PET on an oblique, anisotropic grid with hot spots, beside a CT on another grid; the Fuse widget over both."""

import numpy as np
from napari import Viewer
from napari.settings import get_plugin_settings
from pytestqt.qtbot import QtBot

from napari_refusion.volume.origin import Origin
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.fuse.choice_box import choose
from napari_refusion.widgets.fuse.widget import FuseWidget
from napari_refusion.widgets.layers import to_layer_data

SPOTS = ((5, 10, 12, 8.0), (9, 20, 28, 6.0), (3, 22, 9, 5.0))
"""(I, P, L) and SUV of the hottest voxel of each spot."""

PET_SHAPE = (14, 30, 40)
"""Voxels of 4 x 2 x 1.5 mm."""


def pet_affine(degrees: float = 0.0) -> np.ndarray:
    """Return the affine of the PET, turned about the patient's left-right axis."""
    affine = np.array([[0, 0, -1.5, 30], [0, -2, 0, 30], [-4, 0, 0, 28], [0, 0, 0, 1]], dtype=np.float64)
    turn = np.eye(4)
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    turn[1:3, 1:3] = [[cosine, -sine], [sine, cosine]]
    return turn @ affine


def hot_pet(degrees: float = 0.0, unit: str = "SUVbw") -> Volume:
    """Return a PET with three hot spots, each the hottest in one voxel."""
    places = np.stack(np.meshgrid(*map(np.arange, PET_SHAPE), indexing="ij"), axis=-1) * [4.0, 2.0, 1.5]
    values = np.full(PET_SHAPE, 0.5)
    for *voxel, height in SPOTS:
        away = np.linalg.norm(places - np.array(voxel) * [4.0, 2.0, 1.5], axis=-1)
        values = np.maximum(values, height * np.exp(-((away / 6.0) ** 2)))
    digest = f"{int(degrees):02d}".ljust(64, "a")
    return Volume(values.astype(np.float32), pet_affine(degrees), "PT", unit, name="pet", origin=Origin(sha256=digest))


def wide_ct() -> Volume:
    """Return a CT on a grid of its own that holds the PET, voxels of 3 x 1 x 1 mm."""
    shape = (26, 90, 84)
    affine = np.array([[0, 0, -1, 42], [0, -1, 0, 46], [-3, 0, 0, 40], [0, 0, 0, 1]], dtype=np.float64)
    grid = np.stack(np.meshgrid(*(np.linspace(-1, 1, size) for size in shape), indexing="ij"))
    values = np.where(np.linalg.norm(grid, axis=0) < 1.2, 40.0, -1000.0)
    values += np.random.default_rng(3).normal(0, 8, shape)
    return Volume(values.astype(np.float32), affine, "CT", "HU", name="ct", origin=Origin(sha256="c" * 64))


def patient_of(volume: Volume, voxel: tuple[float, ...]) -> np.ndarray:
    """Return the place of a voxel, RAS+ mm."""
    return (volume.affine @ [*voxel, 1.0])[:3]


def opened(viewer: Viewer, volumes: tuple[Volume, Volume], qtbot: QtBot) -> FuseWidget:
    """Return the Fuse widget beside a pair that is fused, in a window that is shown, at the page Lesions."""
    get_plugin_settings("napari-refusion").fusion.live = False
    for volume in volumes:
        data, properties, _ = to_layer_data(volume)
        viewer.add_image(data, **properties)
    _, widget = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
    choose(widget.page.form.weights, "maximum")
    widget.fuse(is_slice=False)
    qtbot.waitUntil(lambda: widget.is_idle, timeout=60_000)
    widget.panels.setCurrentWidget(widget.panels.lesions)
    return widget
