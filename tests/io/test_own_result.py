"""What this program made is no source: by the words in the file, or by the record beside it."""

import json
import shutil
from pathlib import Path

import nibabel
import numpy as np
import pytest
from PIL import Image

from napari_refusion.io.open import open_volume
from napari_refusion.io.write import write_nifti, write_png, write_volume
from napari_refusion.study.pairing import pair
from napari_refusion.volume.affine import IPL_TO_RAS
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.volume import Volume
from tests.nifti_files import save

RECORD = {"a": {}, "b": {}, "reference": "b", "axis": "axial", "weights_sha256": "0", "notice": "Research use only"}


def fused(shape: tuple[int, ...] = (4, 6, 7)) -> Volume:
    return Volume(np.random.default_rng(0).random(shape, dtype=np.float32), IPL_TO_RAS)


def is_blocked(path: Path) -> bool:
    return ("block", "fused image") in [(one.level, one.rule) for one in open_volume(path).findings]


@pytest.mark.parametrize("name", ["f.nii", "f.nii.gz"])
def test_a_fused_nifti_opens_and_is_not_fused_again(tmp_path: Path, name: str) -> None:
    write_nifti(fused(), tmp_path / name)
    assert is_blocked(tmp_path / name)
    volume = open_volume(tmp_path / name)
    with pytest.raises(RefusedError, match="fused image that this program made"):
        pair(volume, Volume(fused().data * 9, IPL_TO_RAS, "MR")).check()


def test_a_fused_colour_volume_and_one_with_a_failed_check_are_known(tmp_path: Path) -> None:
    write_volume(fused((4, 6, 7, 3)), tmp_path / "f_colour.nii.gz")
    assert is_blocked(tmp_path / "f_colour.nii.gz")
    write_nifti(fused(), tmp_path / "g.nii", description="ReFusion RESEARCH ONLY. CHECK FAILED: Registration")
    assert is_blocked(tmp_path / "g.nii")


def test_a_fused_picture_is_known_under_another_name(tmp_path: Path) -> None:
    write_png(fused((1, 6, 7)), tmp_path / "f.png")
    shutil.copy(tmp_path / "f.png", tmp_path / "sub-01_T1w.png")
    assert is_blocked(tmp_path / "sub-01_T1w.png")


@pytest.mark.parametrize("name", ["f.nii.gz", "f.png", "f.tif", "f_colour.nii.gz"])
def test_a_record_beside_a_file_tells_where_its_words_are_lost(tmp_path: Path, name: str) -> None:
    (tmp_path / "f.json").write_text(json.dumps(RECORD))
    if ".nii" in name:
        save(tmp_path / name, fused().data)
    else:
        Image.fromarray((fused().data[0] * 255).astype(np.uint8)).save(tmp_path / name)
    assert is_blocked(tmp_path / name)


def test_a_layer_that_was_saved_with_those_words_and_its_own_values_is_a_source(tmp_path: Path) -> None:
    write_nifti(Volume(fused().data * 900, IPL_TO_RAS, "MR"), tmp_path / "mri.nii")
    assert not is_blocked(tmp_path / "mri.nii")


@pytest.mark.parametrize("words", ["FSL5.0", "", "Refused", "a ReFusion RESEARCH ONLY"])
def test_other_words_are_no_sign(tmp_path: Path, words: str) -> None:
    path = save(tmp_path / "a.nii", fused().data)
    image = nibabel.load(path)
    image.header["descrip"] = words.encode()
    nibabel.save(nibabel.Nifti1Image(np.asarray(image.dataobj), image.affine, image.header), tmp_path / "b.nii")
    assert not is_blocked(tmp_path / "b.nii")


def test_a_sidecar_of_an_examination_is_no_record(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"Modality": "PT", "a": 1, "axis": "axial"}))
    assert not is_blocked(save(tmp_path / "a.nii", fused().data))
