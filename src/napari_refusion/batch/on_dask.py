"""Cases on the workers of Dask: processes of this machine, or those of a scheduler that is running.

A worker is one process with one case at a time. One that is killed, or takes too much memory, is replaced; its case is
tried again a set number of times and then accounted for as failed. Where the scheduler itself is lost, what ended is on
the disk, and the same command goes on from there.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from distributed import KilledWorker, as_completed, get_worker
from distributed.scheduler import NoWorkerError

from napari_refusion.batch.case import account_for, run_case
from napari_refusion.batch.dask_client import client_of
from napari_refusion.batch.outcome import outcome_file, read_outcome
from napari_refusion.volume.finding import RefusedError, refuse

if TYPE_CHECKING:
    from typing import Any

    from distributed import Future

    from napari_refusion.batch.case import Job
    from napari_refusion.batch.outcome import Outcome
    from napari_refusion.batch.workers import Workers

_ONE_AT_A_TIME: Final = threading.Lock()
"""Held by the case that a process works on: workers of others may have several threads."""


def run_on_dask(jobs: Sequence[Job], workers: Workers, count: int) -> Iterator[Outcome]:
    """Yield how each case ended, as they end.

    Parameters
    ----------
    count
        Processes of this machine, where no scheduler is named.

    Raises
    ------
    RefusedError
        If a scheduler is not reached, or is lost.
    """
    with client_of(workers, count) as (client, megabytes):
        asked = {f"refusion-{job.case.name}": replace(job, megabytes=megabytes) for job in jobs}
        futures = client.map(_run_alone, list(asked.values()), key=list(asked), pure=False)
        for ended, future in enumerate(as_completed(futures)):
            if future.status in ("cancelled", "lost"):
                raise _lost(ended, len(jobs))
            yield _outcome_of(future, asked[str(future.key)])


def _run_alone(job: Job) -> Outcome:
    """Return how a case ended, in a process that does one at a time."""
    with _ONE_AT_A_TIME:
        return run_case(_on_own_device(job))


def _on_own_device(job: Job) -> Job:
    """Return a job for the GPU of this worker, where several processes of one machine see several of them."""
    if job.recipe.device not in ("auto", "cuda"):
        return job
    import torch

    name, gpus = get_worker().name, torch.cuda.device_count()
    if gpus < 2 or not isinstance(name, int):
        return job
    settings = replace(job.recipe.settings, device=f"cuda:{name % gpus}")
    return replace(job, recipe=replace(job.recipe, settings=settings))


def _outcome_of(future: Future[Outcome], job: Job) -> Outcome:
    """Return how a case ended, also one whose worker cannot say so any more."""
    error: Any = future.exception() if future.status == "error" else None
    if isinstance(error, KilledWorker):
        # one that was killed after it had written has done its work
        known = read_outcome(outcome_file(job.case, job.output))
        return known if known is not None and _is_of(known, job) else account_for(job, "", _killed(error, job))
    if isinstance(error, NoWorkerError):
        return account_for(job, "device", "Run the cohort again: there was no worker any more for this case.")
    if error is not None:
        return account_for(job, "", f"Report this: the worker failed ({type(error).__name__}: {error}).")
    outcome = future.result()
    if outcome.is_kept and read_outcome(outcome_file(job.case, job.output)) != outcome:
        sentence = "Start workers where they see the output under the same path: the results of this case are not here."
        return account_for(job, "output", sentence)
    if outcome.recipe != job.recipe.fingerprint():
        mine, other = job.recipe.fingerprint()["version"], outcome.recipe.get("version")
        return account_for(job, "device", f"Install version {mine} on the workers: this one has {other}.")
    return outcome


def _killed(error: KilledWorker, job: Job) -> str:
    times = error.allowed_failures + 1
    had = f" It had {job.megabytes} MB: give more with --mem-mb if the case needs it." if job.megabytes else ""
    return f"Run the cohort again: the worker of this case was killed {times} time{'' if times == 1 else 's'}.{had}"


def _is_of(outcome: Outcome, job: Job) -> bool:
    return outcome.status != "failed" and outcome.recipe == job.recipe.fingerprint()


def _lost(ended: int, count: int) -> RefusedError:
    sentence = (
        f"Run the same command again, which goes on from here: the scheduler was lost. {ended} of {count} cases ended "
        "before, and are on the disk."
    )
    return refuse("device", sentence, f"{ended} of {count}")
