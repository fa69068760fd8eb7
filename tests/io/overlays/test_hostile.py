"""Overlays of a few bytes to a few megabytes that would take gigabytes, or for ever, to be read."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset
from pydicom.uid import RLELossless

from napari_refusion.io.overlays.read import read_overlay
from napari_refusion.volume.finding import RefusedError
from tests.bombs import BOMBS
from tests.drawn_sources import images_of, opened
from tests.io.overlays.test_segmentation import segmentation
from tests.structure_sets import saved, structure_set
from tests.traced_peak import traced_peak

MOST = 200 * 2**20
"""Bytes that reading may take."""


def seg_of_rows(folder: Path, images: list[Dataset]) -> Path:
    """An RLE frame of a few bytes that claims 8,000 rows and columns."""
    made = segmentation(images, kind="FRACTIONAL", syntax=RLELossless)
    made.Rows = made.Columns = 8_000
    made.save_as(folder / "rows.dcm")
    return folder / "rows.dcm"


def deflated_seg(folder: Path, images: list[Dataset]) -> Path:
    """2 MB that inflate to 2 GB."""
    return BOMBS["deflated DICOM, 2 MB to 2 GB"](folder)


def nested(folder: Path, images: list[Dataset]) -> Path:
    return BOMBS["DICOM, sequences 20,000 deep"](folder)


def far_planes(folder: Path, images: list[Dataset]) -> Path:
    """Two frames that lie 10,000 km apart."""
    made = segmentation(images)
    made.PerFrameFunctionalGroupsSequence[-1].PlanePositionSequence[0].ImagePositionPatient = [-15, -40, 1e10]
    return saved(folder, made)


@pytest.mark.parametrize("bomb", [seg_of_rows, deflated_seg, nested, far_planes])
def test_a_bomb_is_refused_in_little_memory(bomb: Callable[[Path, list[Dataset]], Path], tmp_path: Path) -> None:
    images = images_of()
    source = opened(tmp_path, images)
    path = bomb(tmp_path, images)

    def read() -> None:
        with pytest.raises(RefusedError):
            read_overlay(path, source)

    assert traced_peak(read) < MOST


def test_a_zigzag_of_many_points_through_the_whole_image_takes_little_memory(tmp_path: Path) -> None:
    images = images_of()
    source = opened(tmp_path, images)
    rows = np.tile([-1e9, 1e9], 50_000)
    points = np.stack([np.linspace(-15, 12, 100_000), rows, np.full(100_000, 32.0)], axis=1)
    path = saved(tmp_path, structure_set(images[0], {"Zigzag": [("CLOSED_PLANAR", points)]}))

    def read() -> None:
        read_overlay(path, source)

    assert traced_peak(read) < MOST


@pytest.mark.parametrize("kind", ["segmentation", "structure set"])
def test_flipped_bytes_are_read_or_refused_and_never_end_in_a_traceback(kind: str, tmp_path: Path) -> None:
    images = images_of()
    source = opened(tmp_path, images)
    square = np.array([[-10, -30, 32], [0, -30, 32], [0, -20, 32], [-10, -20, 32]], float)
    made = structure_set(images[0], {"Node": [("CLOSED_PLANAR", square)]})
    path = saved(tmp_path, segmentation(images) if kind == "segmentation" else made)
    content, chance = path.read_bytes(), np.random.default_rng(3)
    for _ in range(150):
        broken = bytearray(content)
        for at in chance.integers(132, len(content), 6).tolist():
            broken[at] = int(chance.integers(256))
        path.write_bytes(broken)
        with suppress(RefusedError):
            assert all(one.voi.count for one in read_overlay(path, source).segments)
