from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset, dcmread
from pydicom.uid import generate_uid

from napari_refusion.io.dicom.read import check_series, read_dicom, read_series
from napari_refusion.io.dicom.scan import scan
from napari_refusion.volume.finding import blocking
from tests import dicom_faults as faults
from tests import dicom_series as phantom
from tests.recorded import IS_THOROUGH


@pytest.mark.parametrize(
    ("change", "words"),
    [
        # Slices at 20, 24, 28, 36...: 8 mm between the third and the fourth file.
        (faults.middle_missing, ["1 slice(s) missing", "8.00 mm", phantom.name_of(2), phantom.name_of(3), "4.00 mm"]),
        (faults.last_two_missing, ["2 slice(s) missing", "count 8", "6 are there"]),
        (faults.duplicate, [phantom.name_of(2), phantom.name_of(8), "same position"]),
        (faults.localizer, [phantom.name_of(7), "90.0 degrees", "localiser"]),
        (faults.other_spacing, [phantom.name_of(4), "2.5 x 3 mm", "2 x 3 mm"]),
        (faults.no_position, [phantom.name_of(4), "Image Position (Patient) (0020,0032)"]),
        (faults.truncated, [phantom.name_of(4), "120 of 240 bytes", "again"]),
    ],
    ids=["missing", "ends early", "duplicate", "localiser", "spacing", "no position", "truncated"],
)
def test_a_broken_series_is_refused_with_file_value_and_remedy(
    tmp_path: Path, change: faults.Change, words: list[str]
) -> None:
    images = phantom.series()
    change(images)
    message = phantom.refusal(phantom.write(tmp_path, images))
    for word in words:
        assert word in message
    assert "Canary" not in message
    assert "CANARY" not in message


def test_several_multi_frame_files_at_one_place_are_volumes_to_choose_from(tmp_path: Path) -> None:
    image = phantom.multi_frame()
    phantom.write_file(tmp_path / "one", image)
    image.SOPInstanceUID = generate_uid()
    phantom.write_file(tmp_path / "two", image)
    assert "file one; file two" in phantom.refusal(tmp_path)
    phantom.assert_truth(read_dicom(tmp_path, volume=1))


def test_spect_projections_are_refused(tmp_path: Path) -> None:
    image = phantom.spect()
    image.ImageType = ["ORIGINAL", "PRIMARY", "TOMO", "EMISSION"]
    phantom.write_file(tmp_path / "tomo", image)
    assert "projections" in phantom.refusal(tmp_path)


def test_a_single_image_without_thickness_is_refused(tmp_path: Path) -> None:
    image = phantom.series()[0]
    del image.SliceThickness
    phantom.write_file(tmp_path / "one", image)
    assert "depth is unknown" in phantom.refusal(tmp_path)


def test_positions_rounded_by_the_scanner_are_accepted(tmp_path: Path) -> None:
    images = phantom.series()
    for k, image in enumerate(images):
        image.ImagePositionPatient[1] += 0.01 * (-1) ** k
        image.ImagePositionPatient[2] += 0.005 * (-1) ** k
    volume = read_dicom(phantom.write(tmp_path, images))
    index = np.argwhere(volume.data == phantom.MARKER_VALUE)[0]
    np.testing.assert_allclose((volume.affine @ [*index, 1])[:3], phantom.MARKER_RAS, atol=0.03)


def test_a_time_series_is_refused_with_the_images_per_position(tmp_path: Path) -> None:
    images = phantom.series()
    again = phantom.series()
    for image in again:
        image.SeriesInstanceUID, image.FrameOfReferenceUID = images[0].SeriesInstanceUID, images[0].FrameOfReferenceUID
    assert "2 images at each of 8 positions" in phantom.refusal(phantom.write(tmp_path, [*images, *again]))


def _set(keyword: str, value: object) -> faults.Change:
    def change(images: list[Dataset]) -> None:
        for image in images:
            setattr(image, keyword, value)

    return change


def _palette(images: list[Dataset]) -> None:
    for image in images:
        image.PhotometricInterpretation = "PALETTE COLOR"


def _other_matrix(images: list[Dataset]) -> None:
    images[2].Rows, images[2].Columns = phantom.COLUMNS, phantom.ROWS


def _other_frame(images: list[Dataset]) -> None:
    images[2].FrameOfReferenceUID = generate_uid()


def _no_orientation(images: list[Dataset]) -> None:
    del images[2].ImageOrientationPatient


def _huge(images: list[Dataset]) -> None:
    for image in images:
        image.Rows = image.Columns = 65_000


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_palette, "PALETTE COLOR"),
        (_set("PhotometricInterpretation", "RGB"), "in colour (RGB)"),
        (_set("PhotometricInterpretation", ""), "whether high values are bright, dark or colours is not known"),
        (_set("PhotometricInterpretation", "CT"), "without a known Photometric Interpretation (0028,0004; here CT)"),
        (_set("ImageType", ["ORIGINAL", "PRIMARY", "M", "MOSAIC"]), "Siemens mosaic"),
        (_other_matrix, "has a different matrix (10 x 12 pixels)"),
        (_other_frame, "has a different frame of reference"),
        (_no_orientation, "Image Orientation (Patient) (0020,0037)"),
        (_set("ImageOrientationPatient", [1, 0, 0, 0, 0.5, 0]), "not two perpendicular directions"),
        (_set("ImagePositionPatient", list(phantom.FIRST)), "at one position"),
        (_huge, "more than this program loads"),
    ],
)
def test_what_is_no_volume_of_grey_values_is_refused(tmp_path: Path, change: faults.Change, words: str) -> None:
    images = phantom.series()
    change(images)
    assert words in phantom.refusal(phantom.write(tmp_path, images))


@pytest.mark.parametrize("keyword", ["ImageOrientationPatient", "ImagePositionPatient", "PixelSpacing"])
@pytest.mark.parametrize("which", [[0], [7], [0, 1, 2, 3, 4, 5, 6], list(range(8))], ids=len)
def test_a_part_of_the_place_that_some_images_lack_is_named_whichever_they_are(
    tmp_path: Path, keyword: str, which: list[int]
) -> None:
    images = phantom.series()
    for k in which:
        del images[k][keyword]
    assert "without a usable" in phantom.refusal(phantom.write(tmp_path, images))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_set("BurnedInAnnotation", "YES"), "burned into the pixels"),
        (_set("LossyImageCompression", "01"), "lossily compressed"),
        (_set("SpacingBetweenSlices", 2.0), "headers state 2 mm"),
        (_set("FrameOfReferenceUID", None), "no Frame of Reference UID"),
        (_set("Modality", "XX"), "Modality (0008,0060) is XX"),
        (_set("PhotometricInterpretation", "MONOCHROME1"), "low values bright"),
    ],
)
def test_what_needs_a_look_is_a_warning_and_the_series_is_read(
    tmp_path: Path, change: faults.Change, words: str
) -> None:
    images = phantom.series()
    change(images)
    volume = read_dicom(phantom.write(tmp_path, images))
    phantom.assert_truth(volume)
    assert words in " ".join(finding.sentence for finding in volume.findings if finding.level == "warn")


def _with_decimal(folder: Path, stored: bytes) -> Path:
    """A series in which one position's z, stored as 16 characters, is replaced by other characters of that length."""
    images = phantom.series()
    images[3].ImagePositionPatient[2] = "31.9999999999999"
    phantom.write(folder, images)
    path = folder / phantom.name_of(3)
    content = path.read_bytes()
    assert content.count(b"31.9999999999999") == 1
    path.write_bytes(content.replace(b"31.9999999999999", stored))
    return folder


def test_a_number_whose_exponent_was_cut_off_is_refused(tmp_path: Path) -> None:
    message = phantom.refusal(_with_decimal(tmp_path, b"0.3200000000e+00"))
    assert phantom.name_of(3) in message
    assert "truncated" in message


@pytest.mark.parametrize("digits", [2, 3])
def test_numbers_that_fill_their_characters_with_a_whole_exponent_are_read(tmp_path: Path, digits: int) -> None:
    # DS (PS3.5, 6.2): 16 characters, an exponent among them, which C writes with two digits and Windows once with three
    def written(number: float) -> str:
        mantissa, exponent = f"{number:.{11 - digits}e}".split("e")
        return f"{mantissa}e{exponent[0]}{exponent[1:].zfill(digits)}"

    images = phantom.series()
    for image in images:
        image.ImageOrientationPatient = [-1, 0, 0, 0, -1, 0]
    phantom.write(tmp_path / "usual", images)
    usual = read_dicom(tmp_path / "usual")
    for image in images:
        for keyword in ("ImageOrientationPatient", "ImagePositionPatient"):
            image[keyword].value = [written(float(one)) for one in image[keyword].value]
    assert len(written(-1.0)) == 16
    volume = read_dicom(phantom.write(tmp_path / "exponents", images))
    np.testing.assert_allclose(volume.affine, usual.affine)
    np.testing.assert_array_equal(volume.data, usual.data)
    assert not [one for one in volume.findings if one.rule == "decimal strings"]


def test_a_number_that_cannot_be_read_is_refused_with_its_characters(tmp_path: Path) -> None:
    message = phantom.refusal(_with_decimal(tmp_path, b"31.9999 99999999"))
    assert "31.9999 99999999" in message
    assert phantom.name_of(3) in message


@pytest.mark.filterwarnings("error")
def test_a_number_longer_than_dicom_allows_is_read_in_full_with_a_warning(tmp_path: Path) -> None:
    images = phantom.series()
    phantom.write(tmp_path, images)
    path = tmp_path / phantom.name_of(3)
    content = path.read_bytes()
    # "-15.0\-40.0\32.0 " has 16 characters, its replacement 32 with 20 of them in the last number.
    old = b"DS\x10\x00-15.0\\-40.0\\32.0"
    assert content.count(old) == 1
    path.write_bytes(content.replace(old, b"DS\x20\x00-15.0\\-40.0\\32.00000000000000000"))
    volume = read_dicom(tmp_path)
    phantom.assert_truth(volume)
    assert any("longer than DICOM's 16 characters" in finding.sentence for finding in volume.findings)


def test_a_compressed_file_that_cannot_be_decoded_is_refused_by_name(tmp_path: Path, shared: Path) -> None:
    source = shared / "data/hostile/dicom/d2n_generic_compressed_j2k_001"
    for file in source.glob("*.dcm"):
        content = file.read_bytes()
        (tmp_path / file.name).write_bytes(content)
    image = dcmread(tmp_path / "IM-0001-0002-0001.dcm")
    image.PixelData = image.PixelData[:40] + b"\0" * 200 + b"\xfe\xff\xdd\xe0\0\0\0\0"
    image.save_as(tmp_path / "IM-0001-0002-0001.dcm")
    assert "IM-0001-0002-0001.dcm" in phantom.refusal(tmp_path)


def test_a_transfer_syntax_nobody_decodes_is_named(tmp_path: Path) -> None:
    phantom.write(tmp_path, phantom.series())
    for file in tmp_path.iterdir():
        image = dcmread(file)
        image.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.100"
        image["PixelData"].is_undefined_length = True
        image.PixelData = b"\xfe\xff\x00\xe0\0\0\0\0\xfe\xff\x00\xe0\x04\0\0\0abcd\xfe\xff\xdd\xe0\0\0\0\0"
        image.save_as(file, implicit_vr=False, little_endian=True)
    assert "compressed as MPEG2" in phantom.refusal(tmp_path)


@pytest.mark.parametrize(
    ("units", "value"),
    [("BQML", "0.002 SUVbw per Bq/ml"), ("CNTS", "0.5 SUVbw per count"), ("GML", "1 SUVbw per g/ml")],
)
def test_the_factor_to_suv_has_its_units(tmp_path: Path, units: str, value: str) -> None:
    images = phantom.series("PT")
    for image in images:
        image.Units = units
        image.private_block(0x7053, "Philips PET Private Group", create=True).add_new(0, "DS", "0.5")
    found = read_dicom(phantom.write(tmp_path / "pet", images)).findings
    # 74 kg and half of 74 MBq: 74,000 g / 37e6 Bq
    assert [one.value for one in found if one.rule == "SUV"] == [value]


def test_uncorrected_pet_is_a_warning(tmp_path: Path) -> None:
    images = phantom.series("PT")
    for image in images:
        image.CorrectedImage = ["DECY"]
    volume = read_dicom(phantom.write(tmp_path, images))
    assert any(finding.rule == "attenuation correction" for finding in volume.findings)
    assert volume.unit == "Bq/ml"


@pytest.mark.filterwarnings("error:Invalid value", "error:The value length")
def test_listing_and_checking_never_raise_on_files_with_random_damage(tmp_path: Path) -> None:
    phantom.write(tmp_path, phantom.series("PT"))
    path = tmp_path / phantom.name_of(3)
    whole = path.read_bytes()
    random = np.random.default_rng(0)
    for _ in range(1000 if IS_THOROUGH else 60):
        damaged = bytearray(whole)
        for place in random.integers(132, len(whole), random.integers(1, 12)):
            damaged[place] = random.integers(256)
        path.write_bytes(bytes(damaged[: random.integers(200, len(whole) + 1)]))
        for series in scan(tmp_path).series:
            if not blocking(check_series(series)):
                volume = read_series(series)
                assert np.isfinite(volume.affine).all()


def test_two_slices_without_a_stated_distance_are_a_warning_that_one_may_be_missing(tmp_path: Path) -> None:
    images = phantom.series(count=2)
    volume = read_dicom(phantom.write(tmp_path / "silent", images))
    assert any("Only two slices, 4 mm apart" in found.sentence for found in volume.findings if found.level == "warn")
    for image in images:
        image.SpacingBetweenSlices = 4
    volume = read_dicom(phantom.write(tmp_path / "stated", images))
    assert {found.level for found in volume.findings} == {"ok"}


def _placed(along: list[float], sideways: float = 0.0, spacing: float | None = None) -> list[Dataset]:
    """Images at these z in mm, the last one this many mm further to posterior, that may state their distance.

    The first lies at 0, 0, 0: all numbers of the tests below are multiples of 1/8 or appear alone, so that no rounding
    of binary fractions decides.
    """
    images = phantom.series(count=len(along))
    for image, z in zip(images, along, strict=True):
        image.ImagePositionPatient = [0.0, 0.0, z]
        image.SliceThickness = 1.0
        if spacing is not None:
            image.SpacingBetweenSlices = spacing
    images[-1].ImagePositionPatient[1] = sideways
    return images


def _levels(folder: Path, images: list[Dataset], rule: str) -> list[str]:
    """What the gate says of a series under one rule."""
    (series,) = scan(phantom.write(folder, images)).series
    return [finding.level for finding in check_series(series) if finding.rule == rule]


@pytest.mark.parametrize(
    ("spacing", "levels"),
    [
        (98.999, ["warn", "ok"]),
        (99.0, ["ok"]),
        (101.0, ["ok"]),
        (101.001, ["warn", "ok"]),
        (-101.0, ["ok"]),
        (-101.001, ["warn", "ok"]),
    ],
)
def test_a_stated_distance_may_be_off_by_a_hundredth_of_the_real_one(
    tmp_path: Path, spacing: float, levels: list[str]
) -> None:
    assert _levels(tmp_path, _placed([0.0, 100.0, 200.0], spacing=spacing), "slice spacing") == levels


@pytest.mark.parametrize(("step", "levels"), [(0.0099, ["block"]), (0.01, []), (0.0101, [])])
def test_slices_less_than_a_hundredth_of_a_millimetre_apart_lie_at_one_position(
    tmp_path: Path, step: float, levels: list[str]
) -> None:
    assert _levels(tmp_path, _placed([0.0, step]), "duplicate slices") == levels


@pytest.mark.parametrize(
    "emptied", [["SeriesInstanceUID"], ["SeriesInstanceUID", "SOPInstanceUID", "StudyInstanceUID"]]
)
def test_an_examination_whose_uids_were_taken_out_is_read_by_modality_and_number(
    tmp_path: Path, emptied: list[str]
) -> None:
    for modality, number in (("MR", 3), ("CT", 4)):
        images = phantom.series(modality, number)
        for image, keyword in ((image, keyword) for image in images for keyword in emptied):
            setattr(image, keyword, "1.2.3" if keyword == "SOPInstanceUID" else "")
        phantom.write(tmp_path, images, prefix=modality)
    volume = phantom.read_dicom(tmp_path, modality="MR")
    phantom.assert_truth(volume)
    (found,) = (one for one in volume.findings if one.rule == "series" and one.level == "warn")
    assert "no Series Instance UID" in found.sentence
    assert "tool that replaces UIDs" in found.sentence


def test_two_scans_that_nothing_tells_apart_without_uids_are_refused(tmp_path: Path) -> None:
    for prefix in ("A", "B"):
        images = phantom.series()
        for image in images:
            image.SeriesInstanceUID, image.FrameOfReferenceUID = "", "1.2.4"
            image.PixelData = image.PixelData if prefix == "A" else bytes(len(image.PixelData))
        phantom.write(tmp_path, images, prefix=prefix)
    assert "2 images at each of 8 positions" in phantom.refusal(tmp_path)


def test_a_few_images_without_a_series_uid_are_refused(tmp_path: Path) -> None:
    images = phantom.series(count=2)
    for image in images:
        image.SeriesInstanceUID = ""
    assert "no Series Instance UID" in phantom.refusal(phantom.write(tmp_path, images))
