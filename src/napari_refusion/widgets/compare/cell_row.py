"""Napari's grid as a row of cells with one camera, and back to the grid and the camera of before."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from math import isclose
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari.viewer import Viewer

_CLOSE: Final = 1.01
"""Zoom, in that at which all of the picture is seen, from which on a reader looks at a part of it."""

_SETTINGS: Final = ("enabled", "stride", "shape", "spacing")
"""Of the grid; first, and off before all else, or napari makes cells, letters and notice anew with each of them."""

Camera = tuple[float, tuple[float, ...]]
"""Zoom and centre."""


@dataclass(frozen=True, slots=True, eq=False)
class _Before:
    """What grid and camera were."""

    grid: dict[str, object]
    camera: Camera | None
    """None where all of the picture was seen: then all of it is seen again."""
    entered: Camera
    """What the camera was in the cells at first."""


class CellRow:
    """A row of cells that can be entered and left."""

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer
        self._before: _Before | None = None

    def enter(self, columns: int) -> None:
        """Switch the grid on: pictures fill the cells; a camera that is close to something stays as close to it."""
        grid = self._viewer.canvas.grid
        settings = {name: getattr(grid, name) for name in _SETTINGS}
        before, alone = self._camera(), self._fitted()
        grid.stride, grid.shape, grid.spacing, grid.enabled = 1, (1, columns), 0, True
        in_cells = self._fitted()
        if before[0] > _CLOSE * alone[0]:
            self._set_camera((before[0] * in_cells[0] / alone[0], before[1]))
        self._before = _Before(settings, None if _is_same(before, alone) else before, self._camera())

    def leave(self) -> None:
        """Give grid and camera back as they were, if the cells are there; a camera that was moved stays there."""
        before, self._before = self._before, None
        if before is None:
            return
        now, in_cells = self._camera(), self._fitted()
        for setting in _SETTINGS:
            setattr(self._viewer.canvas.grid, setting, before.grid[setting])
        alone = self._fitted()
        if not _is_same(now, before.entered) and not _is_same(now, in_cells):
            self._set_camera((now[0] * alone[0] / in_cells[0], now[1]))
        elif before.camera is not None:
            self._set_camera(before.camera)

    @contextmanager
    def undivided_overlays(self) -> Iterator[list[Any]]:
        """Give what napari would draw in every cell at once, to be drawn there one by one; at the end all of it is."""
        overlays = [one for one in self._viewer.canvas.overlays.values() if one.visible and one.gridded]
        for overlay in overlays:
            overlay.gridded = False
        try:
            yield overlays
        finally:
            for overlay in overlays:
                overlay.gridded = True

    def _camera(self) -> Camera:
        camera = self._viewer.scene.camera
        return camera.zoom, tuple(camera.center)

    def _set_camera(self, wanted: Camera) -> None:
        self._viewer.scene.camera.zoom, self._viewer.scene.camera.center = wanted

    def _fitted(self) -> Camera:
        """Fit the camera to what is seen, and return it."""
        self._viewer.fit_to_view()
        return self._camera()


def _is_same(one: Camera, other: Camera) -> bool:
    """Return whether two cameras show the same; across the screen, a place changes with every slice."""
    return isclose(one[0], other[0], rel_tol=1e-6) and np.allclose(one[1][-2:], other[1][-2:], atol=1e-6)
