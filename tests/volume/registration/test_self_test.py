import re
from dataclasses import replace
from pathlib import Path
from time import process_time

import nibabel as nib
import numpy as np
import pytest
from scipy.ndimage import affine_transform, gaussian_filter

from napari_refusion.io.nifti.read import read_nifti
from napari_refusion.volume.affine import to_ipl
from napari_refusion.volume.align import align
from napari_refusion.volume.finding import Finding, severe_first
from napari_refusion.volume.registration import self_test
from napari_refusion.volume.registration.fit import Best, Fit
from napari_refusion.volume.registration.levels import levels, nmi
from napari_refusion.volume.registration.self_test import registration_findings
from napari_refusion.volume.registration.sentences import fits
from napari_refusion.volume.volume import Volume
from tests.recorded import IS_THOROUGH

FLIPPED = np.array([[0, 0, -1.0, 0], [0, -1, 0, 0], [-1, 0, 0, 0], [0, 0, 0, 1]])
"""IPL axes, 1 mm."""

SHIFTS = [(0, 8), (0, -16), (1, -16), (1, 8), (2, 8), (2, 16)]
"""Array axis and mm; half of them in a usual run."""


def head(shape: tuple[int, int, int] = (48, 60, 52), step: float = 3.0) -> tuple[Volume, Volume]:
    """An ellipsoid with lopsided structure, in two contrasts that are no linear function of each other."""
    rng = np.random.default_rng(5)
    index = np.meshgrid(*(np.linspace(-1, 1, size) if size > 1 else np.zeros(1) for size in shape), indexing="ij")
    inside = sum(axis**2 for axis in index) < 0.75
    structure = gaussian_filter(rng.random(shape), [2.5 if size > 1 else 0 for size in shape])
    structure = (structure - structure.min()) / np.ptp(structure) * inside
    grid = FLIPPED @ np.diag([step, step, step, 1.0])
    first = np.where(inside, 0.2 + (structure - 0.5) ** 2 * 3, 0).astype(np.float32)
    return Volume(first, grid, "PT", name="PET"), Volume(structure.astype(np.float32), grid, "MR", name="T1")


def rolled(volume: Volume, voxels: tuple[int, int, int]) -> Volume:
    return replace(volume, data=np.roll(volume.data, voxels, axis=(0, 1, 2)))


def mirrored(volume: Volume) -> Volume:
    return replace(volume, data=np.ascontiguousarray(volume.data[:, :, ::-1]))


def judge(a: Volume, b: Volume) -> list[Finding]:
    return registration_findings(a, b, np.ones(b.shape, dtype=np.bool_))


def test_nmi_of_equal_lists_is_two_and_of_independent_ones_is_one() -> None:
    levels = np.arange(32)

    assert nmi(levels, levels) == pytest.approx(2)
    assert nmi(levels, (levels * 7 + 3) % 32) == pytest.approx(2)  # any one-to-one change of contrast
    assert nmi(np.repeat(levels, 32), np.tile(levels, 32)) == pytest.approx(1)
    assert nmi(np.zeros(9, np.int64), np.zeros(9, np.int64)) == 1


def test_nmi_of_a_list_that_half_tells_the_other_is_four_thirds() -> None:
    # H(A) = 2 bits, H(B) = 1 bit told by A, so H(A, B) = 2: (2 + 1) / 2; with one bit of its own, (2 + 2) / 3
    a = np.array([0, 0, 1, 1, 2, 2, 3, 3])

    assert nmi(a, a // 2) == pytest.approx(3 / 2)
    assert nmi(a, np.array([0, 1, 0, 1, 2, 3, 2, 3])) == pytest.approx(4 / 3)


def test_grey_levels_go_from_0_to_31() -> None:
    assert levels(np.array([0.0, 0.5, 1.0], np.float32)).tolist() == [0, 16, 31]


def test_an_aligned_pair_with_two_contrasts_is_ok() -> None:
    findings = judge(*head())

    assert [(finding.level, finding.rule) for finding in findings] == [("ok", "registration")]


def with_voxels(volume: Volume, factors: tuple[float, float, float]) -> Volume:
    """Return a volume as it lies on its own grid if its voxels are `factors` times as large, about its middle."""
    middle = (np.array(volume.shape) - 1) / 2
    smaller = 1 / np.array(factors)
    data = affine_transform(volume.data, np.diag(smaller), middle - smaller * middle, order=1)
    return replace(volume, data=data)


@pytest.mark.parametrize(
    ("factors", "words"),
    [
        ((1.25, 1.0, 1.0), "0.8 times as large from head to foot"),
        ((1.0, 0.8, 1.0), "1.2 times as large from front to back"),
        ((1.0, 1.0, 1.2), "0.8 times as large from left to right"),
        ((1.0, 1.25, 1.25), "0.8 times as large within axial slices"),
        ((0.8, 0.8, 0.8), "1.2 times as large in all directions"),
    ],
)
def test_a_head_with_voxels_of_another_size_is_told_along_which_axes(
    factors: tuple[float, float, float], words: str
) -> None:
    pet, mri = head()
    [found] = judge(with_voxels(pet, factors), mri)
    assert (found.level, found.rule) == ("warn", "registration")
    assert "Check the voxel sizes" in found.sentence
    assert words in found.sentence


def test_a_head_that_was_only_shifted_far_is_not_said_to_have_other_voxels() -> None:
    pet, mri = head((64, 60, 52))
    for voxels in ((6, 0, 0), (0, 5, 0), (0, 0, 5)):
        assert not [one for one in judge(rolled(pet, voxels), mri) if "voxel sizes" in one.sentence]


def test_volumes_that_have_nothing_in_common_are_not_said_to_fit() -> None:
    # two ellipsoids of noise that knows nothing of each other, the second one filling the field of view: NMI 1 but for
    # the finite number of voxels
    pet, mri = head()
    rng = np.random.default_rng(3)
    inside = pet.data > 0
    unrelated = (
        replace(pet, data=(gaussian_filter(rng.random(pet.shape), 1.5) * 10).astype(np.float32)),
        replace(mri, data=np.where(inside, gaussian_filter(rng.random(pet.shape), 1.5) * 10, 0).astype(np.float32)),
    )

    (finding,) = judge(*unrelated)

    assert (finding.level, finding.rule) == ("warn", "registration")
    assert "hardly anything in common" in finding.sentence


def test_a_mirrored_volume_is_told_by_name() -> None:
    pet, mri = head()

    (finding,) = judge(mirrored(pet), mri)

    assert (finding.level, finding.rule) == ("warn", "laterality")
    assert "PET mirrored left to right fits T1 better" in finding.sentence


@pytest.mark.parametrize(
    ("voxels", "towards"),
    [
        # index 0 grows towards the feet, 1 towards the back, 2 towards the left; 3 voxels of 3 mm, so back by 9 mm
        ((3, 0, 0), "shifted by 9 mm towards the head"),
        ((-3, 0, 0), "shifted by 9 mm towards the feet"),
        ((0, 3, 0), "shifted by 9 mm towards the front"),
        ((0, -3, 0), "shifted by 9 mm towards the back"),
        ((0, 0, 3), "shifted by 9 mm towards the patient's right"),
        ((0, 0, -5), "shifted by 15 mm towards the patient's left"),
    ],
)
def test_a_shifted_volume_is_told_with_the_way_back(voxels: tuple[int, int, int], towards: str) -> None:
    pet, mri = head()

    (finding,) = judge(rolled(pet, voxels), mri)

    assert (finding.level, finding.rule) == ("warn", "registration")
    assert towards in finding.sentence


@pytest.mark.parametrize(
    ("turn", "words"),
    [
        (lambda data: data[:, ::-1], "mirrored front to back"),
        (lambda data: data[::-1], "mirrored head to foot"),
        (lambda data: data.swapaxes(1, 2), "with rows and columns exchanged"),
        (lambda data: data.swapaxes(0, 1), "with slices and rows exchanged"),
        (lambda data: data.transpose(1, 2, 0), "with its three axes exchanged"),
        (lambda data: np.rot90(data, axes=(0, 2)), "turned by 90 degrees about its front-back axis"),
        (lambda data: data[::-1, ::-1], "turned by 180 degrees about its left-right axis"),
        (lambda data: data[::-1, ::-1, ::-1], "mirrored in all directions"),
    ],
)
def test_other_orientations_are_told_by_name(turn: object, words: str) -> None:
    pet, mri = head((48, 48, 48))

    (finding,) = judge(replace(pet, data=np.ascontiguousarray(turn(pet.data))), mri)  # type: ignore[operator]

    assert finding.level == "warn"
    assert words in finding.sentence


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_rotation_by_eight_degrees_is_told(axis: int) -> None:
    pet, mri = head()
    turn, middle = np.eye(4), np.eye(4)
    first, second = [other for other in range(3) if other != axis]
    cosine, sine = np.cos(np.radians(8)), np.sin(np.radians(8))
    turn[first, first] = turn[second, second] = cosine
    turn[second, first], turn[first, second] = sine, -sine
    middle[:3, 3] = (pet.affine @ [23.5, 29.5, 25.5, 1])[:3]
    aligned = align(mri, replace(pet, affine=middle @ turn @ np.linalg.inv(middle) @ pet.affine))

    (finding,) = registration_findings(aligned.volume, mri, aligned.covered)

    assert finding.level == "warn"
    assert "rotated by 8 degrees" in finding.sentence


def test_a_symmetric_head_fits_but_its_sides_are_not_confirmed_which_is_a_warning_and_no_green_line() -> None:
    pet, mri = (replace(volume, data=volume.data + volume.data[:, :, ::-1]) for volume in head())

    findings = judge(pet, mri)

    expected = [("ok", "registration"), ("warn", "left and right")]
    assert [(finding.level, finding.rule) for finding in findings] == expected
    assert "cannot confirm left and right" in findings[1].sentence
    assert severe_first(findings)[0] is findings[1]


def test_a_single_slice_is_tested_in_its_plane() -> None:
    pet, mri = head((1, 180, 160), 1.5)

    assert judge(pet, mri)[0].level == "ok"
    assert judge(mirrored(pet), mri)[0].rule == "laterality"
    assert judge(rolled(pet, (0, 0, 10)), mri)[0].rule == "registration"


def test_a_picture_is_shifted_in_pixels() -> None:
    pet, mri = (replace(volume, is_photograph=True) for volume in head((1, 180, 160), 1.0))

    assert "8 pixels" in judge(pet, mri)[0].sentence


def test_too_little_in_common_is_said() -> None:
    pet, mri = head()
    covered = np.zeros(mri.shape, dtype=np.bool_)
    covered[20:24, 20:24] = True

    (finding,) = registration_findings(pet, mri, covered)

    assert (finding.level, finding.value) == ("warn", "")
    assert "too little" in finding.sentence


def test_uncovered_places_do_not_count() -> None:
    pet, mri = head()
    covered = np.ones(mri.shape, dtype=np.bool_)
    covered[:20] = False
    cut = replace(pet, data=np.where(covered, pet.data, 0).astype(np.float32))

    assert registration_findings(cut, mri, covered)[0].level == "ok"


def test_a_volume_of_128_cubed_takes_less_than_one_and_a_half_seconds() -> None:
    pet, mri = head((128, 128, 128), 2.0)
    started = process_time()

    judge(pet, mri)

    assert process_time() - started < 1.5


MNI = {
    "T1": ("mni2mm/spm_T1.nii", "MR"),
    "T2": ("mni2mm/spm_T2.nii", "MR"),
    "PET": ("mni2mm/spm_PET.nii", "PT"),
    "SPECT": ("mni2mm/spm_SPECT.nii", "NM"),
    "CT": ("mni2mm/clinical_scct_cormack.nii", "CT"),
    "CT in HU": ("mni2mm/derived_scct_HU.nii.gz", "CT"),
    "raclopride": ("mni3mm_pet/D2_RACLOPRIDE_c11.nii", "PT"),
    "FDOPA": ("mni3mm_pet/FDOPA_f18.nii", "PT"),
    "MNI152": ("mni1mm/nilearn_mni152_t1_1mm.nii.gz", "MR"),
}
WITH_SIDES = [("T2", "T1"), ("PET", "T1"), ("SPECT", "T1"), ("raclopride", "T1"), ("FDOPA", "T1"), ("PET", "T2")]
WITH_SIDES += [("SPECT", "T2")]
WITH_SIDES += [(f"alzT1_pet_{kind}", "alzT1_mr") for kind in ("scalar", "rgb")]
WITH_SIDES += [(f"normal_axial_pet_{kind}", "normal_axial_mr") for kind in ("scalar", "rgb")]
WITH_SIDES += [("c28_ct8bit", "c28_mr"), ("c16_ct8bit", "c16_mr"), ("c10_spect_scalar", "c10_mr")]
WITH_SIDES += [("c10_spect_rgb", "c10_mr")]
"""Pairs whose two sides differ."""
SYMMETRIC = [("CT", "T1"), ("CT in HU", "T1"), ("CT in HU", "T2"), ("PET", "MNI152"), ("CT in HU", "MNI152")]
"""Pairs with a template that was made symmetric (Rorden's CT, MNI152 2009 symmetric): no test can tell the sides."""


def real(shared: Path, name: str) -> Volume:
    path, modality = MNI.get(name, (f"aanlib/{name}.nii.gz", "MR" if name.endswith("_mr") else "PT"))
    image = nib.load(shared / "data" / "volumes" / path)
    stored = np.asanyarray(image.dataobj)
    if stored.dtype.names:
        stored = np.stack([stored[channel] for channel in stored.dtype.names], axis=-1) / 255
    data, affine, _ = to_ipl(stored.astype(np.float32), image.affine)
    return Volume(data, affine, modality, name=name)


def moved(volume: Volume, axis: int, distance: float) -> Volume:
    affine = volume.affine.copy()
    affine[:3, 3] += affine[:3, axis] / np.linalg.norm(affine[:3, axis]) * distance
    return replace(volume, affine=affine)


def judge_real(moving: Volume, reference: Volume) -> list[Finding]:
    aligned = align(reference, moving)
    return registration_findings(aligned.volume, reference, aligned.covered)


@pytest.mark.parametrize(("name", "reference"), WITH_SIDES + SYMMETRIC)
def test_real_pairs_are_ok_as_they_are(shared: Path, name: str, reference: str) -> None:
    found = judge_real(real(shared, name), real(shared, reference))
    assert {finding.level for finding in found if finding.rule != "left and right"} == {"ok"}


@pytest.mark.parametrize(("name", "reference"), WITH_SIDES)
def test_real_pairs_with_sides_are_told_when_one_is_mirrored(shared: Path, name: str, reference: str) -> None:
    (finding,) = judge_real(mirrored(real(shared, name)), real(shared, reference))

    assert finding.rule == "laterality"


@pytest.mark.parametrize(("name", "reference"), SYMMETRIC)
def test_symmetric_templates_say_that_the_sides_are_not_confirmed(shared: Path, name: str, reference: str) -> None:
    for moving in (real(shared, name), mirrored(real(shared, name))):
        assert [finding.rule for finding in judge_real(moving, real(shared, reference))][-1] == "left and right"


@pytest.mark.parametrize(("axis", "distance"), SHIFTS if IS_THOROUGH else SHIFTS[::2])
@pytest.mark.parametrize(("name", "reference"), WITH_SIDES + SYMMETRIC)
def test_real_pairs_are_told_when_one_is_shifted(
    shared: Path, name: str, reference: str, axis: int, distance: int
) -> None:
    findings = judge_real(moved(real(shared, name), axis, distance), real(shared, reference))

    assert findings[0].level == "warn"


def found_at(
    monkeypatch: pytest.MonkeyPatch,
    *,
    shift: tuple[float, float, float] = (0, 0, 0),
    gain: float = 0.0,
    mirrored: float = 0.9,
    turned: float = 0.9,
    degrees: float = 0.0,
) -> None:
    """Let the search find a place by so many mm, with so much higher an NMI, of 1.2 where the files place it."""
    there = 1.2 * (1 + gain)
    still = Best(0.0, 1.2)
    shifts = tuple(Best(one, there) if one else still for one in shift)
    turn = Best(degrees, there) if degrees else still
    fit = Fit(
        1.2, shifts, (turn, still, still), Best(0, 1.2 * turned), "mirrored head to foot", 1.2, 1.2 * mirrored, still
    )  # type: ignore[arg-type]
    monkeypatch.setattr(self_test, "fit", lambda probe: fit)


def of_body(volume: Volume, modality: str) -> Volume:
    return replace(volume, modality=modality, acquisition=replace(volume.acquisition, body_part="EXTREMITY"))


@pytest.mark.parametrize(
    ("kind", "shift", "gain", "warned"),
    [
        # of a head: 5.1 mm along, 5.0 mm across, a thousandth
        (("PT", "MR", "HEAD"), (5.2, 0, 0), 0.002, True),
        (("PT", "MR", "HEAD"), (-5.0, 0, 0), 0.002, False),
        (("NM", "MR", "HEAD"), (0, -5.1, 0), 0.002, True),
        (("CT", "MR", "HEAD"), (0, 0, 4.9), 0.002, False),
        (("PT", "MR", "HEAD"), (12.0, 0, 0), 0.0005, False),
        # of a body, by its kind of pair
        (("PT", "CT", ""), (0, 6.6, 0), 0.005, True),
        (("PT", "CT", ""), (7.9, 6.4, 0), 0.005, False),
        (("PT", "CT", ""), (8.1, 0, 0), 0.003, False),
        (("PT", "MR", ""), (0, 0, 6.9), 0.005, False),
        (("PT", "MR", ""), (0, 0, -7.1), 0.004, True),
        (("CT", "MR", ""), (-8.6, 0, 0), 0.007, True),
        (("CT", "MR", ""), (-8.6, 0, 0), 0.005, False),
        # of kinds that none were at hand for
        (("NM", "CT", ""), (9.9, 7.9, 0), 0.02, False),
        (("NM", "CT", ""), (10.1, 0, 0), 0.02, True),
    ],
)
def test_a_shift_is_reported_beyond_the_margins_of_its_kind_of_pair(
    monkeypatch: pytest.MonkeyPatch,
    kind: tuple[str, str, str],
    shift: tuple[float, float, float],
    gain: float,
    warned: bool,
) -> None:
    found_at(monkeypatch, shift=shift, gain=gain)
    a, b = (of_body(volume, modality) for volume, modality in zip(head(), kind, strict=False))
    if kind[2]:
        a, b = (replace(one, acquisition=replace(one.acquisition, body_part=kind[2])) for one in (a, b))

    (finding,) = judge(a, b)

    assert (finding.level == "warn") == warned


def test_rotations_are_judged_in_the_head_and_for_pet_with_ct(monkeypatch: pytest.MonkeyPatch) -> None:
    found_at(monkeypatch, degrees=9.0, gain=0.02)
    pet, mri = head()
    levels_of = {
        (part, other): judge(of_body(pet, "PT") if part else pet, of_body(mri, other) if part else mri)[0].level
        for part, other in (("", "MR"), ("limb", "CT"), ("limb", "MR"))
    }

    assert levels_of == {("", "MR"): "warn", ("limb", "CT"): "warn", ("limb", "MR"): "ok"}


@pytest.mark.parametrize(("mirrored", "rule"), [(1.004, "registration"), (1.006, "laterality")])
def test_outside_the_head_mirroring_must_gain_five_thousandths(
    monkeypatch: pytest.MonkeyPatch, mirrored: float, rule: str
) -> None:
    found_at(monkeypatch, mirrored=mirrored)
    pet, ct = head()

    assert judge(of_body(pet, "PT"), of_body(ct, "CT"))[0].rule == rule


@pytest.mark.parametrize(("mirrored", "confirmed"), [(0.9965, False), (0.9955, True)])
def test_in_the_head_mirroring_must_lose_four_thousandths_to_confirm_the_sides(
    monkeypatch: pytest.MonkeyPatch, mirrored: float, confirmed: bool
) -> None:
    found_at(monkeypatch, mirrored=mirrored)

    assert ("left and right" not in [finding.rule for finding in judge(*head())]) == confirmed


def test_a_shifted_head_is_not_called_mirrored_where_shifting_fits_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    found_at(monkeypatch, shift=(0, 0, 15.0), gain=0.05, mirrored=1.04)

    assert judge(*head())[0].rule == "registration"


@pytest.mark.parametrize(("voxels", "side"), [(9, "right"), (-10, "left")])
def test_a_head_that_was_shifted_farther_than_shifts_are_tried_is_not_called_mirrored(voxels: int, side: str) -> None:
    # near symmetric: mirrored about the middle of the grid it would lie where it belongs
    pet, mri = head()
    pet, mri = (replace(one, data=one.data + 4 * one.data[:, :, ::-1]) for one in (pet, mri))
    away = replace(pet, data=np.roll(pet.data, voxels, axis=2))

    first, *_ = judge(away, mri)

    assert first.rule == "registration"
    shift = re.search(r"shifted by (\d+) mm towards the patient's (\w+)", first.sentence)
    assert shift is not None
    assert abs(int(shift[1]) - 3 * abs(voxels)) <= 4
    assert shift[2] == side


def same_scanner(volume: Volume, study: str = "1.2", frame: str = "1.3") -> Volume:
    return replace(volume, frame_of_reference=frame, acquisition=replace(volume.acquisition, study=study))


def test_one_study_and_frame_of_reference_are_the_same_scanner_position(monkeypatch: pytest.MonkeyPatch) -> None:
    found_at(monkeypatch, shift=(0, 9.5, 0), gain=0.05)

    (finding,) = judge(*map(same_scanner, head()))

    assert finding.level == "ok"
    assert "same scanner position (from the header" in finding.sentence
    assert "shifted by 10 mm towards the front" in finding.sentence


@pytest.mark.parametrize("shift", [(0, 10.5, 0), (0, 0, -30.0), (15.0, 0, 0)])
def test_a_place_twice_as_far_away_is_warned_of_in_one_scanner_position_too(
    monkeypatch: pytest.MonkeyPatch, shift: tuple[float, float, float]
) -> None:
    found_at(monkeypatch, shift=shift, gain=0.05)

    (finding,) = judge(*map(same_scanner, head()))

    assert (finding.level, finding.rule) == ("warn", "registration")
    assert "than in the one scanner position that the headers give both" in finding.sentence
    assert f"shifted by {max(map(abs, shift)):.0f} mm" in finding.sentence


def test_a_mirrored_volume_is_told_whatever_the_headers_say() -> None:
    pet, mri = map(same_scanner, head())

    assert judge(mirrored(pet), mri)[0].rule == "laterality"


@pytest.mark.parametrize(
    "change",
    [
        lambda volume: same_scanner(volume, study="1.9"),
        lambda volume: same_scanner(volume, frame="1.9"),
        lambda volume: same_scanner(volume, study=""),
        lambda volume: same_scanner(volume, frame=""),
        lambda volume: replace(same_scanner(volume), findings=(Finding("warn", "registered", "It was moved."),)),
        lambda volume: replace(same_scanner(volume), findings=(Finding("warn", "moved", "It was moved by hand."),)),
    ],
    ids=["other study", "other frame", "no study", "no frame", "registered", "moved by hand"],
)
def test_without_one_study_and_frame_or_after_a_move_a_shift_is_told(change: object) -> None:
    pet, mri = map(same_scanner, head())

    assert judge(rolled(change(pet), (0, 4, 0)), mri)[0].level == "warn"  # type: ignore[operator]


PATIENTS = ("train/STS_006", "train/STS_010", "train/STS_026", "train/STS_034", "train/STS_048", "train/STS_051")


def body(shared: Path, patient: str, what: str) -> Volume:
    modality = {"pet": "PT", "ct": "CT"}[what]
    return replace(
        read_nifti(shared / f"data/petctmr/{patient}/{patient[-7:]}_{what}.nii.gz"), modality=modality, findings=()
    )


@pytest.mark.parametrize("patient", PATIENTS)
def test_limbs_and_trunk_of_one_scanner_are_ok_and_told_when_shifted_or_mirrored(shared: Path, patient: str) -> None:
    pet, ct = (body(shared, patient, what) for what in ("pet", "ct"))

    assert judge_real(pet, ct)[0].level == "ok"
    assert judge_real(moved(pet, 1, 12), ct)[0].rule == "registration"
    assert judge_real(moved(pet, 2, -12), ct)[0].rule == "registration"
    assert judge_real(mirrored(pet), ct)[0].rule == "laterality"


@pytest.mark.parametrize("patient", PATIENTS)
def test_pet_and_ct_of_one_study_are_ok_and_warned_of_when_one_was_moved_by_far(shared: Path, patient: str) -> None:
    pet, ct = (same_scanner(body(shared, patient, what)) for what in ("pet", "ct"))

    assert judge_real(pet, ct)[0].level == "ok"
    for axis in range(3):
        assert judge_real(moved(pet, axis, 30), ct)[0].level == "warn"


@pytest.mark.parametrize(("rows", "tested"), [(29, False), (30, True)])
def test_fifteen_hundred_voxels_in_common_are_enough_to_be_tested(rows: int, tested: bool) -> None:
    # a slice of 2 mm pixels, bright everywhere: 50 columns of which every row counts 50
    picture = np.random.default_rng(2).uniform(0.5, 1, (1, 64, 50)).astype(np.float32)
    picture[0, 0] = 0  # the background
    volume = Volume(picture, FLIPPED @ np.diag([2.0, 2.0, 2.0, 1.0]), "MR", name="T1")
    covered = np.zeros(volume.shape, dtype=np.bool_)
    covered[:, 10 : 10 + rows] = True

    findings = registration_findings(replace(volume, modality="PT"), volume, covered)

    assert ("too little" not in findings[0].sentence) == tested


def test_what_fits_best_after_a_registration_is_not_said_to_lie_where_its_files_place_it() -> None:
    pet, mri = (Volume(np.zeros((2, 3, 4), np.float32), np.eye(4), kind, name=kind) for kind in ("PT", "MR"))
    assert "in the files" not in fits(pet, mri, "shifts by up to 20 mm were tried", 1.2).sentence
