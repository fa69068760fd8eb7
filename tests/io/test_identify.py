"""What a file shows, by its name, its sidecar, and the user's word."""

import json
from pathlib import Path

import numpy as np
import pytest

from napari_refusion.io.formats import ending
from napari_refusion.io.identify import check_modality, identify, modality_from_name, stem
from napari_refusion.volume.finding import RefusedError

NOTHING = np.zeros((2, 2, 2), dtype=np.float32)


@pytest.mark.parametrize(
    ("name", "modality"),
    [
        ("sub-01_T1w.nii.gz", "MR"),
        ("sub-01_ses-2_acq-x_T2w.nii.gz", "MR"),
        ("sub-01_FLAIR.nii", "MR"),
        ("sub-01_pet.nii.gz", "PT"),
        ("sub-01_ct.nii.gz", "CT"),
        ("sub-01_spect.nii.gz", "NM"),
        ("sub-mr1_trc-FDG_pet.nii.gz", "PT"),
        ("spm_T1.nii", "MR"),
        ("brainMRI.nrrd", "MR"),
        ("head T2 FLAIR.nii", "MR"),
        ("T2FLAIR.nii", "MR"),
        ("CMB-06489_ADC.nii.gz", "MR"),
        ("sub-01_dwi.nii.gz", "MR"),
        ("case_t1ce.nii.gz", "MR"),
        ("derived_scct_HU.nii.gz", "CT"),
        ("CT.mha", "CT"),
        ("patient-fdg-3.nii", "PT"),
        ("c10_spect_rgb.nii.gz", "NM"),
        ("SUV.nii.gz", "PT"),
        ("case_SUVbw.nii", "PT"),
        ("sub-01_UNIT1.nii.gz", "MR"),
        ("sub-01_T1map.nii.gz", "MR"),
        ("sub-01_task-rest_bold.nii.gz", "MR"),
        ("SUVr.nii", ""),
        # No whole word: nothing is read into the middle of one.
        ("clinical_scct_cormack.nii", ""),
        ("effect.nii", ""),
        ("petra.nii", ""),
        ("act1.nii", ""),
        ("1.nii", ""),
        # Contrary words: nothing is guessed.
        ("PET-CT.nii", ""),
        ("alzT1_pet_rgb.nii.gz", ""),
        # BIDS puts the modality last, whatever else is said.
        ("sub-01_space-T1_pet.nii.gz", "PT"),
    ],
)
def test_the_modality_is_read_from_whole_words(name: str, modality: str) -> None:
    assert modality_from_name(Path("MRI") / name)[0] == modality


def test_contrary_words_are_reported_with_both() -> None:
    ((finding,),) = [modality_from_name(Path("PET-CT.nii"))[1]]
    assert finding.level == "warn"
    assert "CT and PET" in finding.sentence
    assert "Choose" in finding.sentence


@pytest.mark.parametrize(("given", "code"), [("mr", "MR"), ("PT", "PT"), (" ot ", "OT")])
def test_a_chosen_modality_is_one_of_five(given: str, code: str) -> None:
    assert check_modality(given) == code


@pytest.mark.parametrize("given", ["PET", "", "X", "MRI"])
def test_any_other_modality_is_refused_with_the_list(given: str) -> None:
    with pytest.raises(RefusedError, match=r"MR \(MRI\).*CT.*PT \(PET\).*NM \(SPECT\).*OT"):
        check_modality(given)


@pytest.mark.parametrize(
    ("name", "plain", "last"), [("a.b.nii.gz", "a.b", ".nii.gz"), ("A.NII.GZ", "A", ".nii.gz"), ("x", "x", "")]
)
def test_nii_gz_is_one_ending(name: str, plain: str, last: str) -> None:
    assert (stem(Path(name)), ending(Path(name))) == (plain, last)


@pytest.mark.parametrize(("stated", "unit"), [("Bq/mL", "Bq/ml"), ("SUVbw", "SUVbw"), ("SUV", "SUV"), ("counts", "")])
def test_the_sidecar_tells_modality_and_unit(tmp_path: Path, stated: str, unit: str) -> None:
    (tmp_path / "sub-1_x.json").write_text(json.dumps({"Modality": "PT", "Units": stated}))
    identity = identify(tmp_path / "sub-1_x.nii.gz", NOTHING)
    assert (identity.modality, identity.unit, identity.findings) == ("PT", unit, ())


def test_the_order_is_user_header_sidecar_name_and_a_contrary_name_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "a_T1w.nii"
    path.with_suffix(".json").write_text('{"Modality": "CT"}')
    by_sidecar, by_header, by_user = (
        identify(path, NOTHING),
        identify(path, NOTHING, stated="NM"),
        identify(path, NOTHING, stated="NM", chosen="pt"),
    )
    assert (by_sidecar.modality, by_header.modality, by_user.modality) == ("CT", "NM", "PT")
    assert "although its name suggests MRI" in by_user.findings[0].sentence


@pytest.mark.parametrize("content", ["{", "[1]", "\xff", "[" * 100_000])
def test_a_broken_sidecar_is_reported_and_left_out(tmp_path: Path, content: str) -> None:
    (tmp_path / "a_pet.json").write_bytes(content.encode("latin-1"))
    identity = identify(tmp_path / "a_pet.nii", NOTHING)
    assert identity.modality == "PT"
    assert [finding.rule for finding in identity.findings] == ["sidecar"]
    assert "a_pet.json" in identity.findings[0].sentence


@pytest.mark.parametrize(
    ("name", "low", "unit"),
    [("a_ct.nii", -1000.0, "HU"), ("a_ct.nii", -500.0, "HU"), ("a_ct.nii", -499.0, ""), ("a_ct_HU.nii", 0.0, "HU")],
)
def test_ct_is_in_hu_only_where_the_values_or_the_name_say_so(name: str, low: float, unit: str) -> None:
    identity = identify(Path(name), np.array([low, 200.0, np.nan]))
    assert (identity.modality, identity.unit) == ("CT", unit)
    assert [finding.rule for finding in identity.findings] == ([] if unit else ["unit"])


def _trunk(padding: float) -> np.ndarray:
    """A body of 40 HU with bone in air, and padding where nothing was measured."""
    rows, columns = np.mgrid[:64, :64] - 32
    away = np.hypot(rows, columns)
    plane = np.select([away < 4, away < 20, away < 30], [700.0, 40.0, -1000.0], padding)
    return np.stack([plane] * 8).astype(np.float32)


@pytest.mark.parametrize("name", ["a_ct.nii", "a_ct_HU.nii"])
@pytest.mark.parametrize("padding", [-1000.0, -2000.0, -3024.0])
def test_stored_values_of_a_ct_are_no_hu_whatever_the_name_and_the_padding_say(name: str, padding: float) -> None:
    good = identify(Path(name), _trunk(padding))
    assert (good.unit, good.findings) == ("HU", ())
    stored = _trunk(padding)
    stored[stored > -1001] += 1024  # the padding is often a value of its own and not shifted
    shifted = identify(Path(name), stored)
    assert shifted.unit == ""
    assert [(finding.rule, finding.value) for finding in shifted.findings] == [("unit", "HU + 1024")]


def test_a_piece_of_bone_is_still_in_hu() -> None:
    rng = np.random.default_rng(0)
    marrow, bone = rng.normal(20, 60, (20, 20, 12)), rng.uniform(200, 1500, (20, 20, 8))
    assert identify(Path("a_ct_HU.nii"), np.concatenate([marrow, bone], axis=2)).unit == "HU"


def test_ct_in_hu_by_its_sidecar_and_ct_by_choice_are_judged_alike(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"Units": "HU"}')
    assert identify(tmp_path / "a.nii", NOTHING, chosen="CT").unit == "HU"
    assert identify(tmp_path / "b.nii", NOTHING - 1000, chosen="CT").unit == "HU"


def test_a_ct_without_a_finite_value_has_no_unit() -> None:
    assert identify(Path("ct.nii"), np.full((2, 2, 2), np.nan)).unit == ""


@pytest.mark.parametrize("name", ["a_pet.nii", "a_T1w.nii", "a_spect.nii", "a.nii"])
def test_other_modalities_have_no_unit_of_their_own(name: str) -> None:
    assert identify(Path(name), NOTHING - 1000).unit == ""
