"""Running the cases of a cohort, one after the other or on many workers: every case ends in one outcome."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from napari_refusion.batch.case import run_case
from napari_refusion.volume.finding import refuse

if TYPE_CHECKING:
    from napari_refusion.batch.case import Job
    from napari_refusion.batch.outcome import Outcome
    from napari_refusion.batch.workers import Workers

INSTALL: Final = 'pip install "napari-refusion[cohort]"'
"""What brings Dask."""


def has_dask() -> bool:
    """Return whether cases can run in more than one process."""
    return importlib.util.find_spec("distributed") is not None


def processes(workers: Workers, device: str = "cpu") -> int:
    """Return the number of processes that run cases on this machine.

    Parameters
    ----------
    device
        As `fusion.device.choose_device` takes it.
    """
    if workers.count or not has_dask():
        return workers.count or 1
    if device != "cpu":
        import torch

        if torch.cuda.is_available():
            return torch.cuda.device_count()
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_jobs(jobs: Sequence[Job], workers: Workers) -> Iterator[Outcome]:
    """Yield how each case ended, as they end.

    Raises
    ------
    RefusedError
        If there are no such workers, or the scheduler is lost: what ended until then is on the disk.
    """
    if not jobs:
        return
    count = 0 if workers.scheduler else min(processes(workers, jobs[0].recipe.device), len(jobs))
    if count == 1:
        yield from (run_case(replace(job, megabytes=workers.megabytes)) for job in jobs)
        return
    if not has_dask():
        sentence = f"Install Dask for several cases at a time, {INSTALL}, or leave out --nprocs and --scheduler."
        raise refuse("device", sentence, "distributed")
    from napari_refusion.batch.on_dask import run_on_dask

    yield from run_on_dask(jobs, workers, count)
