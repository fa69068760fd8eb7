"""Random actions in any order: nothing fails, and nothing is said of images that are gone or not chosen."""

import re
from random import Random

import pytest

from napari_refusion.session.moves import move_of
from tests.recorded import IS_THOROUGH
from tests.session.desk import Desk

WALKS = 2000 if IS_THOROUGH else 300

ACTIONS = (
    *("add", "add", "add", "remove", "clear", "replace_one", "edit", "move_layer", "reunit", "reorder"),
    *("choose_pair", "choose_pair", "swap", "rewindow", "turn", "other_engine", "scroll", "toggle_live"),
    *("toggle_colours", "fuse_slice", "fuse_slice", "fuse_volume", "cancel", "delete_result", "undo", "undo"),
    *(
        "register",
        "accept",
        "fuse_and_accept",
        "fuse_and_accept",
        "discard",
        "undo_registration",
        "compare",
        "wait",
        "wait",
        "wait",
    ),
)


def walk(seed: int) -> tuple[Desk, list[str]]:
    """Return a desk after a walk, and what was done."""
    random = Random(seed)
    desk = Desk(random)
    done: list[str] = []
    desk.add()
    desk.add()
    for _ in range(random.randrange(8, 31)):
        done.append(random.choice(ACTIONS))
        getattr(desk, done[-1])()
        check(desk, done)
        desk.follow()
        check(desk, done)
        check_age(desk, done)
    desk.settle()
    check(desk, done)
    return desk, done


def check(desk: Desk, done: list[str]) -> None:
    """Hold everything that is said against what is chosen."""
    chosen = frozenset(key for key in desk.chosen if key is not None)
    is_pair = len(chosen) == 2
    said = desk.statements
    assert said.keys == chosen, done
    assert chosen <= set(desk.images), done
    words = [one.sentence for one in said.findings]
    proposal = desk.registration.proposal
    words += [desk.registered, *([proposal.in_words()] if proposal is not None else [])]
    if (roles := desk.registration.roles()) is not None:
        words += [side.source.title for side in roles]
        assert frozenset(side.key for side in roles) == chosen, done
    assert set(re.findall(r"scan\d{3}x", " ".join(words))) <= chosen, (words, done)
    if said.findings or said.legend is not None:
        assert is_pair, done
    if said.legend is not None:
        assert frozenset(desk.fusion.shown.keys) == chosen, done
    check_work(desk, chosen, done)


def check_age(desk: Desk, done: list[str]) -> None:
    """Hold what is said against the images as they are: edited, moved, in another unit since."""
    about, request = desk.statements._about, desk.request()
    if about is not None and request is not None and not desk.fusion.is_live:
        assert desk.fusion.decided(request).is_same_pair(about), done


def check_work(desk: Desk, chosen: frozenset[str], done: list[str]) -> None:
    """Hold what is being done and what can be taken back against what is chosen."""
    is_pair = len(chosen) == 2
    running, accepted = desk.fusion.request, desk.registration.move
    if running is not None:
        assert set(running.keys) <= set(desk.images), done
        assert not is_pair or frozenset(running.keys) == chosen, done
    if accepted is not None:
        assert accepted in desk.fusion.moves.values(), done
        assert {accepted.moving, accepted.fixed} == chosen, done
    if desk.registration.partial is not None:
        assert accepted == move_of(desk.fusion.moves, chosen), done
    compared = desk.comparing.state.partial
    if compared is not None and is_pair:
        assert {side.key for side in compared.study.sides} == chosen, done
    assert all(one.keys <= set(desk.images) for one in desk.fusion.history.steps), done
    assert desk.fusion.is_live == desk.is_live_expected, done
    assert sum(not job.is_over for job in desk.jobs) <= 2, done


@pytest.mark.parametrize("part", range(10))
def test_nothing_is_said_of_images_that_are_not_chosen_whatever_a_reader_does(part: int) -> None:
    for seed in range(part * WALKS // 10, (part + 1) * WALKS // 10):
        walk(seed)


def test_the_walks_meet_what_they_are_to_test() -> None:
    walks = [walk(seed) for seed in range(60)]
    assert any(desk.statements.findings for desk, _ in walks)
    assert any(desk.statements.legend is not None for desk, _ in walks)
    assert any(desk.fusion.moves for desk, _ in walks)
    assert {action for _, done in walks for action in done} == set(ACTIONS)
