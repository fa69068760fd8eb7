"""Files that are no image, lie about themselves, or once broke other readers; real ones where they are at hand."""

import gzip
import os
import resource
import time
from pathlib import Path

import nibabel
import numpy as np
import pytest

from napari_refusion.io.nifti.read import list_nifti, read_nifti
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.volume import Volume
from tests.nifti_files import cut, patch, plain, save, voxels, world_values, write

REFUSED = {
    "complex.nii.gz": "magnitude image",
    "fs_LR.32k.LR.curvature.dscalar.nii": "not an image",
    "minimal.nii.gz": "orientation unknown",
    "nib_analyze.hdr": "nib_analyze.img",
    "nib_example4d.nii.gz": "2 frames",
    "nib_example_nifti2.nii.gz": "2 frames",
    "nib_functional.nii": "20 frames",
    "pcasl.nii.gz": "10 frames",
    "pval.LH.nii.gz": "27307 x 1 x 6 x 1",
    "shear.nii.gz": "35.6 mm",
}
READ = ["cope1.nii.gz", "draw.nii.gz", "labels256.nii.gz", "low_res.nii.gz", "nib_anatomical.nii", "ras.hdr", "ras.img"]


def refusal(path: Path) -> str:
    with pytest.raises(RefusedError) as caught:
        read_nifti(path)
    assert path.name in str(caught.value)
    return str(caught.value)


def assert_equal_to_nibabel(path: Path) -> None:
    """The same value at the same place: positions through both affines, values through nibabel's own reader."""
    volume = read_nifti(path)
    image = nibabel.load(path)
    back = np.linalg.inv(image.affine) @ volume.affine
    if volume.is_rgb:
        fields = np.asarray(image.dataobj)
        values = np.stack([fields[name] for name in "RGB"], -1).astype(np.float32) / np.float32(255)
    else:
        values = image.get_fdata().astype(np.float32)
        values = values.reshape(values.shape[:3])
    indices = np.stack(np.meshgrid(*map(np.arange, volume.shape), indexing="ij"), -1)
    stored = indices @ back[:3, :3].T + back[:3, 3]
    assert np.abs(stored - np.round(stored)).max() < 1e-3
    i, j, k = np.moveaxis(np.round(stored).astype(int), -1, 0)
    assert np.array_equal(volume.data, values[i, j, k], equal_nan=True)
    assert nibabel.aff2axcodes(volume.affine) == ("I", "P", "L")


# --- real files -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "words"), REFUSED.items())
def test_a_real_file_that_is_no_volume_is_refused_with_the_reason(shared: Path, name: str, words: str) -> None:
    assert words in refusal(shared / "data/hostile/nifti" / name)


@pytest.mark.parametrize("name", READ)
def test_a_real_odd_file_is_read_as_nibabel_reads_it(shared: Path, name: str) -> None:
    assert_equal_to_nibabel(shared / "data/hostile/nifti" / name)


def test_a_real_colour_file_is_read_with_its_colours(shared: Path) -> None:
    assert_equal_to_nibabel(shared / "data/hostile/nifti/ct_perfusion.nii.gz")


@pytest.mark.parametrize("name", ["draw.nii.gz", "labels256.nii.gz"])
def test_a_real_label_map_is_recognised(shared: Path, name: str) -> None:
    (finding,) = read_nifti(shared / "data/hostile/nifti" / name).findings
    assert finding.level == "warn"
    assert "label map" in finding.sentence


def test_a_real_volume_in_48_orders_is_one_and_the_same(shared: Path) -> None:
    paths = sorted((shared / "data/hostile/nifti/orient48").glob("*.nii.gz"))
    assert len(paths) == 48
    first = read_nifti(paths[0])
    for path in paths:
        volume = read_nifti(path)
        assert "".join(volume.stored_axes) == path.name.split(".")[0]
        assert np.array_equal(volume.data, first.data)
        assert np.allclose(volume.affine, first.affine, rtol=0, atol=1e-4)


def test_every_real_volume_is_read_as_nibabel_reads_it(shared: Path) -> None:
    paths = sorted((shared / "data/volumes").rglob("*.nii*"))
    assert len(paths) > 20
    for path in paths:
        assert_equal_to_nibabel(path)


def test_the_big_endian_spect_lies_on_the_same_grid_as_the_t1_beside_it(shared: Path) -> None:
    spect, t1 = (read_nifti(shared / f"data/volumes/mni2mm/spm_{name}.nii") for name in ("SPECT", "T1"))
    assert (spect.stored_axes, t1.stored_axes) == (("R", "A", "S"), ("L", "A", "S"))
    assert np.array_equal(spect.affine, t1.affine)
    assert (spect.modality, t1.modality) == ("NM", "MR")


# --- made up --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kept", "missing"), [("a.hdr", "a.img"), ("a.img", "a.hdr")])
def test_half_a_pair_is_refused_naming_the_missing_half(tmp_path: Path, kept: str, missing: str) -> None:
    save(tmp_path / "a.img", kind=nibabel.Nifti1Pair)
    (tmp_path / missing).unlink()
    assert missing in refusal(tmp_path / kept)


def test_a_pair_with_short_voxels_is_refused(tmp_path: Path) -> None:
    save(tmp_path / "a.img", kind=nibabel.Nifti1Pair)
    (tmp_path / "a.img").write_bytes((tmp_path / "a.img").read_bytes()[:-1])
    assert "419 of 420 bytes" in refusal(tmp_path / "a.hdr")


@pytest.mark.parametrize("kind", [nibabel.AnalyzeImage, nibabel.Spm99AnalyzeImage])
def test_analyze_is_refused_because_it_does_not_know_left_from_right(tmp_path: Path, kind: type) -> None:
    kind(voxels(), None).to_filename(tmp_path / "a.img")
    assert "orientation unknown" in refusal(tmp_path / "a.hdr")


@pytest.mark.parametrize("size", [0, 1, 2, 100, 347])
@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz", "a.hdr"])
def test_a_stub_is_refused(tmp_path: Path, name: str, size: int) -> None:
    (tmp_path / "a.img").touch()
    write(tmp_path / name, bytes(size))
    assert "again" in refusal(tmp_path / name)


@pytest.mark.parametrize("content", [b"", b"\x1f\x8b", b"\x1f\x8b\x08\0\0\0\0\0\0\xff", b"hello" * 200])
def test_anything_named_gz_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.nii.gz").write_bytes(content)
    refusal(tmp_path / "a.nii.gz")


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    assert "Check its name" in refusal(tmp_path / "no.nii")
    (tmp_path / "folder.nii").mkdir()
    refusal(tmp_path / "folder.nii")


@pytest.mark.parametrize(
    "fields",
    [
        {"datatype": 0},
        {"datatype": 1},
        {"datatype": 2304},
        {"datatype": 1536},
        {"datatype": 9999},
        {"vox_offset": 0.0},
        {"vox_offset": 1e30},
        {"vox_offset": float("nan")},
        {"vox_offset": 352.5},
        {"quatern_b": 7.0, "sform_code": 0},
        {"quatern_b": float("nan"), "sform_code": 0},
        {"srow_z3": float("inf"), "qform_code": 0},
        {"srow_z3": float("inf"), "quatern_b": 7.0},
        {"srow_z3": 0.0, "sform_code": 4},
        {"intent_code": 3001},
        {"intent_code": 1008},
    ],
    ids=str,
)
def test_a_header_field_that_cannot_be_is_refused(tmp_path: Path, fields: dict[str, float]) -> None:
    refusal(patch(save(tmp_path / "a.nii"), **fields))


def test_a_wrong_size_of_a_voxel_is_warned_of(tmp_path: Path) -> None:
    volume = read_nifti(patch(save(tmp_path / "a.nii"), bitpix=8))
    assert [finding.level for finding in volume.findings] == ["warn"]
    assert np.sort(volume.data.ravel()).tolist() == voxels().ravel().tolist()


def test_a_label_map_by_its_header_is_warned_of(tmp_path: Path) -> None:
    volume = read_nifti(patch(save(tmp_path / "a.nii"), intent_code=1002))
    assert [finding.value for finding in volume.findings] == ["labels"]


def test_a_pixdim_0_of_zero_means_one(tmp_path: Path) -> None:
    path = patch(save(tmp_path / "a.nii", sform=0), pixdim0=0.0)
    volume = read_nifti(path)
    assert volume.stored_axes == ("R", "A", "S")
    assert world_values(volume.data, volume.affine) == world_values(voxels(), nibabel.load(path).affine)


def test_a_decompression_bomb_is_refused_quickly_and_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "bomb.nii.gz"
    start = plain(save(path))
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(start)
        for _ in range(128):
            file.write(bytes(2**20))
    before, clock = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    assert "does not end" in refusal(path)
    assert time.perf_counter() - clock < 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024


def test_random_damage_never_ends_in_anything_but_a_volume_or_a_sentence(tmp_path: Path) -> None:
    path, rng = tmp_path / "a.nii", np.random.default_rng(7)
    good = save(tmp_path / "good.nii").read_bytes()
    for _ in range(500):
        content = bytearray(good)
        for at in rng.integers(0, 352, rng.integers(1, 5)):
            content[at] = rng.integers(0, 256)
        path.write_bytes(bytes(content))
        volume, sentence = _outcome(path)
        if volume is None:
            assert str(path) in sentence
            assert "\n" not in sentence
        elif not volume.is_rgb:
            values = np.asarray(nibabel.load(path).dataobj).astype(np.float32)
            assert np.array_equal(np.sort(volume.data.ravel()), np.sort(values.ravel()), equal_nan=True)
            if all(finding.level == "ok" for finding in volume.findings):
                # what nobody was warned of lies where nibabel and all others put it
                assert_equal_to_nibabel(path)


def _outcome(path: Path) -> tuple[Volume | None, str]:
    try:
        return read_nifti(path), ""
    except RefusedError as error:
        return None, str(error)


def test_a_file_is_listed_by_its_header_alone(tmp_path: Path) -> None:
    path = save(tmp_path / "a_T1w.nii.gz")
    cut(path, 20)  # which reading would refuse
    (listed,) = list_nifti(path)
    assert (listed.name, listed.modality, listed.shape, listed.spacing) == ("a_T1w", "MR", (7, 6, 5), (4, 3, 2))
    assert listed.parts == ("",)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    path = save(tmp_path / "a.nii")
    path.chmod(0)
    assert "rights" in refusal(path)
