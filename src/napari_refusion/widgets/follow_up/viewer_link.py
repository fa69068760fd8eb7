"""Keeping napari's viewer and the views of the follow-up at one place of the patient."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from napari_refusion.widgets.lesions.places import drawn_grid, go_to_place

if TYPE_CHECKING:
    import numpy as np
    from napari.viewer import Viewer
    from numpy.typing import NDArray

    from napari_refusion.session.lesions.session import LesionSession
    from napari_refusion.widgets.follow_up.views import TwoViews


class ViewerLink:
    """Follows the viewer with the views, and the views with the viewer, until it is stopped.

    Places are those of the follow-up as it is shown, (3,) RAS+ mm.
    """

    def __init__(self, viewer: Viewer, later: LesionSession, views: TwoViews) -> None:
        self._viewer, self._later, self._views = viewer, later, views
        self._is_going = False
        views.went.connect(self._take_viewer)
        viewer.dims.events.point.connect(self.follow)

    def stop(self) -> None:
        """Let go of the viewer."""
        self._viewer.dims.events.point.disconnect(self.follow)

    def go_to(self, point: NDArray[np.float64]) -> None:
        """Bring a place into the middle of all."""
        self._views.go_to(point, centre=True)
        if (partial := self._later.now.partial) is not None:
            with self._going():
                go_to_place(self._viewer, partial, point)

    def follow(self, _event: Any = None) -> None:  # noqa: ANN401 - napari's events have no common type
        """Go where the reader went in the viewer."""
        partial, dims = self._later.now.partial, self._viewer.dims
        if partial is None or dims.ndim < 3 or self._is_going:
            return
        stepped = [axis - (dims.ndim - 3) for axis in dims.not_displayed if axis >= dims.ndim - 3]
        self._views.go_to(drawn_grid(list(self._viewer.layers), partial).to_patient(dims.point[-3:], stepped))

    def _take_viewer(self, point: NDArray[np.float64]) -> None:
        """Take the viewer to where the reader went in the views."""
        partial, dims = self._later.now.partial, self._viewer.dims
        if partial is not None and dims.ndim >= 3:
            place = drawn_grid(list(self._viewer.layers), partial).to_world(point).tolist()
            with self._going():
                dims.point = (*dims.point[: dims.ndim - 3], *place)

    @contextmanager
    def _going(self) -> Iterator[None]:
        self._is_going = True
        try:
            yield
        finally:
            self._is_going = False
