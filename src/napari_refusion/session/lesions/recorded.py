"""The list of lesions of a case that is reviewed: every change of it is recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_refusion.record.lesions_said import payloads
from napari_refusion.session.lesions.shares import KnownShares
from napari_refusion.volume.finding import refuse

if TYPE_CHECKING:
    from napari_refusion.evidence.lesions_shown import LesionsShown
    from napari_refusion.lesion.lesions import Lesions
    from napari_refusion.record.events import Event
    from napari_refusion.session.journal import Journal
    from napari_refusion.session.lesions.source import LesionSource


class RecordedLesions:
    """What a reader says about lesions; what the journal does not take is a `RefusedError`, see `Journal.record`."""

    def __init__(self, journal: Journal, sources: tuple[LesionSource, ...]) -> None:
        self._journal = journal
        self.sources = sources
        """Those that lesions are drawn on."""
        self._shown = KnownShares()

    @property
    def now(self) -> Lesions:
        """Return the list as it stands."""
        return self._journal.review.lesions

    @property
    def shown(self) -> LesionsShown:
        """Return how much the fused image shows of the lesions as they are drawn now."""
        return self._shown.shown(self.now, self.sources)

    def take_shown(self, known: KnownShares) -> None:
        """Use what was computed of how much this fused image shows of lesions."""
        self._shown = known

    def change(self, lesions: Lesions) -> None:
        """Record what makes the list this one: lesions that were added, changed or removed."""
        for payload in payloads(self._journal.review.lesions_said, tuple(lesions)):
            self._journal.record("lesion", payload)

    def undo(self) -> None:
        """Take back the last thing that was said, if there is one; refused if it is not about lesions."""
        _check_about_lesions(self._journal.to_undo, "Undo")
        self._journal.undo()

    def redo(self) -> None:
        """Say again what was taken back last, if there is anything; refused if it is not about lesions."""
        _check_about_lesions(self._journal.to_redo, "Redo")
        self._journal.redo()


def _check_about_lesions(event: Event | None, verb: str) -> None:
    """Refuse to take back or say again, from the list of lesions, what is not about them."""
    if event is not None and event.kind != "lesion":
        sentence = f"{verb} it in the review: the last step there is not about lesions but another one ({event.kind})."
        raise refuse("review", sentence, event.kind)
