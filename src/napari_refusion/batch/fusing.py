"""A case from its files to everything that is written about it: read, paired, fused, examined and drawn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np

from napari_refusion.evidence.check_outcome import failed
from napari_refusion.evidence.examination import Examination, examine
from napari_refusion.evidence.examiner import Examiner, start_examiner
from napari_refusion.evidence.flagged_slices import flagged_slices
from napari_refusion.evidence.limits import find_limits
from napari_refusion.evidence.trust import check_outcomes
from napari_refusion.fusion.colouring import choose_colouring
from napari_refusion.fusion.engines import ENGINES, start_engine
from napari_refusion.fusion.fuse import fill, fused_of
from napari_refusion.fusion.nameless import nameless_sentences
from napari_refusion.fusion.partial import new_partial
from napari_refusion.fusion.preparation import plan_with
from napari_refusion.fusion.provenance import describe_origin
from napari_refusion.io.open import open_volume
from napari_refusion.study.pairing import pair
from napari_refusion.volume.affine import IPL_TO_RAS
from napari_refusion.volume.finding import Finding, RefusedError, blocking
from napari_refusion.volume.volume import Volume

if TYPE_CHECKING:
    from pathlib import Path

    from napari_refusion.batch.recipe import Recipe
    from napari_refusion.cohort.work_case import WorkCase
    from napari_refusion.evidence.check_outcome import CheckOutcome
    from napari_refusion.evidence.limits import Limits
    from napari_refusion.fusion.colouring import Colouring
    from napari_refusion.fusion.engine import Engine
    from napari_refusion.fusion.fuse import Fused
    from napari_refusion.study.pairing import Given
    from napari_refusion.study.study import Study

_PATIENCE: Final = 300.0
"""Seconds that compiling the network may take."""


@dataclass(frozen=True, slots=True, eq=False)
class FusedCase:
    """A case that was fused and examined."""

    fused: Fused
    colouring: Colouring | None
    examination: Examination
    limits: Limits | None
    outcomes: tuple[CheckOutcome, ...]
    flagged: dict[int, tuple[str, ...]]
    findings: tuple[Finding, ...]
    """About pair and plan, without names of sources unless those are asked for."""
    device: str
    record: dict[str, Any]
    """How it was made, see `Fused.record`."""
    volumes: tuple[str, str] = ("", "")
    """What was chosen of sources that hold several volumes."""

    @property
    def check_failed(self) -> str:
        """Return what stands on the result because a check failed, empty if none did."""
        return failed(self.outcomes)


def fuse_case(case: WorkCase, recipe: Recipe) -> FusedCase:
    """Return a case fused and examined.

    Raises
    ------
    RefusedError
        If its sources cannot be read or must not be fused.
    MemoryError
        If they do not fit into memory.
    """
    (first, of_first), (second, of_second) = (
        _opened(*source, of_all or None) for source, of_all in zip(case.sources, recipe.volumes, strict=True)
    )
    settings = recipe.settings
    reference = cast("Given | None", settings.reference or None)
    study = pair(first, second, settings.task, windows=recipe.windows, reference=reference)
    del first, second
    try:
        study.check()
    except RefusedError as error:
        raise RefusedError(_told(study, error.findings, recipe)) from error
    return replace(_fused(study, *start(recipe), recipe), volumes=(of_first, of_second))


def _opened(path: Path, modality: str | None, volume: str | None, of_all: str | None) -> tuple[Volume, str]:
    """Return a source, and what was chosen of it; what is chosen for all cases is for images that hold several."""
    try:
        return open_volume(path, modality, volume=volume), volume or ""
    except RefusedError as error:
        if volume is not None or of_all is None or blocking(error.findings)[0].rule != "frames":
            raise
    return open_volume(path, modality, volume=of_all), of_all


def _fused(study: Study, engine: Engine, examiner: Examiner, recipe: Recipe) -> FusedCase:
    plan = plan_with(engine, study, recipe.settings.axis)
    partial = new_partial(study, plan.axis, engine.identity)
    plan = fill(partial, plan)
    examination = next(one for one in examine(examiner, partial) if isinstance(one, Examination))
    limits = find_limits(engine.identity)
    colouring = choose_colouring(study, recipe.settings.palette)
    findings = (*study.findings, *plan.findings)
    fused = fused_of(partial, describe_origin(study, plan), colouring)
    return FusedCase(
        fused=fused,
        colouring=colouring,
        examination=examination,
        limits=limits,
        outcomes=check_outcomes(findings, None, examination, limits),
        flagged=flagged_slices(examination, limits),
        findings=_told(study, findings, recipe),
        device=plan.engine.device,
        record=fused.record(identified=recipe.identified),
    )


def _told(study: Study, findings: Iterable[Finding], recipe: Recipe) -> tuple[Finding, ...]:
    """Return findings as they are written."""
    given = tuple(findings)
    if recipe.identified:
        return given
    sentences = nameless_sentences(study, given)
    return tuple(Finding(one.level, one.rule, words) for one, words in zip(given, sentences, strict=True))


def start(recipe: Recipe) -> tuple[Engine, Examiner]:
    """Return the engine and what examines, once for all cases of a process; other weights are others.

    Where the network is compiled for this processor first, that is waited for: all cases of a cohort are fused by one
    engine, whichever came first and on whichever worker.

    Raises
    ------
    RefusedError
        If there are no such weights or device.
    """
    settings = recipe.settings
    return _started(settings.task, settings.weights, settings.device, settings.engine, recipe.weights_sha256)


@lru_cache(maxsize=1)
def _started(task: str, weights: str, device: str, engine: str, _sha256: str) -> tuple[Engine, Examiner]:
    found = start_engine(task, weights, device, engine)
    if ENGINES[engine].takes_weights:
        from napari_refusion.fusion.network_engine import settled

        found = settled(found, _PATIENCE)
    return found, start_examiner(found)


@lru_cache(maxsize=1)
def rehearse(recipe: Recipe) -> None:
    """Fuse two small volumes, once in a process: what is loaded for that is no part of a case.

    Where an import met the limit of a case, MONAI was left half imported and all files that followed were damaged; and
    OpenBLAS waits for ever for the room that it takes at its first call.
    """
    import napari_refusion.io.by_monai  # noqa: F401

    values = np.linspace(0.0, 1.0, 4 * 32 * 32, dtype=np.float32).reshape(4, 32, 32)
    first, second = (Volume(data, IPL_TO_RAS, which) for data, which in ((values, "PT"), (1 - values, "MR")))
    _fused(pair(first, second, recipe.settings.task), *start(recipe), recipe)
