"""What a NIfTI header says of an image that was saved from a layer."""

from pathlib import Path

import nibabel
import numpy as np
import pytest

from napari_refusion.io.listing import Listed
from napari_refusion.io.nifti.read import list_nifti, read_nifti
from napari_refusion.io.nifti.said import said, say
from napari_refusion.io.write import write_nifti
from napari_refusion.volume.affine import IPL_TO_RAS
from napari_refusion.volume.volume import Volume

KINDS = [("CT", "HU"), ("PT", "SUVbw"), ("PT", "SUVlbm"), ("PT", "Bq/ml"), ("NM", "Bq/ml"), ("MR", ""), ("OT", "")]


def saved(path: Path, modality: str, unit: str) -> Path:
    """Return a file of 0 to 1, values of which nothing but the header knows the unit."""
    values = np.random.default_rng(0).random((4, 6, 7), dtype=np.float32)
    write_nifti(Volume(values, IPL_TO_RAS), path, description=say(modality, unit))
    return path


@pytest.mark.parametrize(("modality", "unit"), KINDS)
def test_modality_and_unit_come_back_under_a_neutral_name(tmp_path: Path, modality: str, unit: str) -> None:
    volume = read_nifti(saved(tmp_path / "volume.nii.gz", modality, unit))
    assert (volume.modality, volume.unit) == (modality, unit)
    assert not [one for one in volume.findings if one.rule in ("modality", "unit")]
    listed = list_nifti(tmp_path / "volume.nii.gz")
    assert [one.modality for one in listed if isinstance(one, Listed)] == [modality]


def test_a_unit_belongs_to_its_modality_and_not_to_one_that_is_chosen(tmp_path: Path) -> None:
    volume = read_nifti(saved(tmp_path / "volume.nii", "PT", "SUVbw"), "NM")
    assert (volume.modality, volume.unit) == ("NM", "")


def test_values_that_are_no_hounsfield_units_are_still_told_of(tmp_path: Path) -> None:
    """Another program may have added 1024 and kept the header."""
    path = tmp_path / "volume.nii"
    write_nifti(Volume(np.full((4, 6, 7), 1060.0, np.float32), IPL_TO_RAS), path, description=say("CT", "HU"))
    volume = read_nifti(path)
    assert volume.unit == ""
    assert "HU + 1024" in [one.value for one in volume.findings]


@pytest.mark.parametrize(
    "text", ["", "FSL5.0", "TE=2.1;Time=120000.000", "DICOM Modality XX", "DICOM Modality CT, unit HU, smoothed", "CT"]
)
def test_words_of_other_programs_say_nothing(text: str) -> None:
    assert said(text) == ("", "")


def test_what_is_said_fits_the_field(tmp_path: Path) -> None:
    header = nibabel.load(saved(tmp_path / "volume.nii", "PT", "SUVlbm")).header
    assert bytes(header["descrip"]).rstrip(b"\0").decode() == "DICOM Modality PT, unit SUVlbm"
    assert say("", "HU") == ""
