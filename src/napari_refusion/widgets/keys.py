"""The keys of all pages in one table, and how they are bound to a viewer."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QWidget

from napari_refusion.record.case import REASONS
from napari_refusion.widgets.key_list import KeyList

if TYPE_CHECKING:
    from napari.viewer import Viewer

KEYS: Final[dict[str, tuple[str, str]]] = {
    "peek first": ("Q", "hold to see only one source: PET, SPECT, or the CT beside an MRI"),
    "peek second": ("W", "hold to see only the other source: MRI, or the CT beside a PET"),
    "flicker": ("K", "both sources in turn, and back"),
    "next mode": ("J", "next way to compare"),
    "side by side": ("G", "side by side, and back"),
    "inverted beside": ("Alt+G", "PET or SPECT in inverted grey beside the others, and back"),
    "next scale": ("F9", "PET on its next scale: SUV 0 to 5, 7, 10, 15"),
    "last mode": ("Tab", "last way to compare, and back"),
    "less": ("[", "less opacity"),
    "more": ("]", "more opacity"),
    "axial": ("Alt+A", "axial slices, upright"),
    "coronal": ("Alt+O", "coronal slices, upright"),
    "sagittal": ("Alt+I", "sagittal slices, upright"),
    "three planes": ("Alt+T", "the two other planes below this one, and back"),
    "projection": ("Alt+M", "the rotating projection of PET or SPECT, and back"),
    "lesion": ("Ctrl+Alt+U", "click on uptake to add lesions, and back"),
    "fuse": ("Ctrl+Alt+F", "fuse the volume"),
    "live": ("Ctrl+Alt+L", "Live on or off"),
    "soft tissue": ("F5", "CT in its window for soft tissue"),
    "lung": ("F6", "CT in its window for lung"),
    "bone": ("F7", "CT in its window for bone"),
    "brain": ("F8", "CT in its window for the brain"),
    "undo fusion": ("Ctrl+Alt+Z", "undo the last choice or fusion"),
    "accept": ("A", "accept the slice, and go to the next one"),
    "flag": ("S", "flag the slice, then 1 to 8 for the reasons"),
    "reject": ("R", "reject the slice, then 1 to 8 for the reasons"),
    **{f"reason {place}": (str(place), "answer or reason of this number") for place in range(1, len(REASONS) + 1)},
    "undo": ("U", "undo"),
    "redo": ("Shift+U", "redo"),
    "next warned": ("N", "next slice with a warning"),
    "next unseen": ("Shift+N", "next unseen slice"),
    "next missed": ("H", "next missed uptake"),
    "key image": ("I", "mark as key image, or unmark"),
    "comment": ("M", "comment on the slice"),
    "evidence": ("E", "next evidence map"),
    "finish": ("Ctrl+Return", "finish the case"),
    "report": ("Ctrl+Alt+R", "write the report"),
    "export": ("Ctrl+Alt+X", "export the fused volume: NIfTI or DICOM"),
    "lock": ("Ctrl+Alt+K", "lock the case, after its verdict"),
    "next case": ("Ctrl+Alt+N", "open the next case of the worklist"),
}
"""What is done -> its key, as Qt writes it, and its sentence in the list of keys; a key means one thing everywhere."""


_LET_GO: Final = 30
"""Milliseconds after which a key that came up is let go of. X11 repeats a key that is held as up and down at one time;
where Qt sees the first before the second has come, it does not know that, and the picture would flicker."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key and what it does."""

    key: str
    """As Qt writes it, for example ``Ctrl+Alt+F``."""
    sentence: str
    press: Callable[[], object]
    release: Callable[[], object] | None = None
    """What letting go of the key does; None for nothing."""


def key_for(action: str, press: Callable[[], object], release: Callable[[], object] | None = None) -> Key:
    """Return the key of an action of `KEYS` with what it does here."""
    return Key(*KEYS[action], press, release)


def said_where_not(keys: Sequence[Key], why_not: Callable[[], str], say: Callable[[str], object]) -> tuple[Key, ...]:
    """Return keys that say why they do nothing, where there is a reason.

    Parameters
    ----------
    why_not
        Returns a sentence; empty where the keys can do what they are for.
    """

    def press(key: Key) -> None:
        if sentence := why_not():
            say(sentence)
        else:
            key.press()

    return tuple(replace(key, press=partial(press, key)) for key in keys)


class Keys:
    """Binds keys to a viewer from `start` to `stop`."""

    def __init__(self, viewer: Viewer, keys: Sequence[Key]) -> None:
        self._viewer = viewer
        self.keys = tuple(keys)
        self._letting_go = _LettingGo()

    def start(self) -> None:
        """Bind them; a widget that was closed and opened again takes them over."""
        for key in self.keys:
            self._viewer.bind_key(napari_name(key.key), _bound(key, self._letting_go), overwrite=True)

    def stop(self) -> None:
        """Let go of them."""
        self._letting_go.finish()
        for key in self.keys:
            self._viewer.bind_key(napari_name(key.key), None, overwrite=True)

    def show_list(self, parent: QWidget, others: Sequence[Key] = ()) -> None:
        """Show the list of keys in a window of its own; napari stays usable meanwhile.

        Parameters
        ----------
        others
            Shortcuts of Qt, which come first.
        """
        shortcuts = {shortcut_name(key.key): key.sentence for key in others}
        listed = shortcuts | {key.key: key.sentence for key in self.keys}
        box = KeyList(listed | {"?": "this list"}, parent)
        if (screen := parent.screen()) is not None:
            box.fit(screen.availableSize())
        box.show()


def napari_name(key: str) -> str:
    """Return a key as napari writes it, for example ``Control-Alt-F``."""
    return key.replace("Ctrl", "Control").replace("+", "-")


def shortcut_name(key: str) -> str:
    """Return what the keyboard calls a shortcut of Qt, whose Ctrl is the Command key of a Mac.

    What napari binds, see `napari_name`, is the Control key there as well, and called as it is written.
    """
    return key.replace("Ctrl", "Cmd") if sys.platform == "darwin" else key


class _LettingGo(QTimer):
    """Lets go of a key a moment after it came up, unless it goes down again."""

    def __init__(self) -> None:
        super().__init__()
        self._key: Key | None = None
        self.setSingleShot(True)
        self.setInterval(_LET_GO)
        self.timeout.connect(self.finish)

    def begin(self, key: Key) -> None:
        """Let go of a key in a moment."""
        self._key = key
        self.start()

    def is_repeated(self, key: Key) -> bool:
        """Return whether a key that goes down is held all the time; one that is not is let go of before."""
        if self._key is key:
            self.stop()
            self._key = None
            return True
        self.finish()
        return False

    def finish(self) -> None:
        """Let go now."""
        self.stop()
        key, self._key = self._key, None
        if key is not None and key.release is not None:
            key.release()


def _bound(key: Key, letting_go: _LettingGo) -> Callable[[Any], Iterator[None] | None]:
    """Return the function that napari calls with the viewer; where it yields, the key was released."""

    def hold(_viewer: Any) -> Iterator[None]:  # noqa: ANN401 - a viewer or a proxy of one
        if not letting_go.is_repeated(key):
            key.press()
        yield
        letting_go.begin(key)

    def press(_viewer: Any) -> None:  # noqa: ANN401
        key.press()

    return press if key.release is None else hold
