"""The unit of work: one case, begun and ended by itself, in any process of any machine that sees the files.

Whatever happens, it ends in an `Outcome`. Nothing of it is seen before all of it is there, and a case whose sources,
weights, windows and program are those of its outcome is not touched again.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from napari_refusion.batch.asked import asked_of, is_as_asked
from napari_refusion.batch.cases import BatchCase
from napari_refusion.batch.folder import keep_fused, keep_other
from napari_refusion.batch.inputs import InputFile, input_files, same_files
from napari_refusion.batch.limits import limited_memory
from napari_refusion.batch.outcome import Outcome, Status, outcome_file, read_outcome, renew_outcome
from napari_refusion.batch.recipe import Recipe
from napari_refusion.cohort.without_files import without_files
from napari_refusion.fusion.filling import is_out_of_memory
from napari_refusion.fusion.nameless import without_names
from napari_refusion.volume.finding import RefusedError, blocking, refuse

if TYPE_CHECKING:
    from collections.abc import Callable

_LOG = logging.getLogger(__name__)

OF_THE_MACHINE: Final = ("device", "output")
"""Rules of refusals that are no fault of the sources: another run may be luckier."""


@dataclass(frozen=True, slots=True)
class Job:
    """A case to be fused, with everything that another process needs for it."""

    case: BatchCase
    recipe: Recipe
    output: Path
    """Folder of the derivative."""
    megabytes: int = 0
    """Of memory that it may take; 0 for no limit."""


def finished(job: Job) -> Outcome | None:
    """Return the outcome of a case that need not be fused, None for one that must be: new, changed, or failed."""
    path = outcome_file(job.case, job.output)
    known = read_outcome(path)
    if known is None or known.status == "failed" or known.recipe != job.recipe.fingerprint():
        return None
    if not is_as_asked(known, job.case.work, job.recipe.volumes):
        return None
    try:
        there = all((path.parent / name).is_file() for name in known.files)
        inputs = same_files(known.inputs, job.case.work) if there else None
    except OSError:
        return None
    if inputs is None:
        return None
    current = replace(known, inputs=inputs)
    if [one.times for one in inputs] != [one.times for one in known.inputs]:
        renew_outcome(current, path)
    return current


def run_case(job: Job) -> Outcome:
    """Return how a case ended, which lies on the disk then; fused if it has to be."""
    if (known := finished(job)) is not None:
        return known
    began, inputs = time.monotonic(), _inputs(job)
    try:
        return _fused(job, inputs, began)
    except RefusedError as error:
        ended = _refused(job, error, began)
    except Exception as error:  # a bad case must not take the others with it, whatever it does
        if not _is_memory(error):
            _LOG.exception("The case %s failed", job.case.name)
        ended = _outcome(job, "failed", *_words(error, job), began)
    return _kept(replace(ended, inputs=inputs), job)


def account_for(job: Job, rule: str, sentence: str) -> Outcome:
    """Return that a case failed which could not say so itself, and write it."""
    return _kept(_outcome(job, "failed", rule, sentence, time.monotonic()), job)


def _inputs(job: Job) -> tuple[InputFile, ...]:
    """Return the files of a case, none where one cannot be read: reading it says why."""
    try:
        return input_files(job.case.work)
    except OSError:
        return ()


def _fused(job: Job, inputs: tuple[InputFile, ...], began: float) -> Outcome:
    """Return the outcome of a case that was fused."""
    from napari_refusion.batch.fusing import fuse_case, rehearse, start

    start(job.recipe)  # what compiles the network is no part of the case, and not held to its memory
    if job.megabytes:
        rehearse(job.recipe)
    with limited_memory(job.megabytes):
        made = fuse_case(job.case.work, job.recipe)
        if same_files(inputs, job.case.work) is None:
            raise refuse("output", "Run the cohort again: files of this case were changed while it was fused.")
        ended = replace(_outcome(job, "fused", "", "", began), inputs=inputs, volumes=made.volumes)
        return keep_fused(ended, made, job.case, job.output)


def _refused(job: Job, error: RefusedError, began: float) -> Outcome:
    """Return the outcome of a case that was refused, or that the machine could not do."""
    reason, cause = blocking(error.findings)[0], error.__cause__
    if reason.rule == "memory":
        return _outcome(job, "failed", "memory", _no_memory(job), began)
    # what a disk or a share says has a number; what a decoder says of a damaged file has none
    is_of_machine = reason.rule in OF_THE_MACHINE or (isinstance(cause, OSError) and cause.errno is not None)
    return _outcome(job, "failed" if is_of_machine else "refused", reason.rule, str(error), began)


def _words(error: Exception, job: Job) -> tuple[str, str]:
    """Return the rule and the sentence for an error that is no refusal."""
    if _is_memory(error):
        return "memory", _no_memory(job)
    return "", f"Report this: the program failed on this case ({type(error).__name__}: {error})."


def _no_memory(job: Job) -> str:
    given = f"the {job.megabytes} MB that a worker has" if job.megabytes else "this machine's memory"
    return f"Give more with --mem-mb, or take fewer workers: this case does not fit into {given}."


def _is_memory(error: Exception) -> bool:
    return is_out_of_memory(error) or (isinstance(error, RuntimeError) and "memory" in str(error).casefold())


def _outcome(job: Job, status: Status, rule: str, sentence: str, began: float) -> Outcome:
    return Outcome(
        case=job.case.name,
        status=status,
        rule=rule,
        sentence=sentence if job.recipe.identified else _nameless(job)(sentence),
        recipe=job.recipe.fingerprint(),
        asked=asked_of(job.case.work, job.recipe.volumes),
        seconds=round(time.monotonic() - began, 2),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _nameless(job: Job) -> Callable[[str], str]:
    """Return what takes the places and names of a case's files out of a sentence."""
    of_files = without_files({job.case.work.second: "source b", job.case.work.first: "source a"})
    of_output = without_names({str(job.output): "the output"})
    return lambda sentence: of_output(of_files(sentence))


def _kept(outcome: Outcome, job: Job) -> Outcome:
    """Write an outcome without results; one that cannot be written says so and is failed, so that it is tried again."""
    try:
        return keep_other(outcome, job.case, job.output)
    except (RefusedError, OSError) as error:
        _LOG.info("The outcome of %s is not on the disk", job.case.name, exc_info=True)
        told = str(error) if job.recipe.identified else _nameless(job)(str(error))
        sentence = outcome.sentence if outcome.rule == "output" else f"{told}. The case ended so: {outcome.sentence}"
        return replace(outcome, status="failed", sentence=sentence, is_kept=False)
