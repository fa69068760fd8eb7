from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy.ndimage import gaussian_filter

from napari_refusion.fusion.difference import difference_of
from napari_refusion.numerics.intensity import Window
from napari_refusion.study.pairing import pair
from napari_refusion.study.study import Study
from napari_refusion.volume.acquisition import Acquisition, HeaderWindow
from napari_refusion.volume.chosen_window import UptakeScales
from napari_refusion.volume.finding import Finding, RefusedError, blocking
from napari_refusion.volume.origin import Origin, patient_mark
from napari_refusion.volume.rigid import RigidMove
from napari_refusion.volume.volume import Volume
from tests.phantoms import thigh_ct, thigh_pet

RNG = np.random.default_rng(3)
FLIPPED = np.array([[0, 0, -1.0, 0], [0, -1, 0, 0], [-1, 0, 0, 0], [0, 0, 0, 1]])
"""IPL axes, 1 mm."""


def volume(
    modality: str, step: float = 2.0, shape: tuple[int, ...] = (24, 24, 24), name: str = "", **more: object
) -> Volume:
    data = gaussian_filter(RNG.random(shape), [1.5 if size > 1 else 0 for size in shape]).astype(np.float32)
    grid = FLIPPED @ np.diag([step, step, step, 1.0])
    return replace(Volume(data, grid, modality, name=name or f"{modality}.nii"), **more)  # type: ignore[arg-type]


def found(study: Study, rule: str) -> list[Finding]:
    return [finding for finding in study.findings if finding.rule == rule]


def assert_same(one: Study, other: Study) -> None:
    assert one.reference == other.reference
    assert one.findings == other.findings
    assert_array_equal(one.covered, other.covered)
    for left, right in ((one.a.volume, other.a.volume), (one.b.volume, other.b.volume)):
        assert left.name == right.name
        assert_array_equal(left.data, right.data)
        assert_array_equal(left.affine, right.affine)


# (modality, step) of two volumes -> (a, b), whose grid
ORDERS = [
    # the three pairs of the weights, MRI last whatever was opened first; the anatomical grid even if it is coarser
    (("PT", 2.0), ("MR", 2.5), ("PT", "MR"), "b"),
    (("NM", 2.0), ("MR", 2.5), ("NM", "MR"), "b"),
    # two anatomical volumes: the finer one
    (("CT", 2.0), ("MR", 2.5), ("CT", "MR"), "a"),
    (("CT", 2.5), ("MR", 2.0), ("CT", "MR"), "b"),
    # equally fine (half a thousandth of rounding apart): the last
    (("CT", 2.0), ("MR", 2.0005), ("CT", "MR"), "b"),
    # the weights know no CT second, the order is by kind all the same
    (("PT", 2.0), ("CT", 2.5), ("PT", "CT"), "b"),
    (("NM", 2.0), ("CT", 2.5), ("NM", "CT"), "b"),
]


@pytest.mark.parametrize(("one", "other", "order", "reference"), ORDERS)
def test_order_and_grid_follow_from_the_modalities_not_from_the_clicks(
    one: tuple[str, float], other: tuple[str, float], order: tuple[str, str], reference: str
) -> None:
    first, second = volume(*one), volume(*other)

    study = pair(first, second)

    assert (study.a.volume.modality, study.b.volume.modality) == order
    assert study.reference == reference
    assert study.a.volume.shape == study.b.volume.shape == study.covered.shape
    assert_array_equal(study.a.volume.affine, study.b.volume.affine)
    assert_same(study, pair(second, first))


@pytest.mark.parametrize(
    ("one", "other", "order", "rule", "words"),
    [
        ("MR", "MR", ("MR", "MR"), "contrast", "contrast of MR.nii and MR.nii"),
        ("NM", "PT", ("PT", "NM"), "modality", "not trained for PET with SPECT"),
        ("CT", "CT", ("CT", "CT"), "modality", "not trained for CT with CT"),
        ("", "MR", ("MR", ""), "modality", "modality of .nii "),
        ("MR", "OT", ("MR", "OT"), "modality", "modality of OT.nii "),
        ("", "OT", None, "modality", ".nii and "),
    ],
)
def test_two_of_a_kind_and_unknown_ones_have_one_order_as_well_and_it_is_said(
    one: str, other: str, order: tuple[str, str] | None, rule: str, words: str
) -> None:
    first, second = volume(one), volume(other, 2.05)

    study = pair(first, second)

    (finding,) = found(study, rule)
    assert finding.level == "warn"
    assert words in finding.sentence
    if order is not None:
        assert (study.a.volume.modality, study.b.volume.modality) == order
    assert_same(study, pair(second, first))


def test_spect_with_ct_is_warned_about_and_pet_with_ct_is_what_the_card_says_was_trained() -> None:
    (spect,) = found(pair(volume("CT"), volume("NM")), "modality")
    (pet,) = found(pair(volume("CT"), volume("PT")), "modality")

    assert (spect.level, spect.value) == ("warn", "SPECT + CT")
    assert (pet.level, pet.value) == ("ok", "PET + CT")


@pytest.mark.parametrize("modality", ["CT", "PT", "NM"])
def test_the_pairs_of_the_weights_are_not_warned_about(modality: str) -> None:
    assert not found(pair(volume(modality), volume("MR")), "modality")


@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.uint16])
def test_whole_numbers_are_interpolated_and_subtracted_as_real_ones(kind: type) -> None:
    # x / 2 between 0 and 8 would be cut to whole numbers, and 3 - 5 in uint8 is 254
    ramp = np.broadcast_to(np.arange(24), (24, 24, 24)).astype(kind)
    pet, mri = volume("PT"), volume("MR")
    ct = replace(mri, data=ramp, modality="CT")
    half = replace(pet, affine=pet.affine @ np.diag([1, 1, 0.5, 1]))
    study = pair(ct, half, windows=("0,24", "0,1"), reference="second")
    moved = next(side.volume for side in study.sides if side.volume.modality == "CT")
    assert_array_equal(moved.data[5, 5], np.arange(24) / 2)
    early, late = replace(pet, data=ramp), replace(pet, data=ramp[..., ::-1].copy())
    assert difference_of(pair(early, late)).volume.data.min() == -23


def test_voxels_that_are_no_real_numbers_are_refused() -> None:
    mri = volume("MR")
    with pytest.raises(RefusedError, match=r"Convert MR.nii to real numbers first: its voxels are complex64"):
        pair(volume("PT"), replace(mri, data=mri.data.astype(np.complex64)))


def test_other_tasks_keep_the_given_order() -> None:
    infrared, visible = (volume("", shape=(1, 40, 50), is_photograph=True, name=name) for name in ("ir.png", "vi.png"))

    study = pair(visible, infrared, task="infrared_visible")

    assert (study.a.volume.name, study.b.volume.name) == ("vi.png", "ir.png")
    assert {finding.rule for finding in study.findings} == {"grid", "overlap", "registration"}


@pytest.mark.parametrize(("chosen", "reference"), [("first", "b"), ("second", "a")])
def test_the_reader_may_choose_the_grid_of_either_click(chosen: str, reference: str) -> None:
    mri, pet = volume("MR", 2.5), volume("PT", 2.0)

    study = pair(mri, pet, reference=chosen)  # type: ignore[arg-type]

    assert study.reference == reference
    assert study.a.volume.spacing == pytest.approx((2.5,) * 3 if chosen == "first" else (2.0,) * 3)


def test_of_two_volumes_without_anatomy_the_finer_grid_is_taken() -> None:
    assert pair(volume("PT", 3.0), volume("NM", 2.0)).reference == "b"
    assert pair(volume("PT", 2.0), volume("NM", 3.0)).reference == "a"


def test_a_picture_takes_the_place_of_the_volume_it_is_paired_with() -> None:
    picture, mri = volume("PT", shape=(1, 40, 50), is_photograph=True), volume("MR", 0.9, shape=(1, 40, 50))

    assert pair(picture, mri).reference == "b"
    assert pair(mri, picture).b.volume.spacing == pytest.approx((0.9,) * 3)


def test_fields_of_view_that_do_not_meet_block() -> None:
    far = volume("PT")
    far = replace(far, affine=far.affine + np.array([[0, 0, 0, 500.0], [0] * 4, [0] * 4, [0] * 4]))

    study = pair(far, volume("MR"))

    assert [finding.rule for finding in blocking(study.findings)] == ["overlap"]
    assert not study.covered.any()
    assert not found(study, "registration")


def test_less_than_half_covered_is_warned_about_with_the_share() -> None:
    # 24 columns of 2 mm; the PET starts 18 of them further left: 6 of 24 are covered
    pet = volume("PT")
    pet = replace(pet, affine=pet.affine + np.array([[0, 0, 0, -36.0], [0] * 4, [0] * 4, [0] * 4]))

    (finding,) = found(pair(pet, volume("MR")), "overlap")

    assert (finding.level, finding.value) == ("warn", "25%")


def test_full_overlap_is_ok() -> None:
    (finding,) = found(pair(volume("PT"), volume("MR")), "overlap")

    assert (finding.level, finding.value) == ("ok", "100%")


def test_a_volume_without_a_number_is_said_to_be_empty_and_not_to_lie_elsewhere() -> None:
    pet = volume("PT")

    findings = pair(pet.with_data(np.full_like(pet.data, np.nan), "pet", "PT", "SUVbw"), volume("MR")).findings

    assert "is empty" in next(one.sentence for one in findings if one.level == "block")
    assert not [one for one in findings if one.rule == "overlap"]


@pytest.mark.parametrize(
    ("one", "other", "warned"),
    [
        ("MNI 152", "scanner", True),
        ("scanner", "Talairach", True),
        ("MNI 152", "Talairach", True),  # not the same places: Lancaster et al., Hum Brain Mapp 2007
        ("MNI 152", "other template", True),
        ("MNI 152", "MNI 152", False),
        ("scanner", "scanner", False),
        ("MNI 152", "", False),  # aligned to something, which may be the template
    ],
)
def test_two_templates_or_one_and_a_patient_in_the_scanner_are_two_spaces(one: str, other: str, warned: bool) -> None:
    first, second = (volume(kind, acquisition=Acquisition(space=space)) for kind, space in (("MR", one), ("PT", other)))
    for study in (pair(first, second), pair(second, first)):
        found = [finding.level for finding in study.findings if finding.rule == "frame of reference"]
        assert found == ["warn"] * warned


def test_a_dicom_series_lies_in_the_scanner() -> None:
    series, template = volume("PT", frame_of_reference="1.2"), volume("MR", acquisition=Acquisition(space="MNI 152"))
    assert "frame of reference" in [finding.rule for finding in pair(series, template).findings]


@pytest.mark.parametrize(("one", "other", "count"), [("1.2", "1.3", 1), ("1.2", "1.2", 0), ("1.2", "", 0), ("", "", 0)])
def test_two_frames_of_reference_are_warned_about(one: str, other: str, count: int) -> None:
    study = pair(volume("PT", frame_of_reference=one), volume("MR", frame_of_reference=other))

    assert [finding.level for finding in found(study, "frame of reference")] == ["warn"] * count


def test_an_oblique_volume_is_mentioned_with_its_angle() -> None:
    turn = np.eye(4)
    turn[1:3, 1:3] = [[np.cos(0.2), -np.sin(0.2)], [np.sin(0.2), np.cos(0.2)]]
    mri = volume("MR")

    study = pair(volume("PT"), replace(mri, affine=turn @ mri.affine))

    (finding,) = found(study, "oblique")
    assert (finding.level, finding.value) == ("ok", "11.5 degrees")  # 0.2 radians


def test_a_sheared_reference_is_warned_about_and_a_sheared_moving_volume_is_not() -> None:
    # gantry tilt: each slice 2 mm down is also tan(15 degrees) * 2 mm further back
    shear = np.eye(4)
    shear[1, 2] = np.tan(np.radians(15))
    ct, mri = volume("CT", 2.0), volume("MR", 2.5)
    ct = replace(ct, affine=shear @ ct.affine)

    (finding,) = found(pair(ct, mri, reference="first"), "sheared")

    assert (finding.level, finding.value) == ("warn", "15.0 degrees")
    assert not found(pair(ct, mri, reference="second"), "sheared")


def test_the_same_file_twice_is_warned_about_once_and_its_findings_are_not_repeated() -> None:
    noticed = Finding("warn", "missing slice", "A slice is missing.")
    mri = volume("MR", origin=Origin(sha256="abc"), findings=(noticed,))

    study = pair(mri, mri)

    assert [finding.level for finding in found(study, "same file")] == ["warn"]
    assert study.findings.count(noticed) == 1


def test_volumes_without_a_hash_are_not_the_same_file() -> None:
    assert not found(pair(volume("PT"), volume("MR")), "same file")


@pytest.mark.parametrize(("value", "said"), [(0.0, "0"), (7.5, "7.5"), (np.nan, "no number")])
def test_an_empty_volume_blocks(value: float, said: str) -> None:
    pet = volume("PT")

    study = pair(replace(pet, data=np.full_like(pet.data, value)), volume("MR"))

    assert ("content", said) in {(finding.rule, finding.value) for finding in blocking(study.findings)}


@pytest.mark.parametrize("which", ["PT", "MR"])
@pytest.mark.parametrize("step", [2.0, 2.3], ids=["same grid", "resampled"])
def test_values_that_are_no_number_are_counted_and_never_reach_the_pair(which: str, step: float) -> None:
    pet, mri = volume("PT", step), volume("MR")
    damaged = pet if which == "PT" else mri
    damaged.data[12, 12, 10:13] = [np.nan, np.inf, -np.inf]

    study = pair(pet, mri)

    (finding,) = found(study, "content")
    assert (finding.level, finding.value) == ("warn", "3 values")
    assert f"{which}.nii" in finding.sentence
    assert np.isfinite(study.a.volume.data).all()
    assert np.isfinite(study.b.volume.data).all()
    assert not study.covered.all()


def test_the_readers_findings_come_along() -> None:
    gap, units = Finding("warn", "missing slice", "A slice is missing."), Finding("ok", "unit", "Becquerel.")

    study = pair(volume("MR", findings=(gap,)), volume("PT", findings=(units,)))

    assert study.findings[:2] == (units, gap)


def test_a_medical_pair_is_tested_for_registration() -> None:
    study = pair(volume("PT"), volume("MR"))

    assert found(study, "registration") or found(study, "laterality")


def test_photographs_of_two_sizes_are_refused() -> None:
    with pytest.raises(RefusedError, match="different sizes"):
        pair(volume("PT", shape=(1, 40, 50), is_photograph=True), volume("MR", shape=(1, 50, 40), is_photograph=True))


@pytest.mark.parametrize(("task", "warned"), [("medical", 1), ("multi_focus", 0)])
def test_colours_that_stand_for_values_are_warned_about_and_colours_of_a_scene_are_not(task: str, warned: int) -> None:
    random = np.random.default_rng(0)
    picture = Volume(random.random((1, 12, 12, 3), dtype=np.float32), np.eye(4), is_photograph=True)
    grey = Volume(random.random((1, 12, 12), dtype=np.float32), np.eye(4), is_photograph=True)
    assert len(found(pair(picture, grey, task=task), "colours")) == warned


@pytest.mark.parametrize("task", ["Medical", "medicl", ""])
def test_an_unknown_task_is_refused_with_the_known_ones_and_drops_no_check(task: str) -> None:
    with pytest.raises(RefusedError, match="medical, infrared_visible, multi_focus, multi_exposure"):
        pair(volume("MR"), volume("PT"), task=task)


def test_windows_moves_and_keys_go_with_their_volume_whatever_the_order() -> None:
    mri, pet = volume("MR"), volume("PT")
    for given, windows, keys in (
        ((mri, pet), (Window(0, 1), "0,9"), ("m", "p")),
        ((pet, mri), ("0,9", Window(0, 1)), ("p", "m")),
    ):
        study = pair(*given, windows=windows, keys=keys)
        assert study.windows == (Window(0, 9), Window(0, 1))
        assert study.side("p") is study.a
        assert study.a.source is pet


def test_a_constant_volume_is_a_blocking_finding_and_no_missing_window() -> None:
    flat = replace(volume("MR"), data=np.ones((24, 24, 24), np.float32))
    study = pair(flat, volume("PT"))
    assert [one.rule for one in blocking(study.findings)] == ["content"]
    with pytest.raises(RefusedError, match="is empty"):
        study.check()


@pytest.mark.parametrize(
    ("one", "other", "named"),
    [
        (("1",), ("2",), "Patient ID"),
        (("1", "", "19500211"), ("1", "", "19710305"), "Birth Date"),
        (("1", "", "19500211"), ("2", "", "19500211"), "Patient ID"),
    ],
)
def test_two_patients_are_blocked_until_a_reason_is_typed(
    one: tuple[str, ...], other: tuple[str, ...], named: str
) -> None:
    first = volume("MR", origin=Origin(patient=patient_mark(*one)))
    second = volume("PT", origin=Origin(patient=patient_mark(*other)))
    study = pair(first, second)

    (finding,) = blocking(study.findings)
    assert (finding.rule, finding.level) == ("patient", "block")
    assert named in finding.value
    assert not study.can_be_compared

    allowed = pair(first, second, two_patients="  phantom,\n not a patient ")
    allowed.check()
    (finding,) = found(allowed, "patient")
    assert finding.level == "warn"
    assert "phantom, not a patient" in finding.sentence
    assert allowed.two_patients == "phantom, not a patient"


@pytest.mark.parametrize("other", ["1", "", "ANONYMOUS", "0"])
def test_a_missing_identifier_is_not_another_patient_and_needs_no_reason(other: str) -> None:
    first, second = (
        volume(kind, origin=Origin(patient=patient_mark(who))) for kind, who in (("MR", "1"), ("PT", other))
    )
    assert not found(pair(first, second), "patient")
    assert pair(first, second, two_patients="just in case").two_patients == ""


def test_two_bids_subjects_are_two_patients() -> None:
    mri, pet = (
        volume(kind, origin=Origin((Path(name),)))
        for kind, name in (("MR", "sub-01_T1w.nii"), ("PT", "sub-02_pet.nii"))
    )
    assert [one.rule for one in blocking(pair(mri, pet).findings)] == ["patient"]
    same = replace(pet, origin=Origin((Path("sub-01/pet/sub-01_pet.nii"),)))
    assert not found(pair(mri, same), "patient")


@pytest.mark.parametrize("blank", [" ", "\n\t"])
def test_a_blank_reason_is_refused_even_where_none_is_needed(blank: str) -> None:
    with pytest.raises(RefusedError, match="Type why two patients"):
        pair(volume("MR"), volume("PT"), two_patients=blank)


def test_a_window_changes_alone() -> None:
    study = pair(volume("MR"), volume("PT"))
    changed = study.with_windows(b=Window(0, 2))
    assert changed.windows == (study.a.window, Window(0, 2))
    assert changed.b.volume is study.b.volume
    assert changed.covered is study.covered


@pytest.mark.parametrize(("columns", "level"), [(49, "warn"), (50, "ok"), (51, "ok")])
def test_half_of_the_grid_is_enough_overlap(columns: int, level: str) -> None:
    # 100 columns of 2 mm; the PET begins further to the patient's left, so only this many meet
    pet, mri = (volume(modality, shape=(4, 4, 100)) for modality in ("PT", "MR"))
    pet.affine[0, 3] = -2.0 * (100 - columns)

    (finding,) = found(pair(pet, mri), "overlap")

    assert (finding.level, finding.value) == (level, f"{columns}%")


@pytest.mark.parametrize(("step", "reference"), [(1.0009, "b"), (1.001, "b"), (1.0011, "a")])
def test_voxels_up_to_a_thousandth_larger_are_as_fine(step: float, reference: str) -> None:
    # a CT of 1 mm3 with an MRI whose slices alone are this many mm apart: its voxels have that many mm3
    ct, mri = (volume(modality, 1.0, shape=(6, 6, 6)) for modality in ("CT", "MR"))
    mri.affine[2, 0] = -step

    assert pair(ct, mri).reference == reference


@pytest.mark.parametrize(("degrees", "mentioned"), [(0.099, False), (0.101, True)])
def test_a_turn_by_less_than_a_tenth_of_a_degree_is_rounding(degrees: float, mentioned: bool) -> None:
    angle, turn = np.radians(degrees), np.eye(4)
    turn[1:3, 1:3] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    mri = volume("MR")

    assert bool(found(pair(volume("PT"), replace(mri, affine=turn @ mri.affine)), "oblique")) == mentioned


@pytest.mark.parametrize(("degrees", "warned"), [(0.099, False), (0.101, True)])
def test_a_tilt_of_the_gantry_below_a_tenth_of_a_degree_is_rounding(degrees: float, warned: bool) -> None:
    shear = np.eye(4)
    shear[1, 2] = np.tan(np.radians(degrees))
    ct = volume("CT", 2.0)

    study = pair(replace(ct, affine=shear @ ct.affine), volume("MR", 2.5), reference="first")

    assert bool(found(study, "sheared")) == warned


@pytest.mark.parametrize("reference", ["first", "second"])
def test_how_volumes_were_moved_follows_them_into_the_order_of_the_pair(reference: str) -> None:
    turn = tuple(tuple(float(value) for value in row) for row in np.eye(4))
    of_mri, of_pet = (RigidMove(name, "", turn, 0.0, 0.0, "", 0.0, 0.0, "") for name in ("MR.nii", "PT.nii"))
    mri, pet = volume("MR"), volume("PT")

    study = pair(mri, pet, reference=reference, moves=(of_mri, of_pet))  # type: ignore[arg-type]

    assert (study.a.volume.name, study.b.volume.name) == ("PT.nii", "MR.nii")
    assert (study.a.move, study.b.move) == (of_pet, of_mri)
    other = pair(pet, mri, moves=(of_pet, of_mri))
    assert (other.a.move, other.b.move) == (of_pet, of_mri)


def test_only_the_coloured_picture_is_named_for_its_colours() -> None:
    random = np.random.default_rng(0)
    coloured = Volume(random.random((1, 12, 12, 3), dtype=np.float32), np.eye(4), name="rgb", is_photograph=True)
    grey = Volume(random.random((1, 12, 12), dtype=np.float32), np.eye(4), name="grey", is_photograph=True)
    stored = replace(coloured, name="atlas", is_photograph=False)

    (finding,) = found(pair(coloured, grey), "colours")
    assert finding.sentence.startswith("rgb holds colours")
    assert not found(pair(stored, replace(grey, is_photograph=False)), "colours")


@pytest.mark.parametrize("reference", ["a", "b", "", "FIRST", 0])
def test_an_unknown_reference_is_refused_and_not_taken_for_the_automatic_one(reference: object) -> None:
    with pytest.raises(RefusedError, match=r"Use one of first, second: there is no reference"):
        pair(volume("PT"), volume("MR"), reference=reference)  # type: ignore[arg-type]


@pytest.mark.parametrize("windows", ["0,1", "", ("0,1",), ("", "", "")])
def test_other_than_two_windows_are_refused_in_one_sentence(windows: Sequence[str]) -> None:
    with pytest.raises(RefusedError, match="Give two windows"):
        pair(volume("PT"), volume("MR"), windows=windows)


@pytest.mark.parametrize("modality", ["PT", "NM"])
def test_a_body_beside_function_is_in_soft_tissue_whatever_its_header_says(modality: str) -> None:
    lung = Acquisition(windows=(HeaderWindow(Window(-1350, 150), "LUNG"),))
    ct = replace(thigh_ct(), acquisition=lung)
    for given in ((ct, replace(thigh_pet(), modality=modality)), (replace(thigh_pet(), modality=modality), ct)):
        study = pair(*given)
        assert (study.b.window, study.b.window_source) == (Window(-135, 215), "body beside PET or SPECT")
    assert pair(ct, replace(ct, modality="MR", unit="")).a.window_source == "header, LUNG"


@pytest.mark.parametrize(
    ("windows", "sources"),
    [
        (("", ""), ("SUV 0-7, preference", "content: body")),
        (("suv15", "0,80"), ("chosen, suv15", "chosen")),
        ((Window(0, 4), "bone"), ("chosen", "chosen, bone")),
    ],
)
def test_each_side_says_where_its_window_came_from(
    windows: tuple[Window | str, Window | str], sources: tuple[str, str]
) -> None:
    study = pair(thigh_pet(), thigh_ct(), windows=windows, scales=UptakeScales(body=7))
    assert tuple(side.window_source for side in study.sides) == sources
    assert study.with_windows(b=Window(0, 2)).b.window_source == "chosen"


def test_a_doubt_about_a_window_is_a_finding_of_the_pair() -> None:
    odd = Acquisition(windows=(HeaderWindow(Window(20000, 20400)),))
    assert found(pair(replace(thigh_ct(), acquisition=odd), thigh_pet()), "window fit")


@pytest.mark.parametrize("kind", [">f4", "<f8", ">f8", "f2"])
def test_voxels_of_any_floating_type_are_paired_as_those_of_a_file(kind: str) -> None:
    mri, pet = (volume(modality) for modality in ("MR", "PT"))
    mri = replace(mri, data=mri.data.astype("f2").astype(np.float32))  # what all of them can hold
    given = pair(replace(mri, data=mri.data.astype(kind)), pet)
    assert_same(given, pair(mri, pet))
    assert all(side.volume.data.dtype == np.float32 and side.volume.data.dtype.isnative for side in given.sides)


def test_values_beyond_what_is_computed_with_are_refused_with_the_largest() -> None:
    mri, pet = volume("MR"), volume("PT")
    data = mri.data.astype(np.float64)
    data[3, 3, 3] = -1e300
    with pytest.raises(RefusedError, match=r"^Scale MR\.nii to smaller numbers first: its voxels reach 1e\+300"):
        pair(replace(mri, data=data), pet)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_volume_without_voxels_is_refused(axis: int) -> None:
    mri, pet = volume("MR"), volume("PT")
    empty = replace(mri, data=np.take(mri.data, [], axis=axis))
    for pairing in ((empty, pet), (pet, empty)):
        with pytest.raises(RefusedError, match=r"^Export MR\.nii again: it holds no voxels"):
            pair(*pairing)
