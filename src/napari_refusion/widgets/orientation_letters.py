"""Letters at the sides of every view that say where it lies in the patient, and what the program is for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from napari.components.overlays import TextOverlay

from napari_refusion.look import OVERLAY, SIDES
from napari_refusion.notice import RESEARCH_ONLY
from napari_refusion.widgets.planes.hanging import shown_plane
from napari_refusion.widgets.shown_slice import OBLIQUE, has_directions, slice_title

if TYPE_CHECKING:
    from napari.viewer import Viewer

_SIDES: Final = {"left": "middle_left", "right": "middle_right", "top": "top_center", "bottom": "bottom_center"}
"""Side of a view -> where napari draws its letter."""

_KEPT_FREE: Final = ("top", "bottom")

_BACKGROUND: Final = (0.0, 0.0, 0.0, 0.6)
"""RGBA behind letters, which may stand on a bright image."""


def side_letters(order: Sequence[int], flips: tuple[str, str] = ("down", "right")) -> dict[str, str]:
    """Return the letter at each side of a 2-D view, empty for an axis that is not one of the patient's.

    Parameters
    ----------
    order
        The viewer's axes, the two that are drawn last: rows, then columns. The last three axes are the patient's.
    flips
        Where rows and columns grow to, the camera's ``orientation2d``.
    """
    sides = {}
    offset = len(order) - len(SIDES)
    pairs = ("top", "bottom"), ("left", "right")
    for axis, high, (low_side, high_side) in zip(order[-2:], flips, pairs, strict=True):
        ends = SIDES[axis - offset] if offset >= 0 and axis >= offset else ("", "")
        sides[low_side], sides[high_side] = ends if high in ("down", "right") else ends[::-1]
    return sides


_OF: Final = ", of "
"""What stands before the name of an image in the words of `slice_title`."""

_LONGEST: Final = 30
"""Letters of such a name for which the narrowest view of a laptop's screen has room."""

_OURS: Final = "refusion_"
"""What the names of these overlays begin with."""


def keep_letters(viewer: Viewer) -> None:
    """Write letters and notice into a viewer as long as it lives, once: a result outlives the dock that made it."""
    for _ in keeping_letters(viewer):
        pass


def keeping_letters(viewer: Viewer) -> Iterator[None]:
    """Do the same in steps, an overlay of napari's at each; nothing is written before the last one."""
    if f"{_OURS}notice" in viewer.canvas.overlays:
        return
    letters = OrientationLetters(viewer)
    yield from letters.starting()
    # napari holds a function, but not the owner of a method
    viewer.layers.events.reordered.connect(lambda _event: letters.update())


class OrientationLetters:
    """Keeps the letters of a viewer right from `start` to `stop`."""

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer
        self._letters: dict[str, TextOverlay] = {}
        self._free: dict[str, TextOverlay] = {}
        self._added: list[str] = []

    def start(self) -> None:
        """Write letters and notice, and follow what is shown."""
        for _ in self.starting():
            pass

    def starting(self) -> Iterator[None]:
        """Do the same in steps, see `keeping_letters`."""
        if self._added:
            return
        look = {"color": OVERLAY, "box_color": _BACKGROUND, "box": False, "visible": True}
        # first, for who looks whether there are letters in the middle of this
        self._notice = TextOverlay(position="bottom_left", font_size=9, **look)
        self._add("notice", self._notice)
        # names of layers and the notice reach the middle of narrow cells: letters stand on the line beside theirs
        for side in _KEPT_FREE:
            self._free[side] = TextOverlay(text=" ", position=_SIDES[side], gridded=True, box=False, visible=True)
            yield
            self._add(f"{side}_free", self._free[side])
        for side, position in _SIDES.items():
            self._letters[side] = TextOverlay(position=position, font_size=12, gridded=True, **look)
            yield
            self._add(side, self._letters[side])
        yield
        self._plane = TextOverlay(position="top_left", font_size=9, **look)
        self._add("plane", self._plane)
        yield
        for emitter in self._emitters():
            emitter.connect(self.update)
        self.update()

    def stop(self) -> None:
        """Take everything away again."""
        if not self._added:
            return
        for emitter in self._emitters():
            emitter.disconnect(self.update)
        for name in self._added:
            del self._viewer.canvas.overlays[name]
        self._letters, self._free, self._added = {}, {}, []

    def _add(self, name: str, overlay: TextOverlay) -> None:
        self._viewer.canvas.overlays[f"{_OURS}{name}"] = overlay
        self._added.append(f"{_OURS}{name}")

    def _emitters(self) -> list[Any]:
        dims, layers = self._viewer.dims.events, self._viewer.layers.events
        camera = self._viewer.scene.camera.events
        followed = dims.order, dims.ndisplay, dims.ndim, dims.point, dims.range, self._viewer.canvas.grid.events.enabled
        return [*followed, camera.orientation, layers.inserted, layers.removed]

    def update(self, _event: Any = None) -> None:  # noqa: ANN401 - napari's events have no common type
        """Write what fits the view now."""
        dims = self._viewer.dims
        shown = dims.ndisplay == 2 and has_directions(self._viewer.layers)
        sides = side_letters(dims.order, self._viewer.scene.camera.orientation2d) if shown else {}
        for side, overlay in self._letters.items():
            _write(overlay, sides.get(side, ""))
        title = slice_title(self._viewer.layers, shown_plane(dims.order), dims.point) if shown else ""
        # in cells the names of the layers stand at the top left, and beside the notice there may be too little room
        is_grid = self._viewer.canvas.grid.enabled
        lines = _in_lines(title)
        _write(self._plane, "" if is_grid else lines)
        _write(self._notice, f"{lines}\n{RESEARCH_ONLY}" if is_grid and title else RESEARCH_ONLY)
        count = lines.count("\n") + 1
        self._free["top"].text = " " if is_grid else "\n".join(" " * count)
        self._free["bottom"].text = "\n".join(" " * (count + 1)) if is_grid else " "


def _in_lines(title: str) -> str:
    """Return a title with what explains it, and the image whose slices it counts, in lines of their own.

    A view cuts what is too wide.
    """
    words, of, name = title.replace(f" {OBLIQUE}", f"\n{OBLIQUE}").partition(_OF)
    if len(name) > _LONGEST:
        half = _LONGEST // 2
        name = f"{name[:half]}…{name[-half:]}"
    return f"{words}\n{of.strip(', ')} {name}" if of else words


def _write(overlay: TextOverlay, text: str) -> None:
    """Write into an overlay, without its box where there is nothing to write.

    It stays visible: napari then counts its cells at once, and while a layer goes there are others than it has drawn.
    """
    overlay.text, overlay.box = text, bool(text)
