"""Fused images that this program wrote are no sources."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pydicom import Dataset, dcmread

from napari_refusion.io.dicom.export.objects import export_dicom
from napari_refusion.io.dicom.read import read_dicom
from napari_refusion.volume.finding import RefusedError
from tests.fused_from_dicom import case

OBJECTS = ("parametric_map", "secondary_capture")


@pytest.fixture(scope="module")
def objects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export")
    made = case(folder)
    export_dicom(made.fused, made.references, folder / "objects", kinds=OBJECTS)
    return folder / "objects"


@pytest.mark.parametrize("kind", OBJECTS)
def test_a_fused_object_is_refused(objects: Path, kind: str) -> None:
    with pytest.raises(RefusedError, match=rf"{kind}\.dcm.*a fused image"):
        read_dicom(objects / f"{kind}.dcm")


def another_maker(image: Dataset) -> None:
    image.Manufacturer = "An archive"


def another_title(image: Dataset) -> None:
    another_maker(image)
    image.SeriesDescription = "Fusion"


def no_codes(image: Dataset) -> None:
    another_maker(image)
    del image.DerivationCodeSequence


@pytest.mark.parametrize("change", [another_maker, another_title, no_codes])
@pytest.mark.parametrize("kind", OBJECTS)
def test_it_is_known_again_after_an_archive_changed_it(
    objects: Path, tmp_path: Path, kind: str, change: Callable[[Dataset], None]
) -> None:
    image = dcmread(objects / f"{kind}.dcm")
    change(image)
    image.save_as(tmp_path / "changed.dcm")
    with pytest.raises(RefusedError, match="a fused image"):
        read_dicom(tmp_path / "changed.dcm")


def test_beside_its_sources_it_is_left_out(objects: Path) -> None:
    with pytest.raises(RefusedError) as refused:
        read_dicom(objects.parent)
    assert "2 series" in str(refused.value)
    assert read_dicom(objects.parent, modality="MR").modality == "MR"
