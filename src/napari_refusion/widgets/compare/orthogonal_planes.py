"""The two other planes beside the current one, drawn by the package napari-orthogonal-views."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from napari_refusion.widgets.orientation_letters import OrientationLetters

if TYPE_CHECKING:
    from napari.viewer import Viewer


class OrthogonalPlanes:
    """Shows the planes centred on one place, with cross hairs, and with the letters of the patient's sides."""

    def __init__(self, viewer: Viewer) -> None:
        # the package knows a viewer by its identity, and a proxy of it is a new object every time
        self._viewer = getattr(viewer, "__wrapped__", viewer)
        self._letters: list[OrientationLetters] = []

    def toggle(self) -> None:
        """Show the planes, or hide them.

        Raises
        ------
        ImportError
            If the package is not installed.
        """
        manager: Any = import_module("napari_orthogonal_views.ortho_view_manager")._get_manager(self._viewer)
        if manager.is_shown():
            self.hide(manager)
            return
        manager.activate_checkboxes = True
        manager.show()
        planes = (manager.right_widget, manager.bottom_widget)
        self._letters = [OrientationLetters(plane.vm_container.viewer_model) for plane in planes]
        for letters in self._letters:
            letters.start()

    def hide(self, manager: Any) -> None:  # noqa: ANN401 - the package may not be installed
        """Hide the planes again."""
        for letters in self._letters:
            letters.stop()
        self._letters = []
        manager.hide()
