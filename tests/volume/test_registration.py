from dataclasses import replace
from pathlib import Path
from time import process_time

import nibabel as nib
import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from napari_refusion.volume.affine import to_ipl
from napari_refusion.volume.align import align
from napari_refusion.volume.finding import Finding
from napari_refusion.volume.registration import (
    _beside,
    _elsewhere,
    _levels,
    _mirrored,
    _nmi,
    _probe,
    _still,
    registration_findings,
)
from napari_refusion.volume.volume import Volume

FLIPPED = np.array([[0, 0, -1.0, 0], [0, -1, 0, 0], [-1, 0, 0, 0], [0, 0, 0, 1]])
"""IPL axes, 1 mm."""


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

    assert _nmi(levels, levels) == pytest.approx(2)
    assert _nmi(levels, (levels * 7 + 3) % 32) == pytest.approx(2)  # any one-to-one change of contrast
    assert _nmi(np.repeat(levels, 32), np.tile(levels, 32)) == pytest.approx(1)
    assert _nmi(np.zeros(9, np.int64), np.zeros(9, np.int64)) == 1


def test_nmi_of_a_list_that_half_tells_the_other_is_four_thirds() -> None:
    # H(A) = 2 bits, H(B) = 1 bit told by A, so H(A, B) = 2: (2 + 1) / 2; with one bit of its own, (2 + 2) / 3
    a = np.array([0, 0, 1, 1, 2, 2, 3, 3])

    assert _nmi(a, a // 2) == pytest.approx(3 / 2)
    assert _nmi(a, np.array([0, 1, 0, 1, 2, 3, 2, 3])) == pytest.approx(4 / 3)


def test_grey_levels_go_from_0_to_31() -> None:
    assert _levels(np.array([0.0, 0.5, 1.0], np.float32)).tolist() == [0, 16, 31]


def test_an_aligned_pair_with_two_contrasts_is_ok() -> None:
    findings = judge(*head())

    assert [(finding.level, finding.rule) for finding in findings] == [("ok", "registration")]


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
    ],
)
def test_other_turns_are_told_by_name(turn: object, words: str) -> None:
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


def test_a_symmetric_head_is_ok_but_its_sides_are_not_confirmed() -> None:
    pet, mri = (replace(volume, data=volume.data + volume.data[:, :, ::-1]) for volume in head())

    findings = judge(pet, mri)

    assert [(finding.level, finding.rule) for finding in findings] == [("ok", "registration"), ("ok", "laterality")]
    assert "cannot confirm left and right" in findings[1].sentence


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
UNSEEN = {("alzT1_pet_scalar", "alzT1_mr", 0, 8), ("alzT1_pet_rgb", "alzT1_mr", 0, 8)}
"""Moved by 8 mm along axis 0, where the slices are 5 mm apart, and not seen."""


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
    assert {finding.level for finding in judge_real(real(shared, name), real(shared, reference))} == {"ok"}


@pytest.mark.parametrize(("name", "reference"), WITH_SIDES)
def test_real_pairs_with_sides_are_told_when_one_is_mirrored(shared: Path, name: str, reference: str) -> None:
    (finding,) = judge_real(mirrored(real(shared, name)), real(shared, reference))

    assert finding.rule == "laterality"


@pytest.mark.parametrize(("name", "reference"), SYMMETRIC)
def test_symmetric_templates_say_that_the_sides_are_not_confirmed(shared: Path, name: str, reference: str) -> None:
    for moving in (real(shared, name), mirrored(real(shared, name))):
        assert [finding.rule for finding in judge_real(moving, real(shared, reference))][-1] == "laterality"


@pytest.mark.parametrize(("axis", "distance"), [(0, 8), (0, -16), (1, 8), (1, -16), (2, 8), (2, 16)])
@pytest.mark.parametrize(("name", "reference"), WITH_SIDES + SYMMETRIC)
def test_real_pairs_are_told_when_one_is_shifted(
    shared: Path, name: str, reference: str, axis: int, distance: int
) -> None:
    findings = judge_real(moved(real(shared, name), axis, distance), real(shared, reference))

    assert (findings[0].level == "warn") == ((name, reference, axis, distance) not in UNSEEN)


def mixed(one: Volume, other: Volume, share: float) -> Volume:
    """The first volume with a share of the second in every voxel."""
    return replace(one, data=((1 - share) * one.data + share * other.data).astype(np.float32))


def evened(volume: Volume, lopsided: float) -> Volume:
    """The volume with only a share of what tells its two sides apart."""
    return mixed(mixed(volume, mirrored(volume), 0.5), volume, lopsided)


def nmi_of(a: Volume, b: Volume) -> tuple[float, float, float]:
    """The highest NMI where the files place a volume or one voxel beside, mirrored, and in any other position."""
    probe = _probe(a, b, np.ones(b.shape, dtype=np.bool_))
    assert probe is not None
    places = ([*_still(), *_beside(probe)], _mirrored(probe), _elsewhere(probe))
    here, there, elsewhere = (max(map(probe.nmi, place)) for place in places)
    return here, there, elsewhere


# NMI takes no value at will: how lopsided a head is, or how much of another position is mixed in, was searched for by
# bisection. Each test first measures that its input is on the side of the limit that it is meant to be on.


@pytest.mark.parametrize(("lopsided", "lead", "rule"), [(0.3313, 1.24, "registration"), (0.3465, 1.26, "laterality")])
def test_mirroring_is_the_fault_where_it_gains_a_quarter_more_than_a_shift(
    lopsided: float, lead: float, rule: str
) -> None:
    # mirrored and shifted by 9 mm: undone by either of the two, the more lopsided the head the better by mirroring
    pet, mri = (evened(volume, lopsided) for volume in head())
    a = rolled(mirrored(pet), (0, 0, 3))
    probe = _probe(a, mri, np.ones(mri.shape, dtype=np.bool_))
    assert probe is not None
    here, there, elsewhere = (max(map(probe.nmi, some)) for some in (_still(), _mirrored(probe), _elsewhere(probe)))
    assert (there - here) / (elsewhere - here) == pytest.approx(lead, abs=0.005)

    (finding,) = judge(a, mri)

    assert (finding.level, finding.rule) == ("warn", rule)


@pytest.mark.parametrize(("share", "gain", "warned"), [(0.50138, 1.0005, False), (0.50465, 1.0015, True)])
def test_mirroring_must_gain_a_thousandth_to_be_reported(share: float, gain: float, warned: bool) -> None:
    pet, mri = head()
    a = mixed(pet, mirrored(pet), share)
    here, there, _ = nmi_of(a, mri)
    assert there / here == pytest.approx(gain, abs=0.0003)

    assert (judge(a, mri)[0].level == "warn") == warned


@pytest.mark.parametrize(("lopsided", "loss", "confirmed"), [(0.10379, 0.9965, False), (0.12051, 0.9955, True)])
def test_mirroring_must_lose_four_thousandths_to_confirm_the_sides(
    lopsided: float, loss: float, confirmed: bool
) -> None:
    pet, mri = (evened(volume, lopsided) for volume in head())
    here, there, _ = nmi_of(pet, mri)
    assert there / here == pytest.approx(loss, abs=0.0003)

    findings = judge(pet, mri)

    assert {finding.level for finding in findings} == {"ok"}
    assert ("laterality" not in [finding.rule for finding in findings]) == confirmed


@pytest.mark.parametrize(
    ("shape", "step", "voxels", "share", "gain", "warned"),
    [
        ((48, 60, 52), 3.0, (3, 0, 0), 0.50702, 1.0005, False),
        ((48, 60, 52), 3.0, (3, 0, 0), 0.50929, 1.0015, True),
        ((1, 180, 160), 1.5, (0, 0, 10), 0.60861, 1.0045, False),
        ((1, 180, 160), 1.5, (0, 0, 10), 0.61130, 1.0055, True),
    ],
    ids=["volume below", "volume above", "slice below", "slice above"],
)
def test_a_shift_must_gain_a_thousandth_in_a_volume_and_five_in_a_slice(
    shape: tuple[int, int, int], step: float, voxels: tuple[int, int, int], share: float, gain: float, warned: bool
) -> None:
    pet, mri = head(shape, step)
    a = mixed(pet, rolled(pet, voxels), share)
    here, _, there = nmi_of(a, mri)
    assert there / here == pytest.approx(gain, abs=0.0003)

    assert (judge(a, mri)[0].level == "warn") == warned


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
