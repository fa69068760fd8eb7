"""A pair that goes on where it was left: finished slices are taken over where they belong, and nowhere else."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from napari_refusion.fusion.border import MIRRORED
from napari_refusion.fusion.partial import FinishedSlices
from napari_refusion.numerics.intensity import Window
from napari_refusion.session.compare import CompareSession
from napari_refusion.session.fusion import FusionSession
from napari_refusion.session.source import Request, at_slice, nearest_done
from napari_refusion.volume.grid import Grid
from napari_refusion.volume.rigid import RigidMove
from tests.session.asked import one_slice

SHIFT = ((1.0, 0.0, 0.0, 3.0), (0.0, 1.0, 0.0, 0.0), (0.0, 0.0, 1.0, 0.0), (0.0, 0.0, 0.0, 1.0))
MOVE = RigidMove("pet", "T1w", SHIFT, 3.0, 0.0, "shifted by 3.0 mm", 0.5, 0.6, "")


def finished(session: FusionSession) -> FinishedSlices:
    """Return what a session has fused, as a file would hold it."""
    partial = session.partial
    assert partial is not None
    affine, windows = partial.study.grid.affine.copy(), partial.study.windows
    made_with = tuple(sorted(partial.made_with))
    return FinishedSlices(
        partial.fused.copy(), partial.done.copy(), partial.axis, affine, windows, partial.weights_sha256, made_with
    )


@pytest.fixture
def kept(request_all: Request) -> FinishedSlices:
    """Slice 2, and 4, of the pair; brighter than a network would make them, so that they are known again."""
    session = FusionSession()
    session.fuse(one_slice(request_all, 2))
    session.fuse(one_slice(request_all, 4))
    slices = finished(session)
    slices.fused[2] = 0.75
    return slices


def test_finished_slices_are_shown_and_not_fused_again(request_all: Request, kept: FinishedSlices) -> None:
    session = FusionSession()
    session.reopen(replace(one_slice(request_all, 2), finished=kept), {})
    assert session.partial is not None
    assert np.flatnonzero(session.partial.done).tolist() == [2, 4]
    assert (session.partial.fused[2] == 0.75).all()
    assert not session.can_undo


def test_what_follows_fills_the_slices_that_are_missing(request_all: Request, kept: FinishedSlices) -> None:
    session = FusionSession()
    session.reopen(replace(one_slice(request_all, 2), finished=kept), {})
    session.fuse(request_all)
    assert session.partial is not None
    assert session.partial.is_complete
    assert (session.partial.fused[2] == 0.75).all()


def test_an_accepted_registration_and_a_reason_go_on(request_all: Request) -> None:
    session = FusionSession()
    session.reopen(one_slice(request_all), {("pet", "T1w"): MOVE}, "a phantom")
    assert session.partial is not None
    assert [side.move for side in session.partial.study.sides if side.move] == [MOVE]
    assert session.reason_for(frozenset(request_all.keys)) == "a phantom"


def _other_weights(kept: FinishedSlices) -> FinishedSlices:
    return replace(kept, weights_sha256="0" * 64)


def _other_window(kept: FinishedSlices) -> FinishedSlices:
    return replace(kept, windows=(kept.windows[0], Window(0.0, 1.0)))


def _other_grid(kept: FinishedSlices) -> FinishedSlices:
    return replace(kept, fused=kept.fused[:, 1:])


def _other_place(kept: FinishedSlices) -> FinishedSlices:
    affine = kept.affine.copy()
    affine[0, 3] += 0.5
    return replace(kept, affine=affine)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_other_weights, "the weights"),
        (_other_window, "the windows"),
        (_other_grid, "the grid"),
        (_other_place, "the place of the sources"),
    ],
)
def test_slices_of_something_else_are_not_shown_and_that_is_said(
    request_all: Request, kept: FinishedSlices, change: Callable[[FinishedSlices], FinishedSlices], words: str
) -> None:
    session = FusionSession()
    said: list[str] = []
    session.started.connect(lambda started: said.extend(one.sentence for one in started.findings))
    session.reopen(replace(one_slice(request_all, 2), finished=change(kept)), {})
    assert any(f"{words} changed since" in sentence for sentence in said)
    assert session.partial is not None
    assert np.flatnonzero(session.partial.done).tolist() == [2]
    assert not (session.partial.fused[2] == 0.75).any()


@pytest.mark.parametrize("made_with", [(), ("PyTorch 2.12.0",), ("PyTorch 2.12.0", f"Numba 0.60.0, {MIRRORED}")])
def test_slices_that_were_fused_before_edges_were_mirrored_are_not_mixed_with_new_ones(
    request_all: Request, kept: FinishedSlices, made_with: tuple[str, ...]
) -> None:
    """The body of this pair reaches the edges of every slice."""
    session = FusionSession()
    said: list[str] = []
    session.started.connect(lambda started: said.extend(one.sentence for one in started.findings))
    session.reopen(replace(one_slice(request_all, 2), finished=replace(kept, made_with=made_with)), {})
    assert any("2 of 2 fused slices that were saved are not shown" in sentence for sentence in said)
    assert session.partial is not None
    assert np.flatnonzero(session.partial.done).tolist() == [2]
    assert not (session.partial.fused[2] == 0.75).any()
    assert all(MIRRORED in one for one in session.partial.made_with)


def test_the_nearest_finished_slice_is_gone_to() -> None:
    done = np.array([False, True, False, False, False, True])
    grid = Grid((6, 1, 1), np.eye(4))
    places = [nearest_done(at_slice(index), done)(grid, "axial") for index in (0, 2, 4, 99)]
    assert places == [1, 1, 5, 5]


def test_a_comparison_is_restored_whole_or_not_at_all() -> None:
    session = CompareSession()
    assert session.restore("overlay", "checkerboard", {"overlay": 0.3, "no such": 0.5, "swipe": 7.0}, "hot") == ""
    state = session.state
    assert state.mode is not None
    assert (state.mode.name, state.last_mode, dict(state.amounts)) == (
        "overlay",
        "checkerboard",
        {"overlay": 0.3, "swipe": 1.0},
    )
    assert session.restore("no such", "", {}, "hot") == "no such"
    assert session.restore("", "", {}, "no such colours") == "no such colours"
    assert session.state is state
