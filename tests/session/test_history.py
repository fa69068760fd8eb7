"""What a history gives back, and what it forgets."""

from napari_refusion.session.history import FUSIONS, STEPS, History

PAIR = frozenset({"T1w", "pet"})


def taken_back(history: History) -> list[object]:
    """Return everything that was chosen before, the newest first."""
    found: list[object] = []
    while (step := history.take()) is not None:
        found.append(step.choices)
    return found


def test_what_was_remembered_last_comes_back_first_and_once() -> None:
    history = History()
    history.note_choice("window", {}, PAIR)
    history.note_fusion(None, "weights", {}, PAIR)
    assert taken_back(history) == ["weights", "window"]
    assert history.take() is None


def test_with_a_fusion_that_is_too_old_goes_what_was_chosen_before_it() -> None:
    history = History()
    for index in range(FUSIONS + 1):
        history.note_choice(("choice", index), {}, PAIR)
        history.note_fusion(None, ("fusion", index), {}, PAIR)
    first = range(FUSIONS, 0, -1)
    assert taken_back(history) == [(kind, index) for index in first for kind in ("fusion", "choice")]


def test_no_more_choices_are_remembered_than_can_be_undone() -> None:
    history = History()
    for index in range(STEPS + 1):
        history.note_choice(index, {}, PAIR)
    assert taken_back(history) == list(range(STEPS, 0, -1))


def test_there_is_no_way_back_to_images_that_are_gone() -> None:
    history = History()
    history.note_choice("one pair", {}, PAIR)
    history.note_choice("another", {}, frozenset({"T1w", "CT"}))
    history.prune(PAIR | {"T2w"})
    assert taken_back(history) == ["one pair"]


def test_a_history_that_is_cleared_has_no_way_back() -> None:
    history = History()
    history.note_fusion(None, "weights", {}, PAIR)
    history.clear()
    assert taken_back(history) == []
