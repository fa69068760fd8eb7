"""FreeSurfer's MGH: the place and the voxels as nibabel reads them, or a refusal."""

import gzip
import hashlib
from pathlib import Path

import nibabel
import numpy as np
import pytest

from napari_refusion.io.mgh.read import list_mgh, read_mgh, read_mgh_volumes
from napari_refusion.volume.finding import RefusedError
from tests.nifti_files import RAS_2_3_4, SHAPE, voxels, world_values

CONFORMED = np.array([[-1, 0, 0, 128], [0, 0, 1, -128], [0, -1, 0, 128], [0, 0, 0, 1.0]])
"""The axes of FreeSurfer's own images: left, inferior, anterior."""


def save_mgh(path: Path, data: np.ndarray, affine: np.ndarray = RAS_2_3_4) -> Path:
    nibabel.MGHImage(data, affine).to_filename(path)
    return path


def patched(path: Path, at: int, new: bytes) -> Path:
    """Overwrite bytes of a header, decompressed."""
    content = path.read_bytes()
    packed = content.startswith(b"\x1f\x8b")
    raw = bytearray(gzip.decompress(content) if packed else content)
    raw[at : at + len(new)] = new
    path.write_bytes(gzip.compress(bytes(raw)) if packed else bytes(raw))
    return path


def refusal(path: Path, words: str) -> None:
    with pytest.raises(RefusedError) as caught:
        read_mgh(path)
    assert path.name in str(caught.value)
    assert words in str(caught.value)


@pytest.mark.parametrize("name", ["T1.mgz", "T1.mgh"])
@pytest.mark.parametrize("dtype", ["uint8", "int16", "int32", "float32"])
@pytest.mark.parametrize("affine", [RAS_2_3_4, CONFORMED], ids=["ras", "conformed"])
def test_every_voxel_lies_where_nibabel_says(tmp_path: Path, name: str, dtype: str, affine: np.ndarray) -> None:
    path = save_mgh(tmp_path / name, voxels(dtype=dtype), affine)
    volume = read_mgh(path)
    theirs = nibabel.load(path)
    assert world_values(volume.data, volume.affine) == world_values(np.asarray(theirs.dataobj), theirs.affine)
    assert (volume.modality, volume.name, volume.findings) == ("MR", "T1", ())
    assert volume.stored_axes == nibabel.aff2axcodes(affine)
    assert volume.origin.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_turned_image_keeps_its_affine(tmp_path: Path) -> None:
    turned = RAS_2_3_4.copy()
    turned[:3, :3] = nibabel.eulerangles.euler2mat(0.2, -0.3, 0.1) @ RAS_2_3_4[:3, :3]
    path = save_mgh(tmp_path / "a.mgz", voxels(), turned)
    volume = read_mgh(path)
    assert np.allclose(np.sort(np.abs(volume.spacing)), (2, 3, 4), atol=1e-5)
    theirs = nibabel.load(path)
    assert world_values(volume.data, volume.affine) == world_values(voxels(), theirs.affine)


def test_several_frames_are_a_choice(tmp_path: Path) -> None:
    stored = voxels((*SHAPE, 3))
    path = save_mgh(tmp_path / "a.mgz", stored)
    refusal(path, "3 frames")
    assert len(list_mgh(path)[0].parts) == 3
    for index, volume in enumerate(read_mgh_volumes(path)):
        assert world_values(volume.data, volume.affine) == world_values(stored[..., index], RAS_2_3_4)


@pytest.mark.parametrize(
    ("at", "new", "words"),
    [
        (0, (2).to_bytes(4, "big"), "version 2"),
        (4, (0).to_bytes(4, "big"), "0 x 6 x 7"),
        (4, (30000).to_bytes(4, "big"), "bytes"),
        (20, (99).to_bytes(4, "big"), "voxel type"),
        (28, (0).to_bytes(2, "big"), "orientation unknown"),
        (30, np.array(-2, ">f4").tobytes(), "-2 x 3 x 4"),
        (30, np.array(np.nan, ">f4").tobytes(), "nan x 3 x 4"),
        (42, np.zeros(9, ">f4").tobytes(), "one plane"),
        (42, (np.eye(3, dtype=">f4") * 2).tobytes(), "twice"),
        (78, np.array(np.inf, ">f4").tobytes(), "one plane"),
    ],
)
@pytest.mark.parametrize("name", ["a.mgz", "a.mgh"])
def test_a_header_that_cannot_be_is_refused(tmp_path: Path, name: str, at: int, new: bytes, words: str) -> None:
    refusal(patched(save_mgh(tmp_path / name, voxels()), at, new), words)


@pytest.mark.parametrize("name", ["a.mgz", "a.mgh"])
@pytest.mark.parametrize("cut", [10, 300, 600])
def test_a_truncated_file_is_refused(tmp_path: Path, name: str, cut: int) -> None:
    path = save_mgh(tmp_path / name, voxels((9, 9, 9)))
    path.write_bytes(path.read_bytes()[:-cut] if name.endswith("z") else path.read_bytes()[: 1700 - cut])
    refusal(path, "again")


def test_a_surface_is_no_image(tmp_path: Path) -> None:
    refusal(save_mgh(tmp_path / "thickness.mgh", voxels((50, 1, 1))), "surface")


def test_random_damage_ends_in_a_volume_or_a_sentence(tmp_path: Path) -> None:
    good, rng = save_mgh(tmp_path / "a.mgh", voxels()).read_bytes(), np.random.default_rng(3)
    for _ in range(500):
        content = bytearray(good)
        for at in rng.integers(0, 90, rng.integers(1, 5)):
            content[at] = rng.integers(0, 256)
        (tmp_path / "a.mgh").write_bytes(bytes(content))
        try:
            volume = read_mgh(tmp_path / "a.mgh")
        except RefusedError as error:
            if "a.mgh" not in str(error):
                pytest.fail(str(error))
        else:
            theirs = np.asarray(nibabel.load(tmp_path / "a.mgh").dataobj).astype(np.float32)
            assert np.array_equal(np.sort(volume.data.ravel()), np.sort(theirs.ravel()), equal_nan=True)
