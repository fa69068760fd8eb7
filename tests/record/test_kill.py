"""Programs are killed while they write (T19): nothing that was acknowledged is lost, and no file is half written."""

import csv
import gzip
import json
import multiprocessing
import os
import random
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest

from napari_refusion.record.events import first_broken
from napari_refusion.record.joining import join
from napari_refusion.record.project_folder import open_project
from napari_refusion.record.store import Store
from napari_refusion.record.verify import verify_project
from tests.recorded import IS_THOROUGH, RUN, at, runs_of
from tests.writers import GRID, SLICES, damaged_file, write

KILLS = 200 if IS_THOROUGH else 12

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="needs processes that fork, for speed"),
]


@pytest.fixture(scope="module")
def processes() -> Any:  # noqa: ANN401
    """Return what starts a process within milliseconds: a server that has imported everything forks it."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.writers"])
    return context


def killed(processes: Any, name: str, folder: Path, most_seconds: float) -> list[Any]:  # noqa: ANN401
    """Return what a writer said it had finished before it was killed, at a random time after it had begun."""
    receiver, sender = processes.Pipe(duplex=False)
    program = processes.Process(target=write, args=(name, str(folder), sender))
    program.start()
    sender.close()
    assert receiver.poll(60)
    assert receiver.recv() == "open"
    time.sleep(random.uniform(0, most_seconds))  # the point is to hit any moment
    program.kill()
    program.join()
    finished = []
    while True:
        try:
            finished.append(receiver.recv())
        except EOFError:
            receiver.close()
            return finished


def test_no_acknowledged_event_is_lost_and_the_store_is_free_at_once(
    tmp_path: Path,
    processes: Any,  # noqa: ANN401
    record_property: Callable[[str, object], None],
) -> None:
    acknowledged: list[str] = []
    lost_last = 0
    for _ in range(KILLS):
        acknowledged += killed(processes, "write_events", tmp_path, 0.1)
        with Store.open(tmp_path, "R1") as store:
            assert (store.is_read_only, store.findings) == (False, ())
            found = [event.event_id for event in store.all_events()]
            assert first_broken(store.chain()) is None
            assert runs_of(store, RUN.case_id) == (RUN,)
        assert found[: len(acknowledged)] == acknowledged
        assert len(found) <= len(acknowledged) + 1
        lost_last += len(found) - len(acknowledged)
        acknowledged = found  # an event that was written but not told before the kill counts from now on
    record_property("events", len(acknowledged))
    record_property("written but not acknowledged", lost_last)
    assert len(acknowledged) > KILLS


def test_opening_and_closing_can_be_killed_at_any_time(tmp_path: Path, processes: Any) -> None:  # noqa: ANN401
    acknowledged: list[str] = []
    for _ in range(KILLS):
        acknowledged += killed(processes, "open_and_close", tmp_path, 0.15)
        with Store.open(tmp_path, "R1") as store:
            assert (store.is_read_only, store.findings) == (False, ())
            found = [event.event_id for event in store.all_events()]
        assert found[: len(acknowledged)] == acknowledged
        assert len(found) <= len(acknowledged) + 1
        acknowledged = found


def test_making_the_very_first_file_can_be_killed_at_any_time(tmp_path: Path, processes: Any) -> None:  # noqa: ANN401
    for kill in range(KILLS):
        folder = tmp_path / str(kill)
        acknowledged = killed(processes, "open_and_close", folder, 0.02)
        with Store.open(folder, "R1") as store:
            assert (store.is_read_only, store.findings) == (False, ())
            assert [event.event_id for event in store.all_events()][: len(acknowledged)] == acknowledged


def test_a_recovery_can_be_killed_at_any_time(tmp_path: Path, processes: Any) -> None:  # noqa: ANN401
    for kill in range(KILLS):
        folder = tmp_path / str(kill)
        damaged_file(folder)
        with Store.open(folder, "R1", read_only=True) as store:
            before = store.all_events()
        assert len(before) > 5
        counts = killed(processes, "recover", folder, 0.05)
        with Store.open(folder, "R1") as store:
            assert store.all_events() == before[: len(store.all_events())]
            # Each round of the writer breaks the last page of what the round before had recovered.
            if not counts:
                assert len(store.all_events()) == len(before)


def test_merging_can_be_killed_at_any_time_and_is_completed_by_the_next_time(
    tmp_path: Path,
    processes: Any,  # noqa: ANN401
) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    open_project(one)
    shutil.copytree(one, other)
    acknowledged: set[str] = set()
    for _ in range(KILLS):
        for folder in (one, other):
            with Store.open(folder, "R1") as store:
                for index in range(10):
                    acknowledged.add(store.append(RUN.case_id, RUN.run_id, "comment", at(index, text="x")).event_id)
        killed(processes, "merge_projects", one, 0.1)
        with Store.open(one, "R1") as store:
            assert (store.is_read_only, store.findings) == (False, ())
        list(join(open_project(one), open_project(other)))
        with Store.open(one, "R1") as store:
            assert {event.event_id for event in store.all_events()} == acknowledged
            assert len(store.all_events()) == len(acknowledged)
        [found] = verify_project(open_project(one))
        assert found.is_sound


def test_a_visible_volume_is_always_a_whole_one(tmp_path: Path, processes: Any) -> None:  # noqa: ANN401
    folder = tmp_path / "exports"
    for _ in range(KILLS):
        finished = killed(processes, "write_volumes", folder, 0.1)
        path = folder / "fused.nii.gz"
        if not path.exists():
            assert not finished
            continue
        gzip.decompress(path.read_bytes())  # checks length and checksum
        voxels = np.asarray(nibabel.load(path).dataobj)
        assert voxels.shape == GRID
        assert (voxels == voxels.flat[0]).all()
        assert not finished or voxels.flat[0] in (finished[-1], finished[-1] + 1)
        assert {one.name for one in folder.iterdir() if not one.name.startswith(".refusion-")} == {"fused.nii.gz"}
    assert_swept(tmp_path, folder)


def test_a_visible_summary_is_always_a_whole_one(tmp_path: Path, processes: Any) -> None:  # noqa: ANN401
    folder = tmp_path / "reports"
    for _ in range(KILLS):
        finished = killed(processes, "write_summaries", folder, 0.05)
        path = folder / "a.json"
        if path.exists():
            content = json.loads(path.read_text())
            assert content["text"] == f"{content['number']}" * 5000
            assert not finished or content["number"] in (finished[-1], finished[-1] + 1)
        else:
            assert not finished
    assert_swept(tmp_path, folder)


def test_these_tests_would_see_a_file_that_is_half_written(tmp_path: Path, processes: Any) -> None:  # noqa: ANN401
    broken = 0
    for _ in range(KILLS):
        killed(processes, "write_carelessly", tmp_path, 0.05)
        try:
            json.loads((tmp_path / "a.json").read_text())
        except (ValueError, OSError):
            broken += 1
    assert broken > 0


def test_a_visible_mirror_is_always_a_whole_one(tmp_path: Path, processes: Any) -> None:  # noqa: ANN401
    folder = tmp_path / "exports"
    for _ in range(KILLS):
        finished = killed(processes, "write_mirrors", folder, 0.1)
        summary, table = folder / "R1" / "sub-003_review.json", folder / "R1" / "sub-003_slices.tsv"
        if summary.exists():
            content = json.loads(summary.read_text())
            assert {one["comment"] for one in content["slices"]} == {f"{content['events']}"}
            assert len(content["slices"]) == SLICES
            assert not finished or content["events"] in (finished[-1], finished[-1] + 1)
        if table.exists():
            assert summary.exists()
            rows = list(csv.reader(table.read_text().splitlines(), delimiter="\t"))
            assert len(rows) == SLICES + 1
            assert len({row[4] for row in rows[1:]}) == 1
            comment = rows[1][4].removeprefix("'")  # a text of figures is marked as text, see `io.spreadsheet`
            assert not finished or int(comment) in (finished[-1], finished[-1] + 1)
        else:
            assert not finished
    assert_swept(tmp_path, folder / "R1")


def assert_swept(project: Path, folder: Path) -> None:
    """What the killed writers left is not touched at first, and gone when a project is opened an hour later."""
    left = [path for path in folder.iterdir() if path.name.startswith(".refusion-")]
    open_project(project)
    assert all(path.exists() for path in left)
    for path in left:
        os.utime(path, (0, 0))
    open_project(project)
    assert not [path for path in folder.iterdir() if path.name.startswith(".refusion-")]
    assert [path for path in folder.iterdir() if path.is_file()]
