"""A scripted review of a case and its report: the one module here that calls the package's functions.

Everything else runs the command line, which has no command that reviews. Where the package is rearranged, this file
follows; what it returns stays the same.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.equal_results.cases import Case

if TYPE_CHECKING:
    from napari_refusion.fusion.partial import PartialFusion
    from napari_refusion.fusion.preparation import Plan
    from napari_refusion.session.examined import Examined
    from napari_refusion.session.review import ReviewSession
    from napari_refusion.study.study import Study

READER = "R1"
COMMENT = 'Seen twice; "hot" <focus> & folds.'
SECONDS = 12.0
"""On the screen, for each slice: more than a project asks for, also where a case has one slice."""
KEY = bytes(range(32))
"""Of the pseudonyms; a project draws one."""
NEWEST = "<newest event>"
"""Stands for the hash of the newest event, which follows from times and random identities."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What is left of a review."""

    page: str
    """The report as HTML, without names."""
    identified_page: str
    """The same with what files say."""
    events: tuple[dict[str, Any], ...]
    """What was recorded, kind and payload, oldest first."""
    export_review: tuple[Path, Path]
    """The portable copy: a JSON file and a table in lines of text."""
    objects: tuple[Path, ...]
    """DICOM objects under a pseudonym, where the sources are DICOM."""


def review_case(case: Case, paths: tuple[Path, Path], folder: Path) -> Reviewed:
    """Return what is left of a review in which the same is said of every case.

    Parameters
    ----------
    folder
        For the project; new.
    """
    from napari_refusion.record.project_folder import open_project
    from napari_refusion.record.run import describe_run
    from napari_refusion.record.store import Store
    from napari_refusion.session.review import ReviewSession

    study = _study(case, paths)
    plan = _plan(case, study)
    partial, found = _fuse_and_examine(study, plan)
    with Store.open(folder, READER) as store:
        project = open_project(folder)
        about_fusion = (*study.findings, *plan.findings)
        session = ReviewSession(store, project, describe_run(partial), partial, about_fusion)
        _say_everything(session, found)
        events = tuple({"kind": event.kind, "payload": dict(event.payload)} for event in session.events)
        objects = _export(session, study, plan) if case.has_dicom else ()
        return Reviewed(*_pages(session, study, plan), events, _portable_copy(session), objects)


def _study(case: Case, paths: tuple[Path, Path]) -> "Study":
    from napari_refusion.io.open import open_volume
    from napari_refusion.study.pairing import pair

    first, second = (open_volume(path, modality or None) for path, modality in zip(paths, case.modalities, strict=True))
    reference: Any = {"a": "first", "b": "second"}.get(case.reference)
    return pair(first, second, case.task, windows=case.windows, reference=reference)


def _plan(case: Case, study: "Study") -> "Plan":
    from napari_refusion.fusion.preparation import plan_fusion

    return plan_fusion(study, case.weights, case.axis, "cpu")


def _fuse_and_examine(study: "Study", plan: "Plan") -> tuple["PartialFusion", "Examined"]:
    from napari_refusion.fusion.filling import FusedSlice, missing_slices
    from napari_refusion.fusion.partial import new_partial
    from napari_refusion.session.examined import Examined, examined

    partial = new_partial(study, plan.axis, plan.engine.identity)
    for message in missing_slices(partial, plan.engine):
        assert isinstance(message, FusedSlice)
        partial.put(message.index, message.image)
    *_, found = examined(plan.engine, partial)
    assert isinstance(found, Examined)
    return partial, found


def _say_everything(session: "ReviewSession", found: "Examined") -> None:
    """Look at all slices, accept one, flag one with a comment, reject one that is a key image, take one word back."""
    from napari_refusion.volume.finding import RefusedError

    session.take(found.examination, found.limits)
    session.begin()
    session.answer("slight")
    for index in range(session.count):
        session.look(index, SECONDS)
    body = session.body()
    session.judge(body[len(body) // 4], "accept")
    session.judge(body[len(body) // 2], "flag", ["uptake_lost", "misregistration"])
    session.comment(body[len(body) // 2], COMMENT)
    session.judge(body[-1], "reject", ["other"])
    session.mark_key(body[-1], True, "The last slice of the body.")
    session.comment(body[0], "Taken back.")
    session.undo()
    for outcome in session.check_outcomes():
        if outcome.colour == "red":
            session.override(outcome.check, "Looked at by two readers.")
    with suppress(RefusedError):  # of a case that cannot be usable
        session.finish("usable_with_flags", 3.0, COMMENT)


def _pages(session: "ReviewSession", study: "Study", plan: "Plan") -> tuple[str, str]:
    from napari_refusion.fusion.colouring import choose_colouring
    from napari_refusion.fusion.provenance import describe_origin
    from napari_refusion.numerics.colour import DEFAULT_PALETTE
    from napari_refusion.report.gathering import gather, with_pictures
    from napari_refusion.report.page import report_html

    assert session.examination is not None
    bare = gather(session, describe_origin(study, plan), (*study.findings, *plan.findings))
    colouring = choose_colouring(study, DEFAULT_PALETTE)
    content = replace(with_pictures(bare, session.examination, colouring), chain_head=NEWEST)
    return report_html(content), report_html(replace(content, identified=True))


def _portable_copy(session: "ReviewSession") -> tuple[Path, Path]:
    from napari_refusion.record.export import export_review

    said = session.run, session.review, session.coverage()
    return export_review(session.project.exports, *said, READER, NEWEST, len(session.events))


def _export(session: "ReviewSession", study: "Study", plan: "Plan") -> tuple[Path, ...]:
    """Write the fused volume as the window of a review does: under a pseudonym, with what failed."""
    from napari_refusion.fusion.fuse import Fused, fused_volume
    from napari_refusion.fusion.provenance import describe_origin
    from napari_refusion.io.dicom.export.objects import Pseudonym, export_dicom, possible_kinds, read_reference

    fused = Fused(fused_volume(session.partial.fused, study), describe_origin(study, plan))
    references = read_reference(study.a.source.origin), read_reference(study.b.source.origin)
    pseudonym = Pseudonym(references[0].patient.strip() or session.run.case_id, KEY)
    kinds = possible_kinds(fused, references)
    target = session.project.exports / "objects"
    return export_dicom(
        fused, references, target, check_failed=session.check_failed(), pseudonym=pseudonym, kinds=kinds
    )
