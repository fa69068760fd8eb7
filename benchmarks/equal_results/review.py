"""A scripted review of a case and its report: the one module here that calls the package's functions.

Everything else runs the command line, which has no command that reviews. Where the package is rearranged, this file
follows; what it returns stays the same.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.equal_results.cases import Case

if TYPE_CHECKING:
    from napari_refusion.review.evidence.examination import Examination
    from napari_refusion.review.session import Session
    from napari_refusion.volume.pair import Pair

    from napari_refusion.fusion.canvas import Canvas
    from napari_refusion.fusion.preparation import Plan
    from napari_refusion.volume.volume import Volume

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
    mirror: tuple[Path, Path]
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
    from napari_refusion.review.record.project import open_project
    from napari_refusion.review.record.run import describe_run
    from napari_refusion.review.record.store import Store
    from napari_refusion.review.session import Session

    given = _open(case, paths)
    pair, plan = _plan(case, given)
    canvas, examination = _fuse_and_examine(pair, plan)
    volumes, places = (given[::-1], paths[::-1]) if pair.swapped else (given, paths)
    findings = (*pair.findings, *plan.findings)
    with Store.open(folder, READER) as store:
        project = open_project(folder)
        session = Session(store, project, describe_run(canvas, volumes), canvas, findings, places)
        _say_everything(session, examination)
        events = tuple({"kind": event.kind, "payload": dict(event.payload)} for event in session.events)
        objects = _export(session, pair, plan, places) if case.has_dicom else ()
        return Reviewed(*_pages(session, pair, plan), events, _mirror(session), objects)


def _open(case: Case, paths: tuple[Path, Path]) -> tuple["Volume", "Volume"]:
    from napari_refusion.io.open import open_volume

    first, second = (open_volume(path, modality or None) for path, modality in zip(paths, case.modalities, strict=True))
    return first, second


def _plan(case: Case, volumes: tuple["Volume", "Volume"]) -> tuple["Pair", "Plan"]:
    from napari_refusion.volume.pair import pair_volumes

    from napari_refusion.fusion.preparation import plan_fusion
    from napari_refusion.volume.window import volume_window

    reference: Any = {"a": "first", "b": "second"}.get(case.reference)
    pair = pair_volumes(*volumes, task=case.task, reference=reference)
    first, second = (volume_window(volume, words) for volume, words in zip(volumes, case.windows, strict=True))
    return pair, plan_fusion(pair, (first, second), case.task, case.weights, case.axis, "cpu")


def _fuse_and_examine(pair: "Pair", plan: "Plan") -> tuple["Canvas", "Examination"]:
    from napari_refusion.review.evidence.examination import Examination, examine
    from napari_refusion.review.evidence.maps import start_examiner

    from napari_refusion.fusion.canvas import empty_canvas
    from napari_refusion.fusion.slices import fuse_slices, window_sources

    canvas = empty_canvas(pair, plan.windows, plan.axis, plan.engine.identity)
    for index, fused in fuse_slices(plan.engine, window_sources(pair, plan.windows), plan.axis):
        canvas.put(index, fused)
    *_, examination = examine(start_examiner(plan.engine), canvas)
    assert isinstance(examination, Examination)
    return canvas, examination


def _say_everything(session: "Session", examination: "Examination") -> None:
    """Look at all slices, accept one, flag one with a comment, reject one that is a key image, take one word back."""
    from napari_refusion.review.evidence.limits import find_limits

    session.take(examination, find_limits(session.canvas.weights_sha256))
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
    for light in session.lights():
        if light.colour == "red":
            session.override(light.check, "Looked at by two readers.")
    if "usable_with_flags" in session.possible_verdicts():
        session.finish("usable_with_flags", 3.0, COMMENT)


def _pages(session: "Session", pair: "Pair", plan: "Plan") -> tuple[str, str]:
    from napari_refusion.review.report.gathering import gather, with_pictures
    from napari_refusion.review.report.page import report_html

    from napari_refusion.fusion.colouring import choose_colouring
    from napari_refusion.fusion.provenance import describe_origin
    from napari_refusion.numerics.colour import DEFAULT_PALETTE

    assert session.examination is not None
    bare = gather(session, describe_origin(pair, plan), (*pair.findings, *plan.findings))
    colouring = choose_colouring(pair, plan.windows, DEFAULT_PALETTE)
    content = replace(with_pictures(bare, session.examination, colouring), chain_head=NEWEST)
    return report_html(content), report_html(replace(content, identified=True))


def _mirror(session: "Session") -> tuple[Path, Path]:
    from napari_refusion.review.record.mirror import mirror

    said = session.run, session.review, session.coverage()
    return mirror(session.project.exports, *said, READER, NEWEST, len(session.events))


def _export(session: "Session", pair: "Pair", plan: "Plan", paths: tuple[Path, ...]) -> tuple[Path, ...]:
    """Write the fused volume as the window of a review does: under a pseudonym, with what failed."""
    from napari_refusion.io.dicom_export import Pseudonym, export_dicom, possible_kinds, read_reference

    from napari_refusion.fusion.fuse import Fused, fused_volume
    from napari_refusion.fusion.provenance import describe_origin

    fused = Fused(fused_volume(session.canvas.fused, pair), describe_origin(pair, plan))
    references = read_reference(paths[0]), read_reference(paths[1])
    pseudonym = Pseudonym(references[0].patient.strip() or session.run.case_id, KEY)
    kinds = possible_kinds(fused, references)
    target = session.project.exports / "objects"
    return export_dicom(
        fused, references, target, check_failed=session.check_failed(), pseudonym=pseudonym, kinds=kinds
    )
