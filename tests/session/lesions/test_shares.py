"""How much the fused image shows of lesions: asked once, and no longer known when something is another one."""

from dataclasses import replace

import numpy as np
import pytest

from napari_refusion.fusion.partial import PartialFusion
from napari_refusion.lesion.voi import voi_of
from napari_refusion.numerics.intensity import Window
from napari_refusion.record.project import Project
from napari_refusion.record.store import Store
from napari_refusion.session.lesions.files import SHOWN
from napari_refusion.session.lesions.session import LesionSession
from tests.session.listed import HOT, Halves, Held, review_of


def test_how_much_is_shown_is_computed_of_what_shows_function_and_only_once(session: LesionSession) -> None:
    session.add_at(HOT)
    session.add_at(HOT, "sphere", 20.0, source=1)
    assert session.shares.shown.pending == (1,)
    session.shares.compute(Halves())  # type: ignore[arg-type]
    [(number, shown)] = session.shares.known.items()
    assert number == 1
    assert shown is not None
    assert shown.share == pytest.approx(0.5, abs=1e-5)
    shown = session.shares.shown
    assert (dict(shown.hidden), shown.pending, session.shares.findings) == ({}, (), ())
    assert not session.shares.is_computing
    headings, line, _ = session.rows()
    assert line[headings.index(SHOWN)] == "50"
    session.rename(1, "node")
    assert 1 in session.shares.known
    session.remove(1)
    assert session.shares.known == {}


def test_with_another_window_what_was_shown_no_longer_holds(session: LesionSession, partial: PartialFusion) -> None:
    session.add_at(HOT)
    session.shares.compute(Halves())  # type: ignore[arg-type]
    session.show_pair(replace(partial))
    assert 1 in session.shares.known
    session.show_pair(replace(partial, study=partial.study.with_windows(Window(0, 5))))
    assert session.shares.known == {}


def test_a_lesion_that_is_changed_while_it_is_computed_is_asked_about_again(partial: PartialFusion) -> None:
    held = Held()
    session = LesionSession(held)
    session.show_pair(partial)
    session.add_at(HOT)
    session.shares.compute(Halves())  # type: ignore[arg-type]
    assert session.shares.is_computing
    assert held.total == 1
    larger = np.zeros(partial.study.a.source.shape, bool)
    larger[10:14, 10:14, 10:14] = True
    session.replace_voi(1, voi_of(larger, partial.study.a.source.affine))
    held.step()
    assert session.shares.known == {}
    assert session.shares.shown.pending == (1,)
    session.show_pair(None)
    assert not session.shares.is_computing


def test_the_review_knows_what_is_shown_until_the_lesion_or_the_fusion_is_another(
    session: LesionSession, partial: PartialFusion, project: Project, store: Store
) -> None:
    review = review_of(project, store, partial)
    session.open_review(review)
    session.add_at(HOT)
    assert review.lesions.shown.pending == (1,)
    session.shares.compute(Halves())  # type: ignore[arg-type]
    assert list(review.lesions.shown.shown) == [1]
    session.mark_key(1, True)
    session.undo()  # read anew from the record, the voxels are the same
    assert list(review.lesions.shown.shown) == [1]
    assert 1 in session.shares.known
    session.replace_voi(1, voi_of(np.ones(partial.study.a.source.shape, bool), partial.study.a.source.affine))
    assert review.lesions.shown.pending == (1,)
