"""The result that is shown: one partial fusion at a time, in grey or in colour."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from psygnal import Signal

from napari_refusion.volume.finding import refuse

if TYPE_CHECKING:
    from napari_refusion.fusion.fuse import Fused
    from napari_refusion.session.messages import Started
    from napari_refusion.session.present_names import PresentNames


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """What is shown."""

    started: Started
    is_coloured: bool

    @property
    def keys(self) -> tuple[str, str]:
        """Return the keys of the sources, in an order that does not depend on which was chosen first.

        Of photographs in the order in which they were chosen: the other way round they make another image.
        """
        first, second = self.started.kept.request.keys
        is_medical = self.started.partial.study.task.is_medical
        return (second, first) if is_medical and second < first else (first, second)

    def called(self, names: PresentNames) -> str:
        """Return what to call the pair, by the names that its sources have now, or else had when it was fused."""
        request, study = self.started.kept.request, self.started.partial.study
        images = request.first.image, request.second.image
        return " + ".join(names.name(study.side(image.key), image.name) for image in images)


class Result:
    """Says what is to be shown while fusions come and go.

    A partial fusion is shown as soon as the wanted slice is there: until then an older image is better than none, for
    it would flicker while a window is dragged.
    """

    changed = Signal(object)
    """Emitted with what is to be shown now, a `Shown`, or None for nothing."""
    recoloured = Signal(object)
    """Emitted with the same result with or without colours."""

    def __init__(self) -> None:
        self._started: Started | None = None
        self.shown: Shown | None = None
        """What is shown now."""
        self.is_coloured = True
        """Whether results are shown in colours where they have some."""
        self._threshold: tuple[float | None, object] = (None, None)

    def begin(self, started: Started, looked_at: int | None) -> None:
        """Take note of a fusion that begins, and show it at once if the current slice is there already."""
        self._started = self._at_threshold(started)
        done = started.partial.done
        if looked_at is not None and 0 <= looked_at < len(done) and done[looked_at]:
            self.arrive()

    def arrive(self) -> None:
        """Show the fusion that began last: a wanted slice is on its partial fusion."""
        if self._started is not None and self._is_new(self._started):
            self.show(Shown(self._started, self.is_coloured))

    def show(self, shown: Shown | None) -> None:
        """Show this, whatever began."""
        self.shown = None if shown is None else replace(shown, started=self._at_threshold(shown.started))
        self.changed.emit(self.shown)

    def set_coloured(self, is_coloured: bool) -> None:
        """Show results with or without colours."""
        self.is_coloured = is_coloured
        if self.shown is not None:
            self.shown = replace(self.shown, is_coloured=is_coloured)
            self.recoloured.emit(self.shown)

    def set_threshold(self, threshold: float | None, scale: object) -> None:
        """Give uptake below a value no colour; None colours all of it.

        Parameters
        ----------
        scale
            What the value is one of, as `session.compare.scale_of` says: other sources, and other units, are not
            touched.
        """
        if (threshold, scale) == self._threshold:
            return
        self._threshold = threshold, scale
        if self._started is not None:
            self._started = self._at_threshold(self._started)
        if self.shown is None:
            return
        started = self._at_threshold(self.shown.started)
        if started is not self.shown.started:
            self.shown = replace(self.shown, started=started)
            self.recoloured.emit(self.shown)

    def _at_threshold(self, started: Started) -> Started:
        """Return a fusion with the colours that its uptake has above the threshold; itself where it has them."""
        from napari_refusion.fusion.colouring import choose_colouring
        from napari_refusion.session.compare import scale_of

        colouring = started.colouring
        if colouring is None or not colouring.legend.palette:
            return started
        value, scale = self._threshold
        threshold = value if scale == scale_of(started.partial) else None
        if threshold == colouring.legend.threshold:
            return started
        palette = colouring.legend.palette
        return replace(started, colouring=choose_colouring(started.partial.study, palette, threshold))

    def fused(self) -> Fused:
        """Return the whole fused volume with its record, to be written.

        Raises
        ------
        RefusedError
            If slices are missing.
        """
        from napari_refusion.fusion.fuse import fused_of

        if self.shown is None or not self.shown.started.partial.is_complete:
            raise refuse("slice", "Fuse the whole volume first: slices are missing.")
        started = self.shown.started
        return fused_of(started.partial, started.provenance, started.colouring)

    def _is_new(self, started: Started) -> bool:
        """Return whether something else is shown yet."""
        if self.shown is None:
            return True
        old = self.shown.started
        legends = [one.colouring.legend if one.colouring is not None else None for one in (old, started)]
        return old.partial is not started.partial or legends[0] != legends[1]
