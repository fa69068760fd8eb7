"""The level *participant*: every case of an input that is not fused yet, and the pages of the subjects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from napari_refusion.batch.asked import check_volumes
from napari_refusion.batch.case import Job, finished
from napari_refusion.batch.derivative import begin_derivative
from napari_refusion.batch.pages import write_pages
from napari_refusion.batch.running import run_jobs
from napari_refusion.io.whole_folder import sweep

if TYPE_CHECKING:
    from napari_refusion.batch.cases import Listed
    from napari_refusion.batch.outcome import Outcome
    from napari_refusion.batch.recipe import Recipe
    from napari_refusion.batch.workers import Workers
    from napari_refusion.volume.finding import Finding


@dataclass(frozen=True, slots=True)
class Participants:
    """The cases of an input: those that are done, and those that are to be run."""

    listed: Listed
    output: Path
    known: tuple[Outcome, ...]
    """Of cases that need not run: nothing changed since they ended."""
    jobs: tuple[Job, ...]

    @classmethod
    def begin(cls, listed: Listed, recipe: Recipe, place: Path, output: Path) -> Self:
        """Return the cases of an input, with an output that is ready for them.

        Parameters
        ----------
        place
            The input, which the output must not lie in.

        Raises
        ------
        RefusedError
            See `derivative.begin_derivative`; also for choices with which nothing can be fused.
        """
        check_volumes((case.work for case in listed.cases), recipe.volumes)
        begin_derivative(output, place)
        jobs = [Job(case, recipe, output.absolute()) for case in listed.cases]
        for folder in {(output / job.case.folder).parent for job in jobs}:
            sweep(folder)
        ended = {job.case.name: finished(job) for job in jobs}
        known = tuple(one for one in ended.values() if one is not None)
        left = tuple(job for job in jobs if ended[job.case.name] is None)
        if left:
            recipe.check()
        return cls(listed, output, known, left)

    def run(self, workers: Workers) -> Generator[Outcome | Finding]:
        """Yield how the cases end that are to be run, and in the end what pages could not be written.

        The page of a subject is written once all of its cases ended. One that cannot be written, as on a full disk, is
        tried again in the end and by the next run, and takes no case with it.

        Raises
        ------
        RefusedError
            See `running.run_jobs`.
        """
        left = Counter(job.case.subject for job in self.jobs)
        of_subject = {job.case.name: job.case.subject for job in self.jobs}
        for outcome in run_jobs(self.jobs, workers):
            subject = of_subject[outcome.case]
            left[subject] -= 1
            if not left[subject]:
                write_pages((case for case in self.listed.cases if case.subject == subject), self.output)
            yield outcome
        yield from write_pages(self.listed.cases, self.output).unwritten
