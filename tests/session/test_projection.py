"""The projection of one pair after the other, without a viewer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from napari_refusion.fusion.colouring import choose_colouring
from napari_refusion.fusion.partial import PartialFusion, new_partial
from napari_refusion.numerics.intensity import Window
from napari_refusion.session.projection import COARSE, ProjectionSession, angles, why_not
from napari_refusion.study.pairing import pair
from napari_refusion.volume.rigid import move_of
from napari_refusion.volume.volume import Volume


class _Waiting:
    """Runs a generator by hand."""

    def __init__(
        self,
        work: Callable[..., Any],
        arguments: tuple[object, ...],
        receive: Callable[[Any], None],
        end: Callable[[str], None],
    ) -> None:
        self.steps, self.receive, self.end = work(*arguments), receive, end
        self.is_closed = False

    def start(self) -> None:
        """Wait."""

    def step(self, count: int) -> None:
        """Do some steps."""
        for _ in range(count):
            self.receive(next(self.steps))

    def close(self) -> None:
        """Stop."""
        self.is_closed = True
        self.end("closed")


@pytest.fixture
def partial(mri: Volume, pet: Volume) -> PartialFusion:
    return new_partial(pair(pet, mri), "axial")


@pytest.fixture
def opened(partial: PartialFusion) -> ProjectionSession:
    session = ProjectionSession()
    session.show_pair(partial)
    session.open()
    return session


def test_the_front_comes_first_then_every_ten_degrees_then_those_between() -> None:
    order = angles()
    assert order[: COARSE // 2] == tuple(range(0, 180, 10))
    assert len(order) == 54
    assert sorted(order) == pytest.approx(np.arange(54) * 10 / 3)


def test_nothing_is_computed_before_it_is_open_and_all_angles_are_there_then(partial: PartialFusion) -> None:
    session = ProjectionSession()
    session.show_pair(partial)
    assert session.pictures == ()
    session.open()
    assert len(session.pictures) == len(angles())
    for degrees in (0.0, 10.0, 181.0, 355.0):
        picture = session.picture_at(degrees)
        assert picture is not None
        assert abs((picture.degrees - degrees + 180) % 360 - 180) <= 5 / 3 + 1e-9


def test_with_the_first_angles_the_nearest_of_them_is_shown_from_either_side(partial: PartialFusion) -> None:
    jobs: list[_Waiting] = []

    def run(*given: Any) -> _Waiting:  # noqa: ANN401
        jobs.append(_Waiting(*given))
        return jobs[-1]

    session = ProjectionSession(run)
    session.show_pair(partial)
    session.open()
    assert session.picture_at(0.0) is None
    jobs[0].step(3)  # the frame, 0 and 10 degrees
    assert [session.picture_at(degrees).degrees for degrees in (2.0, 60.0, 186.0, 359.0)] == [0, 10, 190, 0]  # type: ignore[union-attr]
    session.close()
    assert jobs[0].is_closed
    assert session.pictures == ()


def test_a_pixel_leads_to_the_voxel_it_shows(opened: ProjectionSession, pet: Volume) -> None:
    picture = opened.picture_at(0.0)
    assert picture is not None
    row, column = np.unravel_index(np.nanargmax(picture.values), picture.values.shape)
    point = opened.point_at(picture, int(row), int(column))
    assert point is not None
    assert pet.data[pet.grid.voxel_at(pet.grid.index_at(point))] == pet.data.max()
    assert opened.point_at(picture, int(row), 0) is None
    assert opened.point_at(picture, 400, 3) is None


def test_another_window_is_no_other_projection_and_another_patient_is(
    opened: ProjectionSession, partial: PartialFusion, mri: Volume, pet: Volume
) -> None:
    before = opened.pictures
    rewindowed = replace(partial, study=partial.study.with_windows(Window(0, 50), Window(0, 80)))
    opened.show_pair(rewindowed, choose_colouring(rewindowed.study, "hot_iron"))
    assert opened.pictures is before
    other = replace(pet, data=pet.data[::-1].copy())
    opened.show_pair(new_partial(pair(other, mri), "axial"))
    assert opened.pictures is not before
    picture, old = opened.picture_at(0.0), before[0]
    assert picture is not None
    assert np.array_equal(picture.values, old.values[::-1], equal_nan=True)


def test_a_registered_source_is_projected_where_it_was_moved(
    opened: ProjectionSession, partial: PartialFusion, mri: Volume, pet: Volume
) -> None:
    old = opened.picture_at(0.0)
    matrix = np.eye(4)
    matrix[0, 3] = 3.0
    side = replace(partial.study.a, move=move_of(mri, pet, matrix))
    opened.show_pair(replace(partial, study=replace(partial.study, a=side)))
    new = opened.picture_at(0.0)
    assert old is not None
    assert new is not None
    row, column = np.unravel_index(np.nanargmax(old.values), old.values.shape)
    assert opened.table is not None
    assert opened.table.places_of(new.voxels)[row, column][0] == pytest.approx(
        pet.grid.point_at(np.array(np.unravel_index(old.voxels[row, column], pet.shape), float))[0] + 3
    )


def test_what_has_changed_is_shown_no_longer_until_the_pair_comes_again(
    opened: ProjectionSession, partial: PartialFusion
) -> None:
    opened.forget("Fuse again: it was changed.")
    assert opened.picture_at(0.0) is None
    opened.close()
    opened.open()
    assert opened.reason == "Fuse again: it was changed."
    assert opened.picture_at(0.0) is None
    opened.show_pair(partial)
    assert len(opened.pictures) == len(angles())
    opened.show_pair(None)
    assert opened.picture_at(0.0) is None


def test_of_two_pet_the_reader_chooses_which(pet: Volume) -> None:
    later = replace(pet, data=pet.data * 2, name="later")
    study = pair(pet, later)
    first, second = (replace(side, key=key) for side, key in zip(study.sides, ("one", "two"), strict=True))
    session = ProjectionSession()
    session.show_pair(new_partial(replace(study, a=first, b=second), "axial"))
    session.open()
    assert [side.key for side in session.sides] == ["one", "two"]
    before = np.nanmax(session.pictures[0].values)
    session.choose("two")
    assert np.nanmax(session.pictures[0].values) == 2 * before


def test_what_cannot_be_projected_is_said_with_what_to_do(mri: Volume, pet: Volume) -> None:
    ct = replace(mri, modality="CT", unit="HU", name="ct")
    colours = replace(pet, data=np.repeat(pet.data[..., None], 3, axis=3) / 200)
    single = [replace(one, data=one.data[:1]) for one in (pet, mri)]
    picture = [replace(one, data=one.data[:1], is_photograph=True) for one in (pet, mri)]
    said = {
        "none": why_not(None),
        "CT": why_not(new_partial(pair(ct, mri), "axial")),
        "colours": why_not(new_partial(pair(colours, mri), "axial")),
        "slice": why_not(new_partial(pair(*single), "axial")),
        "picture": why_not(new_partial(pair(*picture), "axial")),
    }
    assert said["none"].startswith("Choose PET or SPECT as one of two sources")
    assert said["CT"] == "Choose PET or SPECT as one of the sources: CT and MRI show no uptake to be projected."
    assert said["colours"].startswith("Open the values of pet")
    assert "this has 1 x 24 x 32 voxels" in said["slice"]
    assert said["picture"] == "Open scans: pictures have no depth to be projected."
    assert why_not(new_partial(pair(pet, mri), "axial")) == ""
