"""Programs that write until they are killed, each telling what it has finished."""

import json
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from napari_refusion.io.write import write_nifti
from napari_refusion.io.write_json import write_json
from napari_refusion.record.coverage import coverage
from napari_refusion.record.database import Records, fill_file, write_database
from napari_refusion.record.export import export_review
from napari_refusion.record.joining import join
from napari_refusion.record.project_folder import open_project
from napari_refusion.record.replay import replay
from napari_refusion.record.store import Store
from napari_refusion.volume.volume import Volume
from tests.recorded import RUN, at, said

GRID = (16, 48, 40)

SLICES = 40


def write_events(folder: Path, told: Connection) -> None:
    with Store.open(folder, "R1") as store:
        store.rows.keep_run(RUN)
        told.send("open")
        while True:
            told.send(store.append(RUN.case_id, RUN.run_id, "comment", at(3, text="x" * 400)).event_id)


def open_and_close(folder: Path, told: Connection) -> None:
    """Open the store, append one event, and close it, which folds the log into the file, again and again."""
    told.send("open")
    while True:
        with Store.open(folder, "R1") as store:
            told.send(store.append(RUN.case_id, RUN.run_id, "open", {}).event_id)


def recover(folder: Path, told: Connection) -> None:
    """Recover a damaged file, again and again."""
    path = folder / "reviews" / "R1.sqlite"
    told.send("open")
    while True:
        with Store.open(folder, "R1") as store:
            told.send(len(store.all_events()))
        content = path.read_bytes()
        broken = content[:-4096] + bytes(range(256)) * 16

        def write(temporary: Path, broken: bytes = broken) -> None:
            temporary.write_bytes(broken)

        write_database(path, write, overwrite=True)


def merge_projects(folder: Path, told: Connection) -> None:
    """Take over what lies in the folder ``other`` beside a project, again and again."""
    told.send("open")
    while True:
        told.send(list(join(open_project(folder), open_project(folder.with_name("other")))))


def write_volumes(folder: Path, told: Connection) -> None:
    folder.mkdir(exist_ok=True)
    told.send("open")
    for number in range(1, 10_000):
        write_nifti(Volume(np.full(GRID, number, np.float32), np.eye(4)), folder / "fused.nii.gz", overwrite=True)
        told.send(number)


def write_summaries(folder: Path, told: Connection) -> None:
    folder.mkdir(exist_ok=True)
    told.send("open")
    for number in range(1, 100_000):
        write_json({"number": number, "text": f"{number}" * 5000}, folder / "a.json", overwrite=True)
        told.send(number)


def write_carelessly(folder: Path, told: Connection) -> None:
    """Write as this package never does."""
    told.send("open")
    while True:
        with (folder / "a.json").open("w") as file:
            json.dump({"text": ["x" * 50] * 5000}, file)


def write_mirrors(folder: Path, told: Connection) -> None:
    told.send("open")
    for number in range(1, 100_000):
        words = [("comment", at(index, text=f"{number}")) for index in range(SLICES)]
        review = replay(said(*words), "run-1")
        export_review(folder, RUN, review, coverage(review, (), ()), "R1", "head", number, "sub-003")
        told.send(number)


def damaged_file(folder: Path) -> None:
    """Write a file whose last page is broken and that holds some events."""
    (folder / "reviews").mkdir(parents=True)
    path = folder / "reviews" / "R1.sqlite"
    events = said(*[("comment", at(index, text="x" * 300)) for index in range(30)])
    fill_file(path, "R1", Records(tuple(events), version=1))
    path.write_bytes(path.read_bytes()[:-4096] + bytes(range(256)) * 16)


WRITERS: Mapping[str, Callable[[Path, Connection], None]] = {
    writer.__name__: writer
    for writer in (
        write_events,
        open_and_close,
        recover,
        merge_projects,
        write_volumes,
        write_summaries,
        write_mirrors,
        write_carelessly,
    )
}


def write(name: str, folder: str, told: Connection) -> None:
    """Run a writer until it is killed."""
    WRITERS[name](Path(folder), told)
