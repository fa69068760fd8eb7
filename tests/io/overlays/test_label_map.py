from dataclasses import replace
from pathlib import Path

import nibabel
import numpy as np
import pytest

from napari_refusion.io.open import open_volume
from napari_refusion.io.overlays.label_map import write_label_map
from napari_refusion.io.overlays.label_names import MOST_BYTES, read_labels
from napari_refusion.io.overlays.overlay import Overlay
from napari_refusion.io.overlays.read import read_overlay
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.volume import Volume
from tests import nifti_files
from tests.drawn_sources import LIES, images_of, lesions, opened

LABELS = np.zeros(nifti_files.SHAPE, np.int16)
LABELS[1:3, 2:4, 3:6], LABELS[4, 5, 6] = 2, 7


def source_of(folder: Path) -> Volume:
    return open_volume(nifti_files.save(folder / "pet.nii.gz"), "PT")


def labelled(folder: Path, labels: np.ndarray = LABELS, table: str = "", **how: np.ndarray) -> Path:
    if table:
        (folder / "regions_dseg.tsv").write_text(table, encoding="utf-8")
    return nifti_files.save(folder / "regions_dseg.nii.gz", labels, **how)


def words(overlay: Overlay) -> str:
    return " ".join(f"{one.level}: {one.sentence} [{one.value}]" for one in overlay.findings)


def test_every_label_is_a_segment_with_the_name_and_colour_of_the_table_beside_it(tmp_path: Path) -> None:
    table = "index\tname\tcolor\n2\tLiver\t#ff8000\n7\tn/a\tn/a\n9\tSpleen\t#000000\n"
    source = source_of(tmp_path)
    overlay = read_overlay(labelled(tmp_path, table=table), source)
    assert [(one.number, one.name) for one in overlay.segments] == [(2, "Liver"), (7, "Label 7")]
    assert overlay.segments[0].colour == (1.0, 128 / 255, 0.0)
    assert overlay.segments[1].colour is None
    assert [one.voi.count for one in overlay.segments] == [12, 1]
    for one in overlay.segments:
        assert one.voi.grid.matches(source.grid)
        values = set(source.data[one.voi.box][one.voi.mask].tolist())
        assert values == set(nifti_files.voxels()[one.number == LABELS].tolist())
    assert "no voxel lies in Spleen" in words(overlay)


def test_labels_without_a_table_are_called_by_their_numbers(tmp_path: Path) -> None:
    overlay = read_overlay(labelled(tmp_path), source_of(tmp_path))
    assert [one.name for one in overlay.segments] == ["Label 2", "Label 7"]


def test_a_part_of_the_grid_and_the_other_order_of_axes_are_voxels_of_the_source(tmp_path: Path) -> None:
    """Cut at its first two voxels along each axis, and stored from left to right."""
    source = source_of(tmp_path)
    affine = nifti_files.RAS_2_3_4.copy()
    affine[:3, 3] += affine[:3, :3] @ (1, 2, 3)
    part = LABELS[1:, 2:, 3:]
    turned = affine @ np.array([[-1, 0, 0, part.shape[0] - 1], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], float)
    overlay = read_overlay(labelled(tmp_path, part[::-1].copy(), affine=turned), source)
    for one in overlay.segments:
        assert one.voi.grid.matches(source.grid)
        values = set(source.data[one.voi.box][one.voi.mask].tolist())
        assert values == set(nifti_files.voxels()[one.number == LABELS].tolist())


def test_another_grid_is_kept(tmp_path: Path) -> None:
    affine = nifti_files.RAS_2_3_4 @ np.diag([0.5, 0.5, 0.5, 1])
    overlay = read_overlay(labelled(tmp_path, affine=affine), source_of(tmp_path))
    assert overlay.segments[0].voi.grid.spacing == (2.0, 1.5, 1.0)
    assert "names no frame of reference" in words(overlay)


@pytest.mark.parametrize("lies", LIES)
def test_lesions_written_come_back_voxel_by_voxel_with_their_names(lies: str, tmp_path: Path) -> None:
    source = opened(tmp_path, images_of(lies))
    listed = lesions(source)
    path, table = write_label_map(listed, source, tmp_path / "lesions_dseg.nii.gz")
    assert table.read_text() == "index\tname\tcolor\n1\tNode\tn/a\n3\tLesion 3\tn/a\n"
    overlay = read_overlay(path, source)
    assert [(one.number, one.name) for one in overlay.segments] == [(1, "Node"), (3, "Lesion 3")]
    for one, lesion in zip(overlay.segments, listed, strict=True):
        assert one.voi.grid.matches(source.grid)
        np.testing.assert_array_equal(one.voi.whole(), lesion.voi.whole())
    # and by nibabel alone: each label lies where its voxels do
    image = nibabel.load(path)
    assert image.header.get_intent()[0] == "label"
    for lesion in listed:
        places = np.argwhere(np.asarray(image.dataobj) == lesion.number) @ image.affine[:3, :3].T + image.affine[:3, 3]
        own = lesion.voi.voxels @ source.affine[:3, :3].T + source.affine[:3, 3]
        assert {tuple(one) for one in np.round(places, 2) + 0.0} == {tuple(one) for one in np.round(own, 2) + 0.0}


def test_the_file_has_the_axes_of_the_sources_file(tmp_path: Path) -> None:
    source = source_of(tmp_path)
    path, _ = write_label_map(lesions(source), source, tmp_path / "out.nii")
    np.testing.assert_allclose(nibabel.load(path).affine, nifti_files.RAS_2_3_4)


def test_lesions_that_share_voxels_another_grid_and_none_at_all_are_refused(tmp_path: Path) -> None:
    source = source_of(tmp_path)
    listed = lesions(source, overlapping=True)
    for given, told in (
        (listed, "Write a DICOM SEG: Lesion 3 shares voxels with lesion 1"),
        ([], "Draw a lesion first"),
        ([replace(listed[0], source="00" * 32)], "is made of others"),
    ):
        with pytest.raises(RefusedError, match=told):
            write_label_map(given, source, tmp_path / "out.nii.gz")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pet.nii.gz"]


def test_nothing_is_replaced_without_being_told_to(tmp_path: Path) -> None:
    source = source_of(tmp_path)
    (tmp_path / "out.tsv").write_text("mine")
    with pytest.raises(RefusedError, match="already exists"):
        write_label_map(lesions(source), source, tmp_path / "out.nii.gz")
    assert not (tmp_path / "out.nii.gz").exists()
    assert (tmp_path / "out.tsv").read_text() == "mine"


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        (LABELS + np.float32(0.5), "labels are whole numbers"),
        (np.zeros_like(LABELS), "holds 0 labels"),
        (np.arange(9 * 20 * 20).reshape(9, 20, 20).astype(np.int16), "holds 3599 labels"),
    ],
)
def test_an_image_is_no_label_map(labels: np.ndarray, told: str, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=told):
        read_overlay(labelled(tmp_path, labels), source_of(tmp_path))


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("index\tname\n2\ta\n2\tb\n", "Name each label once"),
        ("number\tname\n2\ta\n", "in the column index"),
        ("index\tname\n2\t" + "a" * MOST_BYTES, "Shorten the table"),
        ("index\tname\n2\t\ud800\n", "damaged"),
    ],
    ids=["twice", "no index", "long", "not UTF-8"],
)
def test_a_table_that_is_none_is_refused(table: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "regions_dseg.tsv").write_bytes(table.encode("utf-8", "surrogatepass"))
    with pytest.raises(RefusedError, match=told):
        read_labels(tmp_path / "regions_dseg.nii.gz")


def test_a_label_map_of_several_volumes_is_refused_with_what_can_be_done_here(tmp_path: Path) -> None:
    nibabel.save(
        nibabel.Nifti1Image(np.stack([LABELS, LABELS], -1), np.diag([2.0, 2.0, 2.0, 1.0])), tmp_path / "two.nii"
    )
    with pytest.raises(RefusedError, match=r"Split two\.nii into label maps of one volume each"):
        read_overlay(tmp_path / "two.nii", source_of(tmp_path))


def test_the_labels_of_another_bids_subject_are_refused(tmp_path: Path) -> None:
    (tmp_path / "sub-01").mkdir()
    (tmp_path / "sub-02").mkdir()
    source = open_volume(nifti_files.save(tmp_path / "sub-01" / "sub-01_pet.nii.gz"), "PT")
    path = nifti_files.save(tmp_path / "sub-02" / "sub-02_dseg.nii.gz", LABELS)
    with pytest.raises(RefusedError, match="Choose this patient's overlay"):
        read_overlay(path, source)


def test_labels_stored_as_fractions_of_a_slope_are_the_whole_numbers_they_mean(tmp_path: Path) -> None:
    path = nifti_files.save(tmp_path / "scaled.nii.gz", LABELS, slope=(2.0, 0.0))
    assert [one.number for one in read_overlay(path, source_of(tmp_path)).segments] == [4, 14]
