"""What is judged alike in every format: values that are no image."""

from pathlib import Path

import nibabel
import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from scipy.spatial import cKDTree

from napari_refusion.io.open import open_volume, open_volumes
from napari_refusion.io.plausible import check_values

SIZE = 40


def parcels(count: int) -> np.ndarray:
    """A ball in regions, each of the voxels that are nearest to one of some points; what lies outside is 0."""
    places = np.random.default_rng(1).random((count, 3)) * SIZE
    voxels = np.stack(np.meshgrid(*[np.arange(SIZE)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    nearest = cKDTree(places).query(voxels)[1] + 1
    inside = ((voxels - SIZE / 2) ** 2).sum(axis=1) < (0.45 * SIZE) ** 2
    return (nearest * inside).reshape(SIZE, SIZE, SIZE).astype(np.float32)


@pytest.mark.parametrize(
    ("count", "name"), [(5, "aseg.nii"), (40, "aseg.nii"), (60, "sub-01_dseg.nii.gz"), (60, "a.mgz")]
)
def test_a_label_map_is_named_whatever_it_is_called(tmp_path: Path, count: int, name: str) -> None:
    kind = nibabel.MGHImage if name.endswith(".mgz") else nibabel.Nifti1Image
    kind(parcels(count).astype(np.int16 if kind is nibabel.Nifti1Image else np.int32), np.eye(4)).to_filename(
        tmp_path / name
    )
    (finding,) = [one for one in open_volume(tmp_path / name).findings if one.rule == "values"]
    assert finding.level == "warn"
    assert "label map" in finding.sentence


@pytest.mark.parametrize(
    "image",
    [
        np.round(gaussian_filter(np.random.default_rng(2).normal(size=(SIZE,) * 3), 2) * 400),
        # few counts, and mostly nothing, as in SPECT
        np.random.default_rng(3).poisson(parcels(20) / 4).astype(np.float32),
        # smoothed regions, and regions whose values are no whole numbers
        np.round(gaussian_filter(parcels(40), 1) * 10),
        parcels(40) + np.float32(0.5),
    ],
    ids=["noise", "counts", "smoothed", "halves"],
)
def test_an_image_of_whole_numbers_is_no_label_map(image: np.ndarray) -> None:
    assert check_values(Path("a.nii"), image.astype(np.float32)) == []


@pytest.mark.parametrize(("away", "warned"), [(1_500.0, False), (-9_000.0, False), (131_038.0, True), (-7e24, True)])
@pytest.mark.parametrize("name", ["a.nii", "a.mgz"])
def test_a_place_that_no_scanner_reaches_is_said(tmp_path: Path, name: str, away: float, warned: bool) -> None:
    affine = np.eye(4)
    affine[1, 3] = away
    kind = nibabel.MGHImage if name.endswith(".mgz") else nibabel.Nifti1Image
    kind(np.arange(1000, dtype=np.float32).reshape(10, 10, 10), affine).to_filename(tmp_path / name)
    found = [one for one in open_volume(tmp_path / name).findings if one.rule == "position"]
    assert [one.level for one in found] == ["warn"] * warned


def test_one_value_is_spoken_of_as_one() -> None:
    (finding,) = check_values(Path("a.nii"), np.zeros((12, 12, 12), np.float32))
    assert "one value only" in finding.sentence


def test_no_real_volume_is_taken_for_a_label_map(shared: Path) -> None:
    paths = list((shared / "data/mr_pairs").glob("*/*/*.nii.gz"))
    paths += [path for path in (shared / "data/petctmr/devtest").glob("*/*.nii.gz") if "mask" not in path.name]
    assert len(paths) >= 10
    assert [one.rule for path in paths for one in open_volume(path).findings if one.rule == "values"] == []


def test_segments_that_overlap_are_volumes_without_a_mean(tmp_path: Path) -> None:
    header = (
        "NRRD0005\ntype: uchar\ndimension: 4\nspace: left-posterior-superior\nsizes: 2 4 5 6\nkinds: list domain "
        "domain domain\nspace directions: none (1,0,0) (0,1,0) (0,0,1)\nspace origin: (0,0,0)\nencoding: raw\n"
        "Segment0_ID:=liver\nSegment1_ID:=tumour\n\n"
    )
    path = tmp_path / "a.seg.nrrd"
    path.write_bytes(header.encode() + bytes(2 * 4 * 5 * 6))
    assert [volume.acquisition.part for volume in open_volumes(path)] == ["volume 0, segments", "volume 1, segments"]
    with pytest.raises(ValueError, match="means nothing"):
        open_volume(path, volume="mean")
