"""A review in words: what there is to say about the case and about a slice, for whatever shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_refusion.evidence.indicators import INDICATORS, named
from napari_refusion.evidence.map_kinds import KINDS
from napari_refusion.evidence.missed_uptake import spot_in_words
from napari_refusion.look import VERDICTS
from napari_refusion.record.case import CASE_VERDICTS, REASONS
from napari_refusion.volume.probe import place_in_words

if TYPE_CHECKING:
    from napari_refusion.evidence.check_outcome import Colour
    from napari_refusion.session.review import ReviewSession


@dataclass(frozen=True, slots=True)
class SliceCell:
    """One slice among all slices of a case."""

    state: str
    """See `SliceReview.state`."""
    is_flagged: bool = False
    """Whether an indicator says something against it."""
    is_key: bool = False
    is_stale: bool = False
    """Whether something was said about it under another window or other weights."""
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class NumberRow:
    """An indicator of one slice."""

    title: str
    words: str
    colour: Colour
    """On which side of its limits the value lies."""


def case_title(session: ReviewSession) -> str:
    """Return what is reviewed, by whom, and how far it is."""
    review, coverage = session.review, session.coverage()
    parts = [f"{session.run.words}, {session.run.case_id}, reader {session.store.reader}"]
    warned = f"{coverage.flagged_seen} of {coverage.flagged} with a warning"
    warned = warned if session.examination is not None else "not examined yet"
    parts.append(f"{coverage.seen} of {coverage.body} slices seen, {warned}")
    if review.verdict is not None:
        parts.append(f"Verdict: {CASE_VERDICTS[review.verdict.value]}")
    if session.journal.stale:
        verdicts = "1 verdict was" if len(session.journal.stale) == 1 else f"{len(session.journal.stale)} verdicts were"
        parts.append(f"{verdicts} given under other windows or weights, not counted here")
    return "\n".join(parts)


def next_step(session: ReviewSession, pending: str = "", *, is_filling: bool = False) -> str:
    """Return what the reader should do next, or know.

    Parameters
    ----------
    pending
        ``flag`` or ``reject`` while its reason is awaited.
    is_filling
        Whether the slices that are missing are being fused.
    """
    store, noticed = session.store, [finding.sentence for finding in session.journal.findings]
    if store.lock_owner:
        return f"Read-only, another window has this review open: {store.lock_owner}"
    if store.is_read_only:
        return store.only_read_because
    if session.review.is_locked:
        is_told = any(finding.rule == "locked" for finding in session.journal.findings)
        return " ".join([*([] if is_told else ["This case is locked."]), *noticed])
    if not session.review.registration:
        question = "First: are the sources aligned? Compare their edges, then press 1 to 4."
        return " ".join([question, *noticed])
    if pending:
        return f"To {pending} this slice, press 1 to {len(REASONS)} for the reasons."
    if not session.partial.is_complete and is_filling:
        return "The other slices are being fused; those that are there can be judged."
    if not session.partial.is_complete:
        return f"{int(session.partial.done.sum())} of {session.count} slices are fused: Ctrl+Alt+F fuses the rest."
    return " ".join(noticed)


def slice_cells(session: ReviewSession) -> list[SliceCell]:
    """Return all slices at a glance."""
    review, stale = session.review, session.journal.stale
    return [
        SliceCell(
            review.slice(index).state,
            index in session.flagged,
            review.slice(index).is_key,
            index in stale,
            slice_sentences(session, index),
        )
        for index in range(session.count)
    ]


def said_of_slice(session: ReviewSession, index: int) -> str:
    """Return which slice it is and what the reader said about it, as ``Slice 31 of 96, S 45.0 mm: flagged (other)``."""
    here = session.review.slice(index)
    state = VERDICTS[here.state].word if here.state in VERDICTS else here.state
    reasons = ", ".join(REASONS[reason] for reason in here.reasons)
    is_photograph = session.partial.study.fixed.is_photograph  # which has no place in a patient
    place = "" if is_photograph else f", {place_in_words(session.run.axis, session.millimetres(index))}"
    words = f"Slice {index + 1} of {session.count}{place}: {state}"
    return f"{words} ({reasons})" if reasons else words


def missed_sentences(session: ReviewSession) -> list[str]:
    """Return the places of missed uptake that the examination found, the worst first, a sentence for each."""
    missed = session.examination.missed if session.examination is not None else ()
    is_photograph = session.partial.study.fixed.is_photograph
    return [
        f"{place}  {spot_in_words(one, is_photograph=is_photograph)}, slice {one.index + 1} of {session.count}: "
        f"{100 * one.transfer:.0f} % of it shows"
        for place, one in enumerate(missed, 1)
    ]


def slice_sentences(session: ReviewSession, index: int) -> str:
    """Return what there is to say about a slice, in lines; for -1 that the view shows none."""
    if index < 0:
        return f"The viewer shows no {session.run.axis} slice of this fusion."
    here = session.review.slice(index)
    parts = [said_of_slice(session, index), *session.flagged.get(index, ())]
    if index in session.journal.stale:
        parts.append(f"Under another window or other weights: {session.journal.stale[index].verdict}")
    if here.comment:
        parts.append(here.comment)
    return "\n".join(parts)


def number_rows(session: ReviewSession, index: int) -> list[NumberRow]:
    """Return the indicators of a slice that were run, none for -1 and before the examination."""
    examination, limits = session.examination, session.limits
    if examination is None or index < 0:
        return []
    rows = []
    for name, values in examination.numbers.items():
        value, one = float(values[index]), INDICATORS[name]
        if not np.isnan(value):
            colour = limits.colour(name, value) if limits is not None else "not run"
            rows.append(NumberRow(named(one.title, examination.words), one.words(value), colour))
    return rows


def evidence_titles(session: ReviewSession) -> dict[str, tuple[str, str]]:
    """Return the evidence maps that there are: name -> title, and what it can and cannot see."""
    if session.examination is None:
        return {}
    words = session.examination.words
    return {
        name: (named(KINDS[name].title, words), f"{named(KINDS[name].sees, words)} {named(KINDS[name].misses, words)}")
        for name in session.examination.kinds
    }


def not_examined(session: ReviewSession) -> str:
    """Return what could not be examined and why, a sentence in each line; empty before the examination."""
    return "\n".join(one.sentence for one in session.examination.findings) if session.examination is not None else ""
