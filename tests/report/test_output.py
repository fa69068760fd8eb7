"""What a review leaves behind: a report, and the fused volume with how it was judged."""

import json
import shutil
from dataclasses import replace
from datetime import datetime, tzinfo
from pathlib import Path

import nibabel
import numpy as np
import pytest
from pydicom import dcmread

from napari_refusion.io.dicom.read import read_dicom
from napari_refusion.record.project_folder import change_project
from napari_refusion.record.verify import verify_reader
from napari_refusion.record.written import written_files
from napari_refusion.report.output import write_output
from napari_refusion.session.examined import Examined
from napari_refusion.session.lesions.session import LesionSession
from napari_refusion.session.reading import Reading
from napari_refusion.volume.finding import RefusedError
from tests.dicom_series import series, write
from tests.reviewed import MRI, fused


@pytest.fixture
def reading(tmp_path: Path) -> Reading:
    opened = Reading.open(tmp_path / "project", "R1", fused())
    opened.answer("unacceptable")
    return opened


def written(kind: str, reading: Reading) -> tuple[Path, ...]:
    [files] = write_output(kind, reading.session, reading.fusion)
    return files


def test_a_report_needs_the_evidence_and_says_so_before_anything_is_written(reading: Reading) -> None:
    with pytest.raises(RefusedError, match="Wait until the evidence is computed"):
        write_output("report", reading.session, reading.fusion)
    assert list(reading.project.reports.iterdir()) == []


def test_a_report_of_a_volume_that_is_not_fused_wholly_tells_how_to_go_on_and_not_to_wait(reading: Reading) -> None:
    partial = reading.fusion.partial
    done = partial.done.copy()
    done[0] = False
    begun = replace(reading.fusion, partial=replace(partial, done=done))
    with pytest.raises(RefusedError, match=rf"Fuse the rest .*: {len(done) - 1} of {len(done)} slices"):
        write_output("report", reading.session, begun)


def test_a_report_says_what_was_found_and_what_could_not_be_examined(reading: Reading) -> None:
    *_, found = reading.examine() or ()
    assert isinstance(found, Examined)
    reading.take(found)
    [page] = written("report", reading)
    html = page.read_text(encoding="utf-8")
    assert page.parent == reading.project.reports
    assert "CHECK FAILED: Registration" in html
    assert "these weights come without the network R" in html
    assert "Jane" not in html


def test_the_volume_is_written_where_the_reference_lies_with_how_it_was_judged(reading: Reading) -> None:
    volume, record = written("nifti", reading)
    image = nibabel.load(volume)
    # nibabel's affine goes from voxels as they are stored, whatever their order: the corners must be the same
    corners = nibabel.affines.apply_affine(image.affine, [[0, 0, 0], np.array(image.shape) - 1])
    assert sorted(map(tuple, corners.round(3))) == sorted([(10.0, 20.0, 30.0), (-4.0, 6.0, 20.0)])
    assert np.sort(np.asarray(image.dataobj), axis=None) == pytest.approx(
        np.sort(reading.fusion.partial.fused, axis=None)
    )
    assert b"CHECK FAILED: Registration" in image.header["descrip"].tobytes()
    said = json.loads(record.read_text())
    assert said["review"]["registration"] == "unacceptable"
    assert said["review"]["run"] == reading.session.run.run_id
    assert (said["a"]["name"], said["b"]["name"]) == ("source a, PET", "source b, MRI")


def test_an_identified_project_keeps_names_in_the_record(tmp_path: Path) -> None:
    opened = Reading.open(tmp_path / "project", "R1", fused())
    opened.close()
    change_project(opened.project, identified=True)
    again = Reading.open(tmp_path / "project", "R1", fused())
    _, record = written("nifti", again)
    assert json.loads(record.read_text())["b"]["name"] == MRI.name


def test_dicom_is_made_of_the_series_that_were_fused(tmp_path: Path) -> None:
    pair = series("PT", 3), series("MR", 4)
    for image in (*pair[0], *pair[1]):
        image.FrameOfReferenceUID = pair[0][0].FrameOfReferenceUID
    folders = write(tmp_path / "pet", pair[0]), write(tmp_path / "mri", pair[1])
    pet, mri = (read_dicom(folder) for folder in folders)
    reading = Reading.open(tmp_path / "project", "R1", fused(pet, mri, paths=folders))
    files = written("dicom", reading)
    assert sorted(file.name for file in files) == ["blending.dcm", "parametric_map.dcm", "secondary_capture.dcm"]
    assert all(str(dcmread(file).PatientName) != str(pair[0][0].PatientName) for file in files)


def test_without_files_dicom_is_refused_and_nothing_is_written(reading: Reading) -> None:
    with pytest.raises(RefusedError, match="as NIfTI instead"):
        written("dicom", reading)
    assert list(reading.project.exports.iterdir()) == []


def test_an_unknown_output_is_refused_with_the_known_ones(reading: Reading) -> None:
    with pytest.raises(RefusedError, match="Use one of report, nifti, dicom, lesions: there is no output 'pdf'"):
        written("pdf", reading)


def test_a_volume_of_a_second_reading_says_so_once_that_has_a_verdict(reading: Reading, tmp_path: Path) -> None:
    run = reading.session.run
    verdict = {"value": "not_usable", "confidence": 3, "comment": "", "seconds": 20.0, "lights": {}}
    reading.store.append(run.case_id, run.run_id, "verdict", verdict)
    reading.store.append(run.case_id, run.run_id, "again", {})
    reading.close()
    for is_read in (False, True):
        again = Reading.open(tmp_path / "project", "R1", fused())
        if is_read:
            again.store.append(run.case_id, run.run_id, "verdict", verdict)
            again.close()
            again = Reading.open(tmp_path / "project", "R1", fused())
        said = json.loads(written("nifti", again)[1].read_text())
        assert said["review"].get("is_second_reading", False) is is_read
        again.close()
        for folder in (tmp_path / "project" / "exports").iterdir():
            shutil.rmtree(folder)


def test_lesions_are_written_as_files_that_verify_knows(reading: Reading) -> None:
    with pytest.raises(RefusedError, match="Draw a lesion first"):
        write_output("lesions", reading.session, reading.fusion)
    lesions = LesionSession()
    lesions.show_pair(reading.fusion.partial)
    lesions.open_review(reading.session)
    grid = reading.fusion.partial.study.grid
    assert lesions.add_at(grid.point_at(np.array([3.0, 4.0, 4.0])), "sphere", 8.0) == 1
    files = written("lesions", reading)
    reading.note_export(["lesions"], files)
    reading.close()
    assert [path.name for path in files] == [
        "lesions.tsv",
        "lesions.xlsx",
        "lesions_PET_dseg.nii.gz",
        "lesions_PET_dseg.tsv",
    ]
    assert "Jane" not in files[0].read_text(encoding="utf-8")
    verified = verify_reader(reading.project, "R1")
    assert (verified.is_sound, verified.copies, verified.notes) == (True, (), ())
    files[0].write_text("another table", encoding="utf-8")
    assert len(verify_reader(reading.project, "R1").copies) == 1


class Still(datetime):
    """A clock that stands still."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "Still":
        """Return the same moment every time."""
        return cls(2026, 5, 4, 3, 2, 1, tzinfo=tz)


def test_what_was_written_stands_where_the_clock_was_put_back_and_verify_knows_both(
    reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("napari_refusion.report.output.datetime", Still)
    first = written("nifti", reading)
    before = [path.read_bytes() for path in first]
    second = written("nifti", reading)
    moment = f"{reading.session.run.case_id}_R1_20260504T030201"
    assert [files[0].parent.name for files in (first, second)] == [f"{moment}_nifti", f"{moment}_2_nifti"]
    assert [path.read_bytes() for path in first] == before
    assert {path for _, path in written_files(reading.project)} >= {first[1], second[1]}
    *_, found = reading.examine() or ()
    assert isinstance(found, Examined)
    reading.take(found)
    [page] = written("report", reading)
    assert page.name == f"{moment}.html"
    page.rename(page.with_suffix(".pdf"))  # a report whose page was removed
    assert [path.name for path in written("report", reading)] == [f"{moment}_2.html"]
