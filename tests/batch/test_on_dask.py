"""Cases on the workers of Dask: killed workers and lost schedulers cost time, never a case."""

import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from napari_refusion.batch.case import Job, finished, run_case
from napari_refusion.batch.cases import listed
from napari_refusion.batch.outcome import Outcome
from napari_refusion.batch.running import run_jobs
from napari_refusion.batch.workers import Workers
from napari_refusion.volume.finding import RefusedError
from tests.cohorts import PLAIN, corrupt, write_tree

distributed = pytest.importorskip("distributed", reason="needs Dask: pip install distributed")
psutil = pytest.importorskip("psutil")


def jobs_of(root: Path, output: Path) -> list[Job]:
    return [Job(case, PLAIN, output) for case in listed(root).cases]


def timeless(ended: Outcome | None) -> Outcome:
    """Return an outcome without its time, and without the record that holds the moment as well."""
    assert ended is not None
    files = {name: digest for name, digest in ended.files.items() if not name.endswith("_fused.json")}
    return replace(ended, seconds=0.0, created="", files=files)


def kill_worker() -> None:
    """Kill one of the worker processes that this one started, as if its memory had run out."""
    workers = [one for one in psutil.Process().children() if "spawn_main" in " ".join(one.cmdline())]
    os.kill(workers[0].pid, signal.SIGKILL)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal here")
def test_a_killed_worker_is_replaced_and_its_case_accounted_for_once(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "in", ["1", "2", "3", "4"])
    corrupt(root / "sub-1/pet/sub-1_pet.nii.gz")
    jobs, ended = jobs_of(root, tmp_path / "out"), list[Outcome]()
    for outcome in run_jobs(jobs, Workers(count=2, retries=0)):
        ended.append(outcome)
        if len(ended) == 1:  # both are given another case at once
            kill_worker()
    assert sorted(one.case for one in ended) == [job.case.name for job in jobs]
    failed = [one for one in ended if one.status == "failed"]
    assert failed
    assert all("killed 1 time. It had" in one.sentence for one in failed)
    written = [path for one in failed for path in (tmp_path / "out").rglob(f"{one.case}_fused*")]
    assert not [path for path in written if not path.parent.name.startswith(".refusion-")]  # hidden, and swept later
    list(run_jobs([job for job in jobs if finished(job) is None], Workers(count=1)))
    alone = [run_case(job) for job in jobs_of(root, tmp_path / "serial")]
    assert [timeless(finished(job)) for job in jobs] == [timeless(one) for one in alone]


def test_a_lost_scheduler_is_told_and_another_run_goes_on(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "in", ["1", "2", "3", "4"])
    jobs = jobs_of(root, tmp_path / "out")
    with distributed.LocalCluster(
        1, processes=False, threads_per_worker=2, protocol="tcp://", host="127.0.0.1", dashboard_address=None
    ) as cluster:
        running = run_jobs(jobs, Workers(scheduler=cluster.scheduler_address))
        first = next(running)
        cluster.close()
        with pytest.raises(RefusedError, match="the scheduler was lost"):
            list(running)
    assert first.status == "fused"
    left = [job for job in jobs if finished(job) is None]
    assert first.case not in [job.case.name for job in left]
    assert all(one.status == "fused" for one in run_jobs(left, Workers(count=1)))


def test_a_scheduler_that_does_not_answer_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("napari_refusion.batch.dask_client._PATIENCE", "1s")
    jobs = jobs_of(write_tree(tmp_path / "in", ["1"]), tmp_path / "out")
    with pytest.raises(RefusedError, match=r"none answers at tcp://127.0.0.1:9"):
        list(run_jobs(jobs, Workers(scheduler="tcp://127.0.0.1:9")))


def test_a_scheduler_that_speaks_tls_wants_certificates_before_anything_is_asked_of_it(tmp_path: Path) -> None:
    jobs = jobs_of(write_tree(tmp_path / "in", ["1"]), tmp_path / "out")
    with pytest.raises(RefusedError, match=r"^Name your certificates in Dask's configuration"):
        list(run_jobs(jobs, Workers(scheduler="tls://127.0.0.1:9")))
