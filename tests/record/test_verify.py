"""A record is compared with everything that tells how far it went, and only a sound one is called so."""

import json
import os
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from napari_refusion.cohort.summary import write_summary
from napari_refusion.record.database import Records, fill_file
from napari_refusion.record.events import START, Event, Kind, digest, new_event
from napari_refusion.record.project_folder import change_project, open_project
from napari_refusion.record.signing import make_key, sign, signed
from napari_refusion.record.store import Store
from napari_refusion.record.verify import Verified, verify_project
from napari_refusion.volume.finding import RefusedError
from tests.record.test_edits import review
from tests.recorded import RUN, at


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "project"
    review(place, "R1")
    return place


def verified(folder: Path, reader: str = "R1") -> Verified:
    return next(one for one in verify_project(open_project(folder, create=False)) if one.reader == reader)


def rewrite(folder: Path, change: dict[str, object], count: int | None = None) -> None:
    """Write the file anew as someone does who computes the whole chain again, with other payloads."""
    with Store.open(folder, "R1", read_only=True) as store:
        events, cases = store.chain()[:count], store.rows.cases()
        tables = {
            "cases": store._end.connection.execute("SELECT * FROM cases").fetchall(),
            "runs": store._end.connection.execute("SELECT * FROM runs").fetchall(),
            "examinations": store._end.connection.execute("SELECT * FROM examinations").fetchall(),
        }
        assert cases
    chain: list[Event] = []
    for event in events:
        payload = {**event.payload, **{name: value for name, value in change.items() if name in event.payload}}
        draft = replace(event, payload=payload, previous=chain[-1].hash if chain else START)
        chain.append(replace(draft, hash=digest(draft)))
    path = folder / "reviews" / "R1.sqlite"
    path.unlink()
    fill_file(path, "R1", Records(tuple(chain), tables))


def test_a_reader_who_is_named_and_did_nothing_is_not_missing(tmp_path: Path) -> None:
    project = change_project(open_project(tmp_path), {"first": "R1", "second": "R2"})
    assert verify_project(project) == ()
    review(tmp_path, "R1")
    assert [one.reader for one in verify_project(project)] == ["R1"]


@pytest.mark.parametrize("told_by", ["R1.head", "exports", "reports", "roster"])
def test_each_thing_that_tells_of_a_reader_is_enough_to_miss_the_record(folder: Path, told_by: str) -> None:
    write_summary(open_project(folder))
    (folder / "reviews" / "R1.sqlite").unlink()
    settings = json.loads((folder / "project.json").read_text())
    if told_by != "roster":
        (folder / "project.json").write_text(json.dumps(settings | {"roster": {}}))
    if told_by != "exports":
        (folder / "exports" / "R1").rename(folder / "elsewhere")
    if told_by != "reports":
        (folder / "reports").rename(folder / "more")
    if told_by == "R1.head":
        (folder / "project.json").write_text(json.dumps(settings))
    found = verified(folder)
    assert found.state == "missing"
    assert found.faults[0] == "expected the file R1.sqlite, found none"


@pytest.mark.parametrize("told_by", ["R1.head", "exports", "reports"])
def test_each_thing_that_tells_where_a_chain_ended_finds_a_tail_that_was_cut(folder: Path, told_by: str) -> None:
    write_summary(open_project(folder))
    rewrite(folder, {}, 15)
    for name, path in (("R1.head", "reviews/R1.head"), ("exports", "exports/R1"), ("reports", "reports")):
        if told_by != name:
            (folder / path).rename(folder / f"{name} elsewhere")
    found = verified(folder)
    assert found.state == "altered"
    assert any("of which" in fault and "found none" in fault for fault in found.faults)


def test_a_tail_that_was_cut_stays_known_when_the_reader_goes_on(folder: Path) -> None:
    (folder / "exports" / "R1").rename(folder / "elsewhere")
    rewrite(folder, {}, 15)
    for _ in range(2):
        with Store.open(folder, "R1") as store:
            store.append(RUN.case_id, RUN.run_id, "comment", at(1, text="x"))
    assert "the last of 19, of which R1.head tells" in verified(folder).faults[0]


def test_a_killed_program_leaves_a_sound_record(folder: Path) -> None:
    store = Store.open(folder, "R1")
    store.append(RUN.case_id, RUN.run_id, "comment", at(1, text="x"))
    assert verified(folder).is_sound  # as another program sees it, beside one that never closes its file
    store.close()
    assert verified(folder).is_sound


def test_a_file_that_is_open_or_was_closed_by_another_program_is_not_compared_byte_by_byte(folder: Path) -> None:
    path = folder / "reviews" / "R1.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("VACUUM")
    connection.close()
    found = verified(folder)
    assert found.is_sound
    assert "expected the file with the SHA-256" in found.notes[0]
    with Store.open(folder, "R1"):
        assert verified(folder).notes == ()
    assert verified(folder).notes == ()


def test_a_file_beside_that_is_broken_is_a_fault(folder: Path) -> None:
    (folder / "reviews" / "R1.head").write_text("{")
    assert "R1.head" in verified(folder).faults[0]
    with Store.open(folder, "R1") as store:  # what closes writes where the record ends: the trace must stay
        store.append(RUN.case_id, RUN.run_id, "undo", {})
    assert "R1.head" in verified(folder).faults[0]
    (folder / "reviews" / "R1.head").unlink()
    with Store.open(folder, "R1"):
        pass
    assert verified(folder).is_sound


def test_a_clock_that_was_put_back_is_said_and_is_no_fault(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    early = "2020-01-01T00:00:00.000+00:00"
    monkeypatch.setattr("napari_refusion.record.chain_end.new_event", lambda *arguments: new_event(*arguments, early))
    with Store.open(folder, "R1") as store:
        assert store.append(RUN.case_id, RUN.run_id, "undo", {}).utc == early
    found = verified(folder)
    assert found.is_sound
    assert found.notes == (f"the clock was put back before the event of {early}",)


def test_a_damage_that_was_recovered_stays_known(folder: Path) -> None:
    path = folder / "reviews" / "R1.sqlite"
    os.truncate(path, path.stat().st_size // 2)
    assert verified(folder).state == "damaged"
    Store.open(folder, "R1").close()
    review(folder, "R1")
    found = verified(folder)
    assert found.state == "damaged"
    assert "events were left on" in found.faults[0]


def test_a_file_of_a_newer_version_is_not_called_sound(folder: Path) -> None:
    rewrite(folder, {"meta": {"schema_version": "3", "reader": "R1", "tool_version": "9"}})
    found = verified(folder)
    assert (found.state, found.is_sound) == ("unchecked", False)
    assert "newer version" in found.faults[0]


# --- signatures -----------------------------------------------------------------------------------------------------


@pytest.fixture
def key(tmp_path: Path) -> Path:
    pytest.importorskip("cryptography")
    path = tmp_path / "R1.pem"
    make_key(path)
    return path


def sign_whole(folder: Path, key: Path) -> None:
    with Store.open(folder, "R1") as store:
        public = sign(store, key)
    change_project(open_project(folder), keys={"R1": public})


def forget(folder: Path) -> None:
    """Take away all that tells of a chain beside the reader's file."""
    settings = json.loads((folder / "project.json").read_text())
    (folder / "project.json").write_text(json.dumps(settings | {"roster": {}}))
    (folder / "exports" / "R1").rename(folder / "elsewhere")
    (folder / "reviews" / "R1.head").unlink()


def test_without_a_signature_a_chain_that_was_computed_anew_is_sound_and_says_that_it_is_not_signed(
    folder: Path,
) -> None:
    forget(folder)
    rewrite(folder, {"value": "not_usable"})
    found = verified(folder)
    assert (found.state, found.signed) == ("sound", "not signed")


def test_a_signed_chain_that_was_computed_anew_is_found(folder: Path, key: Path) -> None:
    sign_whole(folder, key)
    assert verified(folder).is_sound
    forget(folder)
    rewrite(folder, {"value": "not_usable"})
    found = verified(folder)
    assert found.state == "altered"
    assert "expected a signature of the events before, found another" in found.faults[0]


@pytest.mark.parametrize("count", [5, 18])
def test_a_signature_that_was_cut_off_is_missed(folder: Path, key: Path, count: int) -> None:
    sign_whole(folder, key)
    forget(folder)
    rewrite(folder, {}, count)
    assert any("expected a signature with the key" in fault for fault in verified(folder).faults)


def test_a_chain_that_someone_else_signed_is_found(folder: Path, key: Path, tmp_path: Path) -> None:
    sign_whole(folder, key)
    forget(folder)
    rewrite(folder, {"value": "not_usable"}, 18)
    make_key(tmp_path / "other.pem")
    with Store.open(folder, "R1") as store:
        sign(store, tmp_path / "other.pem")
    assert "expected a signature with the key" in verified(folder).faults[0]


def test_one_key_does_not_sign_for_two_readers(folder: Path, key: Path) -> None:
    sign_whole(folder, key)
    with Store.open(folder, "R2") as store, pytest.raises(RefusedError, match=r"^Make a key of R2 .*signs for R1\.$"):
        sign(store, key, open_project(folder).keys)


def test_a_reader_signs_with_the_key_that_the_project_knows(folder: Path, key: Path, tmp_path: Path) -> None:
    sign_whole(folder, key)
    make_key(tmp_path / "other.pem")
    with Store.open(folder, "R1") as store, pytest.raises(RefusedError, match="use that key"):
        sign(store, tmp_path / "other.pem", open_project(folder).keys)


def test_events_after_the_last_signature_are_counted(folder: Path, key: Path) -> None:
    sign_whole(folder, key)
    with Store.open(folder, "R1") as store:
        store.append(RUN.case_id, RUN.run_id, "comment", at(1, text="x"))
    assert verified(folder).signed.endswith("the newest 1 event not signed")


def test_a_signature_is_of_the_reader_the_count_and_the_hash(folder: Path, key: Path) -> None:
    sign_whole(folder, key)
    with Store.open(folder, "R1", read_only=True) as store:
        chain = store.chain()
    assert signed("R1", chain, chain[-1].payload["key"]).faults == ()
    assert signed("R2", chain, "").faults
    assert signed("R1", chain[1:], "").faults
    other = replace(chain[-1], payload={**chain[-1].payload, "signature": "00" * 64})
    assert signed("R1", (*chain[:-1], other), "").faults


def test_a_key_is_for_its_owner_and_never_replaced(key: Path) -> None:
    assert key.stat().st_mode & 0o077 == 0 or os.name == "nt"
    with pytest.raises(RefusedError, match=r"Choose another name.*already exists"):
        make_key(key)
    with pytest.raises(RefusedError, match="cannot be read"), Store.open(key.parent, "R1") as store:
        sign(store, key.with_name("none.pem"))
    key.write_text("Dear colleague")
    with pytest.raises(RefusedError, match="not a private key"), Store.open(key.parent, "R1") as store:
        sign(store, key)


def test_without_cryptography_a_signature_is_said_to_be_unchecked(
    folder: Path, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_whole(folder, key)
    monkeypatch.setitem(__import__("sys").modules, "cryptography", None)
    found = verified(folder)
    assert found.is_sound
    assert "was not checked" in found.signed
    with pytest.raises(RefusedError, match="pip install cryptography"):
        make_key(key.with_name("more.pem"))


# --- events that were computed by someone else ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("slice", {}),
        ("verdict", {"value": "usable"}),
        ("seen", {"index": [], "mm": 0, "seconds": 1}),
        ("slice", {"index": 1}),
    ],
)
def test_events_that_fit_the_chain_and_mean_nothing_are_a_fault_and_no_traceback(
    folder: Path, kind: Kind, payload: dict[str, object]
) -> None:
    with Store.open(folder, "R1") as store:
        store.append(RUN.case_id, RUN.run_id, kind, payload)
    found = verified(folder)
    assert found.state == "altered"
    assert "can be understood" in found.faults[0]
    assert "ALTERED" in write_summary(open_project(folder))[0].read_text(encoding="utf-8")


@pytest.mark.parametrize("payload", [{}, {"table": [], "key": "x", "sha256": 3}, {"lost": 3, "kept": "x", "aside": ""}])
@pytest.mark.parametrize("kind", ["record", "recover", "merge", "sign", "born"])
def test_bookkeeping_that_someone_else_computed_is_no_traceback(
    folder: Path, kind: Kind, payload: dict[str, object]
) -> None:
    with Store.open(folder, "R1") as store:
        store.append("", "", kind, payload)
    assert not verified(folder).is_sound
    write_summary(open_project(folder))
    Store.open(folder, "R1", read_only=True).close()


@pytest.mark.parametrize("error", [sqlite3.OperationalError("database or disk is full"), MemoryError()])
def test_a_computer_without_room_to_look_into_a_file_does_not_call_it_damaged(
    folder: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """A damaged file is replaced by what can be read of it, which would be nothing here."""
    error.sqlite_errorcode = sqlite3.SQLITE_FULL  # type: ignore[attr-defined]

    def fail(_: sqlite3.Connection) -> None:
        raise error

    before = (folder / "reviews" / "R1.sqlite").read_bytes()
    monkeypatch.setattr("napari_refusion.record.inspection.schema_of", fail)
    assert verified(folder).state == "unchecked"
    with pytest.raises(RefusedError, match="cannot be checked"):
        Store.open(folder, "R1")
    assert (folder / "reviews" / "R1.sqlite").read_bytes() == before


@pytest.mark.skipif(os.name == "nt", reason="no such devices")
@pytest.mark.parametrize("name", ["R1.sqlite", "R1.sqlite-wal"])
@pytest.mark.parametrize("what", ["/dev/zero", "pipe", "folder"])
def test_a_device_in_place_of_a_record_is_not_copied_for_ever(folder: Path, name: str, what: str) -> None:
    path = folder / "reviews" / name
    path.unlink(missing_ok=True)
    if what == "pipe":
        os.mkfifo(path)
    elif what == "folder":
        path.mkdir()
    else:
        path.symlink_to(what)
    found = verified(folder)
    assert found.state == "unchecked"
    assert "is not a file" in found.faults[0]
    with pytest.raises(RefusedError, match="is not a file"):
        Store.open(folder, "R1")
    with pytest.raises(RefusedError, match="is not a file"):
        Store.open(folder, "R1", read_only=True)


@pytest.mark.skipif(os.name == "nt", reason="no such devices")
def test_a_pipe_in_place_of_the_words_about_who_writes_is_not_waited_for(folder: Path) -> None:
    with Store.open(folder, "R1"):
        words = folder / "reviews" / "R1.holder"
        words.unlink()
        os.mkfifo(words)
        with Store.open(folder, "R1") as second:
            assert second.lock_owner == "another program"


def test_a_schema_whose_fault_sqlite_cannot_even_name_is_no_traceback(folder: Path) -> None:
    """What SQLite says of it holds the byte 0x80, which is no UTF-8."""
    with closing(sqlite3.connect(folder / "reviews" / "R1.sqlite")) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET sql = CAST(X'43524541544520805441424C45' AS TEXT) WHERE rowid = 1")
        connection.commit()
    found = verified(folder)
    assert found.state == "damaged"
    write_summary(open_project(folder))
