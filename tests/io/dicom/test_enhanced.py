"""Enhanced images are read by their functional groups: one file or several, one frame or many, each with its values."""

from copy import deepcopy
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from pydicom import DataElement, Dataset, config
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_sequence
from pydicom.sequence import Sequence
from pydicom.uid import EnhancedPETImageStorage, generate_uid

from napari_refusion.io.dicom.enhanced_pet import enhanced_units
from napari_refusion.io.dicom.read import read_dicom, read_volumes
from tests import dicom_series as phantom


def group(**values: object) -> Sequence:
    """Return a functional group macro with one item."""
    item = Dataset()
    for keyword, value in values.items():
        setattr(item, keyword, value)
    return Sequence([item])


def split(pieces: list[list[int]], slope: float = 1.0) -> list[Dataset]:
    """Return the good series as enhanced files with these slices each; frame k is stored divided by k + 1."""
    images, uid = [], generate_uid()
    for number, piece in enumerate(pieces):
        image = phantom.multi_frame()
        image.SeriesInstanceUID, image.SOPInstanceUID, image.InstanceNumber = uid, generate_uid(), number + 1
        image.FrameOfReferenceUID = "1.2.3"
        image.NumberOfFrames = len(piece)
        frames, pixels = [], []
        for k in piece:
            frame, own = Dataset(), slope * (k + 1)
            place = [phantom.FIRST[0], phantom.FIRST[1], phantom.FIRST[2] + k * phantom.BETWEEN_SLICES]
            frame.PlanePositionSequence = group(ImagePositionPatient=place)
            frame.PixelValueTransformationSequence = group(RescaleSlope=own, RescaleIntercept=-own, RescaleType="US")
            frames.append(frame)
            pixels.append((phantom.stored_values(k) * 1.0 / own + 1).astype(np.float32))
        image.PerFrameFunctionalGroupsSequence = Sequence(frames)
        image.FloatPixelData, image.BitsAllocated = np.stack(pixels).tobytes(), 32
        del image.PixelData
        images.append(image)
    return images


@pytest.mark.parametrize(
    "pieces",
    [
        [[k] for k in range(8)],  # one frame in each file, as Siemens XA and Canon export
        [[0, 1, 2, 3], [4, 5, 6, 7]],
        [[7, 2, 4], [1, 0, 6, 5, 3]],  # interleaved, in no order
        [[5, 2, 7, 0, 1, 3, 6, 4]],
    ],
    ids=["single frames", "halves", "interleaved", "one file"],
)
def test_frames_of_one_file_or_several_make_one_volume_each_with_its_own_rescale(
    tmp_path: Path, pieces: list[list[int]]
) -> None:
    volume = read_dicom(phantom.write(tmp_path, split(pieces)))
    np.testing.assert_allclose(volume.data[:, 0, 0], [80, 70, 60, 50, 40, 30, 20, 10], rtol=1e-5)
    index = np.unravel_index(volume.data.argmax(), volume.shape)
    np.testing.assert_allclose((volume.affine @ [*index, 1])[:3], phantom.MARKER_RAS, atol=1e-6)


def test_a_frame_that_is_missing_between_two_files_is_noticed(tmp_path: Path) -> None:
    assert "1 slice(s) missing" in phantom.refusal(phantom.write(tmp_path, split([[0, 1, 2, 3], [5, 6, 7]])))


def pet(**values: object) -> Dataset:
    """Return the good series as an enhanced PET: 74 MBq, half-life 2 h, 2 h before the scan, 74 kg; see `phantom`."""
    image = phantom.multi_frame("PT")
    image.SOPClassUID = EnhancedPETImageStorage
    for keyword in ("Units", "DecayCorrection", "CorrectedImage", "RescaleSlope", "RescaleIntercept", "NumberOfSlices"):
        delattr(image, keyword)
    del image.AcquisitionDate
    del image.AcquisitionTime
    image.AcquisitionDateTime = image.DecayCorrectionDateTime = "20200101120000"
    image.AttenuationCorrected = image.DecayCorrected = "YES"
    shared = image.SharedFunctionalGroupsSequence[0]
    shared.PixelValueTransformationSequence = group(RescaleSlope=2, RescaleIntercept=0, RescaleType="BQML")
    for keyword, value in values.items():
        setattr(image, keyword, value)
    return image


def test_an_enhanced_pet_has_suv_by_its_own_attributes(tmp_path: Path) -> None:
    phantom.write_file(tmp_path / "pet", pet())
    volume = read_dicom(tmp_path / "pet")
    assert volume.unit == "SUVbw"
    # Slope 2 and 74 000 g by 37 MBq: 0.004.
    np.testing.assert_allclose(volume.data[:, 0, 0], 0.004 * np.arange(80, 0, -10), rtol=1e-6)
    assert {finding.level for finding in volume.findings} == {"ok"}


def test_decay_is_corrected_to_the_moment_that_the_header_states_and_not_to_the_series(tmp_path: Path) -> None:
    # Two hours later another half of the dose is gone, whenever the series was made.
    phantom.write_file(tmp_path / "pet", pet(DecayCorrectionDateTime="20200101140000", SeriesDate="20200103"))
    volume = read_dicom(tmp_path / "pet")
    np.testing.assert_allclose(volume.data[:, 0, 0], 0.008 * np.arange(80, 0, -10), rtol=1e-6)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"AttenuationCorrected": "NO"}, "not corrected for attenuation"),
        ({"DecayCorrected": "NO"}, "not corrected for decay"),
        ({"DecayCorrectionDateTime": None}, "Decay Correction"),
    ],
)
def test_an_enhanced_pet_without_what_suv_needs_is_in_becquerel_and_says_why(
    tmp_path: Path, values: dict[str, object], words: str
) -> None:
    phantom.write_file(tmp_path / "pet", pet(**values))
    volume = read_dicom(tmp_path / "pet")
    assert volume.unit == "Bq/ml"
    assert any(words in finding.sentence for finding in volume.findings if finding.level == "warn")


@pytest.mark.parametrize(
    ("code", "slope", "unit"),
    [("Bq/ml", 2.0, "BQML"), ("{SUVbw}g/ml", 2.0, "GML"), ("Bq/ml", 3.0, ""), ("mm", 2.0, "")],
)
def test_a_real_world_unit_counts_where_it_maps_to_the_same_values(code: str, slope: float, unit: str) -> None:
    shared = Dataset()
    shared.PixelValueTransformationSequence = group(RescaleSlope=2, RescaleIntercept=0, RescaleType="US")
    codes = group(CodeValue=code, CodingSchemeDesignator="UCUM")
    shared.RealWorldValueMappingSequence = group(
        RealWorldValueSlope=slope, RealWorldValueIntercept=0.0, MeasurementUnitsCodeSequence=codes
    )
    assert enhanced_units([shared]) == unit


def test_frames_acquired_one_after_another_have_their_own_times() -> None:
    from napari_refusion.io.dicom.quantity import pet_quantity

    frame = Dataset()
    frame.FrameContentSequence = group(FrameAcquisitionDateTime="20200101121500")
    assert pet_quantity(pet(), [frame]).acquired == datetime(2020, 1, 1, 12, 15)


@pytest.mark.parametrize("marked", [True, False], ids=["by their times", "by their order"])
def test_time_points_of_an_enhanced_image_without_an_index_are_told_apart(tmp_path: Path, marked: bool) -> None:
    image = phantom.multi_frame()
    frames = []
    for time in range(3):
        for frame in image.PerFrameFunctionalGroupsSequence:
            one = deepcopy(frame)
            if marked:
                one.FrameContentSequence = group(FrameReferenceDateTime=f"202001011200{20 * time:02d}")
            frames.append(one)
    image.PerFrameFunctionalGroupsSequence = Sequence(frames)
    stored = np.frombuffer(image.PixelData, np.uint16)
    image.PixelData = np.concatenate([stored + np.uint16(1000 * time) for time in range(3)]).tobytes()
    image.NumberOfFrames = 3 * phantom.SLICES
    phantom.write_file(tmp_path / "dynamic", image)
    volumes = read_volumes(tmp_path)
    assert [float(volume.data[-1, 0, 0]) for volume in volumes] == [10, 1010, 2010]
    assert [volume.acquisition.time is not None for volume in volumes] == [marked] * 3


@pytest.mark.parametrize("bytes_of_each", [0, 9000], ids=["short", "over 64 KB"])
def test_functional_groups_that_a_program_stored_as_of_unknown_type_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bytes_of_each: int
) -> None:
    # PS3.5, 6.2.2: what is of unknown type lies in implicit VR little endian
    (image,) = split([[5, 2, 7, 0, 1, 3, 6, 4]])
    for frame in image.PerFrameFunctionalGroupsSequence:
        frame.ImageComments = "-" * bytes_of_each
    with monkeypatch.context() as patched:
        patched.setattr(config, "replace_un_with_known_vr", False)
        for keyword in ("PerFrameFunctionalGroupsSequence", "SharedFunctionalGroupsSequence"):
            stored = DicomBytesIO()
            stored.is_little_endian, stored.is_implicit_VR = True, True
            write_sequence(stored, image[keyword], ["iso8859"])
            image[keyword] = DataElement(image[keyword].tag, "UN", stored.getvalue())
        phantom.write_file(tmp_path / "a", image)
    volume = read_dicom(tmp_path)
    np.testing.assert_allclose(volume.data[:, 0, 0], [80, 70, 60, 50, 40, 30, 20, 10], rtol=1e-5)
    np.testing.assert_allclose(volume.affine[:3, 3], (15.0, 40.0, 48.0), atol=1e-6)
