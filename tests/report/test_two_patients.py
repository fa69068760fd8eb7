"""The report says why two patients were paired, and names neither."""

from dataclasses import replace
from pathlib import Path

from napari_refusion.fusion.partial import new_partial
from napari_refusion.record.project_folder import open_project
from napari_refusion.record.run import describe_run
from napari_refusion.record.store import Store
from napari_refusion.report.gathering import gather
from napari_refusion.report.rows import finding_rows
from napari_refusion.session.review import ReviewSession
from napari_refusion.study.pairing import pair
from napari_refusion.volume.origin import patient_mark
from tests.report.test_gathering import provenance
from tests.reviewed import MRI, PET


def test_the_reason_stands_in_the_report_without_the_names_of_the_files(tmp_path: Path) -> None:
    one, other = (
        replace(volume, origin=replace(volume.origin, patient=patient_mark(who)))
        for volume, who in ((PET, "4711"), (MRI, "4712"))
    )
    study = pair(one, other, two_patients="second number of the archive")
    made = provenance("average")
    partial = new_partial(study, "axial", made.weights_sha256)
    project = open_project(tmp_path / "project")
    with Store.open(project.folder, "R1") as store:
        session = ReviewSession(store, project, describe_run(partial), partial)
        rows = finding_rows(gather(session, made, study.findings))
    (row,) = [row for row in rows if row["rule"] == "patient"]
    assert "second number of the archive" in row["sentence"]
    assert "Jane Doe" not in row["sentence"]
    assert "4711" not in row["sentence"]
