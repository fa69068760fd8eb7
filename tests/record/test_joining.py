"""One project on several computers becomes the union of all events, the same everywhere, whatever is merged when."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_refusion.record.events import Event, new_event
from napari_refusion.record.joining import join
from napari_refusion.record.merging import acts
from napari_refusion.record.project_folder import open_project
from napari_refusion.record.replay import replay
from napari_refusion.record.store import Store
from napari_refusion.record.verify import verify_project
from napari_refusion.volume.finding import RefusedError
from tests.record.test_edits import OTHER
from tests.recorded import RUN, at, examples, runs_of


def computers(folder: Path, count: int = 3) -> list[Path]:
    """Return copies of one new project."""
    open_project(folder / "0")
    return [folder / "0", *(shutil.copytree(folder / "0", folder / f"{one}") for one in range(1, count))]


def work(folder: Path, reader: str, *texts: str) -> list[Event]:
    """Let a reader comment on a case on one computer."""
    with Store.open(folder, reader) as store:
        store.rows.keep_case(RUN.case_id, {"place": "", "words": RUN.words})
        store.rows.keep_run(RUN)
        return [store.append(RUN.case_id, RUN.run_id, "comment", at(1, text=text)) for text in texts]


def merge(folder: Path, *others: Path) -> list[str]:
    return [words for other in others for words in join(open_project(folder), open_project(other))]


def said(folder: Path, reader: str = "R1") -> tuple[Event, ...]:
    with Store.open(folder, reader, read_only=True) as store:
        assert store.findings == ()
        assert store.events(RUN.case_id) == tuple(one for one in store.all_events() if one.case_id == RUN.case_id)
        return store.all_events()


def are_sound(folder: Path) -> bool:
    return all(one.is_sound for one in verify_project(open_project(folder)))


def test_three_computers_that_merge_hold_the_union_of_all_events_in_one_order(tmp_path: Path) -> None:
    places = computers(tmp_path)
    done = [one for place, texts in zip(places, ("ab", "cd", "ef"), strict=True) for one in work(place, "R1", *texts)]
    work(places[1], "R2", "g")
    assert merge(places[0], *places[1:]) == [
        "R1: 2 new events",
        "R2: 1 new event",
        "R1: 2 new events",
    ]
    merge(places[1], places[2], places[0])
    merge(places[2], places[0])
    assert said(places[0]) == said(places[1]) == said(places[2])
    assert sorted(event.event_id for event in said(places[0])) == sorted(event.event_id for event in done)
    assert all(event in said(places[0]) for event in done)  # with content and hash
    assert said(places[0], "R2") == said(places[1], "R2") == said(places[2], "R2")
    assert all(map(are_sound, places))


def test_merging_again_takes_nothing_twice_and_goes_on_after_it(tmp_path: Path) -> None:
    one, other = computers(tmp_path, 2)
    work(one, "R1", "a")
    work(other, "R1", "b")
    for _ in range(2):
        merge(one, other)
        merge(other, one)
    assert merge(one, other) == ["R1: 0 new events"]
    work(one, "R1", "c")
    work(other, "R1", "d")
    merge(one, other)
    merge(other, one)
    assert [event.payload["text"] for event in said(one)] == ["a", "b", "c", "d"]
    assert said(one) == said(other)
    assert are_sound(one)
    assert are_sound(other)


def test_a_reader_who_goes_on_after_a_merge_sees_all_of_it(tmp_path: Path) -> None:
    one, other = computers(tmp_path, 2)
    work(one, "R1", "a")
    with Store.open(other, "R1") as store:
        store.rows.keep_run(OTHER)
        store.rows.keep_examination(OTHER.run_id, {"flagged": {}})
        store.append(OTHER.case_id, OTHER.run_id, "registration", {"answer": "slight"})
    merge(one, other)
    with Store.open(one, "R1") as store:
        assert not store.is_read_only
        assert runs_of(store, OTHER.case_id) == (OTHER,)
        assert store.rows.examination(OTHER.run_id) == {"flagged": {}}
        assert replay(store.events(OTHER.case_id), OTHER.run_id).registration == "slight"


def test_a_reader_of_another_computer_is_taken_over_with_the_whole_chain(tmp_path: Path) -> None:
    one, other = computers(tmp_path, 2)
    work(other, "R2", "a", "b")
    merge(one, other)
    with Store.open(one, "R2", read_only=True) as here, Store.open(other, "R2", read_only=True) as there:
        assert here.chain() == there.chain()
    assert are_sound(one)


@examples(10, 100)
@given(
    steps=st.lists(st.tuples(st.sampled_from(["work", "merge"]), st.integers(0, 2), st.integers(0, 2)), max_size=10),
)
def test_whatever_is_done_in_whatever_order_the_union_is_the_same_in_the_end(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, int]]
) -> None:
    folder = tmp_path_factory.mktemp("merging")
    places = computers(folder)
    done: set[str] = set()
    for number, (what, one, other) in enumerate(steps):
        if what == "work":
            done |= {event.event_id for event in work(places[one], "R1", f"{number}")}
        elif one != other:
            merge(places[one], places[other])
    if done:
        for _ in range(2):
            for one in range(3):
                merge(places[one], places[one - 1], places[one - 2])
        assert said(places[0]) == said(places[1]) == said(places[2])
        assert {event.event_id for event in said(places[0])} == done
        assert are_sound(places[0])
    shutil.rmtree(folder)


def test_a_clock_that_was_put_back_never_changes_the_order_of_one_computer() -> None:
    chain: list[Event] = []
    for utc in ("2026-01-05", "2026-01-01", "2026-01-06"):
        chain.append(new_event(chain[-1].hash if chain else "", "case-1", "run-1", "R1", "undo", {}, utc))
    assert acts(chain) == tuple(chain)


def test_another_project_the_same_one_and_a_broken_record_are_not_merged(tmp_path: Path) -> None:
    one, other = computers(tmp_path / "copies", 2)
    work(one, "R1", "a")
    work(other, "R1", "b")
    with pytest.raises(RefusedError, match="this project itself"):
        merge(one, one)
    open_project(tmp_path / "another")
    with pytest.raises(RefusedError, match="another project"):
        merge(one, tmp_path / "another")
    path = other / "reviews" / "R1.sqlite"
    content = path.read_bytes()
    path.write_bytes(content.replace(b'"text": "b"', b'"text": "c"'))
    before = said(one)
    with pytest.raises(RefusedError, match="is not as it was recorded"):
        merge(one, other)
    path.write_bytes(content[:5000])
    with pytest.raises(RefusedError, match="is damaged"):
        merge(one, other)
    assert said(one) == before
