"""What the Lesions page shows of the list: its rows, what was measured, and what is to be known about all of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from napari_refusion.lesion.units import why_no_suv
from napari_refusion.session.lesions.source import asked_lesions
from napari_refusion.widgets.lesions.form import NO_PAIR, hidden_words
from napari_refusion.widgets.lesions.sentences import oblique_words, stale_words
from napari_refusion.widgets.lesions.table import Row

if TYPE_CHECKING:
    from napari_refusion.lesion.deauville import Score
    from napari_refusion.lesion.lesion import Lesion
    from napari_refusion.session.lesions.session import LesionSession
    from napari_refusion.widgets.lesions.form import LesionForm
    from napari_refusion.widgets.lesions.references import References


class ListView:
    """Shows the list of a session on the page's controls."""

    def __init__(self, session: LesionSession, form: LesionForm, references: References) -> None:
        self._session = session
        self._form = form
        self._references = references

    def show(self, *, is_fused: bool, is_coming: bool) -> None:
        """Show the list as it stands.

        Parameters
        ----------
        is_fused
            Whether there is a fused image of which it can be told how much of the lesions it shows.
        is_coming
            Whether that is being computed, or soon will be.
        """
        session, stale, known = self._session, self._session.now.stale, self._session.shares.known
        rows = [
            Row(
                one,
                session.now.measured.get(one.number),
                known.get(one.number),
                stale_words(one) if one.number in stale else "",
                self._score(one),
            )
            for one in session.now.lesions
        ]
        self._form.table.show_rows(rows, session.selected)
        self._show_hidden(is_fused=is_fused, is_coming=is_coming)
        self._show_notice()
        chosen = next((one for one in session.now.lesions if one.number == session.selected), None)
        title, score = ("", None) if chosen is None else (chosen.title, self._score(chosen))
        self._references.show_score(title, score)

    def placed(self) -> list[Lesion]:
        """Return the lesions that count where views show them."""
        now = self._session.now
        found = [(one, now.placed(one.number)) for one in now.lesions]
        return [replace(one, voi=voi) for one, voi in found if voi is not None]

    def _show_hidden(self, *, is_fused: bool, is_coming: bool) -> None:
        """Show how many lesions the fused image hides."""
        now, shares = self._session.now, self._session.shares
        asked = asked_lesions(now.lesions, now.sources)
        shown = shares.shown
        known = sum(one.number in shown.shown for one in asked)
        words, signal = hidden_words(tuple(shown.hidden), known, len(asked), is_coming=is_coming)
        self._form.show_hidden(words if now.partial is not None and is_fused else "", signal)

    def _show_notice(self) -> None:
        """Show why there is no pair, no SUV, or no outline in a plane."""
        now = self._session.now
        reasons = [why_no_suv(one.volume) for one in now.sources if one.volume.is_functional]
        if not now.sources:
            reasons = [NO_PAIR]
        elif now.partial is not None:
            reasons += [oblique_words(now.partial, one.volume) for one in now.sources[:1]]
        self._form.show_notice(" ".join(filter(None, reasons)))

    def _score(self, lesion: Lesion) -> Score | None:
        """Return the score of a lesion that was drawn on the source of the reference regions."""
        regions = self._references.session
        measured, source = self._session.now.measured.get(lesion.number), regions.source
        if measured is None or source is None or not source.holds(lesion):
            return None
        return regions.score(measured)
