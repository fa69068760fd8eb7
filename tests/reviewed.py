"""Fusions to review: a PET and an MRI whose place is known, fused by a small network that was never trained."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch

from napari_refusion.evidence.examination import Examination
from napari_refusion.evidence.examiner import start_examiner
from napari_refusion.evidence.missed_uptake import MissedUptake
from napari_refusion.fusion.colouring import choose_colouring
from napari_refusion.fusion.engine import Engine
from napari_refusion.fusion.engines import start_engine
from napari_refusion.fusion.filling import FusedSlice, missing_slices
from napari_refusion.fusion.partial import PartialFusion, new_partial
from napari_refusion.fusion.preparation import plan_with
from napari_refusion.fusion.provenance import describe_origin
from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.model.weights import Weights
from napari_refusion.model.weights_files import save_weights
from napari_refusion.numerics.colour import DEFAULT_PALETTE
from napari_refusion.numerics.intensity import Window
from napari_refusion.session.reviewed_fusion import ReviewedFusion
from napari_refusion.study.pairing import pair
from napari_refusion.volume.origin import Origin
from napari_refusion.volume.volume import Volume

COUNT = 6
"""Slices of `PET` and `MRI`."""

IPL_AT_2_MM = np.array([[0, 0, -2.0, 10], [0, -2.0, 0, 20], [-2.0, 0, 0, 30], [0, 0, 0, 1]])
"""(i, p, l) -> RAS+ mm: voxels of 2 mm, the first one at R 10, A 20, S 30."""


def noise(modality: str, seed: int, sha256: str, shape: tuple[int, int, int] = (COUNT, 8, 8)) -> Volume:
    """Return noise in [0, 1) with the patient's name as its own."""
    data = np.random.default_rng(seed).random(shape, dtype=np.float32)
    return Volume(data, IPL_AT_2_MM, modality, name=f"Jane Doe {modality}", origin=Origin(sha256=sha256))


PET, MRI = noise("PT", 0, "p" * 64), noise("MR", 1, "m" * 64)


def canvas_of(low: float = 0.0, *, is_complete: bool = True, pet: Volume = PET, mri: Volume = MRI) -> PartialFusion:
    """Return a pair fused to half brightness, or its first two slices; `low` is the lower end of a's window."""
    partial = new_partial(pair(pet, mri, windows=(Window(low, 1), Window(0, 1))), "axial", "w" * 64)
    for index in range(len(partial.done) if is_complete else 2):
        partial.put(index, np.full(partial.fused.shape[1:], 0.5, np.float32))
    return partial


def examined_by_hand(partial: PartialFusion) -> Examination:
    """Return an examination: the first and last slice lie outside the body, in slice 3 uptake is missed."""
    missed = MissedUptake(index=3, voxel=(3, 1, 2), point=(6.0, 18.0, 24.0), contrast=0.4, transfer=0.1)
    body = np.array([False, True, True, True, True, False])
    numbers = {"overshoot": np.full(COUNT, 0.01)}
    return Examination(
        start_examiner(start_engine(engine="average")),
        partial,
        {},
        numbers,
        body,
        (missed,),
        missed_run=True,
        findings=(),
    )


@cache
def untrained() -> Engine:
    """Return a fusion network that was never trained."""
    torch.manual_seed(0)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "untrained.safetensors"
        save_weights(Weights(FusionNet().state_dict()), path)
        return start_engine(weights=str(path), device="cpu")


def fused(
    pet: Volume = PET, mri: Volume = MRI, low: float = 0.0, paths: tuple[Path, Path] | None = None
) -> ReviewedFusion:
    """Return a fusion with its engine.

    Parameters
    ----------
    low
        Lower end of the PET's window.
    paths
        What PET and MRI were opened from.
    """
    if paths is not None:
        pet, mri = (opened_from(one, path) for one, path in zip((pet, mri), paths, strict=True))
    study = pair(pet, mri, windows=(Window(low, 1), Window(0, 1)))
    plan = plan_with(untrained(), study, "axial")
    partial = new_partial(study, plan.axis, plan.engine.identity)
    for message in missing_slices(partial, plan.engine):
        if isinstance(message, FusedSlice):
            partial.put(message.index, message.image)
    findings = (*study.findings, *plan.findings)
    colouring = choose_colouring(study, DEFAULT_PALETTE)
    return ReviewedFusion(partial, describe_origin(study, plan), findings, colouring, plan.engine)


def opened_from(volume: Volume, path: Path) -> Volume:
    """Return a volume that knows what it was opened from."""
    return replace(volume, origin=replace(volume.origin, opened=path))


def unfinished() -> ReviewedFusion:
    """Return a fusion of which only the first two slices are there."""
    whole = fused()
    partial = replace(whole.partial, fused=whole.partial.fused.copy(), done=whole.partial.done.copy())
    partial.keep(np.arange(COUNT) < 2)
    return replace(whole, partial=partial)
