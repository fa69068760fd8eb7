import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import highdicom
import numpy as np
import pytest
from pydicom import Dataset, dcmread

from napari_refusion.io.dicom.export.identity import NO_DATE, Pseudonym
from napari_refusion.io.dicom.export.lesions import Measured, export_lesions
from napari_refusion.io.open import open_volume
from napari_refusion.io.overlays.read import read_overlay
from napari_refusion.lesion.lesion import Lesion
from napari_refusion.lesion.voi import voi_of
from napari_refusion.session.lesions.drawing import CORRECTED
from napari_refusion.volume.affine import LPS_TO_RAS
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.rigid import move_of, moved
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.lesions.edits import PAINTED
from tests import nifti_files
from tests.dicom_series import multi_frame, spect, write
from tests.drawn_sources import LIES, images_of, lesions, opened
from tests.iod_tables import faults

ROWS = (("SUVmax", 7.25, "{SUVbw}g/ml"), ("SUVpeak", 6.5, "{SUVbw}g/ml"), ("volume", 1.5, "ml"), ("TLG", 9.0, "g"))
PSEUDONYM = Pseudonym("CANARY-ID", b"a key of sixteen and more bytes")


def exported(
    folder: Path, source: Volume, *, overlapping: bool = False, pseudonym: Pseudonym | None = None
) -> tuple[list[Lesion], Path, Path]:
    listed = lesions(source, overlapping=overlapping)
    measured = [Measured(one, (*ROWS, ("longest diameter", 12.0, "mm"), ("of our own", 1.0, "1"))) for one in listed]
    segments, report = export_lesions(measured, source, folder / "out", pseudonym=pseudonym)
    return listed, segments, report


def errors(file: Path) -> list[str]:
    validator = shutil.which("dciodvfy")
    if validator is None:
        return []
    told = subprocess.run([validator, "-new", str(file)], capture_output=True, text=True, check=False).stderr
    assert told, "it says at least what kind of object it is"
    return [line for line in told.splitlines() if line.startswith("Error")]


def by_highdicom(file: Path, number: int, source: Volume) -> np.ndarray:
    """The mask of a segment by highdicom's own reading of geometry and pixels, on the grid of the source."""
    volume = highdicom.seg.segread(file).get_volume(segment_numbers=[number], combine_segments=True)
    indices = np.argwhere(volume.array)
    places = indices @ volume.affine[:3, :3].T + volume.affine[:3, 3]
    ras = places * np.diag(LPS_TO_RAS)[:3]
    found = (ras - source.affine[:3, 3]) @ np.linalg.inv(source.affine[:3, :3]).T
    mask = np.zeros(source.shape, bool)
    np.testing.assert_allclose(found, np.rint(found), atol=1e-3)
    mask[tuple(np.rint(found).astype(int).T)] = True
    return mask


@pytest.mark.parametrize("lies", LIES)
@pytest.mark.parametrize("overlapping", [False, True], ids=["apart", "overlapping"])
@pytest.mark.parametrize("hidden", [False, True], ids=["identified", "pseudonymised"])
def test_segmentation_and_report_are_valid_and_every_voxel_comes_back(
    lies: str, overlapping: bool, hidden: bool, tmp_path: Path
) -> None:
    source = opened(tmp_path, images_of(lies))
    pseudonym = PSEUDONYM if hidden else None
    listed, segments, report = exported(tmp_path, source, overlapping=overlapping, pseudonym=pseudonym)
    assert errors(segments) == errors(report) == []
    assert faults(dcmread(segments)) == []
    # the tables know nothing of templates, and ask of every item what only some of them have
    assert [one for one in faults(dcmread(report)) if not one.startswith("sr-document-content")] == []
    for number, one in enumerate(listed, 1):
        np.testing.assert_array_equal(by_highdicom(segments, number, source), one.voi.whole())
    if not hidden:
        found = read_overlay(segments, source)
        assert [one.name for one in found.segments] == ["Node", "Lesion 3"]
        for one, lesion in zip(found.segments, listed, strict=True):
            assert one.voi.grid.matches(source.grid)
            np.testing.assert_array_equal(one.voi.whole(), lesion.voi.whole())
        assert found.findings == ()


@pytest.mark.parametrize("images", [[multi_frame()], [spect(-4.0)]], ids=["enhanced", "SPECT from the head"])
def test_a_series_of_one_multi_frame_file_works_as_well(images: list[Dataset], tmp_path: Path) -> None:
    images[0].PatientBirthDate, images[0].PatientSex = "19500101", "F"
    source = opened(tmp_path, images)
    listed, segments, report = exported(tmp_path, source)
    assert errors(segments) == errors(report) == []
    for number, one in enumerate(listed, 1):
        np.testing.assert_array_equal(by_highdicom(segments, number, source), one.voi.whole())


def test_a_segment_says_what_it_is_and_how_it_was_drawn(tmp_path: Path) -> None:
    images = images_of()
    _, segments, _ = exported(tmp_path, opened(tmp_path, images))
    dataset = dcmread(segments)
    first, second = dataset.SegmentSequence
    assert first.SegmentedPropertyCategoryCodeSequence[0].CodeValue == "49755003"
    assert first.SegmentedPropertyTypeCodeSequence[0].CodeValue == "52988006"
    assert (first.SegmentAlgorithmType, first.SegmentAlgorithmName) == ("SEMIAUTOMATIC", "isocontour 41 %")
    assert (second.SegmentAlgorithmType, "SegmentAlgorithmName" in second) == ("MANUAL", False)
    assert (dataset.SeriesDescription, dataset.PatientID) == ("Lesions, Research use only", "CANARY-ID")
    (series,) = dataset.ReferencedSeriesSequence
    named = {item.ReferencedSOPInstanceUID for item in series.ReferencedInstanceSequence}
    assert named == {image.SOPInstanceUID for image in images}
    of_place = {tuple(map(float, image.ImagePositionPatient)): image.SOPInstanceUID for image in images}
    for group in dataset.PerFrameFunctionalGroupsSequence:
        here = tuple(map(float, group.PlanePositionSequence[0].ImagePositionPatient))
        (image,) = group.DerivationImageSequence[0].SourceImageSequence
        assert image.ReferencedSOPInstanceUID == of_place[here]


@pytest.mark.parametrize("method", [PAINTED, "sphere of 30 mm", f"sphere of 30 mm{CORRECTED}"])
def test_a_lesion_whose_edge_no_algorithm_found_is_a_manual_segment(method: str, tmp_path: Path) -> None:
    source = opened(tmp_path, images_of())
    [one, _] = lesions(source)
    painted = replace(one, voi=replace(one.voi, method=method))
    segments, _ = export_lesions([Measured(painted, ROWS)], source, tmp_path / "out")
    [segment] = dcmread(segments).SegmentSequence
    assert (segment.SegmentAlgorithmType, "SegmentAlgorithmName" in segment) == ("MANUAL", False)


def test_a_lesion_is_tracked_under_one_uid_in_both_objects_and_in_the_next_export(tmp_path: Path) -> None:
    source = opened(tmp_path, images_of())
    uids = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        _, segments, report = exported(tmp_path / name, source)
        uids.append([item.TrackingUID for item in dcmread(segments).SegmentSequence])
        content = highdicom.sr.srread(report).content
        groups = content.get_volumetric_roi_measurement_groups()
        assert [group.tracking_uid for group in groups] == uids[-1]
        assert [group.tracking_identifier for group in groups] == ["Node", "Lesion 3"]
    assert uids[0] == uids[1]
    assert len(set(uids[0])) == 2


def test_the_report_gives_each_number_with_its_codes_and_the_segment_it_is_of(tmp_path: Path) -> None:
    _, segments, report = exported(tmp_path, opened(tmp_path, images_of()))
    first, second = highdicom.sr.srread(report).content.get_volumetric_roi_measurement_groups()
    told = {}
    for one in first.get_measurements():
        derivation = one.derivation.value if one.derivation is not None else ""
        told[(one.name.value, derivation)] = (one.value, one.unit.value)
    assert told[("126401", "56851009")] == (7.25, "{SUVbw}g/ml")
    assert told[("126401", "126031")] == (6.5, "{SUVbw}g/ml")
    assert told[("118565006", "")] == (1.5, "ml")
    assert told[("126033", "")] == (9.0, "g")
    assert told[("103339001", "")] == (12.0, "mm")
    assert told[("OF_OUR_OWN", "")] == (1.0, "1")
    segmentation = dcmread(segments)
    for number, group in enumerate((first, second), 1):
        assert group.referenced_segment.referenced_sop_instance_uid == segmentation.SOPInstanceUID
        assert group.referenced_segment.referenced_segment_numbers == [number]
    (site,) = first.finding_sites
    assert (site.value.value, site.value.scheme_designator) == ("10200004", "SCT")
    (site,) = second.finding_sites
    assert (site.value.meaning, site.value.scheme_designator) == ("L iliac", "99REFUSION")


@pytest.mark.parametrize("hidden", [False, True], ids=["identified", "pseudonymised"])
def test_names_and_sites_keep_their_letters_beside_a_patient_of_another_alphabet(hidden: bool, tmp_path: Path) -> None:
    images = images_of()
    for image in images:
        image.SpecificCharacterSet, image.PatientName = "ISO_IR 100", "Müller^Jörg"
    source = opened(tmp_path, images)
    first, second = lesions(source)
    listed = [replace(first, name="Läsion 左\\1"), replace(second, name="x" * 60 + "äöü", site="Lymphknoten Axilla ß")]
    measured = [Measured(one, ROWS) for one in listed]
    files = export_lesions(measured, source, tmp_path / "out", pseudonym=PSEUDONYM if hidden else None)
    assert errors(files[0]) == errors(files[1]) == []
    segments, report = map(dcmread, files)
    assert [one.SegmentLabel for one in segments.SegmentSequence] == ["Läsion 左/1", "x" * 60 + "..."]
    assert {str(one.PatientName) for one in (segments, report)} == {PSEUDONYM.word if hidden else "Müller^Jörg"}
    groups = highdicom.sr.srread(files[1]).content.get_volumetric_roi_measurement_groups()
    assert [group.tracking_identifier for group in groups] == ["Läsion 左/1", "x" * 60 + "..."]
    assert groups[1].finding_sites[0].value.meaning == "Lymphknoten Axilla ß"


def test_a_pseudonym_leaves_nothing_of_the_patient_and_no_day(tmp_path: Path) -> None:
    images = images_of()
    for image in images:
        image.StudyDate, image.StudyTime = "20240229", "101112"
    _, *files = exported(tmp_path, opened(tmp_path, images), pseudonym=PSEUDONYM)
    for file in files:
        content = file.read_bytes()
        uids = (images[0].StudyInstanceUID, images[0].SeriesInstanceUID, images[0].SOPInstanceUID)
        for secret in ("CANARY", "Canary", "20240229", "19500101", *uids, images[0].FrameOfReferenceUID):
            assert secret.encode() not in content
        dataset = dcmread(file)
        assert (dataset.PatientID, dataset.ContentDate) == (PSEUDONYM.word, NO_DATE)
    segments, report = map(dcmread, files)
    assert segments.StudyInstanceUID == report.StudyInstanceUID == PSEUDONYM.uid(images[0].StudyInstanceUID)


def refusal(folder: Path, source: Volume, listed: list[Lesion]) -> str:
    with pytest.raises(RefusedError) as caught:
        export_lesions([Measured(one) for one in listed], source, folder / "out")
    assert not (folder / "out").exists()
    return str(caught.value)


def test_a_source_that_is_no_dicom_series_is_refused_with_what_to_do(tmp_path: Path) -> None:
    source = open_volume(nifti_files.save(tmp_path / "pet.nii.gz"))
    assert refusal(tmp_path, source, lesions(source)).startswith("Write the lesions as a label map (NIfTI) instead")


def test_lesions_of_other_files_or_another_grid_none_at_all_and_a_moved_source_are_refused(tmp_path: Path) -> None:
    source = opened(tmp_path, images_of())
    listed = lesions(source)
    assert "Draw a lesion first" in refusal(tmp_path, source, [])
    assert "is made of others" in refusal(tmp_path, source, [replace(listed[0], source="ab" * 32)])
    elsewhere = voi_of(np.ones((2, 2, 2), bool), source.affine)
    assert "lies on another grid" in refusal(tmp_path, source, [replace(listed[0], voi=elsewhere)])
    shift = np.eye(4)
    shift[0, 3] = 3.0
    away = moved(source, move_of(source, source, shift))
    assert "it was moved" in refusal(tmp_path, away, lesions(away))


def test_the_pseudonym_of_another_patient_and_a_folder_that_exists_are_refused(tmp_path: Path) -> None:
    source = opened(tmp_path, images_of())
    measured = [Measured(one) for one in lesions(source)]
    with pytest.raises(RefusedError, match="not made from the Patient ID"):
        export_lesions(measured, source, tmp_path / "out", pseudonym=Pseudonym("somebody", PSEUDONYM.key))
    (tmp_path / "out").mkdir()
    with pytest.raises(RefusedError, match="already exists"):
        export_lesions(measured, source, tmp_path / "out")


def test_files_that_changed_since_the_source_was_opened_are_not_written_about(tmp_path: Path) -> None:
    source = opened(tmp_path, images_of())
    write(tmp_path / "series", images_of()[:1], prefix="ZZ")
    next((tmp_path / "series").glob("IM*")).unlink()
    assert "open it again" in refusal(tmp_path, source, lesions(source))
