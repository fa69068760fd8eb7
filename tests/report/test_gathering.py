"""What a report says about who fused: weights with their card, or a rule."""

from dataclasses import replace
from pathlib import Path

import pytest

from napari_refusion.fusion.engines import start_engine
from napari_refusion.fusion.preparation import plan_with
from napari_refusion.fusion.provenance import Provenance, describe_origin
from napari_refusion.record.events import Kind
from napari_refusion.record.project_folder import open_project
from napari_refusion.record.run import describe_run
from napari_refusion.record.store import Store
from napari_refusion.report.content import ReportContent
from napari_refusion.report.gathering import gather
from napari_refusion.report.page import report_html
from napari_refusion.session.review import ReviewSession
from tests.reported import case_canvas


def provenance(engine: str) -> Provenance:
    study = case_canvas().study
    return describe_origin(study, plan_with(start_engine(device="cpu", engine=engine), study, "axial"))


def gathered(folder: Path, made: Provenance) -> ReportContent:
    partial = replace(case_canvas(), weights_sha256=made.weights_sha256)
    project = open_project(folder / "project")
    with Store.open(project.folder, "R1") as store:
        session = ReviewSession(store, project, describe_run(partial), partial)
        return gather(session, made)


def test_the_card_and_the_limits_of_a_rule_say_that_there_was_no_network(tmp_path: Path) -> None:
    content = gathered(tmp_path, provenance("average"))
    assert content.making.rule == "the mean of both sources at every pixel"
    assert content.model_card == (
        "No network was used: the sources were fused by a fixed rule (average), the mean of both sources at every "
        "pixel.",
    )
    assert content.limits == (
        "No limits were calibrated for fusion without a network: its indicators are shown without a judgement.",
    )


@pytest.mark.parametrize("is_installed", [True, False])
def test_weights_have_a_card_if_they_came_with_the_program(tmp_path: Path, is_installed: bool) -> None:
    made = provenance("refusion")
    content = gathered(tmp_path, made if is_installed else replace(made, weights_sha256="0" * 64))
    assert content.making.rule == ""
    assert ("did not come with the program" in content.model_card[0]) is not is_installed
    assert "for these weights: their indicators" in content.limits[0]


def test_a_report_of_a_record_that_was_damaged_says_so(tmp_path: Path) -> None:
    made = provenance("average")
    assert gathered(tmp_path, made).record == ()
    (tmp_path / "project" / "reviews" / "R1.sqlite").write_bytes(b"")
    content = gathered(tmp_path, made)
    assert content.record[0] == "DAMAGED"
    assert "expected a file that was never damaged" in content.record[1]
    assert content.signed == "not signed"


def said(folder: Path, *events: tuple[Kind, dict[str, object]]) -> tuple[str, ReportContent]:
    """Return the report of a case of which this was said: its page and its content."""
    made = provenance("average")
    partial = replace(case_canvas(), weights_sha256=made.weights_sha256)
    project, run = open_project(folder / "project"), describe_run(partial)
    with Store.open(project.folder, "R1") as store:
        for kind, payload in events:
            store.append(run.case_id, run.run_id, kind, payload)
        content = gather(ReviewSession(store, project, run, partial), made)
    return report_html(content), content


def verdict(value: str) -> tuple[Kind, dict[str, object]]:
    return "verdict", {"value": value, "confidence": 3, "comment": "", "seconds": 20.0, "lights": {}}


def test_a_report_says_whose_words_were_shown_and_what_the_verdict_was_before(tmp_path: Path) -> None:
    page, content = said(tmp_path, verdict("usable"))
    assert content.others == ""
    assert "Other readers" not in page
    page, _ = said(tmp_path, ("others", {"readers": ["ben"]}), verdict("not_usable"))
    assert "The words of ben were shown; the verdict before that: usable" in page
    assert "<b>not usable</b>" in page


def test_whoever_decides_sees_the_others_words_before_any_verdict(tmp_path: Path) -> None:
    page, _ = said(tmp_path, ("others", {"readers": ["anna", "ben"]}), verdict("usable"))
    assert "The words of anna and ben were shown; the verdict before that: none yet" in page


def test_a_report_of_a_repeat_says_so_once_it_has_a_verdict_and_tells_nothing_before(tmp_path: Path) -> None:
    first = verdict("usable"), ("others", {"readers": ["ben"]})
    page, content = said(tmp_path, *first, ("again", {}))
    assert not content.is_repeat
    assert content.others == ""
    assert "second" not in page.split("2. What was checked")[0].split("1. Verdict")[1]
    page, content = said(tmp_path, verdict("not_usable"))
    assert content.is_repeat
    assert "the second one of this case: the first one stands" in page


def test_a_name_that_both_sources_have_is_not_said_to_be_that_of_one_of_them(tmp_path: Path) -> None:
    made = provenance("average")
    partial = replace(case_canvas(), weights_sha256=made.weights_sha256)
    study = partial.study
    alike = [
        replace(side, volume=replace(side.volume, name=name))
        for side, name in zip(study.sides, ("im", "IM"), strict=True)
    ]
    partial = replace(partial, study=replace(study, a=alike[0], b=alike[1]))
    project, run = open_project(tmp_path / "project"), describe_run(partial)
    with Store.open(project.folder, "R1") as store:
        names = gather(ReviewSession(store, project, run, partial), made).names
    assert names == {"im": f"{run.a.word} or {run.b.word}"}
