import json
from dataclasses import replace
from pathlib import Path

import nibabel
import numpy as np
import pytest
from nibabel.orientations import apply_orientation, inv_ornt_aff
from skimage.color import rgb2lab

from napari_refusion.fusion.baselines import VERSION
from napari_refusion.fusion.colouring import BRIGHTNESS_KEPT, HEADROOM, Legend
from napari_refusion.fusion.engine import hash_of
from napari_refusion.fusion.fuse import Fused, fuse_volume
from napari_refusion.fusion.preparation import plan_fusion, plan_with
from napari_refusion.fusion.torch_engine import TorchEngine
from napari_refusion.io.open import open_volume
from napari_refusion.io.write import write_nifti
from napari_refusion.numerics.headroom import TOP, lightness
from napari_refusion.numerics.intensity import Window
from napari_refusion.study.pairing import pair
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.origin import Origin
from napari_refusion.volume.rigid import RigidMove
from napari_refusion.volume.volume import Volume

WINDOWS = (Window(0, 10), Window(0, 910))


def fuse(first: Volume, second: Volume, windows: tuple[Window, Window], weights_file: str) -> Fused:
    study = pair(first, second, windows=windows)
    return fuse_volume(plan_fusion(study, weights_file), study)


@pytest.fixture
def fused(mri: Volume, pet: Volume, weights_file: str) -> Fused:
    return fuse(pet, mri, WINDOWS, weights_file)


def test_the_result_keeps_the_place_and_the_stored_order_of_the_reference(fused: Fused, mri: Volume) -> None:
    np.testing.assert_array_equal(fused.volume.affine, mri.affine)
    assert fused.volume.shape == mri.shape
    assert fused.volume.stored_axes == ("R", "A", "S")


def test_a_fused_value_claims_no_unit_and_no_modality(fused: Fused) -> None:
    assert (fused.volume.unit, fused.volume.modality) == ("", "OT")


def test_the_provenance_says_what_went_in(fused: Fused) -> None:
    record = json.loads(json.dumps(fused.record()))
    source = {
        "name": "source a, PET",
        "sha256": "b2",
        "modality": "PT",
        "unit": "SUVbw",
        "window": [0, 10],
        "move": None,
    }
    source["window_source"] = "chosen"
    assert record["a"] == source
    assert record["b"]["sha256"] == "a1"
    assert (record["reference"], record["axis"], record["weights"]) == ("b", "axial", "random.safetensors")
    assert "not for diagnosis" in record["notice"]
    assert fused.record(identified=True)["a"]["name"] == "FDG"
    assert "nameless" not in record


def test_a_volume_that_is_fused_without_a_network_has_the_name_of_the_rule_in_its_record(
    mri: Volume, pet: Volume
) -> None:
    study = pair(pet, mri, windows=WINDOWS)
    fused = fuse_volume(plan_fusion(study, engine="maximum"), study)
    expected = np.maximum(np.clip(pet.data / 10, 0, 1), np.clip(mri.data / 910, 0, 1))
    np.testing.assert_allclose(fused.volume.data, expected, atol=1e-6)
    record = fused.record()
    assert (record["task"], record["weights"], record["device"]) == ("medical", "maximum", "cpu")
    assert record["weights_sha256"] == hash_of("maximum", VERSION)
    assert list(record["versions"]) == ["napari-refusion", "torch", "python"]


def test_without_names_a_record_keeps_hashes_and_moves_and_nobody_s_name(fused: Fused) -> None:
    canary = "DOE^JANE"
    turn = tuple(tuple(float(value) for value in row) for row in np.eye(4))
    move = RigidMove(canary, canary, turn, 3.0, 1.0, "shifted by 3.0 mm", 0.2, 0.3, canary)
    record = fused.provenance
    named = replace(
        fused,
        provenance=replace(record, a=replace(record.a, name=canary, move=move), findings=(f"{canary} is oblique.",)),
        legend=replace(fused.legend, source=canary) if fused.legend else None,
    )
    assert canary in json.dumps(named.record(identified=True))
    nameless = named.record()
    assert canary not in json.dumps(nameless)
    assert nameless["a"]["sha256"] == record.a.sha256
    assert nameless["a"]["move"]["matrix"] == turn
    assert nameless["a"]["move"]["words"] == "shifted by 3.0 mm"


def test_clicking_the_sources_in_the_other_order_gives_the_identical_result(
    fused: Fused, mri: Volume, pet: Volume, weights_file: str
) -> None:
    other = fuse(mri, pet, WINDOWS[::-1], weights_file)
    np.testing.assert_array_equal(other.volume.data, fused.volume.data)


def test_the_coloured_result_is_brighter_where_the_fused_one_is_at_the_same_uptake(fused: Fused) -> None:
    """Without uptake there is no colour, and white is lowered to the lightness that leaves room for one."""
    assert fused.colour is not None
    no_uptake = np.ptp(fused.colour.data, axis=-1) < 1e-3
    shown = rgb2lab(fused.colour.data[no_uptake])[:, 0]
    np.testing.assert_allclose(shown, TOP / 100 * lightness(fused.volume.data[no_uptake]), atol=0.1)


def test_the_record_says_how_it_was_coloured(fused: Fused) -> None:
    assert fused.record()["legend"]["method"] == HEADROOM


def test_a_legend_of_an_earlier_version_says_that_brightness_was_kept(fused: Fused) -> None:
    old = {name: value for name, value in fused.record()["legend"].items() if name != "method"}
    assert Legend(**old).method == BRIGHTNESS_KEPT


def test_the_legend_is_in_the_unit_of_the_functional_source(fused: Fused) -> None:
    assert fused.legend is not None
    assert (fused.legend.source, fused.legend.unit, fused.legend.window) == ("FDG", "SUVbw", WINDOWS[0])
    assert fused.legend.in_words() == "hot_metal_blue from 0 to 10 SUVbw of FDG"
    assert fused.record()["legend"]["window"] == {"low": 0, "high": 10}


def test_two_anatomical_sources_stay_grey(mri: Volume, weights_file: str) -> None:
    ct = replace(mri, data=mri.data[::-1].copy(), modality="CT", unit="HU", name="CT", origin=Origin(sha256="c3"))
    result = fuse(ct, mri, (Window(0, 1000), Window(0, 910)), weights_file)
    assert result.colour is None
    assert result.legend is None


def test_a_coloured_source_lends_its_own_colours(mri: Volume, pet: Volume, weights_file: str) -> None:
    blue = np.zeros((*pet.shape, 3), np.float32)
    blue[..., 2] = 1
    result = fuse(replace(pet, data=blue), mri, (Window(0, 1), WINDOWS[1]), weights_file)
    assert result.colour is not None
    assert np.all(result.colour.data[..., 2] >= result.colour.data[..., 0] - 1e-6)


def all_orientations() -> list[np.ndarray]:
    """The 48 axis orders and flips as nibabel orientation arrays."""
    from itertools import permutations, product

    return [
        np.array(list(zip(axes, flips, strict=True)), dtype=float)
        for axes in permutations(range(3))
        for flips in product((1, -1), repeat=3)
    ]


def test_a_volume_stored_in_all_48_orders_fuses_to_the_identical_result_in_space(
    engine: TorchEngine, tmp_path: Path
) -> None:
    """Store the same MRI 48 times, fuse each with the same PET, write, and read back by nibabel alone."""
    random = np.random.default_rng(3)
    affine = np.array([[1.5, 0, 0, -4], [0, 2.0, 0, -8], [0, 0, 2.5, 3], [0, 0, 0, 1]])
    data = random.integers(1, 900, (6, 5, 4)).astype(np.int16)
    pet_affine = np.array([[-3.0, 0, 0, 6], [0, 3.0, 0, -9], [0, 0, 3.0, 2], [0, 0, 0, 1]])
    save(tmp_path / "pet.nii", random.random((4, 4, 4), dtype=np.float32), pet_affine)
    pet = open_volume(tmp_path / "pet.nii", "PT")
    results = []
    for number, orientation in enumerate(all_orientations()):
        stored = tmp_path / f"mri_{number}.nii"
        save(stored, apply_orientation(data, orientation), affine @ inv_ornt_aff(orientation, data.shape))
        study = pair(pet, open_volume(stored, "MR"), windows=(Window(0, 1), WINDOWS[1]))
        result = fuse_volume(plan_with(engine, study, "axial"), study)
        written = tmp_path / f"fused_{number}.nii.gz"
        write_nifti(result.volume, written)
        image = nibabel.load(written)
        assert nibabel.aff2axcodes(image.affine) == nibabel.aff2axcodes(nibabel.load(stored).affine)
        results.append(nibabel.as_closest_canonical(image))
    assert len(results) == 48
    for result in results:
        np.testing.assert_array_equal(result.affine, results[0].affine)
        np.testing.assert_array_equal(result.get_fdata(), results[0].get_fdata())
    np.testing.assert_allclose(results[0].affine, affine, atol=1e-6)


def save(path: Path, data: np.ndarray, affine: np.ndarray) -> None:
    image = nibabel.Nifti1Image(np.ascontiguousarray(data), affine)
    image.set_qform(affine, code=1)
    image.set_sform(affine, code=1)
    image.to_filename(path)


@pytest.mark.parametrize("kept", [0, 3])
def test_a_progress_that_keeps_slices_back_leaves_no_black_ones(mri: Volume, pet: Volume, kept: int) -> None:
    study = pair(pet, mri, windows=WINDOWS)
    with pytest.raises(RefusedError, match=rf"{kept} of \d+ slices were fused"):
        fuse_volume(plan_fusion(study, engine="average"), study, progress=lambda steps: list(steps)[:kept])
