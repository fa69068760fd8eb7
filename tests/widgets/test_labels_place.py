"""Layers of labels saved by napari: where an image of the same voxels lies, read again as a label map."""

from dataclasses import replace
from pathlib import Path

import nibabel
import numpy as np
import pytest
from napari import Viewer
from napari.layers import Labels

from napari_refusion.io.nifti.read import read_nifti
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.grid import Grid
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.contributions import write_labels
from napari_refusion.widgets.labels_place import DRAWN_ON, LabelsPlace, labels_of
from napari_refusion.widgets.layer_marks import KEY
from napari_refusion.widgets.world import drawn_matrix
from tests.widgets.made import layer_of, oblique


def painted(volume: Volume, dtype: type = np.uint8) -> np.ndarray:
    """Two labels in opposite corners, of unequal sizes: a mirrored or exchanged axis shows."""
    labels = np.zeros(volume.shape, dtype)
    labels[0, 0, 0], labels[-2:, -1, -3:] = 7, 2
    return labels


def on_grid(volume: Volume, data: np.ndarray, **further: object) -> Labels:
    drawn = drawn_matrix(volume.grid)
    return Labels(data, name="Labels", scale=np.diag(drawn)[:3], translate=drawn[:3, 3], units=("mm",) * 3, **further)


def test_labels_of_a_brush_are_saved_by_napari_where_the_image_under_them_lies(
    viewer: Viewer, mri: Volume, tmp_path: Path
) -> None:
    tilted = replace(mri, affine=oblique(20.0), modality="MR")
    viewer.add_layer(layer_of(tilted))
    viewer.add_layer(on_grid(tilted, painted(mri)))
    written = viewer.layers["Labels"].save(str(tmp_path / "Labels.nii.gz"))
    assert written == [str(tmp_path / "Labels.nii.gz")]
    again = read_nifti(tmp_path / "Labels.nii.gz")
    assert np.array_equal(again.data, painted(mri))
    assert again.affine == pytest.approx(tilted.affine, abs=1e-4)
    assert (again.modality, again.unit) == ("", "")
    assert any("by its header it is a label map" in one.sentence for one in again.findings)
    header = nibabel.load(tmp_path / "Labels.nii.gz").header
    assert header.get_data_dtype().kind == "i"
    assert bytes(header["descrip"]).decode().strip("\0") == "ReFusion RESEARCH ONLY, labels on the grid of MRI"


@pytest.mark.parametrize("name", ["Lesions", "Lesions: 2 of 3"])
def test_all_layers_go_into_a_folder_labels_among_them(viewer: Viewer, mri: Volume, tmp_path: Path, name: str) -> None:
    viewer.add_layer(layer_of(mri))
    viewer.add_layer(on_grid(mri, painted(mri)))
    viewer.layers["Labels"].name = name
    viewer.layers.save(str(tmp_path / "all"))
    assert {one.name.replace(":", "") for one in (tmp_path / "all").iterdir() if "Lesions" in one.name} == {
        f"{name.replace(':', '')}.nii.gz"
    }


def test_lesions_lie_where_the_file_of_their_source_puts_them_also_after_a_registration(mri: Volume) -> None:
    moved = Grid(mri.shape, mri.affine.copy())
    moved.affine[:3, 3] += (5.0, -3.0, 2.0)
    place = LabelsPlace(moved, mri.grid, ("R", "A", "S"), ("PT",))
    layer = on_grid(replace(mri, affine=moved.affine), painted(mri), metadata={KEY: {"lesions": True, DRAWN_ON: place}})
    labels, volume, described = labels_of(layer, [])
    assert np.array_equal(labels, painted(mri))
    assert np.array_equal(volume.affine, mri.affine)
    assert volume.stored_axes == ("R", "A", "S")
    assert described.endswith("labels drawn on PET")


def test_labels_on_no_image_are_taken_as_they_are_seen_and_that_is_said(
    mri: Volume, tmp_path: Path, notes: list[str]
) -> None:
    data, meta, _ = Labels(painted(mri, np.int64), scale=(3.0, 2.0, 1.0)).as_layer_data_tuple()
    write_labels(str(tmp_path / "Labels.nii"), data, meta)
    again = read_nifti(tmp_path / "Labels.nii")
    assert np.array_equal(again.data, painted(mri))
    assert again.grid.spacing == pytest.approx((3.0, 2.0, 1.0))
    assert "taken as displayed" in notes[-1]


@pytest.mark.parametrize(
    ("data", "said"),
    [(np.zeros((2, 3, 4, 5), np.uint8), "one volume"), (np.full((3, 4, 5), 2**24, np.int64), "smaller numbers")],
)
def test_what_a_label_map_cannot_hold_is_refused_with_the_remedy_and_nothing_is_written(
    tmp_path: Path, data: np.ndarray, said: str
) -> None:
    with pytest.raises(RefusedError, match=said):
        write_labels(str(tmp_path / "Labels.nii.gz"), data, {"name": "Labels"})
    assert not list(tmp_path.iterdir())


def test_a_name_that_napari_has_not_asked_about_replaces_nothing(mri: Volume, tmp_path: Path) -> None:
    (tmp_path / "Labels.nii.gz").write_bytes(b"another")
    with pytest.raises(RefusedError, match=r"type this one with \.nii\.gz"):
        write_labels(str(tmp_path / "Labels"), painted(mri), {"name": "Labels"})
    assert (tmp_path / "Labels.nii.gz").read_bytes() == b"another"
