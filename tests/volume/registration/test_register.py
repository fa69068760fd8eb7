"""Rigid registration, on phantoms whose place is known by construction."""

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from threading import Event, active_count
from time import monotonic

import numpy as np
import pytest
import SimpleITK

from napari_refusion.io.nifti.read import read_nifti
from napari_refusion.io.sample import SAMPLES
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.registration import doubt
from napari_refusion.volume.registration.optimiser import ITERATIONS
from napari_refusion.volume.registration.register import RegistrationStep, register_rigidly
from napari_refusion.volume.rigid import RigidMove, move_of, moved
from napari_refusion.volume.volume import Volume

IPL = np.array([[0, 0, -1.0, 0], [0, -1, 0, 0], [-1, 0, 0, 0], [0, 0, 0, 1]])
"""Indices of 1 mm to RAS+ mm."""

HEAD = np.array([60.0, 75.0, 65.0])
"""Half axes of the phantom in mm, about the origin."""


def about(
    axis: tuple[float, float, float], degrees: float, shift: tuple[float, float, float] = (0, 0, 0)
) -> np.ndarray:
    """A rotation about a line through the origin (Rodrigues' formula), and a shift."""
    x, y, z = np.array(axis) / np.linalg.norm(axis)
    cross, angle = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]]), np.radians(degrees)
    matrix = np.eye(4)
    matrix[:3, :3] += np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
    matrix[:3, 3] = shift
    return matrix


def grid(step: tuple[float, float, float], turn: np.ndarray) -> tuple[tuple[int, ...], np.ndarray]:
    """Size and affine of a grid of 160 mm about the origin."""
    size = tuple(round(160 / length) for length in step)
    centred = np.diag([*step, 1.0])
    centred[:3, 3] = -(np.array(size) - 1) / 2 * step
    return size, turn @ IPL @ centred


def head(modality: str, step: tuple[float, float, float], turn: np.ndarray) -> Volume:
    """A formula sampled on a grid: an ellipsoid with lopsided blobs; PET is no linear function of the MRI."""
    rng = np.random.default_rng(3)
    size, affine = grid(step, turn)
    indices = np.stack(np.meshgrid(*map(np.arange, size), indexing="ij"), axis=-1)
    places = indices @ affine[:3, :3].T + affine[:3, 3]
    blobs = np.zeros(size)
    for middle, width in zip(rng.uniform(-0.6, 0.6, (30, 3)) * HEAD, rng.uniform(7, 14, 30), strict=True):
        blobs += np.exp(-((places - middle) ** 2).sum(axis=-1) / (2 * width**2))
    inside = 1 / (1 + np.exp((np.linalg.norm(places / HEAD, axis=-1) - 1) * 30))
    values = inside * (100 + 100 * blobs) if modality == "MR" else inside * (2 + 6 * (blobs - 0.8) ** 2)
    return Volume(values.astype(np.float32), affine, modality, name={"MR": "T1w", "PT": "pet"}[modality])


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    threads = SimpleITK.ProcessObject.GetGlobalDefaultNumberOfThreads()
    SimpleITK.ProcessObject.SetGlobalDefaultNumberOfThreads(1)
    yield
    SimpleITK.ProcessObject.SetGlobalDefaultNumberOfThreads(threads)


@pytest.fixture(scope="module")
def mri() -> Volume:
    return head("MR", (2.5, 2.5, 2.5), np.eye(4))


@pytest.fixture(scope="module")
def pet() -> Volume:
    return head("PT", (4.0, 3.0, 3.0), np.eye(4))


def displaced(volume: Volume, matrix: np.ndarray) -> Volume:
    return replace(volume, affine=matrix @ volume.affine)


def found(fixed: Volume, moving: Volume) -> RigidMove:
    *_, move = register_rigidly(fixed, moving)
    assert isinstance(move, RigidMove)
    return move


def worst(move: RigidMove, displacement: np.ndarray) -> float:
    """How far from its place a point of the head's surface still lies after the move, in mm, at most."""
    directions = np.random.default_rng(0).normal(size=(500, 3))
    surface = directions / np.linalg.norm(directions, axis=1)[:, None] * HEAD
    left = np.array(move.matrix) @ displacement - np.eye(4)
    return float(np.linalg.norm(surface @ left[:3, :3].T + left[:3, 3], axis=1).max())


@pytest.mark.parametrize(
    "matrix",
    [
        about((1, 0, 0), 0, (12, 0, 0)),
        about((1, 0, 0), 0, (0, -6, 10)),
        about((1, 2, -1), 8),
        about((0, -1, 1), 10, (5, 5, -4)),
    ],
    ids=["12 mm", "6 and 10 mm", "8 degrees", "10 degrees and 8 mm"],
)
def test_a_known_move_is_found_to_a_millimetre(mri: Volume, pet: Volume, matrix: np.ndarray) -> None:
    assert worst(found(mri, displaced(pet, matrix)), matrix) < 1.0


def test_oblique_grids_of_other_spacings_are_no_hindrance(pet: Volume) -> None:
    oblique = head("MR", (5.0, 2.0, 2.0), about((1, 0, 0), 20))
    matrix = about((0, 0, 1), 6, (0, 8, 0))

    assert worst(found(oblique, displaced(pet, matrix)), matrix) < 1.0


def test_a_tilted_gantry_is_no_hindrance(mri: Volume) -> None:
    shear = np.eye(4)
    shear[1, 0] = np.tan(np.radians(15))  # each slice lies a little further to the front or back
    tilted = head("PT", (4.0, 3.0, 3.0), IPL @ shear @ IPL)
    matrix = about((1, 0, 0), 0, (0, 0, 9))

    assert worst(found(mri, displaced(tilted, matrix)), matrix) < 1.0


def test_the_move_is_told_in_words_and_numbers(mri: Volume, pet: Volume) -> None:
    # the way back of 10 mm towards the head (S) is 10 mm towards the feet
    move = found(mri, displaced(pet, about((1, 0, 0), 0, (0, 0, 10))))

    assert move.millimetres == pytest.approx(10, abs=0.5)
    assert move.degrees < 0.5
    assert "towards the feet" in move.words
    assert move.words.startswith(f"shifted by {move.millimetres:.1f} mm (")
    assert move.words.endswith(f"rotated by {move.degrees:.1f} degrees")
    assert (move.moving, move.fixed) == ("pet", "T1w")
    assert move.metric_after > move.metric_before > 0


def test_the_angle_of_a_rotation_is_told(mri: Volume, pet: Volume) -> None:
    assert found(mri, displaced(pet, about((1, 1, 0), 7))).degrees == pytest.approx(7, abs=0.5)


def test_steps_go_from_coarse_to_fine_and_end_with_the_move(mri: Volume, pet: Volume) -> None:
    *steps, move = register_rigidly(mri, displaced(pet, about((1, 0, 0), 5)))

    assert isinstance(move, RigidMove)
    levels = [step.level for step in steps if isinstance(step, RegistrationStep)]
    assert levels == sorted(levels)
    assert set(levels) == {0, 1, 2}
    assert len(levels) == len(steps) <= 5 * ITERATIONS


def test_the_same_volumes_give_the_same_move_to_the_last_bit(mri: Volume, pet: Volume) -> None:
    other = displaced(pet, about((1, 0, 0), 4, (3, 0, 0)))

    assert found(mri, other) == found(mri, other)


def test_values_that_are_no_number_are_left_out(mri: Volume, pet: Volume) -> None:
    data = pet.data.copy()
    data[::7, ::5, ::5] = np.nan
    data[0, 0, 0], data[1, 1, 1] = np.inf, -np.inf
    matrix = about((1, 0, 0), 0, (0, 8, 0))

    assert worst(found(mri, displaced(replace(pet, data=data), matrix)), matrix) < 1.0


def test_colours_are_registered_by_their_strength(mri: Volume, pet: Volume) -> None:
    share = (pet.data / pet.data.max())[..., None]
    coloured = replace(pet, data=(share * np.array([1.0, 0.4, 0.1])).astype(np.float32))
    matrix = about((1, 0, 0), 0, (8, 0, 0))

    assert worst(found(mri, displaced(coloured, matrix)), matrix) < 1.0


def test_closing_stops_the_optimiser_within_a_second_and_leaves_no_thread(mri: Volume, pet: Volume) -> None:
    threads = active_count()
    steps: Iterator[object] = register_rigidly(mri, displaced(pet, about((1, 0, 0), 8)))
    next(steps)
    began = monotonic()
    steps.close()  # type: ignore[attr-defined]

    assert monotonic() - began < 1.0
    assert active_count() == threads


def test_stopping_from_another_thread_ends_the_steps_without_a_move(mri: Volume, pet: Volume) -> None:
    stopped = Event()
    threads = active_count()
    steps = register_rigidly(mri, displaced(pet, about((1, 0, 0), 8)), stopped)
    next(steps)
    stopped.set()
    began = monotonic()
    while active_count() > threads:  # although nobody takes the steps
        assert monotonic() - began < 1.0

    assert all(isinstance(step, RegistrationStep) for step in steps)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda pet: replace(pet, is_photograph=True), "is a picture"),
        (lambda pet: replace(pet, data=pet.data[:1]), "open the whole series"),
        (lambda pet: replace(pet, data=pet.data[:, :, :3]), "40 x 53 x 3 voxels"),
        (lambda pet: replace(pet, data=np.full_like(pet.data, np.nan)), "is empty"),
        (lambda pet: replace(pet, data=np.ones_like(pet.data)), "is empty"),
        (lambda pet: replace(pet, affine=np.diag([1.0, 1, 0, 1])), "is singular"),
        (lambda pet: replace(pet, affine=pet.affine * np.nan), "is singular"),
        (lambda pet: displaced(pet, about((1, 0, 0), 0, (0, 0, 400))), "do not overlap"),
    ],
    ids=["picture", "slice", "three columns", "not a number", "constant", "flat", "nowhere", "far"],
)
def test_what_has_no_place_in_three_dimensions_is_refused(mri: Volume, pet: Volume, change: object, words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        found(mri, change(pet))  # type: ignore[operator]


def test_a_pair_in_register_is_not_moved(mri: Volume, pet: Volume) -> None:
    with pytest.raises(RefusedError, match="No clearly better position was found for pet"):
        found(mri, pet)


@pytest.mark.parametrize(("limit", "value"), [("MOST_MILLIMETRES", 5.0), ("MOST_DEGREES", 2.0)])
def test_a_move_that_no_patient_makes_is_refused(
    mri: Volume, pet: Volume, monkeypatch: pytest.MonkeyPatch, limit: str, value: float
) -> None:
    monkeypatch.setattr(doubt, limit, value)

    with pytest.raises(RefusedError, match="failed: pet would be shifted"):
        found(mri, displaced(pet, about((1, 0, 0), 6, (8, 0, 0))))


def test_a_move_out_of_the_overlap_is_refused(mri: Volume, pet: Volume) -> None:
    move = move_of(mri, pet, about((1, 0, 0), 0, (0, 0, 90)), (0.2, 0.4))

    with pytest.raises(RefusedError, match="lose 60% of its overlap"):
        doubt.refuse_doubtful(move, 0.4)


def test_half_a_shift_along_one_axis_halves_the_overlap(mri: Volume) -> None:
    # 160 mm grids, one of them 80 mm higher
    assert doubt.overlap(mri, mri, about((1, 0, 0), 0, (0, 0, 80))) == pytest.approx(0.5, abs=0.03)


def test_a_moved_volume_keeps_its_voxels_and_says_where_it_went(mri: Volume, pet: Volume) -> None:
    matrix = about((0, 0, 1), 5, (3, 0, 4))
    move = move_of(replace(mri, frame_of_reference="1.2.3"), pet, matrix, (0.1, 0.3))

    there = moved(replace(pet, frame_of_reference="4.5.6"), move)

    assert np.array_equal(there.data, pet.data)
    assert there.affine == pytest.approx(matrix @ pet.affine)
    assert there.frame_of_reference == "1.2.3"
    (finding,) = there.findings
    assert (finding.level, finding.rule, finding.value) == ("warn", "registered", "5.0 mm, 5.0 degrees")
    assert "5.0 mm (4.0 towards the head, 3.0 towards the patient's right)" in finding.sentence


def test_a_volume_turned_past_half_a_right_angle_keeps_its_order_of_axes(pet: Volume) -> None:
    tilted = displaced(pet, about((1, 0, 0), 30))
    move = move_of(pet, tilted, about((1, 0, 0), 30), (0.1, 0.3))

    there = moved(tilted, move)

    # each axis again runs nearest to inferior, posterior, left, and the brightest voxel is where the matrix takes it
    assert np.abs(np.linalg.inv(IPL[:3, :3]) @ there.affine[:3, :3]).argmax(axis=0).tolist() == [0, 1, 2]
    places = [
        volume.affine @ np.append(np.unravel_index(volume.data.argmax(), volume.shape), 1.0)
        for volume in (tilted, there)
    ]
    assert places[1] == pytest.approx(np.array(move.matrix) @ places[0])


def test_a_move_survives_being_written_as_json(mri: Volume, pet: Volume) -> None:
    move = move_of(mri, pet, about((0, 1, 1), 3, (1, 2, 3)), (0.1, 0.3))

    record = json.loads(json.dumps(asdict(move)))

    assert np.array_equal(record["matrix"], move.matrix)
    assert record["words"] == move.words


def test_the_sample_head_is_brought_back_to_a_millimetre() -> None:
    pet, mri = map(read_nifti, SAMPLES["mri_pet"].paths())
    matrix = about((1, 2, -1), 8, (5, -5, 4))

    assert worst(found(mri, displaced(pet, matrix)), matrix) < 1.0


def test_real_volumes_end_in_one_place_wherever_they_start(shared: Path) -> None:
    pet, mri = (read_nifti(shared / f"data/volumes/mni2mm/spm_{name}.nii") for name in ("PET", "T1"))
    ends = [
        np.array(found(mri, displaced(pet, matrix)).matrix) @ matrix
        for matrix in (np.eye(4), about((1, 2, -1), 8, (5, -5, 4)))
    ]
    middle = np.array([0.0, -20, 10, 1])

    assert np.linalg.norm((ends[0] - ends[1]) @ middle) < 0.5


PLANTED = (about((0, 0, 1), 0, (12, 0, 0)), about((1, 2, -1), 5, (0, 10, -6)))
"""Moves about the middle of the body."""


@pytest.mark.parametrize("patient", ["STS_028", "STS_041"])
def test_bodies_end_in_one_place_wherever_they_start(shared: Path, patient: str) -> None:
    folder = shared / f"data/petctmr/train/{patient}"
    pet, ct = (
        replace(read_nifti(folder / f"{patient}_{what}.nii.gz"), modality=modality)
        for what, modality in (("pet", "PT"), ("ct", "CT"))
    )
    middle = ct.affine @ [*((np.array(ct.shape) - 1) / 2), 1]
    there, back = np.eye(4), np.eye(4)
    there[:3, 3], back[:3, 3] = middle[:3], -middle[:3]
    moves = [found(ct, displaced(pet, there @ matrix @ back)) for matrix in PLANTED]
    ends = [np.array(move.matrix) @ there @ matrix @ back for move, matrix in zip(moves, PLANTED, strict=True)]

    assert np.linalg.norm((ends[0] - ends[1]) @ middle) < 1.0
    assert all(len(move.coarse_metrics) >= 1 for move in moves)
    assert np.linalg.norm((ends[0] - np.eye(4)) @ middle) < 10.0


def test_a_step_says_its_resolution_and_on_the_coarsest_the_start_that_is_tried() -> None:
    assert RegistrationStep(0, 0.4123, 1).words == "Resolution 1 of 3 (8 mm), start 2 of 3: agreement 0.412"
    assert RegistrationStep(2, 0.5).words == "Resolution 3 of 3 (2 mm): agreement 0.500"
