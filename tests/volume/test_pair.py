from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy.ndimage import gaussian_filter

from napari_refusion.volume.finding import Finding, RefusedError, blocking
from napari_refusion.volume.pair import Pair, pair_volumes
from napari_refusion.volume.rigid import RigidMove
from napari_refusion.volume.volume import Volume

RNG = np.random.default_rng(3)
FLIPPED = np.array([[0, 0, -1.0, 0], [0, -1, 0, 0], [-1, 0, 0, 0], [0, 0, 0, 1]])
"""IPL axes, 1 mm."""


def volume(
    modality: str, step: float = 2.0, shape: tuple[int, ...] = (24, 24, 24), name: str = "", **more: object
) -> Volume:
    data = gaussian_filter(RNG.random(shape), [1.5 if size > 1 else 0 for size in shape]).astype(np.float32)
    grid = FLIPPED @ np.diag([step, step, step, 1.0])
    return replace(Volume(data, grid, modality, name=name or f"{modality}.nii"), **more)  # type: ignore[arg-type]


def found(pair: Pair, rule: str) -> list[Finding]:
    return [finding for finding in pair.findings if finding.rule == rule]


def assert_same(one: Pair, other: Pair) -> None:
    assert one.reference == other.reference
    assert one.findings == other.findings
    assert_array_equal(one.covered, other.covered)
    for left, right in ((one.a, other.a), (one.b, other.b)):
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

    pair = pair_volumes(first, second)

    assert (pair.a.modality, pair.b.modality) == order
    assert pair.reference == reference
    assert pair.a.grid == pair.b.grid == pair.covered.shape
    assert_array_equal(pair.a.affine, pair.b.affine)
    assert_same(pair, pair_volumes(second, first))


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        # two of a kind, two functional ones, and unknown ones: no order is known
        ("MR", "MR", "not trained for"),
        ("PT", "NM", "not trained for"),
        ("", "MR", "modality of .nii is not known"),
        ("MR", "OT", "modality of OT.nii is not known"),
        ("", "US", "modality of .nii and US.nii is not known"),
    ],
)
def test_without_a_known_order_the_given_one_is_kept_and_said(one: str, other: str, words: str) -> None:
    first, second = volume(one), volume(other)

    for pair, given in ((pair_volumes(first, second), (one, other)), (pair_volumes(second, first), (other, one))):
        assert (pair.a.modality, pair.b.modality) == given
        (finding,) = found(pair, "modality")
        assert finding.level == "warn"
    assert words in found(pair_volumes(first, second), "modality")[0].sentence


def test_pet_with_ct_is_warned_about() -> None:
    (finding,) = found(pair_volumes(volume("CT"), volume("PT")), "modality")

    assert (finding.level, finding.value) == ("warn", "PET + CT")


@pytest.mark.parametrize("modality", ["CT", "PT", "NM"])
def test_the_pairs_of_the_weights_are_not_warned_about(modality: str) -> None:
    assert not found(pair_volumes(volume(modality), volume("MR")), "modality")


def test_other_tasks_keep_the_given_order_and_are_not_tested_for_registration() -> None:
    infrared, visible = (volume("", shape=(1, 40, 50), is_photograph=True, name=name) for name in ("ir.png", "vi.png"))

    pair = pair_volumes(visible, infrared, task="infrared-visible")

    assert (pair.a.name, pair.b.name) == ("vi.png", "ir.png")
    assert {finding.rule for finding in pair.findings} == {"grid", "overlap"}


@pytest.mark.parametrize(("chosen", "reference"), [("first", "b"), ("second", "a")])
def test_the_reader_may_choose_the_grid_of_either_click(chosen: str, reference: str) -> None:
    mri, pet = volume("MR", 2.5), volume("PT", 2.0)

    pair = pair_volumes(mri, pet, reference=chosen)  # type: ignore[arg-type]

    assert pair.reference == reference
    assert pair.a.spacing == pytest.approx((2.5,) * 3 if chosen == "first" else (2.0,) * 3)


def test_of_two_volumes_without_anatomy_the_finer_grid_is_taken() -> None:
    assert pair_volumes(volume("PT", 3.0), volume("NM", 2.0)).reference == "b"
    assert pair_volumes(volume("PT", 2.0), volume("NM", 3.0)).reference == "a"


def test_a_picture_takes_the_place_of_the_volume_it_is_paired_with() -> None:
    picture, mri = volume("PT", shape=(1, 40, 50), is_photograph=True), volume("MR", 0.9, shape=(1, 40, 50))

    assert pair_volumes(picture, mri).reference == "b"
    assert pair_volumes(mri, picture).b.spacing == pytest.approx((0.9,) * 3)


def test_fields_of_view_that_do_not_meet_block() -> None:
    far = volume("PT")
    far = replace(far, affine=far.affine + np.array([[0, 0, 0, 500.0], [0] * 4, [0] * 4, [0] * 4]))

    pair = pair_volumes(far, volume("MR"))

    assert [finding.rule for finding in blocking(pair.findings)] == ["overlap"]
    assert not pair.covered.any()
    assert not found(pair, "registration")


def test_less_than_half_covered_is_warned_about_with_the_share() -> None:
    # 24 columns of 2 mm; the PET starts 18 of them further left: 6 of 24 are covered
    pet = volume("PT")
    pet = replace(pet, affine=pet.affine + np.array([[0, 0, 0, -36.0], [0] * 4, [0] * 4, [0] * 4]))

    (finding,) = found(pair_volumes(pet, volume("MR")), "overlap")

    assert (finding.level, finding.value) == ("warn", "25%")


def test_full_overlap_is_ok() -> None:
    (finding,) = found(pair_volumes(volume("PT"), volume("MR")), "overlap")

    assert (finding.level, finding.value) == ("ok", "100%")


@pytest.mark.parametrize(("one", "other", "count"), [("1.2", "1.3", 1), ("1.2", "1.2", 0), ("1.2", "", 0), ("", "", 0)])
def test_two_frames_of_reference_are_warned_about(one: str, other: str, count: int) -> None:
    pair = pair_volumes(volume("PT", frame_of_reference=one), volume("MR", frame_of_reference=other))

    assert [finding.level for finding in found(pair, "frame of reference")] == ["warn"] * count


def test_an_oblique_volume_is_mentioned_with_its_angle() -> None:
    turn = np.eye(4)
    turn[1:3, 1:3] = [[np.cos(0.2), -np.sin(0.2)], [np.sin(0.2), np.cos(0.2)]]
    mri = volume("MR")

    pair = pair_volumes(volume("PT"), replace(mri, affine=turn @ mri.affine))

    (finding,) = found(pair, "oblique")
    assert (finding.level, finding.value) == ("ok", "11.5 degrees")  # 0.2 radians


def test_a_sheared_reference_is_warned_about_and_a_sheared_moving_volume_is_not() -> None:
    # gantry tilt: each slice 2 mm down is also tan(15 degrees) * 2 mm further back
    shear = np.eye(4)
    shear[1, 2] = np.tan(np.radians(15))
    ct, mri = volume("CT", 2.0), volume("MR", 2.5)
    ct = replace(ct, affine=shear @ ct.affine)

    (finding,) = found(pair_volumes(ct, mri, reference="first"), "sheared")

    assert (finding.level, finding.value) == ("warn", "15.0 degrees")
    assert not found(pair_volumes(ct, mri, reference="second"), "sheared")


def test_the_same_file_twice_is_warned_about_once_and_its_findings_are_not_repeated() -> None:
    noticed = Finding("warn", "gap", "A slice is missing.")
    mri = volume("MR", sha256="abc", findings=(noticed,))

    pair = pair_volumes(mri, mri)

    assert [finding.level for finding in found(pair, "same file")] == ["warn"]
    assert pair.findings.count(noticed) == 1


def test_volumes_without_a_hash_are_not_the_same_file() -> None:
    assert not found(pair_volumes(volume("PT"), volume("MR")), "same file")


@pytest.mark.parametrize(("value", "said"), [(0.0, "0"), (7.5, "7.5"), (np.nan, "no number")])
def test_an_empty_volume_blocks(value: float, said: str) -> None:
    pet = volume("PT")

    pair = pair_volumes(replace(pet, data=np.full_like(pet.data, value)), volume("MR"))

    assert ("content", said) in {(finding.rule, finding.value) for finding in blocking(pair.findings)}


@pytest.mark.parametrize("which", ["PT", "MR"])
@pytest.mark.parametrize("step", [2.0, 2.3], ids=["same grid", "resampled"])
def test_values_that_are_no_number_are_counted_and_never_reach_the_pair(which: str, step: float) -> None:
    pet, mri = volume("PT", step), volume("MR")
    damaged = pet if which == "PT" else mri
    damaged.data[12, 12, 10:13] = [np.nan, np.inf, -np.inf]

    pair = pair_volumes(pet, mri)

    (finding,) = found(pair, "content")
    assert (finding.level, finding.value) == ("warn", "3 values")
    assert f"{which}.nii" in finding.sentence
    assert np.isfinite(pair.a.data).all()
    assert np.isfinite(pair.b.data).all()
    assert not pair.covered.all()


def test_the_readers_findings_come_along() -> None:
    gap, units = Finding("warn", "gap", "A slice is missing."), Finding("ok", "unit", "Becquerel.")

    pair = pair_volumes(volume("MR", findings=(gap,)), volume("PT", findings=(units,)))

    assert pair.findings[:2] == (units, gap)


def test_a_medical_pair_is_tested_for_registration() -> None:
    pair = pair_volumes(volume("PT"), volume("MR"))

    assert found(pair, "registration") or found(pair, "laterality")


def test_photographs_of_two_sizes_are_refused() -> None:
    with pytest.raises(RefusedError, match="different sizes"):
        pair_volumes(
            volume("PT", shape=(1, 40, 50), is_photograph=True), volume("MR", shape=(1, 50, 40), is_photograph=True)
        )


@pytest.mark.parametrize(("task", "warned"), [("medical", 1), ("multi_focus", 0)])
def test_colours_that_stand_for_values_are_warned_about_and_colours_of_a_scene_are_not(task: str, warned: int) -> None:
    random = np.random.default_rng(0)
    picture = Volume(random.random((1, 12, 12, 3), dtype=np.float32), np.eye(4), is_photograph=True)
    grey = Volume(random.random((1, 12, 12), dtype=np.float32), np.eye(4), is_photograph=True)
    assert len(found(pair_volumes(picture, grey, task=task), "colours")) == warned


@pytest.mark.parametrize(("columns", "level"), [(49, "warn"), (50, "ok"), (51, "ok")])
def test_half_of_the_grid_is_enough_overlap(columns: int, level: str) -> None:
    # 100 columns of 2 mm; the PET begins further to the patient's left, so only this many meet
    pet, mri = (volume(modality, shape=(4, 4, 100)) for modality in ("PT", "MR"))
    pet.affine[0, 3] = -2.0 * (100 - columns)

    (finding,) = found(pair_volumes(pet, mri), "overlap")

    assert (finding.level, finding.value) == (level, f"{columns}%")


@pytest.mark.parametrize(("step", "reference"), [(1.0009, "b"), (1.001, "b"), (1.0011, "a")])
def test_voxels_up_to_a_thousandth_larger_are_as_fine(step: float, reference: str) -> None:
    # a CT of 1 mm3 with an MRI whose slices alone are this many mm apart: its voxels have that many mm3
    ct, mri = (volume(modality, 1.0, shape=(6, 6, 6)) for modality in ("CT", "MR"))
    mri.affine[2, 0] = -step

    assert pair_volumes(ct, mri).reference == reference


@pytest.mark.parametrize(("degrees", "mentioned"), [(0.099, False), (0.101, True)])
def test_a_turn_by_less_than_a_tenth_of_a_degree_is_rounding(degrees: float, mentioned: bool) -> None:
    angle, turn = np.radians(degrees), np.eye(4)
    turn[1:3, 1:3] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    mri = volume("MR")

    assert bool(found(pair_volumes(volume("PT"), replace(mri, affine=turn @ mri.affine)), "oblique")) == mentioned


@pytest.mark.parametrize(("degrees", "warned"), [(0.099, False), (0.101, True)])
def test_a_tilt_of_the_gantry_below_a_tenth_of_a_degree_is_rounding(degrees: float, warned: bool) -> None:
    shear = np.eye(4)
    shear[1, 2] = np.tan(np.radians(degrees))
    ct = volume("CT", 2.0)

    pair = pair_volumes(replace(ct, affine=shear @ ct.affine), volume("MR", 2.5), reference="first")

    assert bool(found(pair, "sheared")) == warned


@pytest.mark.parametrize("reference", ["first", "second"])
def test_how_volumes_were_moved_follows_them_into_the_order_of_the_pair(reference: str) -> None:
    turn = tuple(tuple(float(value) for value in row) for row in np.eye(4))
    of_mri, of_pet = (RigidMove(name, "", turn, 0.0, 0.0, "", 0.0, 0.0, "") for name in ("MR.nii", "PT.nii"))
    mri, pet = volume("MR"), volume("PT")

    pair = pair_volumes(mri, pet, reference=reference, moves=(of_mri, of_pet))  # type: ignore[arg-type]

    assert (pair.a.name, pair.b.name) == ("PT.nii", "MR.nii")
    assert pair.moves == (of_pet, of_mri)
    assert pair.swapped
    assert pair_volumes(pet, mri, moves=(of_pet, of_mri)).moves == (of_pet, of_mri)


def test_only_the_coloured_picture_is_named_for_its_colours() -> None:
    random = np.random.default_rng(0)
    coloured = Volume(random.random((1, 12, 12, 3), dtype=np.float32), np.eye(4), name="rgb", is_photograph=True)
    grey = Volume(random.random((1, 12, 12), dtype=np.float32), np.eye(4), name="grey", is_photograph=True)
    stored = replace(coloured, name="atlas", is_photograph=False)

    (finding,) = found(pair_volumes(coloured, grey), "colours")
    assert finding.sentence.startswith("rgb holds colours")
    assert not found(pair_volumes(stored, replace(grey, is_photograph=False)), "colours")
