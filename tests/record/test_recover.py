"""Damaged files are kept, and all sound events before the damage go on."""

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from napari_refusion.record import recover
from napari_refusion.record.events import first_broken
from napari_refusion.record.store import Store
from tests.record.reader_files import CASE, RUN_ID, aside, database, filled, raw, record
from tests.recorded import RUN, at, runs_of


def overwrite(path: Path, place: float, length: int) -> None:
    """Overwrite a part of a file with noise, from a share of its length on."""
    content = bytearray(path.read_bytes())
    begin = int(len(content) * place)
    noise = bytes((7 * index + 3) % 256 for index in range(length))
    content[begin : begin + length] = noise[: max(0, len(content) - begin)]
    path.write_bytes(content)


def put_another_database(path: Path) -> None:
    path.unlink()
    with raw(path) as connection:
        connection.execute("CREATE TABLE x(y)")


DAMAGES: dict[str, Callable[[Path], object]] = {
    "header overwritten": lambda path: overwrite(path, 0.0, 100),
    "first page overwritten": lambda path: overwrite(path, 0.0, 4096),
    "middle overwritten": lambda path: overwrite(path, 0.5, 8192),
    "end overwritten": lambda path: overwrite(path, 0.9, 100_000),
    "truncated in the middle": lambda path: os.truncate(path, path.stat().st_size // 2),
    "truncated within a page": lambda path: os.truncate(path, path.stat().st_size - 1000),
    "truncated to its first page": lambda path: os.truncate(path, 4096),
    "truncated to 50 bytes": lambda path: os.truncate(path, 50),
    "empty": lambda path: os.truncate(path, 0),
    "another file": lambda path: path.write_bytes(b"Dear colleague, " * 1000),
    "another database": put_another_database,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_kept_and_all_sound_events_before_the_damage_go_on(tmp_path: Path, damage: str) -> None:
    before = filled(tmp_path, 60, "x" * 500)
    DAMAGES[damage](database(tmp_path))
    damaged = database(tmp_path).read_bytes()
    with Store.open(tmp_path, "R1", read_only=True) as looking:
        assert [finding.level for finding in looking.findings] == ["warn"]
        assert looking.all_events() == before[: len(looking.all_events())]
    assert database(tmp_path).read_bytes() == damaged
    with Store.open(tmp_path, "R1") as store:
        found = store.all_events()
        assert found == before[: len(found)]
        assert not store.is_read_only
        assert [finding.level for finding in store.findings] == ["warn"]
        assert [path.read_bytes() for path in aside(tmp_path)] == [damaged]
        assert aside(tmp_path)[0].name in store.findings[0].sentence
        assert store.findings[0].value == f"{len(found)} recovered"
        record(store, 2)
    with Store.open(tmp_path, "R1") as store:
        assert store.findings == ()
        assert len(store.all_events()) == len(found) + 2
        assert first_broken(store.chain()) is None
        if found:
            assert damage in (
                "middle overwritten",
                "end overwritten",
                "truncated in the middle",
                "truncated within a page",
            )
        if damage == "truncated within a page":
            assert len(found) > 30
            assert runs_of(store, CASE) == (RUN,)


def test_damage_anywhere_never_shows_a_wrong_event(tmp_path: Path) -> None:
    """Wherever a sector is lost, the events that are shown are the first ones that were recorded, or it says so."""
    before = filled(tmp_path / "sound", 40, "x" * 300)
    size = database(tmp_path / "sound").stat().st_size
    outcomes = set()
    for place in range(0, size, 2048):
        folder = tmp_path / str(place)
        shutil.copytree(tmp_path / "sound", folder)
        overwrite(database(folder), place / size, 512)
        with Store.open(folder, "R1") as store:
            found = store.all_events()
            assert found == before[: len(found)]
            if len(found) < len(before):
                assert store.findings
            outcomes.add((bool(store.findings), store.is_read_only))
    assert {(True, False)} <= outcomes


def test_a_log_that_a_power_cut_tore_anywhere_leaves_the_events_before(tmp_path: Path) -> None:
    with Store.open(tmp_path / "live", "R1") as store:
        said = [store.append(CASE, RUN_ID, "comment", at(index, text="x" * 200)) for index in range(12)]
        shutil.copytree(tmp_path / "live", tmp_path / "cut", ignore=shutil.ignore_patterns("*-shm", "*.lock"))
    log = tmp_path / "cut" / "reviews" / "R1.sqlite-wal"
    whole, counts = log.read_bytes(), []
    for place, end in enumerate(range(len(whole), 0, -3001)):
        folder = tmp_path / f"cut{place}"
        shutil.copytree(tmp_path / "cut", folder)
        torn = folder / "reviews" / "R1.sqlite-wal"
        torn.write_bytes(whole[:end] + bytes(500))
        with Store.open(folder, "R1") as store:
            counts.append(len(store.all_events()))
            assert store.all_events() == tuple(said[: counts[-1]])
            assert store.findings == ()
            store.append(CASE, RUN_ID, "undo", {})
    assert counts[0] == 12
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] < 3


def test_a_damaged_file_with_a_log_is_kept_with_its_log(tmp_path: Path) -> None:
    with Store.open(tmp_path / "live", "R1") as store:
        record(store, 10)
        shutil.copytree(tmp_path / "live", tmp_path / "crashed", ignore=shutil.ignore_patterns("*-shm", "*.lock"))
    folder = tmp_path / "crashed"
    path, log = database(folder), folder / "reviews" / "R1.sqlite-wal"
    log.write_bytes(log.read_bytes()[:32] + bytes(100))
    overwrite(path, 0.0, 100)
    contents = path.read_bytes(), log.read_bytes()
    with Store.open(folder, "R1") as store:
        assert store.findings
        kept = aside(folder)[0]
        assert (kept.read_bytes(), kept.with_name(kept.name + "-wal").read_bytes()) == contents
        record(store, 1)
    with Store.open(folder, "R1") as store:
        assert len(store.all_events()) == 1


def test_a_crash_while_a_damaged_file_is_replaced_loses_nothing_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(tmp_path, 60, "x" * 500)
    overwrite(database(tmp_path), 0.9, 100_000)
    damaged = database(tmp_path).read_bytes()

    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(recover, "fill_file", fail)
    with Store.open(tmp_path, "R1") as store:
        assert store.is_read_only
        assert "disk is full" in store.findings[0].sentence
        count = len(store.all_events())
    assert database(tmp_path).read_bytes() == damaged
    monkeypatch.undo()
    with Store.open(tmp_path, "R1") as store:
        assert len(store.all_events()) == count > 0
        assert not store.is_read_only
