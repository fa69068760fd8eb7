"""The secondary capture: rounded values, and a banner that hides none of them."""

import numpy as np
import pytest

from napari_refusion.io.dicom.export.secondary_capture import banner, stored
from tests.fused_from_dicom import CHECK, Case, case, dicom_object


@pytest.fixture(scope="module")
def head(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return case(tmp_path_factory.mktemp("head"))


def test_values_are_the_brightness_in_65535ths() -> None:
    given = np.array([0.0, 0.25, 0.5, 1.0, 1.2, -0.1, np.nan], np.float32)
    assert stored(given).tolist() == [0, 16384, 32768, 65535, 65535, 0, 0]


def test_every_voxel_is_below_the_banner(head: Case) -> None:
    dataset = dicom_object("secondary_capture", head.fused, head.references, check_failed=CHECK)
    image = dataset.pixel_array[:, dataset.Rows - 12 :, :10]
    # Index 0 of the volume is the head, of the frames the foot.
    expected = np.rint(head.fused.volume.data[::-1].astype(np.float64) * 65535)
    np.testing.assert_array_equal(image, expected)
    assert (dataset.BitsStored, dataset.PhotometricInterpretation) == (16, "MONOCHROME2")


def test_every_frame_has_the_banner_and_a_failed_check_makes_it_longer(head: Case) -> None:
    good, failed = (
        dicom_object("secondary_capture", head.fused, head.references, check_failed=words) for words in ("", CHECK)
    )
    for dataset in (good, failed):
        bands = dataset.pixel_array[:, : dataset.Rows - 12]
        assert (bands == bands[0]).all()
        assert bands[0].max() > 60000
    assert failed.Rows > good.Rows


@pytest.mark.parametrize("columns", [10, 64, 128, 256, 512, 1024])
def test_the_banner_is_never_cut_off(columns: int) -> None:
    band = banner(CHECK, columns)
    assert band.shape[1] >= columns
    assert not band[:, -1].any()
    assert not band[-1].any()
    assert banner("", columns).shape[0] < band.shape[0]
    # One word more is more ink: no word falls off the end of a line.
    assert (banner("CHECK FAILED", columns) > 0).sum() < (band > 0).sum()


def test_the_window_shows_black_at_0_and_white_at_65535(head: Case) -> None:
    dataset = dicom_object("secondary_capture", head.fused, head.references)
    centre, width = float(dataset.WindowCenter), float(dataset.WindowWidth)
    # PS3.3 C.11.2.1.2.1: x <= c - 0.5 - (w - 1) / 2 is black, x > c - 0.5 + (w - 1) / 2 is white.
    assert centre - 0.5 - (width - 1) / 2 == 0
    assert centre - 0.5 + (width - 1) / 2 == 65535
