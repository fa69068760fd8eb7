"""Judging the fused slice on the screen, a moment after the reader came to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from qtpy.QtCore import QObject, QTimer, Signal

from napari_refusion.volume.affine import AXES
from napari_refusion.volume.finding import Finding
from napari_refusion.volume.probe import slice_in_words
from napari_refusion.widgets.fuse.live import viewed_direction
from napari_refusion.widgets.pair_in_front import SHOWING, lying_over
from napari_refusion.widgets.world import slice_index

if TYPE_CHECKING:
    from napari.viewer import Viewer

    from napari_refusion.evidence.limits import Limits
    from napari_refusion.fusion.partial import PartialFusion
    from napari_refusion.session.fusion import FusionSession

_REST: Final = 250
"""Milliseconds without a change after which a slice is judged; a hand on the slider is not kept waiting."""


class PictureWatch(QObject):
    """Says from `start` to `stop` what is to be said about the fused slice that is looked at."""

    judged = Signal(object)
    """Emitted with a `Finding`, or None where no fused slice is looked at."""
    looked_at = Signal(object)
    """Emitted with the index of the fused slice that is looked at, None for none."""

    def __init__(self, viewer: Viewer, session: FusionSession, parent: QObject) -> None:
        super().__init__(parent)
        self._viewer, self._session = viewer, session
        self._limits: tuple[str, Limits | None] = ("", None)
        self._over = ""
        """Name of the image that lies over the result, as it was said."""
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST)
        self._rest.timeout.connect(self.judge)

    def start(self) -> None:
        """Begin to follow the viewer."""
        for event in self._events():
            event.connect(self.touch)
        self._viewer.layers.events.connect(self._touch_shown)  # napari hands the events of each layer on there

    def stop(self) -> None:
        """Let go of the viewer."""
        for event in self._events():
            event.disconnect(self.touch)
        self._viewer.layers.events.disconnect(self._touch_shown)
        self._rest.stop()

    def touch(self, _event: Any = None) -> None:  # noqa: ANN401 - napari's events have no common type
        """Another slice is looked at, it was fused anew, or layers came, went or moved."""
        self._over = ""
        self._rest.start()

    def _touch_shown(self, event: Any) -> None:  # noqa: ANN401 - napari's events have no common type
        if event.type in SHOWING:
            self.touch()

    def judge(self) -> None:
        """Judge the slice that is looked at now."""
        partial = self._session.partial
        index = None if partial is None else self._index(partial)
        over = None if partial is None or index is None else lying_over(self._viewer, partial)
        if over is not None:
            self._say_over(over.name)
            return
        self.judged.emit(None if partial is None or index is None else self._finding(partial, index))
        self.looked_at.emit(index)

    def _say_over(self, name: str) -> None:
        """Say that the fused slice is not what is seen, once, and look again soon whether it is."""
        self._rest.start()
        if name != self._over:
            self._over = name
            sentence = f"Hide {name}, or choose it as a source: it lies over the fused image, not seen as it is."
            self.judged.emit(Finding("warn", "fused picture", sentence, f"under {name}"))
            self.looked_at.emit(None)

    def _events(self) -> tuple[Any, ...]:
        events, layers = self._viewer.dims.events, self._viewer.layers.events
        return events.point, events.order, events.ndisplay, layers.inserted, layers.removed, layers.reordered

    def _index(self, partial: PartialFusion) -> int | None:
        """Return which slice is looked at, None where it is not fused yet, or lies across what is seen."""
        if viewed_direction(self._viewer) != partial.axis:
            return None
        point = self._viewer.dims.point
        index = 0 if len(point) < 3 else slice_index(tuple(point[-3:]), AXES[partial.axis], partial.study.fixed.grid)
        return index if 0 <= index < len(partial.done) and partial.done[index] else None

    def _finding(self, partial: PartialFusion, index: int) -> Finding | None:
        from napari_refusion.evidence.measures import fused_images
        from napari_refusion.evidence.picture_state import picture_state

        fixed, limits = partial.study.fixed, self._limits_of(partial.weights_sha256)
        where = "" if fixed.is_photograph else slice_in_words(fixed.grid, partial.axis, index)
        return picture_state(fused_images(partial, index), limits, where)

    def _limits_of(self, sha256: str) -> Limits | None:
        """Return the limits of weights, read once for each."""
        from napari_refusion.evidence.limits import find_limits

        if self._limits[0] != sha256:
            self._limits = (sha256, find_limits(sha256))
        return self._limits[1]
