"""A file whose name is no UTF-8, as Linux keeps those of old archives in Latin-1, is read, fused and recorded."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

import napari_refusion as nr
from napari_refusion.io.open import open_volume, open_volumes
from napari_refusion.io.write import write_nifti
from napari_refusion.report.page import write_page
from napari_refusion.volume.volume import Volume


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """A PET and an MRI of Müller."""
    found = []
    for seed, name in enumerate((b"M\xfcller_pet.nii", b"M\xfcller_T1w.nii")):
        path = tmp_path / os.fsdecode(name)
        voxels = np.random.default_rng(seed).random((4, 16, 16), dtype=np.float32)
        plain = tmp_path / f"{seed}.nii"
        write_nifti(Volume(voxels, np.diag([-1.0, -1, -1, 1])[[2, 1, 0, 3]]), plain, description="")
        try:
            plain.rename(path)
        except OSError:
            pytest.skip("this system keeps no such names")
        found.append(path)
    return found[0], found[1]


def test_its_name_can_be_written_everywhere_and_its_path_finds_it(files: tuple[Path, Path]) -> None:
    for volume in (open_volume(files[0]), *open_volumes(files[0])):
        assert volume.name == "M\ufffdller_pet"
        assert volume.origin.opened == files[0]


@pytest.mark.parametrize("identified", [False, True])
def test_it_is_fused_with_its_record(files: tuple[Path, Path], tmp_path: Path, identified: bool) -> None:
    a, b = map(nr.read, files)
    fused = nr.fuse(nr.pair(a, b), engine="average", device="cpu")
    output = tmp_path / os.fsdecode(b"\xfcber.nii")
    written = nr.write(fused, output, identified=identified)
    record = json.loads(written[-1].read_text(encoding="utf-8"))
    assert written[0] == output
    assert output.name in record["files"]
    assert ("M\ufffdller_pet" in json.dumps(record, ensure_ascii=False)) == identified


def test_a_page_that_names_it_is_written(tmp_path: Path) -> None:
    write_page(f"<p>{os.fsdecode(bytes([77, 252]))}</p>", tmp_path / "a.html")
    assert (tmp_path / "a.html").read_text(encoding="utf-8") in ("<p>M\\udcfc</p>", "<p>Mü</p>")
