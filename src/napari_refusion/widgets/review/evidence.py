"""The evidence of a fusion under review: computed in workers, shown in the form and on the canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QObject

from napari_refusion.widgets.review.examining import Examining
from napari_refusion.widgets.review.map_making import MapMaking

if TYPE_CHECKING:
    from napari_refusion.evidence.missed_uptake import MissedUptake
    from napari_refusion.session.reading import Reading
    from napari_refusion.widgets.review.commands import ReviewCommands
    from napari_refusion.widgets.review.form import ReviewForm
    from napari_refusion.widgets.review.on_canvas import OnCanvas
    from napari_refusion.widgets.review.slice_watch import SliceWatch


class ReviewEvidence(QObject):
    """Examines one fusion at a time, and makes the map that is seen of the slices that are looked at."""

    def __init__(
        self, commands: ReviewCommands, form: ReviewForm, watch: SliceWatch, on_canvas: OnCanvas, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._commands, self._form, self._watch, self._on_canvas = commands, form, watch, on_canvas
        self._examining, self._map_making = Examining(self), MapMaking(self)
        self._examining.advanced.connect(form.evidence.progress.setValue)
        self._examining.found.connect(lambda found: commands.attempt(lambda reading: reading.take(found)))
        self._examining.ended.connect(lambda _end: form.evidence.progress.hide())
        self._map_making.made.connect(on_canvas.evidence.refresh)
        self._map_making.working.connect(form.evidence.show_making)
        on_canvas.evidence.seen.connect(self._make_map)
        form.map_chosen.connect(self._show_map)
        commands.missed_shown.connect(self._show_missed)

    def examine(self, reading: Reading) -> None:
        """Compute the evidence as soon as all slices are there."""
        work = None if self._examining.is_running else reading.examine(self._watch.index())
        if work is not None:
            self._form.evidence.begin_progress(reading.session.count)
            self._examining.start(work, reading.session.count)

    def follow(self) -> None:
        """Make the map of the slice on the screen next."""
        self._map_making.follow(self._watch.index())

    def clear(self) -> None:
        """Stop examining, and take everything from the canvas that belongs to a fusion."""
        self._examining.close()
        self._on_canvas.clear()

    def _show_map(self, name: str) -> None:
        reading = self._commands.reading
        if reading is not None:
            title = self._on_canvas.show_map(reading.session, name)
            self._form.show_message(f"Evidence: {title or 'none'}", is_stored=True)

    def _make_map(self, name: str, _title: str) -> None:
        """Make the map that is seen from now on, where it is made on request."""
        reading = self._commands.reading
        maps = None if reading is None else reading.session.maps
        self._map_making.show(maps.slow(name) if maps is not None and name else None, self._watch.index())

    def _show_missed(self, rank: int, peak: MissedUptake) -> None:
        reading = self._commands.reading
        if reading is not None:
            self._form.missed.mark(rank)
            self._on_canvas.show_missed(peak, reading.fusion.partial.study.fixed.grid, f"missed {rank + 1}")
