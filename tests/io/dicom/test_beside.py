"""Slices that vanished from the ends of a series, where something beside it tells of them."""

from pathlib import Path

import pytest
from pydicom import Dataset
from pydicom.uid import generate_uid

from napari_refusion.io.dicom.read import read_dicom
from napari_refusion.io.dicom.scan import scan
from napari_refusion.volume.finding import Finding
from tests import dicom_series as phantom


def warnings(folder: Path) -> list[Finding]:
    return [finding for finding in read_dicom(folder).findings if finding.level == "warn"]


LAST = phantom.name_of(7)


@pytest.mark.parametrize("kept", [0, 5, 100, 131, 140, 200, 300, 400])
def test_a_last_slice_that_is_empty_or_cut_in_its_header_is_warned_of_by_name(tmp_path: Path, kept: int) -> None:
    phantom.write(tmp_path, phantom.series())
    content = (tmp_path / LAST).read_bytes()
    (tmp_path / LAST).write_bytes(content[:kept])
    found = [finding for finding in warnings(tmp_path) if finding.rule == "DICOM files"]
    assert [LAST in finding.sentence for finding in found] == [True]


@pytest.mark.parametrize("lost", [132, 400, 600])
def test_a_last_slice_without_its_beginning_is_warned_of_by_name(tmp_path: Path, lost: int) -> None:
    phantom.write(tmp_path, phantom.series())
    content = (tmp_path / LAST).read_bytes()
    (tmp_path / LAST).write_bytes(bytes(lost) + content[lost:])
    assert any(LAST in finding.sentence for finding in warnings(tmp_path))


def test_a_first_slice_with_an_ending_that_only_dicom_has_is_warned_of(tmp_path: Path) -> None:
    phantom.write(tmp_path, phantom.series())
    (tmp_path / "first.dcm").write_bytes(b"")
    assert any("first.dcm" in finding.sentence for finding in warnings(tmp_path))


def test_a_last_slice_that_lost_series_and_class_is_warned_of_by_name(tmp_path: Path) -> None:
    """No class that is known, none that a vendor keeps for itself with a series: neither image nor anything else."""
    images = phantom.series()
    images[7].SOPClassUID = "1.2.848.10008.5.1.4.1.1.2"
    for keyword in ("SeriesInstanceUID", "Rows", "Columns"):
        del images[7][keyword]
    phantom.write(tmp_path, images)
    assert any(LAST in finding.sentence for finding in warnings(tmp_path))


def test_notes_thumbnails_and_other_dicom_objects_are_no_lost_slices(tmp_path: Path) -> None:
    images = phantom.series()
    phantom.write(tmp_path, images)
    (tmp_path / "report.pdf").write_bytes(b"%PDF")
    (tmp_path / "._IM008").write_bytes(b"\x00\x05\x16\x07")
    (tmp_path / "Thumbs.db").write_bytes(b"")
    report = Dataset()
    report.SOPClassUID, report.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.88.11", generate_uid()
    report.Modality, report.SeriesInstanceUID = "SR", generate_uid()
    phantom.write_file(tmp_path / "IM099", report)
    raw = Dataset()
    raw.SOPClassUID, raw.SOPInstanceUID = "1.3.12.2.1107.5.9.1", generate_uid()  # Siemens CSA, not an image
    raw.SeriesInstanceUID = generate_uid()
    phantom.write_file(tmp_path / "IM100", raw)
    assert [finding for finding in warnings(tmp_path) if finding.rule == "DICOM files"] == []
    assert scan(tmp_path).lost == ()


@pytest.mark.parametrize("uid", ["1.2.3.damaged", "", "1.2.840.4"])
@pytest.mark.parametrize("slice_", [0, 7])
def test_a_slice_whose_series_uid_was_damaged_and_continues_the_stack_is_warned_of(
    tmp_path: Path, uid: str, slice_: int
) -> None:
    images = phantom.series()
    images[slice_].SeriesInstanceUID = uid
    phantom.write(tmp_path, images)
    volume = read_dicom(tmp_path, series=images[3].SeriesInstanceUID)
    found = [finding for finding in volume.findings if finding.level == "warn" and finding.rule == "missing slice"]
    assert [phantom.name_of(slice_) in finding.sentence for finding in found] == [True]


def another(change: str) -> list[Dataset]:
    (image,) = phantom.series(count=1)
    image.ImagePositionPatient[2] += 8 * phantom.BETWEEN_SLICES
    if change == "orientation":
        image.ImageOrientationPatient = list(phantom.SAGITTAL)
    if change == "place":
        image.ImagePositionPatient[2] += 1.7
    if change == "taken":
        image.ImagePositionPatient[2] -= 3 * phantom.BETWEEN_SLICES
    if change == "spacing":
        image.PixelSpacing = [1.0, 1.0]
    if change == "far":
        image.ImagePositionPatient[2] += 40 * phantom.BETWEEN_SLICES
    return [image]


@pytest.mark.parametrize("change", ["orientation", "place", "taken", "spacing", "far"])
def test_a_single_image_that_does_not_continue_the_stack_is_another_series(tmp_path: Path, change: str) -> None:
    images = phantom.series()
    phantom.write(tmp_path, images)
    phantom.write(tmp_path, another(change), prefix="other")
    volume = read_dicom(tmp_path, series=images[0].SeriesInstanceUID)
    assert [finding for finding in volume.findings if finding.rule == "missing slice"] == []


def halves(images: list[Dataset], first: int) -> list[Dataset]:
    """Give the later slices a Series Instance UID of their own."""
    uid = generate_uid()
    for image in images[first:]:
        image.SeriesInstanceUID = uid
    return images


@pytest.mark.parametrize("chosen", [0, -1], ids=["lower", "upper"])
@pytest.mark.parametrize("modality", ["CT", "PT"])
def test_a_scan_that_was_split_over_two_series_is_warned_of_whichever_half_is_read(
    tmp_path: Path, chosen: int, modality: str
) -> None:
    images = halves(phantom.series(modality, count=12), 5)
    for image in images:
        if modality == "PT":
            del image.NumberOfSlices
    phantom.write(tmp_path, images)
    volume = read_dicom(tmp_path, series=images[chosen].SeriesInstanceUID)
    found = [one for one in volume.findings if one.rule == "missing slice"]
    assert ["goes on where" in one.sentence for one in found] == [True]


@pytest.mark.parametrize("change", ["description", "place", "overlap", "far"])
def test_a_series_of_its_own_is_no_other_half(tmp_path: Path, change: str) -> None:
    images = halves(phantom.series("CT", count=12), 5)
    for image in images[5:]:
        if change == "description":
            image.SeriesDescription = "abdomen"
        else:
            image.ImagePositionPatient[2] += {"place": 1.7, "overlap": -8.0, "far": 60.0}[change]
    phantom.write(tmp_path, images)
    volume = read_dicom(tmp_path, series=images[0].SeriesInstanceUID)
    assert [one for one in volume.findings if one.rule == "missing slice"] == []
