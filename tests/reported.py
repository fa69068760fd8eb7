"""A small reviewed case, with names of patients wherever a file could have put them."""

from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np

from napari_refusion.evidence.check_outcome import CheckOutcome, failed
from napari_refusion.evidence.missed_uptake import MissedUptake
from napari_refusion.fusion.partial import PartialFusion, new_partial
from napari_refusion.model.tasks import TASKS
from napari_refusion.numerics.intensity import Window
from napari_refusion.record.case import CaseReview, CaseVerdict, SliceReview
from napari_refusion.record.coverage import Coverage
from napari_refusion.record.run import Run, SourceIdentity
from napari_refusion.report.content import Curve, Making, Panel, ReportContent, choose_panels
from napari_refusion.report.pictures import panel
from napari_refusion.study.study import Side, Study
from napari_refusion.volume.finding import Finding
from napari_refusion.volume.volume import Volume

IPL_AFFINE = np.array([[0, 0, -2.0, 10], [0, -2.0, 0, 20], [-4.0, 0, 0, 30], [0, 0, 0, 1]])
"""(i, p, l) -> RAS+ mm: voxels of 4 x 2 x 2 mm, the first one at R 10, A 20, S 30."""

CANARIES = ("CANARY_DOE", "canary_jane", "CANARYDIR", "1971-02-03", "CANARY_WEIGHTS", "9.8.7.6", "canary-path")
"""What files say about the patient."""

SCRIPT = "<script>alert('x')</script>"
FORMULA = "=cmd|' /C calc'!A0"


def case_canvas(shape: tuple[int, int, int] = (6, 20, 16), axis: str = "axial") -> PartialFusion:
    """Return a PET and MRI that are fused, all of noise but for a mark in the patient's right, front and top."""
    noise = np.random.default_rng(0).random((2, *shape), dtype=np.float32) * 0.2
    noise[:, : shape[0] // 3, : shape[1] // 3, : shape[2] // 3] = 1.0
    pet = Volume(noise[0] * 10, IPL_AFFINE, "PT", "SUVbw", name="CANARY_DOE pet")
    mri = Volume(noise[1] * 900, IPL_AFFINE, "MR", name="canary_jane T1w")
    sides = Side(pet, pet, Window(0, 10)), Side(mri, mri, Window(0, 900))
    study = Study(TASKS["medical"], *sides, "b", np.ones(shape, np.bool_), ())
    partial = new_partial(study, axis, "feed" * 16)
    for index in range(len(partial.done)):
        partial.put(index, np.moveaxis(noise.mean(axis=0), ("axial", "coronal", "sagittal").index(axis), 0)[index])
    return partial


def case_run() -> Run:
    """Return the run of `case_canvas`."""
    move = {"moving": "CANARY_DOE pet", "frame_of_reference": "9.8.7.6", "millimetres": 3.0, "degrees": 1.5}
    pet = SourceIdentity("a" * 64, "PT", "SUVbw", (0.0, 10.0), move)
    mri = SourceIdentity("b" * 64, "MR", "", (0.0, 900.0), None)
    affine = tuple(tuple(float(value) for value in row) for row in IPL_AFFINE)
    return Run(pet, mri, "axial", "b", (6, 20, 16), affine, "feed" * 16)


def case_review() -> CaseReview:
    """Return what a reader said: slice 2 flagged, slice 4 rejected, slice 5 a key image, slice 6 not seen."""
    slices = {
        0: SliceReview(30, 2.0),
        1: SliceReview(26, 3.0, "flag", ("uptake_lost",), SCRIPT),
        2: SliceReview(22, 1.0, "accept"),
        3: SliceReview(18, 4.0, "reject", ("wrong_side", "other"), FORMULA),
        4: SliceReview(14, 2.0, is_key=True, caption='a "quoted" caption'),
    }
    verdict = CaseVerdict("usable_with_flags", 3.0, "fine & dandy\x00\u202e", "2025-03-01T14:05:00.000+00:00")
    return CaseReview("slight", MappingProxyType(slices), verdict, MappingProxyType({"Registration": "seen twice"}))


def case_content(**changes: Any) -> ReportContent:  # noqa: ANN401
    """Return what a report on the case shows."""
    review = case_review()
    check_outcomes = (
        CheckOutcome("Geometry", "green", "", "rule of geometry", "Checks passed."),
        CheckOutcome(
            "Registration", "red", "slightly off", "rule of registration", "Check failed: look at CANARY_DOE pet."
        ),
        CheckOutcome("Intensity", "amber", "6.1 %", "rule of intensity", "Look twice."),
        CheckOutcome("Model", "not run", "", "rule of the model", "Not run."),
        CheckOutcome("Output", "green", "", "rule of output", "Checks passed."),
    )
    check_failed = failed(check_outcomes, review.overrides)
    flagged = {1: ("Overshoot 9 %.",), 5: ("Saturation 12 %.", "Step 0.2.")}
    chosen, left_out = choose_panels(review, flagged)
    content = ReportContent(
        label="case-1a2b",
        reader="R<1>",
        opened="2025-03-01T13:00:00+00:00",
        finished="2025-03-01T14:05:00.000+00:00",
        run=case_run(),
        review=review,
        coverage=Coverage(6, 5, 2, 1, 12.0),
        check_outcomes=check_outcomes,
        making=Making("medical", "CANARY_WEIGHTS.safetensors", "cpu", "2025-03-01T12:00:00+00:00", {"torch": "2.13"}),
        notice="Research use only, not for diagnosis.",
        check_failed=check_failed,
        findings=(
            Finding("ok", "grid", "CANARY_DOE pet was resampled to the grid of canary_jane T1w.", "2 mm"),
            Finding("warn", "weights", "CANARY_WEIGHTS.safetensors was trained for something else: look twice."),
        ),
        file_findings=(Finding("warn", "slice spacing", "/data/CANARYDIR/1971-02-03.dcm lies off.", "canary-path"),),
        flagged=flagged,
        curves=(Curve("overshoot", np.array([0.01, 0.09, np.nan, 0.02, 0.02, 0.06]), 0.05, 0.08),),
        panels=tuple(Panel(index, why, _picture(index, check_failed)) for index, why in chosen.items()),
        left_out=left_out,
        missed=(MissedUptake(1, (1, 2, 3), (4.0, 16.0, 26.0), 0.5, 0.08),),
        missed_run=True,
        stale=MappingProxyType({2: SliceReview(22, 1.0, "reject", ("step",))}),
        model_card=("What the weights are.",),
        limits=("Where the limits are from.",),
        chain_head="c" * 64,
        names={"CANARY_DOE pet": "PET", "canary_jane T1w": "MRI"},
        identity={"Files": "/data/CANARYDIR/CANARY_DOE.nii, canary-path"},
    )
    return replace(content, **changes)


@cache
def _picture(index: int, check_failed: str) -> bytes:
    return panel(case_canvas(), index, check_failed=check_failed)
