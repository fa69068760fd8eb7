"""The keys of the Fuse widget: bound while it is open, and listed on ``?``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QMessageBox, QWidget

if TYPE_CHECKING:
    from napari.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Key:
    """One key and what it does."""

    key: str
    """As napari writes it, for example ``Control-Alt-F``."""
    sentence: str
    press: Callable[[], object]
    release: Callable[[], object] | None = None
    """What letting go of the key does; None for nothing."""


class Keys:
    """Binds keys to a viewer from `start` to `stop`."""

    def __init__(self, viewer: Viewer, keys: Sequence[Key]) -> None:
        self._viewer = viewer
        self.keys = tuple(keys)

    def start(self) -> None:
        """Bind them; a widget that was closed and opened again takes them over."""
        for key in self.keys:
            self._viewer.bind_key(key.key, _bound(key), overwrite=True)

    def stop(self) -> None:
        """Let go of them."""
        for key in self.keys:
            self._viewer.bind_key(key.key, None, overwrite=True)

    def show_list(self, parent: QWidget, others: Sequence[Key] = ()) -> None:
        """Show the list of keys, others first, in a window of its own; napari stays usable meanwhile."""
        taken = {key.key for key in others}
        keys = [*others, *(key for key in self.keys if key.key not in taken)]
        lines = [f"{key.key.replace('-', '+')}: {key.sentence}" for key in keys]
        box = QMessageBox(
            QMessageBox.Icon.NoIcon, "Keys of ReFusion", "\n".join([*lines, "?: this list"]), parent=parent
        )
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setModal(False)
        box.show()


def _bound(key: Key) -> Callable[[Any], Iterator[None] | None]:
    """Return the function that napari calls with the viewer; where it yields, the key was released."""

    def hold(_viewer: Any) -> Iterator[None]:  # noqa: ANN401 - a viewer or a proxy of one
        key.press()
        yield
        if key.release is not None:
            key.release()

    def press(_viewer: Any) -> None:  # noqa: ANN401
        key.press()

    return press if key.release is None else hold
