"""What a case's events add up to, against a model that remembers a picture of the case after each word instead."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_refusion.record.case import CASE_VERDICTS, REASONS, REGISTRATION, SLICE_VERDICTS, CaseReview, SliceReview
from napari_refusion.record.events import Event, Kind
from napari_refusion.record.replay import judged_run, replay, stale_slices
from napari_refusion.record.undoing import to_redo, to_undo
from tests.recorded import at, chain, examples, judged, said, seen

RUNS = ("run-1", "run-2")

INDICES = st.integers(0, 3)

TEXTS = st.sampled_from(["", "hot spot", "=cmd"])

ACTIONS: dict[Kind, st.SearchStrategy[dict[str, Any]]] = {
    "seen": st.builds(lambda index, seconds: at(index, seconds=seconds), INDICES, st.sampled_from([0.5, 1.25, 3.0])),
    "registration": st.fixed_dictionaries({"answer": st.sampled_from(sorted(REGISTRATION))}),
    "slice": st.builds(
        lambda index, verdict, reasons: at(index, verdict=verdict, reasons=reasons),
        INDICES,
        st.sampled_from(SLICE_VERDICTS),
        st.lists(st.sampled_from(sorted(REASONS)), max_size=2),
    ),
    "key": st.builds(lambda index, is_key, text: at(index, is_key=is_key, caption=text), INDICES, st.booleans(), TEXTS),
    "comment": st.builds(lambda index, text: at(index, text=text), INDICES, TEXTS),
    "verdict": st.fixed_dictionaries(
        {
            "value": st.sampled_from(sorted(CASE_VERDICTS)),
            "confidence": st.integers(0, 4),
            "comment": TEXTS,
            "seconds": st.just(12.0),
        }
    ),
    "override": st.fixed_dictionaries({"check": st.sampled_from(["Geometry", "Registration"]), "reason": TEXTS}),
    "undo": st.just({}),
    "redo": st.just({}),
    "open": st.just({}),
    "export": st.just({}),
}

ACTION = st.tuples(
    st.sampled_from(RUNS),
    st.one_of(
        *[st.tuples(st.just(kind), payload) for kind, payload in ACTIONS.items()],
        *[st.just((kind, {})) for kind in ("undo", "redo") * 3],  # more often than one in eleven
    ),
).map(lambda action: (action[0], *action[1]))

SEQUENCE = st.lists(ACTION, max_size=40)


def empty() -> dict[str, Any]:
    return {"registration": "", "slices": {}, "verdict": None, "overrides": {}}


@dataclass
class Model:
    """A run as a list of pictures of it and a place in that list; looks, which nothing takes back, are kept apart."""

    pictures: list[dict[str, Any]] = field(default_factory=lambda: [empty()])
    place: int = 0
    seconds: dict[int, float] = field(default_factory=dict)

    def act(self, kind: str, payload: dict[str, Any]) -> None:
        now = self.pictures[self.place]
        if kind == "undo":
            self.place = max(0, self.place - 1)
        elif kind == "redo":
            self.place = min(len(self.pictures) - 1, self.place + 1)
        elif kind == "seen":
            self.seconds[payload["index"]] = self.seconds.get(payload["index"], 0.0) + payload["seconds"]
        elif kind not in ("open", "export"):
            self.pictures = [*self.pictures[: self.place + 1], now | changed(now, kind, payload)]
            self.place += 1

    def slice(self, index: int) -> tuple[Any, ...]:
        one = self.pictures[self.place]["slices"].get(index, {})
        return (
            self.seconds.get(index, 0.0),
            *one.get("slice", ("", ())),
            *one.get("comment", ("",)),
            *one.get("key", (False, "")),
        )


def changed(now: dict[str, Any], kind: str, payload: dict[str, Any]) -> dict[str, Any]:
    """Return what is different in the picture after a word."""
    if kind == "registration":
        return {"registration": payload["answer"], "verdict": None}
    if kind == "verdict":
        return {"verdict": (payload["value"], payload["confidence"], payload["comment"])}
    if kind == "override":
        return {"overrides": now["overrides"] | {payload["check"]: payload["reason"]}}
    word = {
        "slice": lambda: (payload["verdict"], tuple(payload["reasons"])),
        "comment": lambda: (payload["text"],),
        "key": lambda: (payload["is_key"], payload["caption"]),
    }[kind]()
    index = payload["index"]
    slices = now["slices"] | {index: now["slices"].get(index, {}) | {kind: word}}
    return {"slices": slices} | ({"verdict": None} if kind == "slice" else {})


def assert_equal(review: CaseReview, model: Model) -> None:
    picture = model.pictures[model.place]
    assert review.registration == picture["registration"]
    assert dict(review.overrides) == picture["overrides"]
    verdict = review.verdict
    assert (verdict and (verdict.value, verdict.confidence, verdict.comment)) == picture["verdict"]
    for index in range(5):
        one = review.slice(index)
        found = (one.seconds, one.verdict, one.reasons, one.comment, one.is_key, one.caption)
        assert found == model.slice(index)
        assert one.mm == (100.0 - 2 * index if index in review.slices else 0.0)


@examples(300, 10_000)
@given(sequence=SEQUENCE)
def test_replay_equals_a_model_that_keeps_a_picture_of_each_step(
    sequence: list[tuple[str, Kind, dict[str, Any]]],
) -> None:
    models = {run_id: Model() for run_id in RUNS}
    for run_id, kind, payload in sequence:
        models[run_id].act(kind, payload)
    events = chain(sequence)
    for run_id, model in models.items():
        assert_equal(replay(events, run_id), model)
        assert (to_undo(events, run_id) is not None) == (model.place > 0)
        assert (to_redo(events, run_id) is not None) == (model.place < len(model.pictures) - 1)
    assert replay(events, "run-3") == CaseReview()


@examples(300, 10_000)
@given(sequence=SEQUENCE)
def test_no_verdict_appears_on_a_slice_or_run_that_it_was_not_said_of(
    sequence: list[tuple[str, Kind, dict[str, Any]]],
) -> None:
    words = {(run, said["index"], said["verdict"]) for run, kind, said in sequence if kind == "slice"}
    events = chain(sequence)
    for run_id in RUNS:
        for index, one in replay(events, run_id).slices.items():
            assert not one.verdict or (run_id, index, one.verdict) in words
        for index, one in stale_slices(events, run_id).items():
            assert any((other, index, one.verdict) in words for other in RUNS if other != run_id)


@examples(100, 10_000)
@given(sequence=SEQUENCE)
def test_undoing_everything_and_redoing_it_changes_nothing(
    sequence: list[tuple[str, Kind, dict[str, Any]]],
) -> None:
    before = chain(sequence)
    steps = sum(kind not in ("open", "export", "seen", "undo", "redo") for _, kind, _ in sequence)
    model = Model()
    for run_id, kind, payload in sequence:
        if run_id == "run-1":
            model.act(kind, payload)
    undone = chain([*sequence, *[("run-1", "undo", {})] * model.place])
    assert all(not one.verdict for one in replay(undone, "run-1").slices.values())
    assert to_undo(undone, "run-1") is None
    redone = chain([*sequence, *[("run-1", "undo", {})] * model.place, *[("run-1", "redo", {})] * model.place])
    assert without_times(replay(redone, "run-1")) == without_times(replay(before, "run-1"))
    assert model.place <= steps


def without_times(review: CaseReview) -> tuple[Any, ...]:
    verdict = review.verdict and (review.verdict.value, review.verdict.confidence, review.verdict.comment)
    return review.registration, dict(review.slices), verdict, dict(review.overrides)


def test_a_slice_is_unseen_then_seen_and_never_accepted_by_itself() -> None:
    assert replay([], "run-1").slice(7) == SliceReview()
    assert SliceReview().state == "unseen"
    assert replay(said(seen(7)), "run-1").slice(7).state == "seen"
    assert replay(said(seen(7), judged(7, "flag", "step")), "run-1").slice(7).state == "flag"


def test_looking_is_added_up_and_is_not_taken_back() -> None:
    review = replay(
        said(seen(1, 0.5), judged(1, "accept"), seen(1, 2.0), seen(2, 1.0), ("undo", {}), ("undo", {})), "run-1"
    )
    assert review.slice(1) == SliceReview(mm=98.0, seconds=2.5)
    assert review.seconds == 3.5


@pytest.mark.parametrize("word", [judged(3, "reject", "invented"), ("registration", {"answer": "slight"})])
def test_the_verdict_on_the_case_falls_when_its_grounds_change_and_stands_again_after_an_undo(
    word: tuple[Kind, dict[str, Any]],
) -> None:
    verdict: tuple[Kind, dict[str, Any]] = (
        "verdict",
        {"value": "usable", "confidence": 3, "comment": "", "seconds": 20.0},
    )
    assert replay(said(verdict), "run-1").verdict is not None
    assert replay(said(verdict, word), "run-1").verdict is None
    assert replay(said(verdict, word, ("undo", {})), "run-1").verdict is not None


def test_after_a_new_word_nothing_can_be_redone() -> None:
    events = said(judged(1, "accept"), ("undo", {}), judged(2, "accept"), ("redo", {}))
    assert replay(events, "run-1").slice(1).verdict == ""
    assert to_redo(events, "run-1") is None


def test_undo_and_redo_stay_within_their_run() -> None:
    events = chain([("run-1", *judged(1, "accept")), ("run-2", "undo", {}), ("run-2", "redo", {})])
    assert replay(events, "run-1").slice(1).verdict == "accept"
    assert to_undo(events, "run-2") is None


def test_nothing_counts_after_a_lock() -> None:
    verdict = {"value": "usable", "confidence": 4, "comment": "", "seconds": 20.0}
    words: list[tuple[Kind, dict[str, Any]]] = [judged(1, "accept"), ("verdict", verdict), ("lock", {})]
    locked = said(*words)
    after = said(
        *words, ("undo", {}), judged(1, "reject", "step"), seen(1), ("verdict", verdict | {"value": "not_usable"})
    )
    assert replay(locked, "run-1").is_locked
    assert without_times(replay(after, "run-1")) == without_times(replay(locked, "run-1"))
    assert replay(after, "run-1").is_locked
    assert to_undo(after, "run-1") is None
    assert to_redo(said(*words[:2], ("undo", {}), ("lock", {})), "run-1") is None


def test_a_lock_closes_its_own_run_only() -> None:
    events = chain([("run-1", "lock", {}), ("run-2", *judged(1, "accept"))])
    assert replay(events, "run-2").slice(1).verdict == "accept"
    assert to_undo(events, "run-2") is not None


def test_a_reading_tells_of_the_fusion_that_was_judged_last_and_not_of_one_that_was_only_looked_at() -> None:
    verdict: tuple[Kind, dict[str, Any]] = ("verdict", {"value": "usable", "confidence": 4, "comment": ""})
    read = [("run-1", *judged(1, "accept")), ("run-1", *verdict)]
    looked = [("run-2", "open", {}), ("run-2", *seen(1)), ("run-2", "comment", at(1, text="narrower"))]
    assert judged_run(chain([*read, *looked])) == "run-1"
    assert judged_run(chain(looked)) == "run-2"
    assert judged_run(chain([*read, *looked, ("run-2", *judged(1, "accept"))])) == "run-2"
    assert judged_run(chain([*read, *looked, ("run-2", *judged(1, "accept")), ("run-2", "undo", {})])) == "run-1"


def test_a_reading_that_was_locked_tells_of_the_fusion_that_was_locked() -> None:
    words = [("run-1", *judged(1, "accept")), ("run-1", "lock", {}), ("run-2", *judged(1, "reject", "step"))]
    assert judged_run(chain(words)) == "run-1"
    assert judged_run(chain([*words, ("run-2", "lock", {})])) == "run-1"


# --- stale verdicts -------------------------------------------------------------------------------------------------


def stale(*words: tuple[str, Kind, dict[str, Any]]) -> dict[int, str]:
    events: list[Event] = chain(words)
    return {index: one.verdict for index, one in stale_slices(events, "run-now").items()}


def test_verdicts_of_other_runs_are_stale_and_those_of_this_run_are_not() -> None:
    assert stale(("run-1", *judged(1, "accept")), ("run-now", *judged(2, "accept"))) == {1: "accept"}


def test_of_several_stale_verdicts_the_newest_is_shown_however_the_runs_alternate() -> None:
    assert stale(
        ("run-1", *judged(1, "accept")), ("run-2", *judged(1, "flag", "step")), ("run-1", *judged(1, "reject", "step"))
    ) == {1: "reject"}
    assert stale(
        ("run-1", *judged(2, "accept")), ("run-2", *judged(1, "flag", "step")), ("run-1", *judged(1, "reject", "step"))
    ) == {1: "reject", 2: "accept"}


def test_a_stale_verdict_that_was_undone_is_not_shown() -> None:
    assert stale(("run-1", *judged(1, "accept")), ("run-2", *judged(1, "reject", "step")), ("run-2", "undo", {})) == {
        1: "accept"
    }
    assert stale(("run-1", *seen(1)), ("run-1", "comment", at(2, text="x"))) == {}
