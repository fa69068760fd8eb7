"""The reader's list of lesions, without a window: drawing, changing, undoing, recording."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from napari_refusion.evidence.missed_uptake import MissedUptake
from napari_refusion.fusion.partial import PartialFusion, new_partial
from napari_refusion.io.overlays.overlay import Overlay, Segment
from napari_refusion.lesion.voi import voi_of
from napari_refusion.lesion.written import to_json
from napari_refusion.numerics.intensity import Window
from napari_refusion.record.project import Project
from napari_refusion.record.project_folder import open_project
from napari_refusion.record.run import describe_run
from napari_refusion.record.store import Store
from napari_refusion.session.lesions import LesionSession
from napari_refusion.session.review import ReviewSession
from napari_refusion.study.pairing import pair
from napari_refusion.volume.finding import Finding
from napari_refusion.volume.rigid import move_of
from napari_refusion.volume.volume import Volume
from tests.lesion.uptake import blob, pet, place

HOT = place((12, 12, 12))


def mri_of(volume: Volume) -> Volume:
    data = np.random.default_rng(3).random(volume.shape, dtype=np.float32)
    return Volume(data, volume.affine, "MR", name="T1", origin=replace(volume.origin, sha256="b" * 64))


def pair_of(source: Volume, other: Volume | None = None) -> PartialFusion:
    other = other if other is not None else mri_of(source)
    study = pair(source, other, windows=(Window(0, 10), Window(0, 1)))
    study = replace(study, a=replace(study.a, key="pet layer"), b=replace(study.b, key="mri layer"))
    return new_partial(study, "axial", "w" * 64)


class Told:
    """What a session said, sentence by sentence."""

    def __init__(self, session: LesionSession) -> None:
        self.findings: list[Finding] = []
        session.said.connect(self.findings.append)

    def __contains__(self, words: str) -> bool:
        return any(words in one.sentence for one in self.findings)


@pytest.fixture
def partial() -> PartialFusion:
    return pair_of(pet(blob()))


@pytest.fixture
def session(partial: PartialFusion) -> LesionSession:
    session = LesionSession()
    session.show_pair(partial)
    return session


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return open_project(tmp_path / "project")


@pytest.fixture
def store(project: Project) -> Iterator[Store]:
    with Store.open(project.folder, "R1") as opened:
        yield opened


def review_of(project: Project, store: Store, partial: PartialFusion) -> ReviewSession:
    return ReviewSession(store, project, describe_run(partial), partial)


def test_a_click_on_uptake_draws_an_isocontour_and_measures_its_source(session: LesionSession) -> None:
    changes: list[bool] = []
    session.changed.connect(lambda: changes.append(True))
    assert session.add_at(HOT + 3.0) == 1
    [lesion] = session.lesions
    assert lesion.voi.method == "isocontour 41 %"
    assert session.measured[1].values["maximum"] == 10.0
    assert session.selected == 1
    assert changes
    headings, line = session.rows()
    assert (line[0], line[1], line[headings.index("SUVmax (SUVbw)")]) == ("1", "Lesion 1", "10")


def test_a_second_click_on_one_lesion_is_warned_of(session: LesionSession) -> None:
    told = Told(session)
    session.add_at(HOT)
    assert "in common" not in told
    session.add_at(HOT)
    assert "in common with Lesion 1, and a sum counts them twice" in told


def test_what_cannot_be_drawn_is_said_and_changes_nothing(session: LesionSession) -> None:
    told = Told(session)
    assert session.add_at(HOT + 5000) is None
    assert "Click within PET" in told
    assert session.add_at(HOT, source=7) is None
    session.rename(3, "node")
    assert "Choose a lesion of the list (none)" in told
    assert len(session.lesions) == 0
    assert not session.undo()


def test_without_a_pair_nothing_is_drawn() -> None:
    session = LesionSession()
    told = Told(session)
    session.show_pair(None)
    assert session.add_at(HOT) is None
    assert "Choose two images of a patient first" in told
    assert (session.sources, session.rows()[1:]) == ((), ())


def test_every_change_is_undone_and_redone_and_numbers_are_not_given_again(session: LesionSession) -> None:
    session.add_at(HOT)
    session.rename(1, "  node   left ")
    session.set_site(1, "axilla")
    session.comment(1, "below the vein")
    session.mark_key(1, True)
    session.set_group(1, "A")
    session.remove(1)
    assert len(session.lesions) == 0
    assert session.undo()
    [lesion] = session.lesions
    assert (lesion.name, lesion.site, lesion.comment, lesion.is_key, lesion.group) == (
        "node left",
        "axilla",
        "below the vein",
        True,
        "A",
    )
    while session.undo():
        pass
    assert len(session.lesions) == 0
    assert session.redo()
    assert session.lesions.items[0].title == "Lesion 1"
    session.undo()
    assert session.add_at(HOT) == 2


def test_a_change_to_the_same_is_none(session: LesionSession) -> None:
    session.add_at(HOT)
    session.rename(1, "")
    session.mark_key(1, False)
    assert session.undo()
    assert len(session.lesions) == 0


def test_the_place_of_missed_uptake_becomes_a_lesion(session: LesionSession) -> None:
    x, y, z = HOT.tolist()
    assert session.add_from_missed(MissedUptake(12, (12, 12, 12), (x, y, z), 0.4, 0.1)) == 1


def test_regions_of_an_overlay_become_lesions_in_one_step(session: LesionSession, partial: PartialFusion) -> None:
    mask = np.zeros(partial.study.a.source.shape, bool)
    mask[3:5, 3:6, 3:7] = True
    affine = partial.study.a.source.affine
    segments = tuple(Segment(number, name, voi_of(mask, affine)) for number, name in enumerate(("GTV", "node", "lung")))
    overlay = Overlay("DICOM SEG", "seg.dcm", "f" * 64, segments)
    assert session.take_overlay(overlay, ["GTV", "lung"]) == (1, 2)
    assert [one.name for one in session.lesions] == ["GTV", "lung"]
    assert session.lesions.items[0].voi.method == "DICOM SEG"
    assert session.take_overlay(overlay, ["no such"]) == ()
    session.undo()
    assert len(session.lesions) == 0


def test_regions_of_an_overlay_that_share_voxels_are_warned_of(session: LesionSession, partial: PartialFusion) -> None:
    said: list[Finding] = []
    session.said.connect(said.append)
    source = partial.study.a.source
    masks = np.zeros((2, *source.shape), bool)
    masks[0, 3:5, 3:6, 3:7] = masks[1, 4:8, 3:6, 3:7] = True
    regions = tuple(
        Segment(number, f"region {number}", voi_of(mask, source.affine)) for number, mask in enumerate(masks)
    )
    session.take_overlay(Overlay("RTSTRUCT", "plan.dcm", "f" * 64, regions), ["region 0"])
    assert said == []
    session.take_overlay(Overlay("RTSTRUCT", "plan.dcm", "f" * 64, regions), ["region 1"])
    assert ["region 1 has 12 of its 48 voxels in common with region 0" in one.sentence for one in said] == [True]


def test_a_region_on_another_grid_takes_the_voxels_whose_centres_lie_in_it(session: LesionSession) -> None:
    fine = pet(blob((48, 48, 48), (2.0, 2.0, 2.0), (24.0, 24.0, 24.0)), (2.0, 2.0, 2.0))
    mask = np.zeros(fine.shape, bool)
    mask[19:26, 19:26, 19:26] = True  # 14 mm, from index 9.25 to 12.75 of 4 mm
    session.add_voi(voi_of(mask, fine.affine, "label map"), name="box")
    [lesion] = session.lesions
    assert lesion.voi.grid.shape == (24, 24, 24)
    assert lesion.voi.count == 3**3


def test_the_brush_gives_a_lesion_other_voxels_and_says_so(session: LesionSession, partial: PartialFusion) -> None:
    session.add_at(HOT)
    grid = partial.study.a.source.grid
    mask = session.lesions.items[0].voi.whole()
    mask[0, 0, 0] = True
    for _ in range(2):
        session.replace_voi(1, voi_of(mask, grid.affine))
    [lesion] = session.lesions
    assert lesion.voi.method == "isocontour 41 %, corrected by hand"
    assert session.measured[1].voxels == mask.sum()


def test_lesions_of_a_source_that_was_replaced_or_edited_are_stale_and_not_counted(session: LesionSession) -> None:
    session.add_at(HOT)
    other = pet(blob(height=5.0))
    told = Told(session)
    session.show_pair(pair_of(replace(other, origin=replace(other.origin, sha256="c" * 64))))
    assert session.stale == {1}
    assert (session.measured, session.rows()[1:], session.placed(1)) == ({}, (), None)
    session.replace_voi(1, session.lesions.items[0].voi)
    assert "its source was replaced since" in told
    session.show_pair(pair_of(pet(blob())))
    assert session.stale == frozenset()
    assert session.measured[1].values["maximum"] == 10.0


def test_another_pair_has_a_list_of_its_own_and_the_first_one_keeps_its(session: LesionSession) -> None:
    session.add_at(HOT)
    first = session.partial
    other = pair_of(pet(blob()))
    study = replace(other.study, a=replace(other.study.a, key="another layer"))
    session.show_pair(replace(other, study=study))
    assert len(session.lesions) == 0
    assert session.selected is None
    session.show_pair(first)
    assert len(session.lesions) == 1


def test_a_source_without_a_file_is_known_by_its_voxels(session: LesionSession) -> None:
    painted = pet(blob(), origin=replace(pet(blob()).origin, sha256=""))
    session.show_pair(pair_of(painted))
    session.add_at(HOT)
    session.show_pair(pair_of(replace(painted, data=painted.data.copy())))
    assert session.stale == frozenset()
    session.compute_shares(Halves())  # type: ignore[arg-type]
    assert 1 in session.shares
    changed = painted.data.copy()
    changed[0, 0, 0] += 1
    session.show_pair(pair_of(replace(painted, data=changed)))
    assert session.stale == {1}
    assert session.shares == {}
    session.add_at(HOT)
    changed[0, 0, 1] += 1  # in place, as a brush does in a layer of which a new volume is made then
    session.show_pair(pair_of(replace(painted, data=changed)))
    assert session.stale == {1, 2}


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
    placed = there.placed(1)
    assert placed is not None
    centre = placed.grid.point_at(placed.voxels.mean(axis=0))
    np.testing.assert_allclose(centre, HOT + shift[:3, 3], atol=1e-9)
    there.add_voi(placed)
    assert there.lesions.items[1].voi.equals(one)


def test_the_other_source_is_measured_by_its_own_voxels(session: LesionSession, partial: PartialFusion) -> None:
    session.add_at(HOT)
    [other] = session.elsewhere(1)
    inside = session.lesions.items[0].voi.whole()
    assert other.source == "T1"
    assert other.values["mean"] == pytest.approx(partial.study.b.source.data[inside].mean(), rel=1e-6)


def test_in_a_review_every_change_is_recorded_and_opened_again_it_is_equal(
    session: LesionSession, partial: PartialFusion, project: Project
) -> None:
    with Store.open(project.folder, "R1") as store:
        review = review_of(project, store, partial)
        session.open_review(review)
        session.add_at(HOT)
        session.rename(1, "node")
        session.add_at(HOT, "sphere", 20.0)
        session.remove(2)
        assert [event.kind for event in review.events] == ["lesion"] * 4
        session.undo()
        assert [one.title for one in session.lesions] == ["node", "Lesion 2"]
        written = to_json(session.lesions)
    with Store.open(project.folder, "R1") as store:
        again = LesionSession()
        again.show_pair(partial)
        again.open_review(review_of(project, store, partial))
        assert to_json(again.lesions) == written
        assert again.measured[1].values["maximum"] == 10.0
        again.open_review(None)
        assert len(again.lesions) == 0


def test_a_list_is_that_of_the_case_also_under_another_window(
    session: LesionSession, partial: PartialFusion, project: Project, store: Store
) -> None:
    session.open_review(review_of(project, store, partial))
    session.add_at(HOT)
    brighter = replace(partial, study=partial.study.with_windows(Window(0, 5)))
    session.show_pair(brighter)
    session.open_review(review_of(project, store, brighter))
    assert len(session.lesions) == 1
    assert session.add_at(HOT) == 2
    session.undo()
    assert session.add_at(HOT) == 3


def test_what_was_drawn_before_the_review_is_recorded_when_it_opens(
    session: LesionSession, partial: PartialFusion, project: Project, store: Store
) -> None:
    session.add_at(HOT)
    session.comment(1, "seen at once")
    told = Told(session)
    review = review_of(project, store, partial)
    session.open_review(review)
    assert "drawn before is in the record" in told
    assert review.review.lesions.items[0].comment == "seen at once"
    session.open_review(None)
    assert len(session.lesions) == 0
    session.open_review(review)
    assert len(session.lesions) == 1


def test_the_list_does_not_undo_a_verdict_on_a_slice(
    session: LesionSession, partial: PartialFusion, project: Project, store: Store
) -> None:
    review = review_of(project, store, partial)
    session.open_review(review)
    session.add_at(HOT)
    review.answer("aligned")
    told = Told(session)
    assert not session.undo()
    assert "Undo it in the review" in told
    assert review.review.registration == "aligned"
    review.undo()
    session.read_again()
    assert session.undo()
    assert not session.redo() or len(session.lesions) == 1


def test_a_locked_case_keeps_its_lesions(
    session: LesionSession, partial: PartialFusion, project: Project, store: Store
) -> None:
    review = review_of(project, store, partial)
    session.open_review(review)
    session.add_at(HOT)
    store.append(review.run.case_id, review.run.run_id, "lock", {})
    session.open_review(review_of(project, store, partial))
    told = Told(session)
    session.remove(1)
    assert "locked" in told
    assert len(session.lesions) == 1


def test_the_review_of_another_pair_does_not_take_the_lesions(
    session: LesionSession, partial: PartialFusion, project: Project, store: Store
) -> None:
    review = review_of(project, store, partial)
    session.open_review(review)
    other = pet(blob())
    session.show_pair(pair_of(replace(other, origin=replace(other.origin, sha256="c" * 64))))
    session.add_at(HOT)
    assert review.events == ()
    assert len(session.lesions) == 1


class Halves:
    """An engine that shows half of each source."""

    def fuse(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return (a + b) / 2


class Held:
    """A runner that goes on by one message when it is told to."""

    def __init__(self) -> None:
        self.total = 0

    def __call__(self, work, arguments, receive, end):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN204
        self.generator, self.receive, self.end = work(*arguments), receive, end
        return self

    def announce(self, total: int, _description: str) -> None:
        self.total = total

    def advance(self) -> None:
        self.total -= 1

    def start(self) -> None:
        """Wait for the first step."""

    def step(self) -> None:
        self.receive(next(self.generator))

    def close(self) -> None:
        self.end("closed")


def test_how_much_is_shown_is_computed_of_what_shows_function_and_only_once(session: LesionSession) -> None:
    session.add_at(HOT)
    session.add_at(HOT, "sphere", 20.0, source=1)
    assert session.shown.pending == (1,)
    session.compute_shares(Halves())  # type: ignore[arg-type]
    [(number, shown)] = session.shares.items()
    assert number == 1
    assert shown is not None
    assert shown.share == pytest.approx(0.5, abs=1e-5)
    assert (session.hidden, session.findings, session.shown.pending, session.is_computing) == ((), (), (), False)
    assert session.rows()[1][-1] == "50"
    session.rename(1, "node")
    assert 1 in session.shares
    session.remove(1)
    assert session.shares == {}


def test_with_another_window_what_was_shown_no_longer_holds(session: LesionSession, partial: PartialFusion) -> None:
    session.add_at(HOT)
    session.compute_shares(Halves())  # type: ignore[arg-type]
    session.show_pair(replace(partial))
    assert 1 in session.shares
    session.show_pair(replace(partial, study=partial.study.with_windows(Window(0, 5))))
    assert session.shares == {}


def test_a_lesion_that_is_changed_while_it_is_computed_is_asked_about_again(partial: PartialFusion) -> None:
    held = Held()
    session = LesionSession(held)
    session.show_pair(partial)
    session.add_at(HOT)
    session.compute_shares(Halves())  # type: ignore[arg-type]
    assert session.is_computing
    assert held.total == 1
    larger = np.zeros(partial.study.a.source.shape, bool)
    larger[10:14, 10:14, 10:14] = True
    session.replace_voi(1, voi_of(larger, partial.study.a.source.affine))
    held.step()
    assert session.shares == {}
    assert session.shown.pending == (1,)
    session.show_pair(None)
    assert not session.is_computing


def test_the_review_knows_what_is_shown_until_the_lesion_or_the_fusion_is_another(
    session: LesionSession, partial: PartialFusion, project: Project, store: Store
) -> None:
    review = review_of(project, store, partial)
    session.open_review(review)
    session.add_at(HOT)
    assert review.lesions_shown.pending == (1,)
    session.compute_shares(Halves())  # type: ignore[arg-type]
    assert list(review.lesions_shown.shown) == [1]
    session.mark_key(1, True)
    session.undo()  # read anew from the record, the voxels are the same
    assert list(review.lesions_shown.shown) == [1]
    assert 1 in session.shares
    session.replace_voi(1, voi_of(np.ones(partial.study.a.source.shape, bool), partial.study.a.source.affine))
    assert review.lesions_shown.pending == (1,)
