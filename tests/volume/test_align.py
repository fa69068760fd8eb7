from dataclasses import replace
from itertools import permutations, product

import nibabel as nib
import numpy as np
import pytest
from nibabel.processing import resample_from_to
from numpy.testing import assert_allclose, assert_array_equal

from napari_refusion.volume import resample as module
from napari_refusion.volume.affine import from_ipl, to_ipl
from napari_refusion.volume.align import align, fill_value
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.volume import Volume

RNG = np.random.default_rng(7)
FLIPPED = np.array([[0, 0, -1.0, 0], [0, -1, 0, 0], [-1, 0, 0, 0], [0, 0, 0, 1]])
"""IPL axes, 1 mm."""


def affine(steps: tuple[float, float, float], origin: tuple[float, float, float] = (0, 0, 0)) -> np.ndarray:
    matrix = FLIPPED @ np.diag([*steps, 1.0])
    matrix[:3, 3] = origin
    return matrix


def turned(degrees: float, about: tuple[float, float, float], axis: int = 0) -> np.ndarray:
    """Rotation of the world about a point."""
    matrix, there = np.eye(4), np.eye(4)
    first, second = [other for other in range(3) if other != axis]
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    matrix[first, first] = matrix[second, second] = cosine
    matrix[second, first], matrix[first, second] = sine, -sine
    there[:3, 3] = about
    return np.asarray(there @ matrix @ np.linalg.inv(there))


def blank(shape: tuple[int, int, int], its_affine: np.ndarray) -> Volume:
    return Volume(np.zeros(shape, np.float32), its_affine, "MR", name="T1")


def places(volume: Volume) -> np.ndarray:
    """World places of all voxels, (I, P, L, 3)."""
    indices = np.stack(np.meshgrid(*map(np.arange, volume.shape), indexing="ij"), axis=-1)
    return np.asarray(indices @ volume.affine[:3, :3].T + volume.affine[:3, 3])


def random_volume(shape: tuple[int, ...] = (12, 14, 16), its_affine: np.ndarray | None = None) -> Volume:
    return Volume(
        RNG.random(shape).astype(np.float32),
        affine((2, 1.5, 1.2)) if its_affine is None else its_affine,
        "PT",
        name="PET",
    )


def test_on_the_same_grid_the_very_same_voxels_pass_through() -> None:
    moving = random_volume()

    aligned = align(replace(moving, affine=moving.affine + 0.0, name="T1"), moving)

    assert aligned.volume.data is moving.data
    assert aligned.covered.all()
    assert [finding.level for finding in aligned.findings] == ["ok"]


@pytest.mark.parametrize("degrees", [0.0, 7.0, 15.0, 40.0])
@pytest.mark.parametrize("channels", [(), (3,)], ids=["grey", "rgb"])
def test_resampling_equals_nibabel_inside_the_moving_grid(degrees: float, channels: tuple[int, ...]) -> None:
    moving = random_volume((12, 14, 16, *channels))
    reference = blank(
        (13, 15, 17), turned(degrees, (-9, -10, -11), 2) @ turned(degrees / 2, (0, 0, 0)) @ affine((1.7, 1.3, 1.1))
    )
    aligned = align(reference, moving)

    parts = [moving.data] if not channels else [moving.data[..., channel] for channel in range(3)]
    results = [aligned.volume.data] if not channels else [aligned.volume.data[..., channel] for channel in range(3)]
    for part, result in zip(parts, results, strict=True):
        image = nib.Nifti1Image(part, moving.affine)
        oracle = resample_from_to(image, (reference.shape, reference.affine), order=1, cval=np.nan).get_fdata()
        inside = np.isfinite(oracle)
        assert inside.mean() > 0.3
        assert aligned.covered[inside].all()
        assert np.abs(result[inside] - oracle[inside]).max() <= 1e-5


@pytest.mark.parametrize("degrees", [0.0, 15.0, 33.0])
def test_a_linear_function_of_place_is_resampled_exactly(degrees: float) -> None:
    moving = random_volume((20, 22, 24))
    ramp = places(moving) @ [0.3, -0.2, 0.5] + 4
    moving = replace(moving, data=ramp.astype(np.float32))
    reference = blank((10, 10, 10), turned(degrees, (-14, -16, -20), 1) @ affine((1, 0.9, 1.1), (-9, -11, -14)))

    aligned = align(reference, moving)

    expected = places(reference) @ [0.3, -0.2, 0.5] + 4
    assert aligned.covered.all()
    assert_allclose(aligned.volume.data, expected, atol=1e-4)


def test_a_blob_turned_by_15_degrees_stays_within_a_tenth_of_a_voxel() -> None:
    moving = random_volume((40, 40, 40), affine((1, 1, 1)))
    centre = np.array([-21.3, -18.6, -20.45])
    blob = np.exp(-((places(moving) - centre) ** 2).sum(axis=-1) / (2 * 2.5**2))
    reference = blank((40, 40, 40), turned(15, (-20, -20, -20), 0) @ affine((1, 1, 1), (0.37, 0.21, -0.4)))

    resampled = align(reference, replace(moving, data=blob.astype(np.float32))).volume.data.astype(np.float64)

    centroid = (places(reference) * resampled[..., None]).sum(axis=(0, 1, 2)) / resampled.sum()
    assert np.linalg.norm(centroid - centre) <= 0.1


def test_a_whole_voxel_shift_and_crop_is_exact_and_outside_is_not_covered() -> None:
    moving = random_volume((8, 9, 10), affine((2, 1, 1)))
    # two voxels further along P, one back along L: 9 - 2 rows and 10 columns from -1
    reference = blank((8, 9, 12), affine((2, 1, 1), (1, -2, 0)))

    aligned = align(reference, moving)

    expected = np.zeros((8, 9, 12), np.float32)
    expected[:, :7, 1:11] = moving.data[:, 2:, :]
    assert_array_equal(aligned.volume.data, expected)
    assert_array_equal(np.argwhere(aligned.covered).min(axis=0), [0, 0, 1])
    assert_array_equal(np.argwhere(aligned.covered).max(axis=0), [7, 6, 10])


def test_a_shift_by_whole_voxels_with_rounding_in_the_header_is_exact() -> None:
    moving = random_volume((8, 9, 10), affine((0.9, 0.9, 0.9)))
    reference = blank((8, 9, 10), affine((0.9, 0.9, 0.9), (0, -0.9 * 3 + 2e-7, 0)))

    aligned = align(reference, moving)

    assert_array_equal(aligned.volume.data[:, :6], moving.data[:, 3:])


def test_affines_that_differ_in_the_fourth_digit_are_resampled_all_the_same() -> None:
    # MONAI's SpatialResample takes these for equal and returns the input: 0.46 mm off at the last column.
    moving = random_volume((1, 4, 512), affine((1, 1, 1)))
    moving = replace(moving, data=(places(moving)[..., 0]).astype(np.float32))
    reference = blank((1, 4, 512), affine((1, 1, 0.9991)))

    aligned = align(reference, moving)

    assert_allclose(aligned.volume.data, places(reference)[..., 0], atol=1e-4)


def test_slabs_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    moving, reference = random_volume(), blank((13, 15, 17), turned(10, (-9, -9, -9)) @ affine((1.7, 1.3, 1.1)))
    whole = align(reference, moving)
    monkeypatch.setattr(module, "SLAB_VOXELS", 2 * 15 * 17)

    slabs = align(reference, moving)

    assert_allclose(slabs.volume.data, whole.volume.data, atol=1e-6)
    assert_array_equal(slabs.covered, whole.covered)


def test_half_a_voxel_beyond_the_outermost_centres_is_covered_and_no_more() -> None:
    moving = Volume(np.array([[[1.0, 2.0, 3.0]]], np.float32), affine((4, 4, 4)), "PT", name="PET")
    # centres every 1 mm from 3 mm before the first centre of the moving voxels (4 mm wide: covered from -2 to 10)
    aligned = align(blank((1, 1, 15), affine((4, 4, 1), (3, 0, 0))), moving)

    assert_array_equal(np.flatnonzero(aligned.covered[0, 0]) - 3, np.arange(-2, 11))
    assert_allclose(aligned.volume.data[0, 0, 1:4], 1)  # -2 to 0 mm: the nearest value
    assert_allclose(aligned.volume.data[0, 0, 4:8], [1.25, 1.5, 1.75, 2])


def test_a_single_slice_is_as_thick_as_its_spacing() -> None:
    moving = Volume(np.full((1, 3, 3), 5, np.float32), affine((6, 1, 1)), "PT", name="PET")

    aligned = align(blank((9, 3, 3), affine((1, 1, 1), (0, 0, 4))), moving)

    # slices at +4 ... -4 mm; the slice reaches from +3 to -3 mm
    assert_array_equal(np.flatnonzero(aligned.covered[:, 1, 1]), np.arange(1, 8))
    assert_allclose(aligned.volume.data[1:8], 5)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_voxel_without_a_number_spoils_only_places_interpolated_from_it(bad: float) -> None:
    moving = Volume(np.ones((5, 5, 5), np.float32), affine((1, 1, 1)), "PT", name="PET")
    moving.data[2, 2, 2] = bad

    aligned = align(blank((5, 5, 9), affine((1, 1, 0.5))), moving)

    # along L the places 1.5, 2, 2.5 of row (2, 2) use voxel 2
    uncovered = np.argwhere(~aligned.covered)
    assert_array_equal(uncovered, [[2, 2, 3], [2, 2, 4], [2, 2, 5]])
    assert_array_equal(aligned.volume.data[~aligned.covered], 0)
    assert_allclose(aligned.volume.data[aligned.covered], 1)


def test_a_voxel_without_a_number_is_not_covered_on_the_same_grid() -> None:
    moving = random_volume((3, 3, 3, 3))
    moving.data[1, 1, 1, 2] = np.nan

    aligned = align(blank((3, 3, 3), moving.affine), moving)

    assert_array_equal(np.argwhere(~aligned.covered), [[1, 1, 1]])
    assert_array_equal(aligned.volume.data[1, 1, 1], 0)


def test_outside_a_ct_is_air_and_outside_everything_else_is_zero() -> None:
    hounsfield = np.array([[[-1000.0, 40.0, np.nan, 900.0]]], np.float32)

    assert fill_value(Volume(hounsfield, np.eye(4), "CT", "HU")) == -1000
    assert fill_value(Volume(hounsfield, np.eye(4), "MR")) == 0
    assert fill_value(Volume(np.full((1, 1, 1), np.nan, np.float32), np.eye(4), "CT")) == 0


def test_no_overlap_covers_nothing() -> None:
    aligned = align(blank((4, 4, 4), affine((1.1, 1, 1), (500, 0, 0))), random_volume())

    assert not aligned.covered.any()
    assert_array_equal(aligned.volume.data, 0)


def test_a_much_coarser_grid_is_warned_about() -> None:
    fine, coarse = random_volume((9, 9, 9), affine((1, 1, 1))), blank((3, 3, 3), affine((1.4, 2.5, 1)))

    (warning,) = [finding for finding in align(coarse, fine).findings if finding.level == "warn"]

    assert warning.rule == "coarse grid"
    assert warning.value == "2.5 times"
    assert "PET" in warning.sentence


def test_a_somewhat_coarser_grid_is_not_warned_about() -> None:
    fine, coarse = random_volume((9, 9, 9), affine((1, 1, 1))), blank((3, 3, 3), affine((1.4, 1.4, 1.4)))

    assert [finding.level for finding in align(coarse, fine).findings] == ["ok"]


def test_photographs_of_one_size_are_laid_on_each_other() -> None:
    first = replace(random_volume((1, 6, 7, 3)), is_photograph=True)
    second = replace(random_volume((1, 6, 7)), is_photograph=True)

    aligned = align(first, second)

    assert aligned.volume.data is second.data
    assert [finding.level for finding in aligned.findings] == ["ok"]


def test_photographs_of_two_sizes_are_refused_naming_both() -> None:
    first = replace(random_volume((1, 256, 256)), is_photograph=True, name="mri.png")
    second = replace(random_volume((1, 300, 200)), is_photograph=True, name="pet.png")

    with pytest.raises(
        RefusedError,
        match=r"^Crop .* mri.png and pet.png have different sizes, 256 x 256 and 200 x 300",
    ):
        align(first, second)


def test_a_photograph_on_a_volume_is_warned_about() -> None:
    aligned = align(random_volume((1, 6, 7)), replace(random_volume((1, 6, 7)), is_photograph=True, name="slice.png"))

    assert [(finding.level, finding.rule) for finding in aligned.findings] == [("warn", "grid")]
    assert "slice.png" in aligned.findings[0].sentence


@pytest.mark.parametrize("wrong", [np.diag([0.0, 1, 1, 1]), np.full((4, 4), np.nan)], ids=["singular", "not a number"])
def test_an_affine_that_places_nothing_is_refused(wrong: np.ndarray) -> None:
    with pytest.raises(RefusedError, match="PET"):
        align(blank((3, 3, 3), np.eye(4)), replace(random_volume((3, 3, 4)), affine=wrong))


def test_an_unnamed_volume_is_called_by_its_modality() -> None:
    assert Volume(np.zeros((1, 1, 1), np.float32), np.eye(4), "NM").title == "The unnamed SPECT"
    assert Volume(np.zeros((1, 1, 1), np.float32), np.eye(4)).title == "The unnamed volume"


def test_all_48_ways_of_storing_a_volume_give_the_same_bits() -> None:
    moving, reference = random_volume((5, 6, 7)), blank((6, 6, 6), turned(12, (-4, -4, -4)) @ affine((1.1, 1.2, 1.3)))
    expected = align(reference, moving).volume.data
    codes = [(order[0], order[1], order[2]) for axes in permutations(("RL", "AP", "SI")) for order in product(*axes)]

    for code in codes:
        stored, its_affine = from_ipl(moving.data, moving.affine, code)
        data, back, _ = to_ipl(stored, its_affine)
        assert_array_equal(align(reference, replace(moving, data=data, affine=back)).volume.data, expected, str(code))
    assert len(set(codes)) == 48


def test_the_aligned_volume_is_stored_as_the_reference_is() -> None:
    # written in the axis order of the grid it is on
    reference = replace(blank((6, 6, 6), affine((1.1, 1.2, 1.3))), stored_axes=("R", "A", "S"))

    aligned = align(reference, random_volume())

    assert aligned.volume.stored_axes == ("R", "A", "S")
    assert_array_equal(aligned.volume.affine, reference.affine)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_place_is_left_out_however_little_of_its_value_would_come_from_a_voxel_without_a_number(bad: float) -> None:
    moving = Volume(np.full((1, 1, 5), 800, np.float32), affine((1, 1, 1)), "MR", name="T2")
    moving.data[0, 0, 2] = bad

    aligned = align(blank((1, 1, 17), affine((1, 1, 0.25))), moving)

    # a quarter of a voxel apart: from 1.25 to 2.75 voxel 2 weighs 1/4 to 1, at 1 and at 3 it weighs nothing
    assert_array_equal(np.flatnonzero(~aligned.covered) / 4, [1.25, 1.5, 1.75, 2, 2.25, 2.5, 2.75])
    assert_array_equal(aligned.volume.data[~aligned.covered], 0)
    assert_allclose(aligned.volume.data[aligned.covered], 800)


@pytest.mark.parametrize(("weight", "covered"), [(0.0, True), (0.9e-6, True), (1.1e-6, False), (1e-3, False)])
def test_a_voxel_without_a_number_may_weigh_a_millionth_which_is_rounding(weight: float, covered: bool) -> None:
    moving = Volume(np.full((1, 2, 3), 800, np.float32), affine((1, 1, 1)), "MR", name="T2")
    moving.data[:, :, 2] = np.nan
    # half-way between two rows, so that it is interpolated, and this share of the way from column 1 to column 2
    place = blank((1, 1, 1), affine((1, 1, 1), (-1 - weight, -0.5, 0)))

    assert align(place, moving).covered.all() == covered


@pytest.mark.parametrize(("beyond", "covered"), [(-0.9e-6, True), (-1e-3, True), (0.9e-6, True), (1.1e-6, False)])
@pytest.mark.parametrize("side", ["first", "last"])
def test_the_outer_face_of_a_volume_is_known_to_a_millionth_of_a_voxel(side: str, beyond: float, covered: bool) -> None:
    moving = Volume(np.full((1, 2, 3), 800, np.float32), affine((1, 1, 1)), "MR", name="T2")
    column = -0.5 - beyond if side == "first" else 2.5 + beyond

    aligned = align(blank((1, 1, 1), affine((1, 1, 1), (-column, -0.5, 0))), moving)

    assert aligned.covered.all() == covered
    assert_array_equal(aligned.volume.data, 800 if covered else 0)


@pytest.mark.parametrize(
    ("modality", "unit", "expected"),
    [("CT", "HU", -1000), ("CT", "", -1000), ("", "HU", -1000), ("MR", "", 0), ("PT", "SUVbw", 0), ("", "", 0)],
)
def test_what_is_a_ct_or_in_hounsfield_units_is_surrounded_by_its_smallest_value(
    modality: str, unit: str, expected: float
) -> None:
    assert fill_value(Volume(np.array([[[-1000.0, 40.0]]], np.float32), np.eye(4), modality, unit)) == expected


def test_a_grid_turned_by_a_right_angle_gets_every_voxel_from_its_own_place() -> None:
    # two oblique volumes, turned by -45 and +45 degrees about head to foot through the same middle
    moving = random_volume((3, 4, 4), turned(45, (-1.5, -1.5, 0), 2) @ affine((1, 1, 1)))
    reference = blank((3, 4, 4), turned(-45, (-1.5, -1.5, 0), 2) @ affine((1, 1, 1)))

    aligned = align(reference, moving)

    # by the affines alone: rows of the one run along columns of the other
    index = np.linalg.solve(moving.affine, reference.affine)
    assert_allclose(np.abs(index[:3, :3]), np.eye(3)[[0, 2, 1]], atol=1e-9)
    centres = np.stack(np.meshgrid(*map(np.arange, reference.shape), indexing="ij"), axis=-1)
    source = np.rint(centres @ index[:3, :3].T + index[:3, 3]).astype(int)
    assert aligned.covered.all()
    assert_allclose(aligned.volume.data, moving.data[tuple(np.moveaxis(source, -1, 0))], atol=1e-6)


@pytest.mark.parametrize(("apart", "expected"), [(0.9e-3, 0.0), (1e-3, 0.0), (1.1e-3, 1.1e-3)])
def test_voxel_centres_up_to_a_micrometre_apart_are_copied_and_farther_ones_interpolated(
    apart: float, expected: float
) -> None:
    moving = Volume(np.array([[[0.0, 1.0]]], np.float32), affine((1, 1, 1)), "PT", name="PET")

    aligned = align(blank((1, 1, 1), affine((1, 1, 1), (-apart, 0, 0))), moving)

    # a value that rises by 1 per mm; 0 is the first voxel's own
    assert_allclose(aligned.volume.data, expected, rtol=1e-6)


@pytest.mark.parametrize(("step", "warned"), [(1.499, False), (1.5, False), (1.501, True)])
def test_steps_of_up_to_one_and_a_half_voxels_skip_no_detail(step: float, warned: bool) -> None:
    fine, coarse = random_volume((9, 9, 9), affine((1, 1, 1))), blank((3, 3, 3), affine((1, 1, step)))

    assert ("coarse grid" in [finding.rule for finding in align(coarse, fine).findings]) == warned


@pytest.mark.parametrize(("step", "warned"), [(1.5, False), (2.0, True)])
def test_steps_askew_to_the_voxels_are_as_long_as_others(step: float, warned: bool) -> None:
    # turned by 45 degrees a step of 2 voxels is 1.41 along each of two axes
    fine = random_volume((9, 9, 9), affine((1, 1, 1)))
    coarse = blank((3, 3, 3), turned(45, (4, -4, -4)) @ affine((step, step, step)))

    assert ("coarse grid" in [finding.rule for finding in align(coarse, fine).findings]) == warned


def test_a_thick_single_slice_is_no_coarse_grid() -> None:
    # it has no next slice, so its 6 mm skip nothing of the slices of 1 mm
    fine, thick = random_volume((9, 9, 9), affine((1, 1, 1))), blank((1, 9, 9), affine((6, 1, 1)))

    assert [finding.level for finding in align(thick, fine).findings] == ["ok"]


@pytest.mark.parametrize("degrees", [0.0, 7.0, 90.0, -35.0])
@pytest.mark.parametrize("gaps", [False, True])
def test_slab_by_slab_is_the_same_as_all_at_once(degrees: float, gaps: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    moving = random_volume()
    if gaps:
        moving.data[3, 4, 5] = np.nan
    reference = blank((20, 18, 16), turned(degrees, (5, -9, -10)) @ affine((1.1, 1.3, 1.0), (-1, 2, -1)))
    whole = align(reference, moving)
    monkeypatch.setattr(module, "SLAB_VOXELS", 18 * 16 * 3)

    slabs = align(reference, moving)

    assert_array_equal(slabs.covered, whole.covered)
    assert_allclose(slabs.volume.data, whole.volume.data, atol=1e-6)
    assert whole.covered.any()
