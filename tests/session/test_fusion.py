"""What a fusion session fuses as the reader decided, by itself, and takes back, without a window."""

from dataclasses import replace

import numpy as np
import pytest

from napari_refusion.fusion.filling import FusedSlice
from napari_refusion.session.fusion import FusionSession
from napari_refusion.session.source import Request
from napari_refusion.volume.finding import Finding, RefusedError
from napari_refusion.volume.rigid import RigidMove
from napari_refusion.volume.volume import Volume
from tests.session.asked import one_slice, source, with_settings
from tests.session.told import arrivals, done, ends, sentences

SHIFT = ((1.0, 0.0, 0.0, 3.0), (0.0, 1.0, 0.0, 0.0), (0.0, 0.0, 1.0, 0.0), (0.0, 0.0, 0.0, 1.0))
MOVE = RigidMove("pet", "T1w", SHIFT, 3.0, 0.0, "shifted by 3.0 mm", 0.5, 0.6, "")


@pytest.fixture
def session() -> FusionSession:
    return FusionSession()


def test_undo_brings_back_what_was_shown_and_chosen(session: FusionSession, request_all: Request) -> None:
    assert not session.can_undo
    session.fuse(one_slice(request_all), "first choice")
    one = session.partial.fused.copy()
    session.fuse(replace(request_all, first=source(request_all.first.image.volume, "5,50")), "second choice")
    assert done(session) == [0, 1, 2, 3, 4, 5]
    assert session.undo().choices == "second choice"
    assert done(session) == [2]
    np.testing.assert_array_equal(session.partial.fused, one)
    session.set_live(True)
    assert session.undo().choices == "first choice"
    assert session.shown is None
    assert not session.is_live  # else it would come back at once
    assert not session.can_undo
    assert session.undo() is None


def test_undo_takes_slices_of_the_same_result_back(session: FusionSession, request_all: Request) -> None:
    session.fuse(one_slice(request_all))
    session.fuse(request_all)
    session.undo()
    assert done(session) == [2]
    assert not session.partial.fused[[0, 1, 3, 4, 5]].any()


def test_no_more_than_five_fusions_can_be_undone(session: FusionSession, request_all: Request) -> None:
    for index in range(6):
        session.fuse(one_slice(request_all, index), index)
    taken_back = []
    while session.can_undo:
        taken_back.append(session.undo().choices)
    assert taken_back == [5, 4, 3, 2, 1]
    assert done(session) == [0]


def test_an_accepted_registration_is_fused_and_recorded_and_can_be_taken_back(
    session: FusionSession, request_all: Request
) -> None:
    session.fuse(one_slice(request_all))
    before = session.partial.fused.copy()
    session.move(MOVE)
    session.ask(one_slice(request_all))
    provenance = session.shown.started.provenance
    assert (provenance.a.name, provenance.a.move, provenance.b.move) == ("pet", MOVE, None)
    assert any("registration" in sentence for sentence in provenance.findings)
    assert not np.array_equal(session.partial.fused, before)
    session.move(None)
    session.ask(one_slice(request_all))
    assert session.shown.started.provenance.a.move is None
    np.testing.assert_array_equal(session.partial.fused, before)


@pytest.mark.parametrize(("reference", "moved"), [("first", "b"), ("second", "a")])
def test_the_source_that_is_not_the_reference_is_moved(
    session: FusionSession, request_all: Request, pet: Volume, mri: Volume, reference: str, moved: str
) -> None:
    """The PET, a of the pair, is given first."""
    asked = one_slice(with_settings(replace(request_all, first=source(pet), second=source(mri)), reference=reference))
    session.fuse(asked)
    session.move(MOVE)
    session.ask(asked)
    provenance = session.shown.started.provenance
    assert {side: getattr(provenance, side).move for side in "ab"} == {"a": None, "b": None} | {moved: MOVE}


def test_a_move_is_taken_back_also_when_the_other_source_has_become_the_reference(
    session: FusionSession, request_all: Request
) -> None:
    session.fuse(one_slice(request_all))
    session.move(MOVE)
    asked = one_slice(with_settings(request_all, reference="second"))
    session.ask(asked)
    assert session.shown.started.provenance.a.move == MOVE
    session.move(None)
    session.ask(asked)
    assert session.shown.started.provenance.a.move is None


def test_a_move_belongs_to_its_pair_and_is_undone_with_the_fusion(
    session: FusionSession, request_all: Request, pet: Volume
) -> None:
    session.fuse(one_slice(request_all))
    session.move(MOVE)
    session.fuse(one_slice(replace(request_all, second=source(replace(pet, name="another")))))
    assert session.shown.started.provenance.a.move is None
    session.fuse(one_slice(request_all))
    assert session.shown.started.provenance.a.move == MOVE


def test_live_fuses_what_is_looked_at_and_its_neighbours_only_while_it_is_on(
    session: FusionSession, request_all: Request
) -> None:
    session.fuse_live(one_slice(request_all, 1), "axial")
    assert session.shown is None
    session.set_live(True)
    how = ends(session)
    session.fuse_live(one_slice(request_all, 1), "axial")
    assert done(session) == [1]
    session.fuse_live(replace(one_slice(request_all, 1), extent="near"), "axial")
    assert done(session) == [0, 1, 2, 3, 4]
    assert how == [("finished", False), ("finished", True)]
    assert not session.can_undo  # nobody asked


def test_live_does_nothing_where_all_slices_are_there(session: FusionSession, request_all: Request) -> None:
    session.set_live(True)
    session.fuse(request_all)
    how = ends(session)
    session.fuse_live(one_slice(request_all), "axial")
    session.fuse_live(one_slice(with_settings(request_all, axis="coronal"), 5), "coronal")
    assert how == []


def test_live_takes_a_device_back_that_another_one_took_over_from(session: FusionSession, request_all: Request) -> None:
    session.set_live(True)
    alone = with_settings(request_all, device="cpu-pytorch")
    session.fuse(one_slice(alone))
    session.fuse(request_all)
    session.partial.made_with.add("compiled code, Numba 0.68.1")  # as the slices that were missing may be
    mixed, devices = session.partial, []
    session.started.connect(lambda started: devices.append(started.kept.request.settings.device))
    session.fuse_live(one_slice(alone), "axial")
    assert devices == ["cpu-pytorch"]
    assert session.partial is not mixed
    session.fuse(alone)
    session.fuse_live(one_slice(alone), "axial")
    assert devices == ["cpu-pytorch"] * 2


def test_live_says_that_other_slices_are_fused_than_those_that_are_looked_at(
    session: FusionSession, request_all: Request
) -> None:
    said = sentences(session)
    session.set_live(True)
    session.fuse_live(one_slice(request_all), "coronal")
    assert said == ["Live fuses axial slices, but these are coronal: see Slices"]
    assert session.shown is None


def test_a_rolled_view_does_not_stop_the_volume_that_is_being_filled(
    session: FusionSession, request_all: Request
) -> None:
    session.set_live(True)
    found = arrivals(session)
    coronal = with_settings(one_slice(request_all, 4), axis="coronal")

    def roll(_slice: FusedSlice) -> None:
        if len(found) == 1:
            session.fuse_live(coronal, "coronal")

    session.arrived.connect(roll)
    session.fuse(request_all)
    assert session.partial.axis == "axial"
    assert found == [2, 4, 5, 3, 1, 0]


def test_live_past_the_ends_of_the_volume_is_a_sentence_and_no_refusal(
    session: FusionSession, request_all: Request
) -> None:
    refused: list[object] = []
    session.refused.connect(lambda findings, _is_live: refused.append(findings))
    said = sentences(session)
    session.set_live(True)
    session.fuse_live(replace(one_slice(request_all, 99), is_live=True), "axial")
    assert refused == []
    assert "slices of T1w" in said[-1]
    session.fuse(one_slice(request_all, 99))
    assert len(refused) == 1


def test_a_pair_that_must_not_be_fused_is_refused_with_its_findings(
    session: FusionSession, request_all: Request, pet: Volume
) -> None:
    away = pet.affine.copy()
    away[0, 3] += 1000.0
    far = replace(request_all, second=source(replace(pet, affine=away, name="far")))
    refused: list[tuple[tuple[Finding, ...], bool]] = []
    session.refused.connect(lambda findings, is_live: refused.append((findings, is_live)))
    session.fuse(far)
    session.set_live(True)
    session.fuse_live(replace(one_slice(far), is_live=True), "axial")
    (asked, by_hand), (again, by_live) = refused
    assert [finding.rule for finding in asked if finding.level == "block"] == ["overlap"]
    assert again == asked
    assert (by_hand, by_live) == (False, True)
    assert session.shown is None
    with pytest.raises(RefusedError, match="overlap"):
        session.fused()


def test_after_a_refusal_undo_leads_back_to_a_result_that_can_be_written(
    session: FusionSession, request_all: Request
) -> None:
    session.fuse(request_all)
    session.fuse(with_settings(request_all, weights="none such"))
    with pytest.raises(RefusedError, match="none such"):
        session.fused()
    session.undo()
    assert session.fused().volume.shape == (6, 24, 32)


def test_a_deleted_result_does_not_come_back_by_itself(session: FusionSession, request_all: Request) -> None:
    switched: list[bool] = []
    session.live_changed.connect(switched.append)
    session.set_live(True)
    session.fuse(one_slice(request_all))
    said = sentences(session)
    session.forget_result()
    assert session.shown is None
    assert switched == [False]
    assert said == ["The fused layer was deleted, so Live is off now"]
    session.fuse_live(one_slice(request_all), "axial")
    assert session.shown is None


def test_another_pair_begins_with_nothing_shown_and_nothing_to_undo(
    session: FusionSession, request_all: Request
) -> None:
    session.fuse(one_slice(request_all))
    session.clear()
    assert session.shown is None
    assert not session.can_undo


def test_a_pair_that_was_closed_is_forgotten_while_another_one_is_fused(
    session: FusionSession, request_all: Request
) -> None:
    session.fuse(one_slice(request_all))
    how, found = ends(session), arrivals(session)
    session.started.connect(lambda _started: session.forget_pair())
    session.fuse(request_all)
    assert how == [("finished", False)]
    assert found
    assert not session.can_undo


@pytest.mark.parametrize("before", ["", "0,50"], ids=["the same windows", "another window before"])
def test_a_volume_that_was_asked_for_while_a_slice_is_fused_is_not_forgotten_when_one_moves_on(
    session: FusionSession, request_all: Request, before: str
) -> None:
    asked: list[bool] = []

    def press(_slice: object) -> None:
        if not asked:
            asked.append(True)
            session.fuse(request_all)
            session.fuse_live(replace(one_slice(request_all), is_live=True), "axial")

    session.set_live(True)
    session.arrived.connect(press)
    first = replace(request_all.first, window=before)
    session.fuse_live(replace(one_slice(request_all), first=first, is_live=True), "axial")
    assert session.partial is not None
    assert session.partial.is_complete


def test_a_fusion_that_is_undone_when_its_first_slice_comes_does_not_come_back(
    session: FusionSession, request_all: Request
) -> None:
    session.arrived.connect(lambda _slice: session.undo())
    session.fuse(request_all)
    assert session.shown is None


def test_live_past_the_ends_of_a_source_that_lies_elsewhere_by_now_is_said_in_place_of_what_was_found_before(
    session: FusionSession, request_all: Request
) -> None:
    refused: list[str] = []
    session.refused.connect(lambda findings, _is_live: refused.extend(one.rule for one in findings))
    session.set_live(True)
    session.fuse_live(replace(one_slice(request_all), is_live=True), "axial")
    micrometres = np.diag([0.001, 0.001, 0.001, 1.0])
    first, second = (one.image.volume for one in (request_all.first, request_all.second))
    small = [replace(one, affine=micrometres @ one.affine) for one in (first, second)]
    moved = replace(request_all, first=source(small[0]), second=source(small[1]))
    session.fuse_live(replace(one_slice(moved, 99), is_live=True), "axial")
    assert refused == ["slice"]
