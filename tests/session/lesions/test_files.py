"""Lesions as files: what they hold, and that nothing is left where one cannot be written."""

from dataclasses import replace
from pathlib import Path

import highdicom
import nibabel
import numpy as np
import pytest
from openpyxl import load_workbook
from pydicom import dcmread

from napari_refusion.fusion.partial import new_partial
from napari_refusion.io.overlays.read import read_overlay
from napari_refusion.lesion.lesions import Lesions
from napari_refusion.numerics.intensity import Window
from napari_refusion.record.project_folder import open_project
from napari_refusion.record.run import describe_run
from napari_refusion.record.store import Store
from napari_refusion.session.follow_up.matching import group_of, new_since
from napari_refusion.session.lesions.codes import dicom_rows
from napari_refusion.session.lesions.files import with_marks, write_lesions
from napari_refusion.session.lesions.session import LesionSession
from napari_refusion.session.review import ReviewSession
from napari_refusion.study.pairing import pair
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.volume import Volume
from tests.drawn_sources import images_of, opened
from tests.lesion.uptake import blob, pet, place

HOT = place((12, 12, 12))


def session_of(source: Volume) -> LesionSession:
    data = np.random.default_rng(3).random(source.shape, dtype=np.float32)
    mri = Volume(data, source.affine, "MR", name="T1", frame_of_reference=source.frame_of_reference)
    session = LesionSession()
    study = pair(source, mri, windows=(Window(0, 10), Window(0, 1)))
    session.show_pair(new_partial(study, "axial", "w" * 64))
    return session


def written(session: LesionSession, kind: str, folder: Path) -> tuple[Path, ...]:
    [files] = session.write(kind, folder)
    return files


def test_the_table_holds_what_is_measured_and_harms_no_spreadsheet(tmp_path: Path) -> None:
    session = session_of(pet(blob()))
    session.add_at(HOT)
    session.rename(1, "=node")
    path, _ = written(session, "table", tmp_path / "out")
    headings, line = (row.split("\t") for row in path.read_text(encoding="utf-8").splitlines())
    row = dict(zip(headings, line, strict=True))
    assert (row["Lesion"], row["SUVmax (SUVbw)"], row["Source"]) == ("'=node", "10", "PET")
    assert row["Shown by the fused image (%)"] == ""


def test_the_table_holds_what_the_reader_typed_and_ticked(tmp_path: Path) -> None:
    session = session_of(pet(blob()))
    session.add_at(HOT)
    session.add_at(HOT, "sphere", 10.0)
    session.comment(1, "Läsion\tam Rand\n=2. Zeile 🧠")
    session.mark_key(1, is_key=True)
    path, _ = written(session, "table", tmp_path / "out")
    headings, *lines = (row.split("\t") for row in path.read_text(encoding="utf-8").splitlines())
    found = [dict(zip(headings, line, strict=True)) for line in lines]
    assert [(row["Key image"], row["Comment"]) for row in found] == [("yes", "Läsion am Rand =2. Zeile 🧠"), ("", "")]


def test_the_table_is_a_workbook_as_well_with_the_same_rows(tmp_path: Path) -> None:
    session = session_of(pet(blob()))
    session.add_at(HOT)
    session.rename(1, "4/5")
    table, workbook = written(session, "table", tmp_path / "out")
    assert (table.name, workbook.name) == ("lesions.tsv", "lesions.xlsx")
    headings, line = load_workbook(workbook)["Lesions"].values
    row = dict(zip(headings, line, strict=True))
    assert list(row) == table.read_text(encoding="utf-8").splitlines()[0].split("\t")
    assert (row["Number"], row["Lesion"], row["SUVmax (SUVbw)"]) == (1, "4/5", 10)


def test_what_the_reader_typed_is_text_in_the_table_also_where_it_looks_like_a_number(tmp_path: Path) -> None:
    session = session_of(pet(blob()))
    session.add_at(HOT)
    session.rename(1, "4/5")
    session.comment(1, "0012")
    path, _ = written(session, "table", tmp_path / "out")
    headings, line = (row.split("\t") for row in path.read_text(encoding="utf-8").splitlines())
    row = dict(zip(headings, line, strict=True))
    assert (row["Number"], row["Lesion"], row["Comment"], row["SUVmax (SUVbw)"]) == ("1", "'4/5", "'0012", "10")


def test_a_value_below_zero_is_a_number_in_the_table(tmp_path: Path) -> None:
    source = pet(blob())
    session = session_of(source)
    fat = Volume(source.data * 0 - 100.5, source.affine, "CT", "HU", name="CT")
    session.show_pair(new_partial(pair(fat, source, windows=(Window(-200, 100), Window(0, 10))), "axial"))
    places = [one.volume.modality for one in session.now.sources]
    session.add_at(HOT, "sphere", 10.0, places.index("CT"))
    session.rename(1, "-1+1")
    path, _ = written(session, "table", tmp_path / "out")
    headings, line = (row.split("\t") for row in path.read_text(encoding="utf-8").splitlines())
    row = dict(zip(headings, line, strict=True))
    assert (row["Mean (HU)"], row["Lesion"]) == ("-100.5", "'-1+1")


def test_lesions_that_share_voxels_are_in_several_label_maps(tmp_path: Path) -> None:
    session = session_of(pet(blob()))
    session.add_at(HOT)
    session.add_at(HOT, "sphere", 30.0)
    files = written(session, "label map", tmp_path / "out")
    assert [path.name for path in files] == [
        "lesions_PET_dseg.nii.gz",
        "lesions_PET_dseg.tsv",
        "lesions_PET_2_dseg.nii.gz",
        "lesions_PET_2_dseg.tsv",
    ]
    for path, lesion in zip(files[::2], session.lesions, strict=True):
        found = np.asarray(nibabel.load(path).dataobj)
        assert (found == lesion.number).sum() == lesion.voi.count
        assert set(np.unique(found)) == {0, lesion.number}


def test_dicom_objects_come_back_voxel_by_voxel_with_what_was_measured(tmp_path: Path) -> None:
    source = opened(tmp_path, images_of())
    session = session_of(source)
    middle = source.grid.point_at((np.array(source.shape) - 1) / 2)
    assert session.add_at(middle, "sphere", 8.0) == 1
    session.rename(1, "node")
    segments, report = written(session, "dicom", tmp_path / "out")
    assert [path.name for path in sorted((tmp_path / "out").iterdir())] == sorted([segments.name, report.name])
    [segment] = read_overlay(segments, source).segments
    assert segment.name == "node"
    assert segment.voi.equals(session.lesions.items[0].voi)
    content = highdicom.sr.srread(report).content
    [group] = content.get_volumetric_roi_measurement_groups()
    values = {one.name.meaning: one.value for one in group.get_measurements()}
    assert values["Volume"] == pytest.approx(session.now.measured[1].values["volume"], rel=1e-6)


def test_in_a_project_without_names_dicom_hides_the_patient(tmp_path: Path) -> None:
    source = opened(tmp_path, images_of())
    session = session_of(source)
    project = open_project(tmp_path / "project")
    partial = session.now.partial
    assert partial is not None
    with Store.open(project.folder, "R1") as store:
        session.open_review(ReviewSession(store, project, describe_run(partial), partial))
        session.add_at(source.grid.point_at((np.array(source.shape) - 1) / 2), "sphere", 8.0)
        segments, _ = written(session, "dicom", tmp_path / "out")
        table, _ = written(session, "table", tmp_path / "table")
    original = dcmread(source.origin.paths[0], stop_before_pixels=True)
    assert str(dcmread(segments).PatientID) not in ("", str(original.PatientID))
    assert source.name not in table.read_text(encoding="utf-8")


@pytest.mark.parametrize("group", ["", new_since("c0ffee", 1)], ids=["not followed", "new"])
def test_lesions_of_two_readers_are_tracked_apart_and_those_of_one_together(group: str, tmp_path: Path) -> None:
    source = opened(tmp_path, images_of())
    project = open_project(tmp_path / "project")
    uids: dict[str, list[str]] = {}
    for reader in ("R1", "R2"):
        session = session_of(source)
        partial = session.now.partial
        assert partial is not None
        with Store.open(project.folder, reader) as store:
            review = ReviewSession(store, project, describe_run(partial), partial)
            session.open_review(review)
            session.add_at(source.grid.point_at((np.array(source.shape) - 1) / 2), "sphere", 8.0)
            for name in ("one", "two"):
                segments, _ = written(session, "dicom", tmp_path / f"{reader}_{name}")
                uids.setdefault(reader, []).append(dcmread(segments).SegmentSequence[0].TrackingUID)
                review.lesions.change(Lesions(tuple(replace(one, name="node", group=group) for one in session.lesions)))
                session.read_again()
    assert uids["R1"][0] == uids["R1"][1]
    assert uids["R2"][0] == uids["R2"][1]
    assert uids["R1"][0] != uids["R2"][0]


def test_a_lesion_that_a_baseline_has_is_tracked_by_what_joins_both_whoever_read_it(tmp_path: Path) -> None:
    source = opened(tmp_path, images_of())
    session = session_of(source)
    session.add_at(source.grid.point_at((np.array(source.shape) - 1) / 2), "sphere", 8.0)
    joined = session.lesions.replaced(replace(session.lesions.items[0], group=group_of(session.lesions.items[0])))
    session.restore(joined)
    uids = []
    for number, mark in enumerate(("", "one", "other")):
        drawn = with_marks(session.now.drawn(), {1: mark} if mark else {})
        [(segments, _)] = write_lesions(("dicom",), drawn, (), tmp_path / str(number))
        uids.append(dcmread(segments).SegmentSequence[0].TrackingUID)
    assert uids[0] == uids[1] == uids[2]


def test_what_cannot_be_written_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    session = session_of(pet(blob()))
    with pytest.raises(RefusedError, match="Draw a lesion first"):
        written(session, "table", tmp_path / "out")
    session.add_at(HOT)
    with pytest.raises(RefusedError, match="as a label map"):
        written(session, "dicom", tmp_path / "out")
    with pytest.raises(RefusedError, match="table, label map, dicom"):
        written(session, "spreadsheet", tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_each_unit_has_the_words_that_the_standard_has_for_it() -> None:
    session = session_of(pet(blob()))
    session.add_at(HOT)
    measured = session.now.measured[1]
    rows = {name: unit for name, _, unit in dicom_rows(measured)}
    assert rows == {
        "SUVmax": "{SUVbw}g/ml",
        "SUVpeak": "{SUVbw}g/ml",
        "SUVmean": "{SUVbw}g/ml",
        "SUVSD": "{SUVbw}g/ml",
        "SUVmin": "{SUVbw}g/ml",
        "volume": "ml",
        "TLG": "g",
        "longest diameter": "mm",
    }
    rows = {name: unit for name, _, unit in dicom_rows(replace(measured, unit="Bq/ml"))}
    assert rows["Maximum"] == "Bq/ml"
    empty = replace(measured, values={"maximum": float("nan"), "volume": 1.0})
    assert dicom_rows(empty) == (("volume", 1.0, "ml"),)
