"""From a review that is going on to its report: what is gathered at once, and the pictures, which take a moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from napari_refusion.evidence.indicators import INDICATORS, named
from napari_refusion.evidence.lesions_shown import hidden_findings
from napari_refusion.evidence.map_kinds import KINDS
from napari_refusion.fusion.colouring import Colouring
from napari_refusion.fusion.engines import rule_in_words
from napari_refusion.io.one_pass import sha256_of
from napari_refusion.look import RECORDS
from napari_refusion.record.case import CASE_VERDICTS
from napari_refusion.record.replay import before_others, replay
from napari_refusion.record.verify import verify_reader
from napari_refusion.report.card import read_card
from napari_refusion.report.cells import Evidence
from napari_refusion.report.content import Curve, Making, Panel, ReportContent, choose_panels
from napari_refusion.report.lesions import lesion_section
from napari_refusion.report.pictures import panel

if TYPE_CHECKING:
    from napari_refusion.evidence.examination import Examination
    from napari_refusion.fusion.provenance import Provenance
    from napari_refusion.session.review import ReviewSession
    from napari_refusion.volume.finding import Finding

DRAWN: Final = ("residual_a", "contribution_a", "overshoot")
"""Evidence beside the three images of a report: more would be too small to read."""


def gather(session: ReviewSession, provenance: Provenance, findings: tuple[Finding, ...] = ()) -> ReportContent:
    """Return a report without pictures, see `with_pictures`.

    Parameters
    ----------
    provenance
        Of the fusion that is reviewed.
    findings
        About the pair and the plan, those of its files among them.
    """
    partial, review, run = session.partial, session.review, session.run
    of_files = (*partial.study.a.volume.findings, *partial.study.b.volume.findings)
    examination, record = session.examination, verify_reader(session.project, session.store.reader)
    return ReportContent(
        label=run.case_id,
        reader=session.store.reader,
        opened=session.opened,
        finished=review.verdict.utc if review.verdict is not None else "",
        run=run,
        review=review,
        coverage=session.coverage(),
        check_outcomes=session.check_outcomes(),
        making=_making(provenance if session.project.identified else provenance.without_names()),
        notice=provenance.notice,
        check_failed=session.check_failed(),
        findings=(*(one for one in findings if one not in of_files), *_not_examined(session), *_hidden(session)),
        file_findings=of_files,
        flagged=session.flagged,
        curves=_curves(session),
        missed=examination.missed if examination is not None else (),
        is_photograph=partial.study.fixed.is_photograph,
        missed_run=examination.missed_run if examination is not None else False,
        lesions=lesion_section(session),
        stale=session.journal.stale,
        model_card=_model_card(provenance),
        limits=_limits(session, provenance),
        chain_head=session.store.chain_head,
        record=() if record.is_sound else (RECORDS[record.state].printed, *record.faults),
        signed=record.signed,
        others=_others(session),
        is_repeat=session.is_repeat and review.verdict is not None,
        identified=session.project.identified,
        names=_names(session),
        identity={"Sources": f"{partial.study.a.volume.name}, {partial.study.b.volume.name}"},
    )


def with_pictures(
    content: ReportContent, examination: Examination, colouring: Colouring | None = None
) -> ReportContent:
    """Return a report with the pictures of the slices that deserve one: key images, flagged, worst by indicators."""
    chosen, left_out = choose_panels(content.review, content.flagged)
    panels = tuple(
        Panel(
            index,
            why,
            panel(examination.partial, index, colouring, evidence_of(examination, index), content.check_failed),
        )
        for index, why in chosen.items()
    )
    return replace(content, panels=panels, left_out=left_out)


def evidence_of(examination: Examination, index: int) -> tuple[Evidence, ...]:
    """Return the maps of a slice that are drawn beside its three images; one takes as long as fusing the slice."""
    return tuple(
        Evidence(
            named(KINDS[name].title, examination.words),
            examination.map_of(name, index),
            *KINDS[name].limits,
            is_signed=KINDS[name].is_signed,
        )
        for name in DRAWN
        if name in examination.kinds
    )


def _curves(session: ReviewSession) -> tuple[Curve, ...]:
    """Return every indicator that was run, with its limits where there are some."""
    examination, limits = session.examination, session.limits
    if examination is None:
        return ()
    known = limits.limits if limits is not None else {}
    return tuple(
        Curve(
            named(INDICATORS[name].title, examination.words),
            values,
            known[name].amber if name in known else None,
            known[name].red if name in known else None,
        )
        for name, values in examination.numbers.items()
    )


def _making(provenance: Provenance) -> Making:
    made = provenance
    sources = made.a.window_source, made.b.window_source
    rule = rule_in_words(made.weights)
    return Making(made.task, made.weights, made.device, made.created, made.versions, rule, made.engine, sources)


def _limits(session: ReviewSession, provenance: Provenance) -> tuple[str, ...]:
    """Return where the limits come from; what each check can see is said by its check."""
    if session.limits is None:
        what = "fusion without a network: its" if rule_in_words(provenance.weights) else "these weights: their"
        return (f"No limits were calibrated for {what} indicators are shown without a judgement.",)
    return (f"The limits of the checks. {session.limits.calibrated_on}",)


def _model_card(provenance: Provenance) -> tuple[str, ...]:
    """Return what is known about the weights: the card beside the installed file with their hash."""
    if rule := rule_in_words(provenance.weights):
        return (f"No network was used: the sources were fused by a fixed rule ({provenance.weights}), {rule}.",)
    from napari_refusion.model.tasks import installed_weights

    for path in installed_weights().values():
        if sha256_of(path) == provenance.weights_sha256:
            return read_card(path.with_suffix(".md"))
    return ("These weights did not come with the program: nothing is known about how they were trained.",)


def _not_examined(session: ReviewSession) -> tuple[Finding, ...]:
    """Return what the examination could not assess, so that its silence is not taken for a passed check."""
    return session.examination.findings if session.examination is not None else ()


def _hidden(session: ReviewSession) -> tuple[Finding, ...]:
    """Return a warning for each of the reader's lesions that the fused image hides."""
    return hidden_findings(session.review.lesions, session.lesions.shown)


def _others(session: ReviewSession) -> str:
    """Return whose words on the case were shown in this reading, and the verdict before that, in words."""
    begun = [place for place, event in enumerate(session.events, 1) if event.kind == "again"]
    events = session.events[begun[-1] if begun else 0 :]
    shown = dict.fromkeys(name for event in events if event.kind == "others" for name in event.payload["readers"])
    if not shown:
        return ""
    before = replay(before_others(events), session.run.run_id).verdict
    verdict = CASE_VERDICTS.get(before.value, before.value) if before else "none yet"
    return f"The words of {' and '.join(shown)} were shown; the verdict before that: {verdict}"


def _names(session: ReviewSession) -> Mapping[str, str]:
    """Return what findings call the sources -> what a report without names calls them."""
    run, first, second = session.run, *(side.volume.name for side in session.partial.study.sides)
    if first.casefold() == second.casefold():
        return {first: f"{run.a.word} or {run.b.word}"} if first else {}
    return {name: one.word for name, one in ((first, run.a), (second, run.b)) if name}
