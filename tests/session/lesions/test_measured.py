"""Lesions on the sources of the pair that is shown: which count, where they lie, what is measured."""

from dataclasses import replace

import numpy as np
import pytest

from napari_refusion.fusion.partial import PartialFusion
from napari_refusion.lesion.voi import voi_of
from napari_refusion.session.lesions.session import LesionSession
from napari_refusion.volume.rigid import move_of
from tests.lesion.uptake import blob, pet
from tests.session.listed import HOT, Halves, Told, mri_of, pair_of


def test_lesions_of_a_source_that_was_replaced_or_edited_are_stale_and_not_counted(session: LesionSession) -> None:
    session.add_at(HOT)
    other = pet(blob(height=5.0))
    told = Told(session)
    session.show_pair(pair_of(replace(other, origin=replace(other.origin, sha256="c" * 64))))
    assert session.now.stale == {1}
    assert (session.now.measured, session.rows()[1:], session.now.placed(1)) == ({}, (), None)
    session.replace_voi(1, session.lesions.items[0].voi)
    assert "its source was replaced since" in told
    session.show_pair(pair_of(pet(blob())))
    assert session.now.stale == frozenset()
    assert session.now.measured[1].values["maximum"] == 10.0


def test_a_source_without_a_file_is_known_by_its_voxels(session: LesionSession) -> None:
    painted = pet(blob(), origin=replace(pet(blob()).origin, sha256=""))
    session.show_pair(pair_of(painted))
    session.add_at(HOT)
    session.show_pair(pair_of(replace(painted, data=painted.data.copy())))
    assert session.now.stale == frozenset()
    session.shares.compute(Halves())  # type: ignore[arg-type]
    assert 1 in session.shares.known
    changed = painted.data.copy()
    changed[0, 0, 0] += 1
    session.show_pair(pair_of(replace(painted, data=changed)))
    assert session.now.stale == {1}
    assert session.shares.known == {}
    session.add_at(HOT)
    changed[0, 0, 1] += 1  # in place, as a brush does in a layer of which a new volume is made then
    session.show_pair(pair_of(replace(painted, data=changed)))
    assert session.now.stale == {1, 2}


def test_where_registration_moved_the_source_a_click_draws_the_same_voxels(partial: PartialFusion) -> None:
    here = LesionSession()
    here.show_pair(partial)
    here.add_at(HOT)
    shift = np.eye(4)
    shift[:3, 3] = (7.0, -3.0, 11.0)
    source = partial.study.a.source
    move = move_of(mri_of(source), source, shift)
    moved = replace(partial.study, a=replace(partial.study.a, move=move))
    there = LesionSession()
    there.show_pair(replace(partial, study=moved))
    there.add_at(HOT + shift[:3, 3])
    one, other = here.lesions.items[0].voi, there.lesions.items[0].voi
    assert one.equals(other)
    placed = there.now.placed(1)
    assert placed is not None
    centre = placed.grid.point_at(placed.voxels.mean(axis=0))
    np.testing.assert_allclose(centre, HOT + shift[:3, 3], atol=1e-9)
    [pet_source, *_] = there.now.sources
    np.testing.assert_allclose(pet_source.point_in_pair(HOT), HOT + shift[:3, 3], atol=1e-9)
    np.testing.assert_allclose(pet_source.point(HOT + shift[:3, 3]), HOT, atol=1e-9)
    coarse = voi_of(np.ones((2, 2, 2), np.bool_), source.affine @ np.diag([3.0, 3.0, 3.0, 1.0]))
    carried = pet_source.placed(coarse)
    assert carried.count == coarse.count
    centres = [one.grid.point_at(one.voxels.mean(axis=0)) for one in (coarse, carried)]
    np.testing.assert_allclose(centres[1] - centres[0], shift[:3, 3], atol=1e-9)
    np.testing.assert_allclose(carried.grid.spacing, coarse.grid.spacing)
    there.add_voi(placed)
    assert there.lesions.items[1].voi.equals(one)


def test_the_other_source_is_measured_by_its_own_voxels(session: LesionSession, partial: PartialFusion) -> None:
    session.add_at(HOT)
    [other] = session.now.elsewhere(1)
    inside = session.lesions.items[0].voi.whole()
    assert other.source == "T1"
    assert other.values["mean"] == pytest.approx(partial.study.b.source.data[inside].mean(), rel=1e-6)
