"""What a report says about who fused: weights with their card, or a rule."""

from dataclasses import replace
from pathlib import Path

import pytest

from napari_refusion.fusion.engines import start_engine
from napari_refusion.fusion.preparation import plan_with
from napari_refusion.fusion.provenance import Provenance, describe_origin
from napari_refusion.record.project import open_project
from napari_refusion.record.run import describe_run
from napari_refusion.record.store import Store
from napari_refusion.report.content import ReportContent
from napari_refusion.report.gathering import gather
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
