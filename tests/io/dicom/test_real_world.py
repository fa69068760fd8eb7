"""Parametric maps: their values are those of the Real World Value Mapping, and their rescale changes nothing."""

from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset
from pydicom.uid import ParametricMapStorage

from napari_refusion.io.dicom.read import read_dicom
from napari_refusion.volume.volume import Volume
from tests import dicom_series as phantom

SLOPES = [0.25 * (k + 1) for k in range(phantom.SLICES)]
INTERCEPT = -3.0
"""What maps the stored numbers of the k-th slice."""

SUV_FACTOR = 74_000 / (74e6 * 0.5)
"""SUVbw of 1 Bq/ml in the phantom's PET: 74 kg, 74 MBq, one half-life before the scan."""


def mapping(slope: float, intercept: float, unit: str = "mm2/s") -> Dataset:
    code, item = Dataset(), Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = unit, "UCUM", unit
    item.MeasurementUnitsCodeSequence = [code]
    item.RealWorldValueSlope, item.RealWorldValueIntercept = slope, intercept
    item.RealWorldValueFirstValueMapped, item.RealWorldValueLastValueMapped = 0, 65535
    return item


def parametric_map(modality: str = "MR", unit: str = "mm2/s") -> Dataset:
    """Return the good series as a parametric map, whose slices each have a mapping of their own."""
    image = phantom.multi_frame(modality)
    image.SOPClassUID = ParametricMapStorage
    image.ImageType = ["DERIVED", "PRIMARY", "DIFFUSION", "NONE"]
    for keyword in ("RescaleSlope", "RescaleIntercept", "Units"):
        image.pop(keyword, None)
    identity = Dataset()
    identity.RescaleSlope, identity.RescaleIntercept, identity.RescaleType = 1, 0, "US"
    image.SharedFunctionalGroupsSequence[0].PixelValueTransformationSequence = [identity]
    for frame in image.PerFrameFunctionalGroupsSequence:
        frame.RealWorldValueMappingSequence = [mapping(SLOPES[slice_of(frame)], INTERCEPT, unit)]
    return image


def slice_of(frame: Dataset) -> int:
    height = float(frame.PlanePositionSequence[0].ImagePositionPatient[2])
    return round((height - phantom.FIRST[2]) / phantom.BETWEEN_SLICES)


def read(folder: Path, image: Dataset) -> Volume:
    phantom.write_file(folder / "map", image)
    return read_dicom(folder / "map")


def stored(folder: Path) -> np.ndarray:
    """Return the stored numbers of the phantom as a volume has them, (I, P, L)."""
    phantom.write_file(folder / "stored", phantom.multi_frame())
    return read_dicom(folder / "stored").data


def warned(volume: Volume) -> list[str]:
    return [one.sentence for one in volume.findings if one.level == "warn" and "(0040,9096)" in one.sentence]


def test_each_slice_of_a_parametric_map_has_the_values_of_its_own_mapping(tmp_path: Path) -> None:
    # PS3.3, C.7.6.16.2.11: the real-world value is slope x stored number + intercept
    volume = read(tmp_path, parametric_map())
    slopes = np.array(SLOPES[::-1])[:, None, None]  # the first plane is the uppermost, which the phantom has last
    np.testing.assert_allclose(volume.data, stored(tmp_path) * slopes + INTERCEPT, rtol=1e-6)
    assert warned(volume) == []


def test_a_parametric_map_of_activity_is_in_suv_by_its_mapping(tmp_path: Path) -> None:
    volume = read(tmp_path, parametric_map("PT", "Bq/ml"))
    slopes = np.array(SLOPES[::-1])[:, None, None]
    assert volume.unit == "SUVbw"
    np.testing.assert_allclose(volume.data, (stored(tmp_path) * slopes + INTERCEPT) * SUV_FACTOR, rtol=1e-6)
    assert warned(volume) == []


def test_the_window_of_a_parametric_map_is_given_in_its_values(tmp_path: Path) -> None:
    image = parametric_map()
    voi = Dataset()
    voi.WindowCenter, voi.WindowWidth = 100.5, 201  # stored numbers from 0 to 200 (PS3.3, C.11.2.1.2)
    image.SharedFunctionalGroupsSequence[0].FrameVOILUTSequence = [voi]
    for frame in image.PerFrameFunctionalGroupsSequence:
        frame.RealWorldValueMappingSequence = [mapping(-0.5, 7.0)]
    shown = read(tmp_path, image).acquisition.windows[0].window
    assert (shown.low, shown.high) == (200 * -0.5 + 7, 0 * -0.5 + 7)


@pytest.mark.parametrize(("count", "words"), [(0, "none of slope and intercept"), (2, "2 mappings")])
def test_a_parametric_map_without_one_mapping_says_that_its_numbers_may_be_no_values(
    tmp_path: Path, count: int, words: str
) -> None:
    image = parametric_map("PT", "Bq/ml")
    for frame in image.PerFrameFunctionalGroupsSequence:
        frame.RealWorldValueMappingSequence = [mapping(float(k + 2), 0.0, "Bq/ml") for k in range(count)]
    volume = read(tmp_path, image)
    np.testing.assert_array_equal(volume.data, stored(tmp_path))
    assert volume.unit == ""
    assert any(words in sentence for sentence in warned(volume))


def test_an_image_of_another_kind_keeps_its_rescale_beside_a_mapping(tmp_path: Path) -> None:
    image = phantom.multi_frame()
    for frame in image.PerFrameFunctionalGroupsSequence:
        frame.RealWorldValueMappingSequence = [mapping(2.0, 5.0)]
    np.testing.assert_array_equal(read(tmp_path, image).data, stored(tmp_path))
