"""Two examinations of a patient are compared lesion by lesion; nothing is matched that the reader did not match."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from napari_refusion.fusion.partial import PartialFusion, new_partial
from napari_refusion.io.overlays.overlay import Overlay, Segment
from napari_refusion.lesion.voi import voi_of
from napari_refusion.record.project_folder import open_project
from napari_refusion.record.store import Store
from napari_refusion.session.follow_up.session import FollowUpSession
from napari_refusion.study.pairing import pair
from napari_refusion.volume.acquisition import Acquisition
from napari_refusion.volume.finding import Finding
from napari_refusion.volume.rigid import move_of
from napari_refusion.volume.volume import Volume
from tests.lesion.uptake import affine_of
from tests.session.examinations import SPOTS, at, baseline_of, examined, follow_up_of, spots
from tests.session.listed import review_of

FIRST, SECOND = SPOTS


@pytest.fixture
def session() -> FollowUpSession:
    """Return both examinations with their lesions; of the follow-up the first spot has 0.7 times the uptake."""
    made = follow_up_of(examined(spots(FIRST, height=7.0), "b"))
    made.choose_baseline(baseline_of(examined(spots(*SPOTS), "a")))
    for spot in SPOTS:
        made.add_at(at(spot))
    made.later.add_at(at(FIRST))
    return made


def statuses(session: FollowUpSession) -> list[str]:
    return [row.status for row in session.found.rows]


def test_the_nearest_lesion_is_proposed_and_matched_only_by_the_reader(session: FollowUpSession) -> None:
    assert statuses(session) == ["proposed, 0 mm apart", "not matched"]
    assert session.found.table()[1][2] == "proposed, 0 mm apart"
    session.accept_proposed()
    assert statuses(session) == ["matched", "not matched"]
    assert session.found.rows[0].change.deltas["maximum"].percent == pytest.approx(-30, abs=1e-3)
    assert session.found.proposed == ()


def test_a_lesion_is_gone_or_new_only_where_the_reader_says_so(session: FollowUpSession) -> None:
    session.later.add_at(at((12, 6, 18)), "sphere", 10.0)
    assert statuses(session) == ["proposed, 0 mm apart", "not matched", "not matched"]
    session.matches.say_alone(session.found.rows[1])
    session.matches.say_alone(session.found.rows[2])
    assert statuses(session) == ["proposed, 0 mm apart", "gone", "new"]
    session.matches.say_nothing(session.found.rows[1])
    session.matches.say_nothing(session.found.rows[2])
    assert statuses(session)[1:] == ["not matched", "not matched"]


def test_what_was_matched_holds_for_these_voxels_of_the_baseline_alone(session: FollowUpSession) -> None:
    session.accept_proposed()
    session.remove(1)
    session.add_at(at(FIRST))
    assert statuses(session) == ["not matched", "proposed, 0 mm apart"]
    session.undo()
    session.undo()
    assert statuses(session) == ["matched", "not matched"]


def test_a_match_is_kept_with_the_follow_up_and_taken_back_with_it(session: FollowUpSession) -> None:
    session.accept_proposed()
    session.later.undo()
    assert statuses(session) == ["proposed, 0 mm apart", "not matched"]
    session.later.redo()
    baseline = session.baseline
    session.choose_baseline(None)
    assert (session.found.rows, session.found.changes) == ((), None)
    session.choose_baseline(baseline)
    assert statuses(session) == ["matched", "not matched"]


def test_another_match_of_a_lesion_replaces_the_one_before(session: FollowUpSession) -> None:
    session.matches.match(1, 1)
    session.later.add_at(at((12, 6, 18)), "sphere", 10.0)
    session.matches.match(1, 2)
    assert [(row.change.before, row.change.after) for row in session.found.rows if row.status == "matched"] == [
        (session.found.rows[0].change.before, session.found.rows[0].change.after)
    ]
    assert session.found.rows[0].change.after.number == 2  # type: ignore[union-attr]


def test_a_lesion_is_drawn_at_the_same_place_of_the_other_examination_by_the_same_method() -> None:
    session = follow_up_of(examined(spots(*SPOTS, height=5.0), "b"))
    session.choose_baseline(baseline_of(examined(spots(*SPOTS), "a")))
    session.later.add_at(at(FIRST), "isocontour", 50.0)
    session.draw_at_other(session.found.rows[0])
    (drawn,) = session.lesions
    assert drawn.voi.method == "isocontour 50 %"
    assert statuses(session) == ["matched"]
    session.add_at(at(SECOND))
    session.draw_at_other(session.found.rows[1])
    assert statuses(session) == ["matched", "matched"]
    assert session.found.rows[1].change.deltas["maximum"].percent == pytest.approx(-50, abs=1e-3)


def test_two_patients_are_refused_until_the_reader_types_why() -> None:
    session = follow_up_of(examined(spots(FIRST), "b"))
    other = baseline_of(examined(spots(FIRST), "a", patient="P2"))
    session.choose_baseline(other)
    assert session.rule == "patient"
    assert "Patient ID (0010,0020) differs" in session.refusal
    assert session.add_at(at(FIRST)) is None
    session.choose_baseline(other, "renumbered when the hospitals merged")
    assert session.refusal == ""
    session.later.add_at(at(FIRST))
    session.draw_at_other(session.found.rows[0])
    assert statuses(session) == ["matched"]


def test_the_anatomy_of_another_patient_is_named_where_the_pet_are_of_one() -> None:
    session = follow_up_of(examined(spots(FIRST), "b"))
    session.choose_baseline(baseline_of((examined(spots(FIRST), "a")[0], examined(spots(FIRST), "c", patient="P2")[1])))
    assert session.rule == "patient"
    assert "the baseline's PET a and CT c belong to two patients" in session.refusal


@pytest.mark.parametrize(
    ("name", "unit", "rule"), [("b", "SUVbw", "same file"), ("a", "Bq/ml", "unit")], ids=["itself", "another unit"]
)
def test_one_examination_twice_and_two_units_are_refused(name: str, unit: str, rule: str) -> None:
    session = follow_up_of(examined(spots(FIRST), "b"))
    session.choose_baseline(baseline_of(examined(spots(FIRST), name, unit=unit)))
    assert session.rule == rule
    assert session.found.rows == ()


def test_regions_of_another_grid_lie_on_the_baseline_s_own_and_those_outside_are_left_out() -> None:
    """As of a SEG on the CT: voxels of 2 mm, eight in each of the PET's, whose first one lies 1 mm beside theirs."""
    baseline = baseline_of(examined(spots(*SPOTS), "a"))
    session = follow_up_of(examined(spots(FIRST), "b"))
    session.choose_baseline(baseline)
    fine = np.zeros((48, 48, 48), bool)
    fine[10:16, 10:14, 12:20] = True
    affine = affine_of(2.0, 2.0, 2.0)
    affine[:3, 3] = affine[:3, :3] @ np.full(3, -0.5)
    away = affine.copy()
    away[:3, 3] += 1000.0
    regions = tuple(
        Segment(number, "GTV", voi_of(fine, place, "manual")) for number, place in enumerate((affine, away), 1)
    )
    assert session.take_overlay(Overlay("DICOM SEG", "seg.dcm", "", regions)) == 1
    (lesion,) = session.lesions
    assert lesion.voi.grid.matches(baseline.measured.grid)
    assert [(part.start, part.stop) for part in lesion.voi.box] == [(5, 8), (5, 7), (6, 10)]
    assert (lesion.voi.count, lesion.voi.method) == (3 * 2 * 4, "manual")


def lean(sources: tuple[Volume, Volume], factor: float) -> tuple[Volume, Volume]:
    """The same examination of a patient whose lean body mass is known."""
    return replace(sources[0], acquisition=Acquisition(lean_factor=factor)), sources[1]


def in_scale(sources: tuple[Volume, Volume], window: str) -> PartialFusion:
    return new_partial(pair(*sources, windows=(window, "")), "axial")


def test_both_are_compared_in_the_unit_that_the_follow_up_is_shown_in_and_what_was_said_stays() -> None:
    """The weight changed: SUV by lean body mass is 0.6 times that by weight in the baseline, 0.65 in the follow-up."""
    after = lean(examined(spots(FIRST, height=7.0), "b"), 0.65)
    session = follow_up_of(after)
    session.choose_baseline(baseline_of(lean(examined(spots(FIRST), "a"), 0.6)))
    session.add_at(at(FIRST))
    session.later.add_at(at(FIRST))
    session.accept_proposed()
    session.moving.move = move_of(after[1], after[1], np.eye(4))
    for scale, unit, change in (("sul5", "SUVlbm", 7 * 0.65 / (10 * 0.6)), ("suv5", "SUVbw", 0.7)):
        session.later.show_pair(in_scale(after, scale))
        assert session.found.changes is not None
        assert session.found.changes.unit == unit
        assert statuses(session) == ["matched"]
        assert session.found.rows[0].change.deltas["maximum"].percent == pytest.approx(100 * change - 100, abs=1e-3)
        assert session.moving.move is not None


def test_a_baseline_that_cannot_be_had_in_the_unit_of_the_follow_up_is_refused_until_that_is_another_one() -> None:
    after = lean(examined(spots(FIRST, height=7.0), "b"), 0.65)
    session = follow_up_of(after)
    session.choose_baseline(baseline_of(examined(spots(FIRST), "a")))
    session.later.show_pair(in_scale(after, "sul5"))
    assert (session.rule, session.found.changes) == ("unit", None)
    session.later.show_pair(in_scale(after, "suv5"))
    assert (session.rule, session.is_compared) == ("", True)
    assert session.moving.can_register


def test_another_pair_ends_what_was_registered_and_compared(session: FollowUpSession) -> None:
    session.accept_proposed()
    session.later.show_pair(None)
    assert (session.follow_up, session.found.rows) == (None, ())
    other = follow_up_of(examined(spots(FIRST), "c", patient="P3")).later
    session.later.show_pair(other.now.partial)
    assert session.rule == "patient"


def test_a_place_without_uptake_is_refused_in_a_sentence(session: FollowUpSession) -> None:
    said: list[Finding] = []
    session.said.connect(said.append)
    assert session.add_at(np.array([999.0, 0.0, 0.0])) is None
    assert said[0].level == "block"


def test_lesions_that_were_drawn_when_the_baseline_was_shown_are_taken_over() -> None:
    before, after = examined(spots(*SPOTS), "a"), examined(spots(FIRST), "b")
    session = follow_up_of(before)
    session.later.add_at(at(FIRST))
    session.later.show_pair(follow_up_of(after).later.now.partial)
    session.choose_baseline(baseline_of(before))
    assert session.take_drawn() == 1
    assert [one.number for one in session.lesions] == [1]


def drawn_in_a_review(folder: Path, reader: str, sources: tuple[Volume, Volume]) -> FollowUpSession:
    """Return a session whose pair had a lesion drawn in its review, which was left then."""
    session = follow_up_of(sources)
    partial, project = session.later.now.partial, open_project(folder)
    assert partial is not None
    with Store.open(folder, reader) as store:
        session.later.open_review(review_of(project, store, partial))
        session.later.add_at(at(FIRST))
        session.later.open_review(None)
    return session


def test_lesions_that_were_drawn_in_the_review_of_the_baseline_are_taken_over(tmp_path: Path) -> None:
    before, after = examined(spots(*SPOTS), "a"), follow_up_of(examined(spots(FIRST), "b")).later.now.partial
    session = drawn_in_a_review(tmp_path, "R1", before)
    session.later.show_pair(after)
    session.choose_baseline(baseline_of(before))
    assert session.take_drawn() == 1


@pytest.mark.parametrize(("reader", "count"), [("R1", 1), ("R2", 0)])
def test_what_one_reader_drew_on_a_baseline_is_not_another_readers(tmp_path: Path, reader: str, count: int) -> None:
    before, after = examined(spots(*SPOTS), "a"), follow_up_of(examined(spots(FIRST), "b")).later.now.partial
    assert after is not None
    session = drawn_in_a_review(tmp_path, "R1", before)
    session.later.show_pair(after)
    with Store.open(tmp_path, reader) as store:
        session.later.open_review(review_of(open_project(tmp_path), store, after))
        session.choose_baseline(baseline_of(before))
        assert session.take_drawn() == count


def test_what_was_drawn_on_a_baseline_before_any_review_is_of_the_first_reader_alone(tmp_path: Path) -> None:
    before, after = examined(spots(*SPOTS), "a"), examined(spots(FIRST), "b")
    session = follow_up_of(after)
    partial, project = session.later.now.partial, open_project(tmp_path)
    assert partial is not None
    session.choose_baseline(baseline_of(before))
    session.add_at(at(FIRST))
    for reader, count in (("R1", 1), ("R2", 0)):
        with Store.open(tmp_path, reader) as store:
            session.later.open_review(review_of(project, store, partial))
            assert (reader, len(session.lesions)) == (reader, count)
            session.later.open_review(None)


def test_what_a_reader_drew_on_a_baseline_stays_the_readers_when_another_one_reviewed_it_since(tmp_path: Path) -> None:
    before, after = examined(spots(*SPOTS), "a"), follow_up_of(examined(spots(FIRST), "b")).later.now.partial
    session = drawn_in_a_review(tmp_path, "R1", before)
    later, project = session.later, open_project(tmp_path)
    shown = later.now.partial
    assert shown is not None
    assert after is not None
    with Store.open(tmp_path, "R2") as store:
        later.open_review(review_of(project, store, shown))
        later.open_review(None)
    later.show_pair(after)
    with Store.open(tmp_path, "R1") as store:
        later.open_review(review_of(project, store, after))
        session.choose_baseline(baseline_of(before))
        assert session.take_drawn() == 1


def test_a_list_of_the_baseline_that_was_changed_since_it_was_taken_is_told(tmp_path: Path) -> None:
    before, after = examined(spots(*SPOTS), "a"), follow_up_of(examined(spots(FIRST), "b")).later.now.partial
    session = follow_up_of(before)
    later, shown = session.later, session.later.now.partial
    later.add_at(at(FIRST))
    later.show_pair(after)
    session.choose_baseline(baseline_of(before))
    session.take_drawn()
    assert session.found.findings == ()
    later.show_pair(shown)
    later.add_at(at(SECOND))
    later.show_pair(after)
    session.choose_baseline(baseline_of(before))
    assert len(session.lesions) == 1
    [told] = session.found.findings
    assert told.sentence.startswith("Take the lesions that were drawn on the baseline again")
    session.take_drawn()
    assert (len(session.lesions), session.found.findings) == (2, ())


def test_two_series_of_one_study_and_other_corrections_are_noticed(session: FollowUpSession) -> None:
    later = session.follow_up
    assert later is not None
    pet, ct = examined(spots(FIRST), "c")
    acquisition = Acquisition(study="1.2.3", corrected=("DECY",))
    both = follow_up_of((replace(pet, acquisition=replace(acquisition, corrected=("ATTN", "DECY"))), ct))
    both.choose_baseline(baseline_of((replace(examined(spots(FIRST), "a")[0], acquisition=acquisition), ct)))
    assert [one.rule for one in both.found.findings] == ["study", "values"]
    assert both.found.findings[1].value == "ATTN"


def test_the_reason_for_one_patient_does_not_hold_for_the_next_follow_up() -> None:
    session = follow_up_of(examined(spots(FIRST), "b"))
    session.choose_baseline(baseline_of(examined(spots(FIRST), "a", patient="P2")), "renumbered")
    assert session.refusal == ""
    session.later.show_pair(new_partial(pair(*examined(spots(FIRST), "c", patient="P3")), "axial"))
    assert session.reason == ""
    assert session.rule == "patient"


def test_what_was_registered_and_called_gone_comes_back_with_both_examinations_and_for_no_others(
    session: FollowUpSession,
) -> None:
    baseline, kept = session.baseline, session._own
    assert baseline is not None
    assert baseline.anatomy is not None
    assert session.follow_up is not None
    assert session.follow_up.anatomy is not None
    shift = np.eye(4)
    shift[0, 3] = 4.0
    session.moving.proposal = move_of(session.follow_up.anatomy, baseline.anatomy, shift, (0.5, 0.75))
    session.moving.accept()
    session.matches.say_alone(session.found.rows[1])
    before, move = statuses(session), session.moving.move
    session.choose_baseline(baseline_of(examined(spots(FIRST), "c")))
    assert session.moving.move is None
    session.choose_baseline(baseline)
    assert (statuses(session), session.moving.move) == (before, move)
    session.close()
    told: list[str] = []
    again = FollowUpSession(session.later, lists=kept)
    again.moving.stage.connect(told.append)
    again.choose_baseline(baseline)
    assert (statuses(again), again.moving.move) == (before, move)
    assert told[-1].startswith("Accepted: the baseline, CT a,")
    again.moving.undo()
    again.choose_baseline(None)
    again.choose_baseline(baseline)
    assert again.moving.move is None
    other = FollowUpSession(follow_up_of(examined(spots(FIRST, height=7.0), "d")).later, lists=kept)
    other.choose_baseline(baseline)
    assert "gone" not in statuses(other)
