"""Comparing without a viewer: what is wanted to be seen after each thing that a reader does."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from napari_refusion.fusion.compare_mode import CompareMode
from napari_refusion.fusion.compare_modes import COMPARE_MODES, find_mode
from napari_refusion.fusion.comparison import source_names
from napari_refusion.fusion.partial import PartialFusion
from napari_refusion.numerics.intensity import Window
from napari_refusion.session.compare import CompareSession
from napari_refusion.session.compare_state import CompareState
from napari_refusion.study.pairing import pair
from napari_refusion.volume.volume import NO_FILE
from tests.compared import WINDOWS, canvas_to_compare


@pytest.fixture
def partial() -> PartialFusion:
    return canvas_to_compare()


@pytest.fixture
def session(partial: PartialFusion) -> CompareSession:
    session = CompareSession()
    session.show_partial(partial)
    return session


def with_volumes(
    partial: PartialFusion, a: Mapping[str, str] | None = None, b: Mapping[str, str] | None = None
) -> PartialFusion:
    """Return a partial fusion with other properties of its two volumes."""
    sides = {
        key: replace(side, volume=replace(side.volume, **(changes or {})))
        for key, side, changes in zip("ab", partial.study.sides, (a, b), strict=True)
    }
    return replace(partial, study=replace(partial.study, **sides))


def wanted(session: CompareSession) -> str | None:
    mode = session.state.wanted()
    return None if mode is None else mode.name


def test_modes_follow_each_other_in_the_order_of_the_table_with_off_at_the_end(session: CompareSession) -> None:
    seen = []
    for _ in range(9):
        session.next_mode()
        seen.append(wanted(session))
    # of a PET and an MRI there is no difference
    offered = [mode.name for mode in COMPARE_MODES if mode.is_listed and mode.name != "difference"]
    assert "fused" not in offered
    assert seen == [*offered, None]


def test_another_mode_is_one_entry_that_is_offered_with_its_title_and_composed(partial: PartialFusion) -> None:
    grey = CompareMode(
        "half grey", "{first} or {second}", "For this test", lambda _seen, _block: np.full((1, 1, 1, 3), 0.6)
    )
    session = CompareSession((*COMPARE_MODES, grey))
    session.show_partial(partial)
    session.choose("edges of second")
    session.next_mode()
    assert wanted(session) == "half grey"
    assert session.state.caption(grey) == "Pet or T1w"
    assert session.state.meaning() == ""
    assert session.state.picture(grey)[0, 0, 0].tolist() == [153, 153, 153]  # 0.6 x 255


def test_unknown_modes_and_colour_maps_are_answered_with_the_known_ones(session: CompareSession) -> None:
    with pytest.raises(ValueError, match=r"first, second, opacity, .*; 'fused' is not known"):
        session.choose("fused")
    with pytest.raises(ValueError, match=r"grey, grey_inverted, .*; 'warm' is not known"):
        session.set_colour_map("warm")


def test_one_key_goes_between_off_and_the_last_mode_which_is_the_overlay_at_first(session: CompareSession) -> None:
    seen = []
    session.toggle_mode()
    seen.append(wanted(session))
    session.choose("swipe")
    for _ in range(2):
        session.toggle_mode()
        seen.append(wanted(session))
    assert seen == ["overlay", None, "swipe"]


@pytest.mark.parametrize("before", [None, "overlay"])
def test_the_edges_of_a_question_are_no_choice_and_give_the_reader_s_own_back(
    session: CompareSession, before: str | None
) -> None:
    session.choose(before)
    chosen = session.state.choices
    session.ask_with_edges()
    assert (wanted(session), session.state.choices) == ("edges of first", chosen)
    session.choose_again(chosen)  # undoing something else leaves the question
    assert wanted(session) == "edges of first"
    session.stop_asking()
    assert (wanted(session), session.state.choices) == (before, chosen)


def test_what_a_reader_chooses_during_a_question_stays_after_it_but_for_its_edges(session: CompareSession) -> None:
    session.ask_with_edges()
    session.choose("swipe")
    session.stop_asking()
    assert wanted(session) == "swipe"
    session.choose(None)
    session.ask_with_edges()
    seen = []
    for _ in range(2):
        session.toggle_mode()
        seen.append(wanted(session))
    session.stop_asking()
    assert (seen, wanted(session)) == ([None, "edges of first"], None)


def test_a_peek_goes_before_flicker_and_mode_and_ends_without_a_trace(session: CompareSession) -> None:
    session.choose("swipe")
    session.toggle_flicker()
    assert wanted(session) == "first"
    session.peek(1)
    session.take_turn()
    assert wanted(session) == "second"
    session.peek(0)  # the other key, the first one still held
    assert wanted(session) == "first"
    session.unpeek()
    session.take_turn()
    assert wanted(session) == "second"
    session.toggle_flicker()
    assert wanted(session) == "swipe"
    assert not session.state.is_interrupted


def test_a_peek_shows_the_sources_in_the_order_of_the_study_whatever_was_chosen_first(session: CompareSession) -> None:
    titles = []
    for source in (0, 1):
        session.peek(source)
        titles.append(session.state.title(session.state.wanted()))
    assert titles == ["only pet", "only T1w"]


def test_side_by_side_flicker_and_modes_exclude_each_other(session: CompareSession) -> None:
    session.choose("opacity")
    session.peek(0)
    session.toggle_side_by_side()
    session.peek(1)
    assert (session.state.is_side_by_side, session.state.peeked, wanted(session)) == (True, None, None)
    session.toggle_flicker()
    assert (session.state.is_side_by_side, wanted(session)) == (False, "first")
    session.toggle_side_by_side()
    assert (session.state.is_side_by_side, session.state.turn) == (True, None)
    session.choose("opacity")  # no other choice: nothing changes
    assert session.state.is_side_by_side
    session.choose("swipe")
    assert (session.state.is_side_by_side, wanted(session)) == (False, "swipe")


def test_what_is_fused_stands_between_the_sources(session: CompareSession, partial: PartialFusion) -> None:
    assert [mode.name for mode in session.state.cells()] == ["first", "second"]
    partial.put(3, np.full(partial.fused.shape[1:], 0.4, np.float32))
    assert [mode.name for mode in session.state.cells()] == ["first", "fused", "second"]


def test_without_a_pair_nothing_is_to_be_seen_and_its_mode_comes_back_with_the_next_one(
    session: CompareSession, partial: PartialFusion
) -> None:
    session.choose("swipe")
    session.toggle_flicker()
    session.peek(0)
    session.show_partial(None)
    for act in (session.next_mode, session.toggle_mode, session.ask_with_edges, session.toggle_flicker):
        act()
    session.toggle_side_by_side()
    session.peek(1)
    assert wanted(session) is None
    assert not session.state.is_interrupted
    assert not session.state.shows_colour_map()
    with pytest.raises(ValueError, match="Show a pair first"):
        session.state.coloured_source()
    session.show_partial(partial)
    assert wanted(session) == "swipe"


def test_a_deleted_picture_means_off(session: CompareSession) -> None:
    session.choose("swipe")
    session.toggle_flicker()
    session.drop_picture()
    assert (session.state.mode, wanted(session)) == (None, None)
    session.toggle_mode()
    assert wanted(session) == "swipe"


def test_every_mode_keeps_the_place_of_its_own_slider_between_its_ends(session: CompareSession) -> None:
    session.choose("checkerboard")
    session.set_amount(0.8)
    assert session.state.meaning() == "Squares of 13.8 mm"  # 48 mm / (32 * (2 / 32) ** 0.8)
    session.choose("opacity")
    for _ in range(3):
        session.step(-0.1)
    assert session.state.meaning() == "80% pet, 20% T1w"
    assert session.state.slider_ends() == "Left: only pet. Right: only T1w."
    session.step(-0.9)
    assert session.state.meaning() == "100% pet, 0% T1w"
    session.choose("overlay")
    assert session.state.meaning() == "pet over T1w, opacity 50%, transparent below 6 Bq/ml"
    session.choose("first")
    session.step(0.1)
    assert session.state.meaning() == session.state.slider_ends() == ""
    session.choose("checkerboard")
    assert session.state.picture(COMPARE_MODES[0]).comparison.amount == 0.0
    mode = session.state.mode
    assert mode is not None
    assert session.state.amount(mode) == 0.8


def test_a_threshold_stays_for_the_source_it_was_chosen_for(session: CompareSession, partial: PartialFusion) -> None:
    assert session.state.shown_threshold() == pytest.approx(6.0)
    session.set_threshold(30.0)
    session.choose("overlay")
    assert session.state.picture(COMPARE_MODES[0]).comparison.threshold == 30.0
    session.show_partial(replace(partial, study=partial.study.with_windows(Window(0, 200))))
    assert session.state.shown_threshold() == 30.0
    session.show_partial(with_volumes(partial, a={"unit": "SUVbw"}))
    assert session.state.shown_threshold() == pytest.approx(6.0)


def test_without_function_there_is_no_threshold(session: CompareSession, partial: PartialFusion) -> None:
    session.show_partial(with_volumes(partial, a={"modality": "CT", "unit": "HU"}))
    session.choose("overlay")
    assert session.state.shown_threshold() is None
    assert "transparent" not in session.state.meaning()


def test_colours_are_told_where_they_can_be_seen(session: CompareSession, partial: PartialFusion) -> None:
    volume, window = session.state.coloured_source()
    assert (volume.name, window) == ("pet", WINDOWS[0])
    told = {}
    for name in (None, "first", "overlay", "edges of first"):
        session.choose(name)
        told[name] = session.state.shows_colour_map()
    assert told == {None: False, "first": True, "overlay": True, "edges of first": False}
    for alternate in (session.toggle_flicker, session.toggle_side_by_side):
        alternate()
        assert session.state.shows_colour_map()
    session.show_partial(with_volumes(partial, a={"modality": "CT", "unit": "HU"}))
    assert not session.state.shows_colour_map()
    session.choose("overlay")
    assert session.state.shows_colour_map()


def test_a_change_is_told_with_what_was_before(session: CompareSession) -> None:
    told: list[tuple[bool, bool]] = []

    @session.changed.connect
    def note(before: CompareState, now: CompareState) -> None:
        told.append((before.is_interrupted, now.is_interrupted))

    session.peek(1)
    session.peek(1)  # keys repeat while they are held
    session.unpeek()
    session.unpeek()
    session.set_axis(2)
    assert told == [(False, True), (True, False)]


def named(partial: PartialFusion, a: str, b: str) -> PartialFusion:
    return with_volumes(partial, {"name": a}, {"name": b})


def test_names_are_short_and_different(partial: PartialFusion) -> None:
    assert source_names(named(partial, "pet", "T1w")) == ("pet", "T1w")
    assert source_names(named(partial, "", "")) == ("PET", "MRI")
    assert source_names(named(partial, "image", "image")) == ("image (1)", "image (2)")
    assert source_names(named(partial, "sub-01_ses-02_acq-x_T1w", "b"))[0] == "sub-01_s…cq-x_T1w"


@pytest.mark.parametrize(
    ("first", "second", "names"),
    [
        ("PET whole body AC (series 3)", "PET whole body later (series 3)", ("AC", "later")),
        ("PET whole body thin (series 3)", "PET whole body (series 3)", ("body thin", "body")),
        ("sub-01_ses-02_run-1_acq-x_T1w", "sub-01_ses-02_run-2_acq-x_T1w", ("run-1", "run-2")),
        ("PET whole body (series 3)", "PET whole body (series 3)", ("PET whol…eries 3) (1)", "PET whol…eries 3) (2)")),
    ],
)
def test_two_of_one_kind_are_called_by_what_differs(
    partial: PartialFusion, first: str, second: str, names: tuple[str, str]
) -> None:
    assert source_names(named(partial, first, second)) == names
    assert source_names(named(partial, second, first)) in (names[::-1], names)


def test_side_by_side_names_begin_with_what_tells_them_apart(partial: PartialFusion) -> None:
    """A cell of a laptop's screen shows about a dozen letters of them."""
    pairs = {("sub-phantom_pet", "sub-phantom_T1w"): ["pet only", "Fused only", "T1w only"]}
    pairs[("PET AC (series 3)", "PET AC (series 3) later")] = ["3) only", "Fused only", "3) later only"]
    pairs[("", "")] = ["PET only", "Fused only", "MRI only"]
    pairs[("scan", "scan")] = ["scan (1) only", "Fused only", "scan (2) only"]
    for names, said in pairs.items():
        state = CompareState(partial=named(partial, *names))
        modes = [find_mode(name) for name in ("first", "fused", "second")]
        assert [state.cell_name(mode) for mode in modes] == said
        assert [state.cell_word(mode) for mode in modes] == ["PET only", "Fused only", "MRI only"]


def follow_up(partial: PartialFusion) -> PartialFusion:
    """Return two PET of one patient."""
    pet = partial.study.a.source
    return replace(partial, study=pair(pet, replace(pet, data=pet.data * 1.1, origin=NO_FILE, name="later")))


def test_a_difference_is_offered_for_two_pet_with_its_own_scale_and_goes_with_the_pair(partial: PartialFusion) -> None:
    session = CompareSession()
    session.show_partial(follow_up(partial))
    session.choose("difference")
    assert session.state.shows_scale()
    scale = session.state.scale()
    assert scale is not None
    assert scale.window.low == -scale.window.high
    assert session.state.caption(session.state.mode) == "Difference: later minus pet"
    assert session.state.meaning().startswith("Blue: later is lower, orange: higher; full colours from ")

    session.show_partial(partial)
    assert session.state.mode is None
    assert "difference" not in [mode.name for mode in session.state.offered]
    session.toggle_mode()
    assert wanted(session) == "overlay"
    with pytest.raises(ValueError, match="'difference' is not known"):
        session.choose("difference")


def test_two_pet_stand_side_by_side_in_the_colours_of_one_scale(partial: PartialFusion) -> None:
    session = CompareSession()
    session.show_partial(follow_up(partial))
    session.toggle_side_by_side()
    assert [mode.name for mode in session.state.cells()] == ["first", "second"]
    scale = session.state.scale()
    assert scale is not None
    study = session.state.partial.study  # type: ignore[union-attr]
    assert scale.window == study.a.window == study.b.window
