"""What the two views of a follow-up show: volumes in their places, with the look of a layer, and their days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_refusion.io.dicom.acquisition_day import acquired_on
from napari_refusion.volume.probe import unit_of
from napari_refusion.volume.rigid import matrix_of

if TYPE_CHECKING:
    from datetime import date

    from napari_refusion.session.follow_up.session import FollowUpSession
    from napari_refusion.volume.volume import Volume
    from napari_refusion.widgets.follow_up.layer_look import LayerLook
    from napari_refusion.widgets.follow_up.views import TwoViews


class ShownVolumes:
    """Shows what a session compares in its two views."""

    def __init__(self, session: FollowUpSession, views: TwoViews) -> None:
        self._session, self._views = session, views
        self.days: tuple[date | None, date | None] = None, None
        """When baseline and follow-up were acquired, where the files say it."""

    @property
    def unit(self) -> str:
        """Return the unit of the follow-up as it is shown, empty for none."""
        after = self._views.after.volume
        return "" if after is None else unit_of(after)

    def show(self, look: LayerLook) -> bool:
        """Show the volumes as they lie to each other now; return whether one of them is another one."""
        session, views = self._session, self._views
        source = session.source
        before = session.baseline.measured if session.baseline is not None and session.is_compared else None
        after = None if source is None else source.volume
        is_new = before is not views.before.volume or after is not views.after.volume
        if is_new:
            self.days = _day(before), _day(after)
        views.before.show_volume(before, look.properties())
        views.after.show_volume(after, look.properties())
        views.before.place(matrix_of(session.moving.seen))
        views.after.place(matrix_of(None if source is None else source.side.move))
        views.show_titles(_title("Baseline", before, self.days[0]), _title("Follow-up", after, self.days[1]))
        views.show_legend(look.layer, self.unit)
        return is_new

    def show_look(self, look: LayerLook) -> None:
        """Show the same volumes with another look."""
        views = self._views
        for canvas in (views.before, views.after):
            canvas.show_volume(canvas.volume, look.properties())
        views.show_legend(look.layer, self.unit)


def _day(volume: Volume | None) -> date | None:
    return None if volume is None else acquired_on(volume)


def _title(word: str, volume: Volume | None, day: date | None) -> str:
    """Return what stands over a view, with the day where the files say it."""
    if volume is None:
        return word
    return ", ".join(filter(None, (word, "" if day is None else day.isoformat(), volume.title)))
