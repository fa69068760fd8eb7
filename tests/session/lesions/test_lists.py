"""Lists of lesions, one for each pair: in this window, or in the record of its review."""

from dataclasses import replace

from napari_refusion.fusion.partial import PartialFusion
from napari_refusion.lesion.written import to_json
from napari_refusion.numerics.intensity import Window
from napari_refusion.record.project import Project
from napari_refusion.record.store import Store
from napari_refusion.session.lesions.session import LesionSession
from tests.lesion.uptake import blob, pet
from tests.session.listed import HOT, Told, pair_of, review_of


def test_another_pair_has_a_list_of_its_own_and_the_first_one_keeps_its(session: LesionSession) -> None:
    session.add_at(HOT)
    first = session.now.partial
    other = pair_of(pet(blob()))
    study = replace(other.study, a=replace(other.study.a, key="another layer"))
    session.show_pair(replace(other, study=study))
    assert len(session.lesions) == 0
    assert session.selected is None
    session.show_pair(first)
    assert len(session.lesions) == 1


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
        assert again.now.measured[1].values["maximum"] == 10.0
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
