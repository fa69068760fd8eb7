"""A review in words: what the Review page says about the case and the slice on the screen."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np

from napari_refusion.evidence.indicators import INDICATORS, named
from napari_refusion.evidence.maps import KINDS
from napari_refusion.look import CHECKS, VERDICTS
from napari_refusion.record.case import CASE_VERDICTS, REASONS
from napari_refusion.volume.probe import place_in_words
from napari_refusion.widgets.review.slice_strip import Cell

if TYPE_CHECKING:
    from napari_refusion.session.review import Session

_MARKED = ("amber", "red")


def title_of(session: Session) -> str:
    """Return what is reviewed, by whom, and how far it is."""
    review, coverage = session.review, session.coverage()
    parts = [f"{session.run.words}, {session.run.case_id}, reader {session.store.reader}"]
    parts.append(
        f"{coverage.seen} of {coverage.body} slices seen, {coverage.flagged_seen} of {coverage.flagged} with a warning"
    )
    if review.verdict is not None:
        parts.append(f"Verdict: {CASE_VERDICTS[review.verdict.value]}")
    if session.stale:
        parts.append(f"{len(session.stale)} verdicts are of other windows or weights and do not count")
    return "\n".join(parts)


def next_step(session: Session, pending: str) -> str:
    """Return what the reader should do next, or know."""
    if session.store.is_read_only:
        return f"Read only, another window has this review open: {session.store.holder}"
    if session.review.is_locked:
        return "This case is locked."
    if not session.review.registration:
        return "First: do the sources fit? Compare their edges, then press 1 to 4."
    if pending:
        return f"To {pending} this slice, press 1 to {len(REASONS)} for the reasons."
    if not session.canvas.is_complete:
        return f"{int(session.canvas.done.sum())} of {session.count} slices are fused: Ctrl+Alt+F fuses the rest."
    return " ".join(finding.sentence for finding in session.findings)


def cells_of(session: Session) -> list[Cell]:
    """Return the strip: a cell for each slice."""
    review, stale = session.review, session.stale
    return [
        Cell(
            review.slice(index).state,
            index in session.flagged,
            review.slice(index).is_key,
            index in stale,
            here_in_words(session, index),
        )
        for index in range(session.count)
    ]


def here_in_words(session: Session, index: int) -> str:
    """Return what there is to say about a slice; where the view shows none, how to get there."""
    if index < 0:
        return f"The view shows no {session.run.axis} slice of this fusion."
    here = session.review.slice(index)
    state = VERDICTS[here.state].word if here.state in VERDICTS else here.state
    reasons = ", ".join(REASONS[reason] for reason in here.reasons)
    words = (
        f"Slice {index + 1} of {session.count}, {place_in_words(session.run.axis, session.millimetres(index))}: {state}"
    )
    parts = [f"{words} ({reasons})" if reasons else words, *session.flagged.get(index, ())]
    if index in session.stale:
        parts.append(f"Under another window or other weights: {session.stale[index].verdict}")
    if here.comment:
        parts.append(here.comment)
    return "\n".join(parts)


def numbers_in_words(session: Session, index: int) -> str:
    """Return the indicators of a slice as a small table, each number in the colour of its limits."""
    if session.examination is None or index < 0:
        return ""
    words, limits = session.examination.words, session.limits
    rows = []
    for name, values in session.examination.numbers.items():
        value, one = float(values[index]), INDICATORS[name]
        if np.isnan(value):
            continue
        colour = limits.colour(name, value) if limits is not None else "not run"
        style = f" style='{CHECKS[colour].signal.css}'" if colour in _MARKED else ""
        rows.append(f"<td>{escape(named(one.title, words))}&nbsp;</td><td{style}>{one.words(value)}&nbsp;&nbsp;</td>")
    lines = "".join(f"<tr>{''.join(rows[place : place + 2])}</tr>" for place in range(0, len(rows), 2))
    return f"<table style='font-size: 9px'>{lines}</table>"


def evidence_titles(session: Session) -> dict[str, tuple[str, str]]:
    """Return the evidence maps that there are: name -> title, and what it can and cannot see."""
    if session.examination is None:
        return {}
    words = session.examination.words
    return {
        name: (named(KINDS[name].title, words), f"{named(KINDS[name].sees, words)} {named(KINDS[name].misses, words)}")
        for name in session.examination.maps
    }
