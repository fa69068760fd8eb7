"""What napari calls because of the manifest: reader, writer, sample data."""

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from napari import Viewer

from napari_refusion.io.nifti.read import read_nifti
from napari_refusion.io.sample import SAMPLES, sample_folder
from napari_refusion.io.sealed import sealed
from napari_refusion.io.write import write_nifti
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.contributions import get_reader, open_sample, write_layer
from napari_refusion.widgets.layer_marks import KEY
from tests import dicom_series as phantom
from tests.widgets.made import layer_of, oblique


def save(volume: Volume, path: Path) -> list[str]:
    data, meta, _ = layer_of(volume).as_layer_data_tuple()
    return write_layer(str(path), data, meta)


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz", "a.hdr", "a.nrrd", "a.mha", "a.mhd", "a.DCM", "a.ima"])
def test_medical_files_are_claimed(name: str) -> None:
    assert get_reader(name) is not None


@pytest.mark.parametrize("name", ["a.tif", "a.png", "a.csv", "a.nii.txt", "a"])
def test_other_files_are_left_to_other_plugins(name: str) -> None:
    assert get_reader(name) is None
    assert get_reader(["a.nii", name]) is None


def test_a_folder_is_claimed_only_if_it_holds_dicom(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no DICOM")
    assert get_reader(str(tmp_path)) is None
    assert get_reader(str(sample_folder() / "mri_ct" / "ct_dicom")) is not None


def test_each_series_of_a_folder_becomes_a_layer(notes: list[str]) -> None:
    folder = str(sample_folder() / "mri_ct")
    reader = get_reader(folder)
    assert reader is not None
    layers = reader(folder)
    assert {properties["metadata"][KEY]["volume"].modality for _, properties, _ in layers} == {"CT", "MR"}


def test_what_is_refused_beside_a_good_file_is_a_warning_and_alone_an_error(
    mri: Volume, tmp_path: Path, notes: list[str]
) -> None:
    good, bad = tmp_path / "T1w.nii.gz", tmp_path / "bad.nii"
    write_nifti(mri, good)
    bad.write_bytes(b"nothing of the kind")
    reader = get_reader([str(good), str(bad)])
    assert reader is not None
    assert len(reader([str(good), str(bad)])) == 1
    assert any("bad.nii" in note for note in notes)
    with pytest.raises(RefusedError, match=r"bad\.nii"):
        reader(str(bad))


@pytest.mark.parametrize("ending", [".nii", ".nii.gz"])
def test_a_written_layer_is_read_back_in_its_true_place(mri: Volume, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"T1w{ending}"
    tilted = replace(mri, affine=oblique(20.0))
    assert save(tilted, path) == [str(path)]
    again = read_nifti(path)
    assert np.array_equal(again.data, mri.data)
    assert again.affine == pytest.approx(tilted.affine, abs=1e-4)


@pytest.mark.parametrize(("modality", "unit"), [("CT", "HU"), ("PT", "SUVbw"), ("MR", "")])
def test_a_saved_source_keeps_its_modality_and_unit_under_a_neutral_name(
    mri: Volume, tmp_path: Path, modality: str, unit: str
) -> None:
    save(replace(mri, modality=modality, unit=unit), tmp_path / "volume.nii.gz")
    again = read_nifti(tmp_path / "volume.nii.gz")
    assert (again.modality, again.unit) == (modality, unit)


@pytest.mark.parametrize(("modality", "unit"), [("CT", "HU"), ("PT", "SUVbw")])
def test_voxels_that_were_changed_are_not_said_to_be_in_the_unit_of_the_file(
    mri: Volume, tmp_path: Path, notes: list[str], modality: str, unit: str
) -> None:
    layer = layer_of(replace(mri, modality=modality, unit=unit))
    layer.data = (layer.data - layer.data.min()) / np.ptp(layer.data)
    data, meta, _ = layer.as_layer_data_tuple()
    write_layer(str(tmp_path / "volume.nii.gz"), data, meta)
    assert f"not said to be in {unit}" in notes[-1]
    again = read_nifti(tmp_path / "volume.nii.gz")
    assert (again.modality, again.unit) == (modality, "")


def test_the_name_of_a_layer_from_elsewhere_vouches_for_no_modality(mri: Volume, tmp_path: Path) -> None:
    write_layer(str(tmp_path / "volume.nii.gz"), mri.data, {"name": "outline of the pet"})
    assert read_nifti(tmp_path / "volume.nii.gz").modality == ""


@pytest.mark.parametrize("offered", ["T1w", "brain 2.5 mm", "Fused T1w + pet, 1 of 6 slices", "a.tif", "knee.NII"])
def test_a_layer_is_saved_under_the_name_that_napari_offers(mri: Volume, tmp_path: Path, offered: str) -> None:
    written = save(mri, tmp_path / offered)
    name = offered if offered == "knee.NII" else f"{offered}.nii.gz"
    assert written == [str(tmp_path / name)]
    assert np.array_equal(read_nifti(tmp_path / name).data, mri.data)


def test_a_name_that_is_made_longer_replaces_nothing_for_napari_has_not_asked(mri: Volume, tmp_path: Path) -> None:
    (tmp_path / "T1w.nii.gz").write_bytes(b"another scan")
    with pytest.raises(RefusedError) as error:
        save(mri, tmp_path / "T1w")
    assert (tmp_path / "T1w.nii.gz").read_bytes() == b"another scan"
    assert str(error.value).endswith(str(tmp_path / "T1w.nii.gz"))  # what to do comes first, the path last


@pytest.mark.parametrize("there", ["Fused.nii.gz", "Fused.json"])
def test_a_file_that_stays_is_told_of_in_words_of_the_window_and_the_remedy_works(
    mri: Volume, tmp_path: Path, there: str
) -> None:
    data, meta, _ = layer_of(mri).as_layer_data_tuple()
    meta["metadata"][KEY]["provenance"] = {"weights_sha256": "abc"}
    (tmp_path / there).write_text('{"weights_sha256": "former"}')
    with pytest.raises(RefusedError, match=r"type this one with \.nii\.gz to replace it") as error:
        write_layer(str(tmp_path / "Fused"), data, meta)
    assert "--" not in str(error.value)
    assert len(write_layer(str(tmp_path / "Fused.nii.gz"), data, meta)) == 2
    assert "former" not in (tmp_path / there).read_bytes().decode(errors="ignore")


def test_a_coloured_layer_is_saved_under_its_name_with_its_record(mri: Volume, tmp_path: Path) -> None:
    colours = replace(mri, data=np.repeat(mri.data[..., None] / mri.data.max(), 3, axis=-1).clip(0, 1))
    data, meta, _ = layer_of(colours).as_layer_data_tuple()
    meta["metadata"][KEY]["provenance"] = {"weights_sha256": "abc"}
    written = write_layer(str(tmp_path / "Coloured T1w + pet"), data, meta)
    assert [Path(one).name for one in written] == ["Coloured T1w + pet.nii.gz", "Coloured T1w + pet.json"]
    assert read_nifti(tmp_path / "Coloured T1w + pet.nii.gz").is_rgb


def test_save_all_layers_into_a_folder_uses_names_that_every_system_can_keep(
    viewer: Viewer, mri: Volume, tmp_path: Path
) -> None:
    """Windows keeps what stands behind a colon as a hidden stream of another file (Microsoft, Naming Files)."""
    for name in ("Fused: T1w + pet", 'PET <AC> "a*b?"'):
        data, meta, _ = layer_of(mri).as_layer_data_tuple()
        viewer.add_image(data, **(meta | {"name": name}))
    viewer.layers[0].metadata[KEY]["provenance"] = {"weights_sha256": "abc"}
    viewer.layers.save(str(tmp_path / "all"))
    written = {one.name for one in (tmp_path / "all").iterdir()}
    assert written == {"Fused T1w + pet.nii.gz", "Fused T1w + pet.json", "PET AC ab.nii.gz"}
    np.testing.assert_array_equal(read_nifti(tmp_path / "all" / "Fused T1w + pet.nii.gz").data, mri.data)


def test_beside_a_fused_layer_its_record_is_written_and_foreign_json_is_left_alone(
    mri: Volume, tmp_path: Path, notes: list[str]
) -> None:
    data, meta, _ = layer_of(mri).as_layer_data_tuple()
    meta["metadata"][KEY]["provenance"] = {"weights_sha256": "abc"}
    path, record = tmp_path / "fused.nii.gz", tmp_path / "fused.json"
    assert write_layer(str(path), data, meta) == [str(path), str(record)]
    assert write_layer(str(path), data, meta) == [str(path), str(record)]
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert json.loads(record.read_text()) == sealed({"weights_sha256": "abc", "files": {"fused.nii.gz": digest}})
    record.write_text('{"Modality": "MR"}')
    assert write_layer(str(path), data, meta) == [str(path)]
    assert record.read_text() == '{"Modality": "MR"}'
    assert notes


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_opens_as_two_layers(name: str) -> None:
    layers = open_sample(name)
    assert [kind for _, _, kind in layers] == ["image", "image"]


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    """A folder of DICOM files without endings."""
    return phantom.write(tmp_path / "scan", phantom.series())


def opened(paths: str | list[str]) -> list[tuple[int, ...]]:
    reader = get_reader(paths)
    assert reader is not None
    return [data.shape for data, _, _ in reader(paths)]


def test_files_of_one_series_are_one_layer_and_one_file_is_claimed_by_its_signature(
    scan: Path, notes: list[str]
) -> None:
    files = [str(path) for path in sorted(scan.iterdir())]
    assert opened(files) == [(8, 12, 10)]
    assert notes == []
    assert opened(files[0]) == [(1, 12, 10)]


def test_an_archive_and_a_folder_without_endings_are_claimed(scan: Path, tmp_path: Path) -> None:
    archive = shutil.make_archive(str(tmp_path / "a"), "zip", scan)
    assert opened(archive) == opened(str(scan)) == [(8, 12, 10)]
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("no DICOM")
    assert get_reader(shutil.make_archive(str(tmp_path / "b"), "zip", tmp_path / "notes")) is None


@pytest.mark.parametrize("kept", [0, 140, 300])
def test_a_damaged_last_slice_is_warned_of_as_on_the_command_line(scan: Path, notes: list[str], kept: int) -> None:
    last = scan / phantom.name_of(7)
    last.write_bytes(last.read_bytes()[:kept])
    assert opened(str(scan)) == [(7, 12, 10)]
    assert any(last.name in note for note in notes)
    notes.clear()
    assert opened([str(path) for path in scan.iterdir()]) == [(7, 12, 10)]
    assert any(last.name in note for note in notes)
