"""The events of several readers in one order, each once."""

import shutil
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_refusion.record.store import Store
from napari_refusion.record.union import united
from napari_refusion.volume.finding import RefusedError
from tests.record.reader_files import CASE, RUN_ID, Failing, filled, record, write_events
from tests.recorded import examples


def united_names(folder: Path, *readers: str) -> list[str]:
    stores = [Store.open(folder, reader, read_only=True) for reader in readers]
    found = united(stores)
    for store in stores:
        store.close()
    return [event.event_id for event in found]


def test_merging_is_ordered_by_time_reader_and_place(tmp_path: Path) -> None:
    write_events(tmp_path, "R1", ["2026-01-01", "2026-01-03", "2026-01-03", "2026-01-05"])
    write_events(tmp_path, "R2", ["2026-01-02", "2026-01-03", "2026-01-06"])
    expected = ["R1-0", "R2-0", "R1-1", "R1-2", "R2-1", "R1-3", "R2-2"]
    assert united_names(tmp_path, "R1", "R2") == united_names(tmp_path, "R2", "R1") == expected
    assert united_names(tmp_path, "R1", "R2", "R1") == expected
    assert united_names(tmp_path) == []


def test_a_clock_that_was_put_back_does_not_change_the_order_in_which_a_reader_acted(tmp_path: Path) -> None:
    write_events(tmp_path, "R1", ["2026-01-05", "2026-01-01", "2026-01-06"])
    write_events(tmp_path, "R2", ["2026-01-02"])
    assert united_names(tmp_path, "R1", "R2") == ["R2-0", "R1-0", "R1-1", "R1-2"]


@examples(40, 1000)
@given(days=st.tuples(*[st.lists(st.integers(1, 9), max_size=12)] * 3))
def test_merging_is_the_exact_union_and_keeps_each_readers_order(
    tmp_path_factory: pytest.TempPathFactory, days: tuple[list[int], ...]
) -> None:
    folder, expected = tmp_path_factory.mktemp("merge"), []
    readers = [f"R{number}" for number in range(3)]
    for reader, own in zip(readers, days, strict=True):
        expected += [event.event_id for event in write_events(folder, reader, [f"2026-01-0{day}" for day in own])]
    found = united_names(folder, *readers)
    assert sorted(found) == sorted(expected)
    for reader in readers:
        own_order = [one for one in expected if one.startswith(reader)]
        assert [one for one in found if one.startswith(reader)] == own_order
    shutil.rmtree(folder)


def test_two_copies_of_a_file_that_went_on_apart_are_united(tmp_path: Path) -> None:
    filled(tmp_path / "one", 3)
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    with Store.open(tmp_path / "one", "R1") as one, Store.open(tmp_path / "two", "R1") as two:
        record(one, 2)
        record(two, 1)
        found = united([one, two])
        assert {event.event_id for event in found} == {event.event_id for event in one.all_events() + two.all_events()}
        assert len(found) == 6
        assert found[:3] == one.all_events()[:3]


def test_one_identity_with_two_contents_is_refused(tmp_path: Path) -> None:
    write_events(tmp_path, "R1", ["2026-01-01"])
    (tmp_path / "other").mkdir()
    write_events(tmp_path / "other", "R1", ["2026-01-02"])
    with Store.open(tmp_path, "R1") as one, Store.open(tmp_path / "other", "R1") as other:
        stores = [one, other]
        with pytest.raises(RefusedError, match="differs between two files"):
            united(stores)


def test_unsaved_events_are_merged_as_well(tmp_path: Path) -> None:
    store = Store.open(tmp_path, "R1")
    store._end.connection = Failing(store._end.connection, sqlite3.SQLITE_FULL)  # type: ignore[assignment]
    with pytest.raises(RefusedError):
        store.append(CASE, RUN_ID, "open", {})
    assert united([store]) == store.unsaved
    store.close(discard=True)
