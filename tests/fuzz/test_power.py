"""After a power cut at any step, results belong together and every acknowledged event is there."""

import shutil
import sys
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from napari_refusion.record.project_folder import open_project
from napari_refusion.record.store import Store
from napari_refusion.record.verify import verify_project
from tests.fuzz.power import cuts, recorded, torn
from tests.fuzz.works import WORKS
from tests.recorded import IS_THOROUGH, RUN, at

ROUNDS = 20 if IS_THOROUGH else 2

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs to know which file a descriptor is")


def content(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def put(files: Mapping[Path, bytes], folder: Path, place: Path) -> None:
    """Write files of a folder to another place that is empty then."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    for path, data in files.items():
        target = place / path.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def named(files: Mapping[Path, bytes], folder: Path) -> dict[Path, bytes]:
    """Leave out what has a temporary name."""
    return {path: data for path, data in files.items() if ".refusion-" not in path.relative_to(folder).as_posix()}


@pytest.mark.parametrize("name", ["fused files", "DICOM export", "report", "export of a set"])
def test_after_a_power_cut_at_any_step_no_set_is_mixed_or_half(name: str, tmp_path: Path) -> None:
    folder, place, work, random = tmp_path / "work", tmp_path / "cut", WORKS[name], Random(name)
    folder.mkdir()
    work.prepare(folder)
    tried = 0
    for _ in range(ROUNDS + 1):
        before, told = content(folder), set[str]()
        with recorded(folder) as log:
            work.run(folder, told.add)
        for files in cuts(log.steps, before, random):
            put(named(files, folder), folder, place)
            fault = work.fault(place, frozenset())
            assert fault in ("", "an image without a record")  # the record comes last
            tried += 1
        put(named(list(cuts(log.steps, before, random))[-4], folder), folder, place)
        assert not work.fault(place, frozenset(told))  # what was acknowledged is on the disk, whatever waits
    assert tried > 20


def test_these_cuts_would_see_a_name_that_was_given_before_its_content_was_on_the_disk(tmp_path: Path) -> None:
    with recorded(tmp_path) as log:
        (tmp_path / "a").write_text("whole")
        (tmp_path / "a").rename(tmp_path / "b")
    found = list(cuts(log.steps, {}, Random(0)))
    assert {tmp_path / "b": b""} in found


def steps_of_a_review(project: Path) -> list[tuple[dict[Path, bytes], list[str]]]:
    """Return what lies in a project after each step, and which events were acknowledged by then."""
    told: list[str] = []
    seen = [(content(project), list(told))]
    for _ in range(2):
        store = Store.open(project, "R1")
        seen.append((content(project), list(told)))
        for index in range(4):
            told.append(store.append(RUN.case_id, RUN.run_id, "comment", at(index, text="x" * 3000)).event_id)
            seen.append((content(project), list(told)))
        store.rows.keep_run(RUN)
        seen.append((content(project), list(told)))
        store.close()
        seen.append((content(project), list(told)))
    return seen


def test_after_a_power_cut_in_any_step_of_a_review_every_acknowledged_event_is_there(tmp_path: Path) -> None:
    project, place, random = tmp_path / "work", tmp_path / "cut", Random(7)
    open_project(project)
    with Store.open(project, "R1"):
        pass
    seen = steps_of_a_review(project)
    for (before, told), (after, _) in pairwise(seen):
        for _ in range(ROUNDS * 4):
            put(between(before, after, random), project, place)
            opened = open_project(place)
            [first] = verify_project(opened)
            with Store.open(place, "R1") as store:
                found = [event.event_id for event in store.all_events()]
                assert (store.findings, store.is_read_only) == ((), False)
            assert found[: len(told)] == told
            assert first.is_sound, first.faults
            assert [one.is_sound for one in verify_project(opened)] == [True]


def between(before: Mapping[Path, bytes], after: Mapping[Path, bytes], random: Random) -> dict[Path, bytes]:
    """Return what can be on the disk in the midst of a step of SQLite, which forces its log to the disk first.

    While the log grows the database stays; while the log goes into the database it is whole. Other files are replaced.
    """
    is_folded = any(path.suffix == ".sqlite-wal" and path not in after for path in before)
    found: dict[Path, bytes] = {}
    for path in {**before, **after}:
        old, new = before.get(path), after.get(path)
        if path.suffix == ".sqlite-wal":
            if is_folded:
                found[path] = old or b""
            elif old is None and new is not None:
                found[path] = torn(b"", new, random)
            elif old is not None and new is not None:
                found[path] = torn(old, new, random) if len(new) >= len(old) else old
        elif path.suffix == ".sqlite":
            found[path] = torn(old or b"", new or b"", random) if is_folded else (old or b"")
        elif (kept := random.choice((old, new))) is not None:
            found[path] = kept
    if is_folded and random.random() < 0.5:  # all of it was done
        return {path: data for path, data in after.items() if not path.name.endswith(".head") or random.random() < 0.5}
    return found
