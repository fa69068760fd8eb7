from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian

from napari_refusion.io.dicom.read import check_series, list_series, read_dicom
from napari_refusion.volume.finding import RefusedError
from tests import dicom_faults as faults
from tests import dicom_series as phantom


@pytest.mark.parametrize(
    "change",
    [
        lambda images: None,
        faults.reversed_numbers,
        faults.shuffled_numbers,
        faults.no_numbers,
        faults.mirrored,
        faults.own_slopes,
        faults.one_without_slope,
    ],
    ids=["good", "reversed", "shuffled", "unnumbered", "mirrored", "own slopes", "one without slope"],
)
def test_a_good_series_is_read_with_every_voxel_in_its_place(tmp_path: Path, change: faults.Change) -> None:
    images = phantom.series()
    change(images)
    phantom.assert_truth(read_dicom(phantom.write(tmp_path, images)))


def test_two_series_in_one_folder_are_listed_and_one_can_be_chosen(tmp_path: Path) -> None:
    phantom.write(tmp_path, phantom.series("MR", 3))
    phantom.write(tmp_path, phantom.series("PT", 5), prefix="PX")
    message = phantom.refusal(tmp_path)
    assert "2 series" in message
    assert "MRI phantom (series 3), 8 slices of 12x10" in message
    assert "PET phantom (series 5), 8 slices of 12x10" in message
    assert read_dicom(tmp_path, series="3").modality == "MR"
    assert read_dicom(tmp_path, modality="pt").modality == "PT"
    uid = list_series(tmp_path)[0].uid
    phantom.assert_truth(read_dicom(tmp_path, series=uid))


def test_a_choice_that_is_not_there_is_refused_with_what_is(tmp_path: Path) -> None:
    phantom.write(tmp_path, phantom.series("MR", 3))
    with pytest.raises(RefusedError, match=r"no CT.*MRI phantom \(series 3\)"):
        read_dicom(tmp_path, modality="CT")


def test_the_only_usable_series_is_read_and_the_other_one_named(tmp_path: Path) -> None:
    scout = phantom.series("CT", 1, count=1)
    scout[0].ImageType = ["ORIGINAL", "PRIMARY", "LOCALIZER"]
    phantom.write(tmp_path, scout, prefix="SC")
    phantom.write(tmp_path, phantom.series("CT", 2))
    volume = read_dicom(tmp_path)
    phantom.assert_truth(volume)
    assert any("CT phantom (series 1)" in finding.sentence for finding in volume.findings)


def test_where_no_series_is_usable_each_is_named_with_its_reason(tmp_path: Path) -> None:
    for number, prefix in ((1, "A"), (2, "B")):
        images = phantom.series("CT", number)
        faults.middle_missing(images)
        phantom.write(tmp_path, images, prefix)
    message = phantom.refusal(tmp_path)
    assert "series 1" in message
    assert "series 2" in message
    assert message.count("8.00 mm") == 2


def test_files_are_sorted_by_position_and_not_by_name(tmp_path: Path) -> None:
    phantom.write(tmp_path, phantom.series())
    (series,) = list_series(tmp_path)
    assert [file.name for file in series.files] == [phantom.name_of(k) for k in range(phantom.SLICES)]
    assert series.shape == (8, 12, 10)


def test_a_good_series_has_no_finding_but_ok(tmp_path: Path) -> None:
    (series,) = list_series(phantom.write(tmp_path, phantom.series("PT")))
    findings = check_series(series)
    assert {finding.level for finding in findings} == {"ok"}
    assert "8 slices, evenly 4 mm apart" in " ".join(finding.sentence for finding in findings)


@pytest.mark.parametrize(
    ("modality", "description", "name"),
    [
        ("CT", "CT soft tissue", "CT soft tissue"),
        ("MR", "mr t1", "mr t1"),
        ("PT", "PET FDG", "PET FDG"),
        ("CT", "ct", "ct"),
        ("CT", "CTA head", "CT CTA head"),
        ("MR", "T1", "MRI T1"),
        ("MR", "", "MRI"),
    ],
)
def test_a_modality_is_said_once_in_a_name(tmp_path: Path, modality: str, description: str, name: str) -> None:
    images = phantom.series(modality, 3)
    for image in images:
        image.SeriesDescription = description
    assert read_dicom(phantom.write(tmp_path, images)).name == f"{name} (series 3)"


def test_a_volume_carries_where_it_comes_from_but_no_patient(tmp_path: Path) -> None:
    images = phantom.series("MR", 3)
    volume = read_dicom(phantom.write(tmp_path, images))
    assert volume.name == "MRI phantom (series 3)"
    assert volume.frame_of_reference == images[0].FrameOfReferenceUID
    assert "CANARY" not in repr(volume).upper()


def test_the_hash_follows_the_content_and_not_the_names(tmp_path: Path) -> None:
    images = phantom.series()
    first = read_dicom(phantom.write(tmp_path / "a", images)).origin.sha256
    assert read_dicom(phantom.write(tmp_path / "b", images, prefix="other")).origin.sha256 == first
    images[0].PixelData = phantom.stored_values(1).tobytes()
    assert read_dicom(phantom.write(tmp_path / "c", images)).origin.sha256 != first


def test_a_folder_without_dicom_is_refused_with_the_number_of_files(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no image")
    with pytest.raises(RefusedError, match=r"holds no DICOM images.*1 file\(s\)"):
        list_series(tmp_path)


@pytest.mark.parametrize(("count", "words"), [(1, "but a0.nii.gz: open such"), (3, "a0.nii.gz and 2 more: open such")])
def test_a_folder_of_other_images_says_to_open_one_of_them(tmp_path: Path, count: int, words: str) -> None:
    for number in range(count):
        (tmp_path / f"a{number}.nii.gz").write_bytes(b"no image")
    (tmp_path / "notes.txt").write_text("no image")
    with pytest.raises(RefusedError, match=words):
        list_series(tmp_path)


def test_a_path_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="does not exist"):
        list_series(tmp_path / "gone")


def test_other_files_are_left_out_and_counted(tmp_path: Path) -> None:
    phantom.write(tmp_path, phantom.series())
    (tmp_path / "README.txt").write_bytes(b"\x08\x00 starts like a data set")
    (tmp_path / "empty").touch()
    volume = read_dicom(tmp_path)
    phantom.assert_truth(volume)
    assert any("2 file(s)" in finding.sentence for finding in volume.findings)


def test_a_damaged_dicom_file_beside_the_series_is_a_warning(tmp_path: Path) -> None:
    phantom.write(tmp_path, phantom.series())
    whole = (tmp_path / phantom.name_of(0)).read_bytes()
    (tmp_path / "cut").write_bytes(whole[:300])
    volume = read_dicom(tmp_path)
    (warning,) = [finding for finding in volume.findings if finding.level == "warn"]
    assert "cut" in warning.sentence


def test_files_without_preamble_are_read(tmp_path: Path) -> None:
    for k, image in enumerate(phantom.series()):
        image.save_as(tmp_path / f"{k}.ima", implicit_vr=True, little_endian=True)
        assert (tmp_path / f"{k}.ima").read_bytes()[128:132] != b"DICM"
    phantom.assert_truth(read_dicom(tmp_path))


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian])
def test_every_uncompressed_encoding_is_read(tmp_path: Path, syntax: str) -> None:
    for k, image in enumerate(phantom.series()):
        if syntax == ExplicitVRBigEndian:
            image.PixelData = phantom.stored_values(k).astype(">u2").tobytes()
        phantom.write_file(tmp_path / f"{k}", image, syntax)
    phantom.assert_truth(read_dicom(tmp_path))


def test_links_that_circle_do_not_hang(tmp_path: Path) -> None:
    phantom.write(tmp_path, phantom.series())
    (tmp_path / "again").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    phantom.assert_truth(read_dicom(tmp_path))


def test_a_folder_with_too_many_files_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("napari_refusion.io.dicom.files.MOST_FILES", 5)
    phantom.write(tmp_path, phantom.series())
    with pytest.raises(RefusedError, match="more than 5 files"):
        list_series(tmp_path)


def test_sequences_nested_without_end_are_a_damaged_file(tmp_path: Path) -> None:
    nested = Dataset()
    for _ in range(100):
        outer = Dataset()
        outer.ReferencedImageSequence = [nested]
        nested = outer
    image = phantom.series()[0]
    phantom.write_file(tmp_path / "bomb", image)
    start = b"\x08\x00\x40\x11SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
    (tmp_path / "bomb").write_bytes((tmp_path / "bomb").read_bytes()[:400] + start * 10_000)
    assert isinstance(phantom.refusal(tmp_path), str)


def test_an_enhanced_multi_frame_image_is_read_whatever_the_order_of_its_frames(tmp_path: Path) -> None:
    phantom.write_file(tmp_path / "enhanced", phantom.multi_frame())
    phantom.assert_truth(read_dicom(tmp_path / "enhanced"))


@pytest.mark.parametrize("spacing", [4.0, -4.0])
def test_a_reconstructed_spect_is_stacked_the_way_its_spacing_points(tmp_path: Path, spacing: float) -> None:
    phantom.write_file(tmp_path / "spect", phantom.spect(spacing))
    volume = read_dicom(tmp_path)
    phantom.assert_truth(volume)
    assert volume.unit == ""


def test_a_single_image_is_one_slice_of_its_stated_thickness(tmp_path: Path) -> None:
    phantom.write_file(tmp_path / "one", phantom.series()[phantom.MARKER[0]])
    volume = read_dicom(tmp_path / "one")
    assert volume.shape == (1, phantom.ROWS, phantom.COLUMNS)
    np.testing.assert_allclose(volume.affine @ [0, *phantom.MARKER[1:], 1], (*phantom.MARKER_RAS, 1))
    assert volume.spacing[0] == pytest.approx(4.0)
    assert any(finding.level == "warn" and "single image" in finding.sentence for finding in volume.findings)


def test_an_oblique_series_keeps_its_angle(tmp_path: Path) -> None:
    angle = np.radians(20.0)
    column = np.array([0, np.cos(angle), np.sin(angle)])
    across = np.array([0, -np.sin(angle), np.cos(angle)])
    images = phantom.series()
    for k, image in enumerate(images):
        image.ImageOrientationPatient = [f"{x:.6f}" for x in (1, 0, 0, *column)]
        image.ImagePositionPatient = [f"{x:.6f}" for x in phantom.FIRST + k * 4.0 * across]
    volume = read_dicom(phantom.write(tmp_path, images))
    index = np.argwhere(volume.data == phantom.MARKER_VALUE)[0]
    lps = phantom.FIRST + 5 * 4.0 * across + 2 * 2.0 * column + 7 * 3.0 * np.array([1, 0, 0])
    np.testing.assert_allclose((volume.affine @ [*index, 1])[:3], lps * [-1, -1, 1], atol=1e-3)


def test_ct_with_a_rescale_is_in_hounsfield_units(tmp_path: Path) -> None:
    images = phantom.series("CT")
    for image in images:
        image.RescaleSlope, image.RescaleIntercept = 2, -1000
    volume = read_dicom(phantom.write(tmp_path, images))
    assert volume.unit == "HU"
    assert volume.data.max() == 2 * phantom.MARKER_VALUE - 1000


@pytest.mark.parametrize(("rescale_type", "unit"), [("HU", "HU"), ("US", ""), ("MGML", "MGML")])
def test_ct_is_in_hounsfield_units_only_where_nothing_says_otherwise(
    tmp_path: Path, rescale_type: str, unit: str
) -> None:
    images = phantom.series("CT")
    for image in images:
        image.RescaleSlope, image.RescaleIntercept, image.RescaleType = 1, 0, rescale_type
    assert read_dicom(phantom.write(tmp_path, images)).unit == unit


def test_ct_without_a_rescale_is_not_called_hounsfield_units(tmp_path: Path) -> None:
    volume = read_dicom(phantom.write(tmp_path, phantom.series("CT")))
    assert volume.unit == ""
    assert any("not Hounsfield units" in finding.sentence for finding in volume.findings)


def test_pet_becomes_suv_with_each_slice_rescaled_by_its_own_slope(tmp_path: Path) -> None:
    images = phantom.series("PT")
    faults.own_slopes(images)
    volume = read_dicom(phantom.write(tmp_path, images))
    assert volume.unit == "SUVbw"
    # 74 MBq have decayed by one half-life to 37 MBq in 74 000 g: factor 74 000 / 37 000 000 = 0.002.
    np.testing.assert_allclose(volume.data[:, 0, 0], 0.002 * np.arange(80, 0, -10), rtol=1e-6)


def test_pet_without_weight_stays_in_becquerel_and_says_why(tmp_path: Path) -> None:
    images = phantom.series("PT")
    for image in images:
        del image.PatientWeight
    volume = read_dicom(phantom.write(tmp_path, images))
    assert volume.unit == "Bq/ml"
    phantom.assert_truth(volume)
    assert any("Patient's Weight (0010,1030) is missing" in finding.sentence for finding in volume.findings)


def test_a_spect_is_rescaled_by_slope_and_intercept(tmp_path: Path) -> None:
    """Output = m x SV + b (PS3.3, C.11.1.1.2): the background of slice k is 10 (k + 1)."""
    image = phantom.spect()
    image.RescaleSlope, image.RescaleIntercept = 2, -7
    phantom.write_file(tmp_path / "spect", image)
    volume = read_dicom(tmp_path)
    np.testing.assert_array_equal(volume.data[:, 0, 0], 2 * np.arange(80, 0, -10) - 7)
    assert volume.data.max() == 2 * phantom.MARKER_VALUE - 7


@pytest.mark.parametrize(
    ("keyword", "value", "expected"), [("RescaleSlope", 2, [160, 20]), ("RescaleIntercept", -7, [73, 3])]
)
def test_a_spect_with_half_a_rescale_takes_the_other_half_for_none(
    tmp_path: Path, keyword: str, value: int, expected: list[int]
) -> None:
    image = phantom.spect()
    setattr(image, keyword, value)
    phantom.write_file(tmp_path / "spect", image)
    np.testing.assert_array_equal(read_dicom(tmp_path).data[[0, -1], 0, 0], expected)


@pytest.mark.parametrize("keyword", ["RescaleSlope", "RescaleIntercept"])
@pytest.mark.parametrize("lost", ["missing", "empty"])
def test_ct_with_half_a_rescale_is_not_called_hounsfield_units(tmp_path: Path, keyword: str, lost: str) -> None:
    images = phantom.series("CT")
    for image in images:
        image.RescaleSlope, image.RescaleIntercept = 1, -1024
        setattr(image, keyword, None)
        if lost == "missing":
            del image[keyword]
    volume = read_dicom(phantom.write(tmp_path, images))
    assert volume.unit == ""
    assert any("not Hounsfield units" in finding.sentence for finding in volume.findings if finding.level == "warn")


@pytest.mark.parametrize("slices", [[3], list(range(phantom.SLICES))], ids=["one slice", "all slices"])
def test_pet_without_a_rescale_slope_is_neither_suv_nor_becquerel(tmp_path: Path, slices: list[int]) -> None:
    images = phantom.series("PT")
    for k in slices:
        del images[k].RescaleSlope
    volume = read_dicom(phantom.write(tmp_path, images))
    assert volume.unit == ""
    assert any("no Rescale Slope" in finding.sentence for finding in volume.findings if finding.level == "warn")


def test_pet_without_an_intercept_has_none(tmp_path: Path) -> None:
    images = phantom.series("PT")
    for image in images:
        del image.RescaleIntercept
    assert read_dicom(phantom.write(tmp_path, images)).unit == "SUVbw"


@pytest.mark.parametrize(
    ("modality", "keyword", "value"),
    [
        ("CT", "RescaleIntercept", 0),
        ("CT", "RescaleSlope", 10),
        ("MR", "RescaleIntercept", 0),
        ("MR", "RescaleSlope", 10),
        ("PT", "RescaleIntercept", 20240101),
        ("PT", "RescaleSlope", -1),
    ],
)
def test_a_slice_with_another_rescale_than_the_rest_is_warned_of(
    tmp_path: Path, modality: str, keyword: str, value: int
) -> None:
    images = phantom.series(modality)
    for image in images:
        image.RescaleSlope, image.RescaleIntercept = 1, 0 if modality == "PT" else -1024
    setattr(images[3], keyword, value)
    findings = read_dicom(phantom.write(tmp_path, images)).findings
    (found,) = (one for one in findings if one.rule == "values")
    assert found.level == "warn"
    assert phantom.name_of(3) in found.sentence


@pytest.mark.parametrize("modality", ["PT", "MR"])
def test_a_rescale_of_its_own_in_each_slice_is_not_remarkable(tmp_path: Path, modality: str) -> None:
    images = phantom.series(modality)
    for k, image in enumerate(images):
        image.RescaleSlope, image.RescaleIntercept = 1 + 0.01 * k, 0
    findings = read_dicom(phantom.write(tmp_path, images)).findings
    assert not [one for one in findings if one.rule == "values"]


def test_a_slice_that_a_slope_of_0_emptied_is_warned_of_and_one_without_counts_is_not(tmp_path: Path) -> None:
    images = phantom.series("PT")
    for k, image in enumerate(images):
        image.RescaleSlope, image.RescaleIntercept = 0 if k in (0, 3) else 1 + 0.01 * k, 0
    images[0].PixelData = bytes(len(images[0].PixelData))
    findings = read_dicom(phantom.write(tmp_path, images)).findings
    (found,) = (one for one in findings if one.rule == "values")
    assert (found.level, found.value) == ("warn", "1 images")
    assert found.sentence.startswith(f"{phantom.name_of(3)} is empty")


@pytest.mark.parametrize(("stated", "unit"), [("", ""), ("HU", "HU")])
@pytest.mark.parametrize("shown", ["CBF", "TMAX", "Z_EFF"])
def test_a_map_that_was_computed_from_ct_is_not_in_hu_unless_it_says_so(
    tmp_path: Path, shown: str, stated: str, unit: str
) -> None:
    images = phantom.series("CT")
    for image in images:
        image.RescaleSlope, image.RescaleIntercept, image.RescaleType = 1, 0, stated
        image.ImageType = ["DERIVED", "PRIMARY", "AXIAL", shown]
    volume = read_dicom(phantom.write(tmp_path, images))
    (found,) = [one for one in volume.findings if one.rule == "unit"]
    assert (volume.unit, found.level, found.value) == ((unit, "ok", "HU") if unit else ("", "warn", shown))


@pytest.mark.parametrize(("intercept", "unit"), [(0, ""), (-1024, "HU")])
def test_a_ct_whose_header_does_not_take_off_the_1024_of_its_values_is_not_in_hu(
    tmp_path: Path, intercept: int, unit: str
) -> None:
    images = phantom.series("CT")
    for k, image in enumerate(images):
        tissue = np.where(phantom.stored_values(k) == 10 * (k + 1), 1064, 0)  # 40 HU, and the air outside
        tissue[:2] = 0
        image.PixelData = tissue.astype(np.uint16).tobytes()
        image.RescaleSlope, image.RescaleIntercept = 1, intercept
    volume = read_dicom(phantom.write(tmp_path, images))
    assert volume.unit == unit
    (found,) = [one for one in volume.findings if one.rule == "unit"]
    assert (found.level, found.value) == (("ok", "HU") if unit else ("warn", "HU + 1024"))


@pytest.mark.parametrize("modality", ["CT", "MR", "PT"])
def test_a_slice_whose_numbers_have_another_sign_than_the_rest_is_warned_of(tmp_path: Path, modality: str) -> None:
    images = phantom.series(modality)
    images[3].PixelRepresentation = 1
    findings = read_dicom(phantom.write(tmp_path, images)).findings
    (found,) = (one for one in findings if one.rule == "values")
    assert found.level == "warn"
    assert phantom.name_of(3) in found.sentence
