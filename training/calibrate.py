"""Calibrate the review's limits: ``python -m training.calibrate --data DATA --output medical_limits.json``.

The numbers of the review (`evidence.indicators`) are measured on good pairs of patients that the weights were
not trained on (`good_cases`). A limit belongs to one weights file, so it is calibrated anew whenever those change.
"""

import argparse
import json
import math
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, TypeVar

import numpy as np

from napari_refusion.evidence.examiner import Examiner, start_examiner
from napari_refusion.evidence.indicators import INDICATORS, per_slice, slice_numbers
from napari_refusion.evidence.limits import Limit, Limits, as_record
from napari_refusion.evidence.map_kinds import MEASURED
from napari_refusion.evidence.maps import examine_slice
from napari_refusion.evidence.measures import FusedImages
from napari_refusion.fusion.engines import start_engine
from napari_refusion.io.whole_files import atomic
from napari_refusion.io.write_json import write_json
from training.good_cases import GoodCase, good_cases

Row = TypeVar("Row")
"""A dataclass of plain values."""

GOOD_SHARE: Final = 0.99
"""Share of the patients' good slices that is on the good side of the amber limit."""

MARGIN: Final = 1.0
"""The red limit lies beyond the worst good slice by this part of its distance from the median.

With 0.2, 7 % of the slices of patients that were left out were red, with 1.0 it is 1 %; a red number fails a check."""

LEAST: Final = 0.005
"""The lowest amber limit of a number whose large values are bad; a few pixels are no reason to look twice."""

GAP: Final = 0.01
"""Between the amber and the red limit, at least."""


UNJUDGED: Final = ("recovered_a", "recovered_b", "residual_a")
"""Numbers that are shown and have no limits: of the planted errors they saw none that another number does not see, and
they were a third of the false alarms in patients that were left out (`training/results/planted_errors.md`)."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The numbers of one slice."""

    case: str
    fold: int
    modality: str
    slice: str
    is_template: bool
    is_body: bool
    error: str
    """What was planted in it; empty for a good slice."""
    numbers: dict[str, float]


def numbers_of(examiner: Examiner, images: FusedImages, neighbours: tuple[FusedImages, ...] = ()) -> dict[str, float]:
    """Return the numbers of a slice, as the examination of a review takes them."""
    maps = examine_slice(examiner, images.a, images.b, images.fused, MEASURED)
    return slice_numbers(images, maps, neighbours)


def good_slices(examiner: Examiner, cases: Iterable[GoodCase]) -> Iterator[Measured]:
    """Yield the numbers of every slice of the body; the step to the slice before in volumes."""
    for case in cases:
        before: tuple[int, FusedImages] | None = None
        for index in case.body():
            a, b = case.a[index], case.b[index]
            images = FusedImages(a, b, examiner.engine.fuse(a, b))
            follows = case.study and before is not None and before[0] == index - 1
            numbers = numbers_of(examiner, images, (before[1],) if before is not None and follows else ())
            before = index, images
            yield measured(case, index, "", numbers)


def measured(case: GoodCase, index: int, error: str, numbers: dict[str, float]) -> Measured:
    """Return the numbers of a slice of a case, with what was planted in it."""
    return Measured(
        case.name, case.fold, case.modality, case.slices[index], case.is_template, case.is_body, error, numbers
    )


def calibrated(good: Sequence[Measured]) -> dict[str, Limit]:
    """Return limits by the names of indicators, from the numbers of good slices.

    Of one number amber is the percentile `GOOD_SHARE` of the patients' slices, of templates where there are no
    patients, and red is farther out than every good slice, templates too, by `MARGIN`. Where `good` has several
    modalities, the limits of the one that reaches farthest hold for all. Numbers that say nothing about a single slice
    (``best slice``) are calibrated on the best slice of each case: amber is half the lowest of them, red a quarter. A
    number without a value in any slice has no limits.
    """
    found = {name: _limit(name, good) for name in per_slice()}
    return {name: limit for name, limit in found.items() if limit}


def _limit(name: str, good: Sequence[Measured]) -> Limit | None:
    """Return the limits of one indicator."""
    known = [one for one in good if not math.isnan(one.numbers.get(name, math.nan))]
    if not known:
        return None
    if INDICATORS[name].of_case == "best slice":
        lowest = min(
            max(one.numbers[name] for one in known if (one.case, one.modality) == case)
            for case in {(one.case, one.modality) for one in known}
        )
        return Limit(_rounded(lowest / 2), _rounded(lowest / 4))
    sign = 1 if INDICATORS[name].direction == "above" else -1
    limits = [
        _of_modality(sign, [one for one in known if one.modality == modality], name)
        for modality in sorted({one.modality for one in known})
    ]
    amber, red = (max(one[place] for one in limits) for place in (0, 1))
    amber = max(amber, LEAST) if sign > 0 else amber
    # Shares and brightness lie within 0 and 1: a limit outside would never be passed, and would look as if it were one.
    red = min(max(red, amber + GAP), 1.0) if sign > 0 else min(max(red, amber + GAP), 0.0)
    return Limit(_rounded(sign * amber), _rounded(sign * red)) if amber < red else None


def _of_modality(sign: int, rows: Sequence[Measured], name: str) -> tuple[float, float]:
    """Return the amber and red limits of one modality, large values bad."""
    values = np.array([sign * one.numbers[name] for one in rows])
    patients = np.array([not one.is_template for one in rows])
    amber = float(np.quantile(values[patients] if patients.any() else values, GOOD_SHARE))
    worst = float(values.max())
    return amber, worst + MARGIN * (worst - float(np.median(values)))


def _rounded(value: float) -> float:
    return float(f"{value:.3g}") + 0.0  # no negative zero


def keep(rows: Iterable[Row], folder: Path | None, name: str, kind: type[Row]) -> list[Row]:
    """Return rows of one kind as a folder keeps them under a name.

    They are measured first where the folder does not have them yet, or there is no folder.
    """
    path = folder / f"{name}.json" if folder else None
    if path and path.exists():
        return [kind(**row) for row in json.loads(path.read_text(encoding="utf-8"))]
    found = list(rows)
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic(path) as temporary:
            temporary.write_text(json.dumps([asdict(row) for row in found]), encoding="utf-8", newline="\n")  # type: ignore[call-overload]
    return found


def described(good: Sequence[Measured]) -> str:
    """Return on what limits were calibrated, in a sentence."""
    kinds = [("CT", "CT"), ("PT", "PET"), ("NM", "SPECT")]
    patients = [one for one in good if not one.is_template]
    counts = [(word, [one for one in patients if one.modality == code]) for code, word in kinds]
    parts = ", ".join(
        f"{len(own)} of {word} ({len({one.case for one in own})} sets of slices)" for word, own in counts if own
    )
    bodies = sum(one.is_body for one in patients)
    return (
        f"Amber beyond {GOOD_SHARE:.0%} of {len(patients)} slices of patients in register, {parts}, {bodies} of "
        f"them of legs and trunks; red beyond all of these and of {len(good) - len(patients)} slices of templates. "
        f"The weights were trained on none of them."
    )


def limits_from_good(good: Sequence[Measured], weights_sha256: str) -> Limits:
    """Return the limits for weights, with the sentence on what they were calibrated on; none for what is `UNJUDGED`.

    They hold for all modalities: with limits for each by itself, from one or two patients, twice as many slices of
    other patients had a number beyond amber (`training/results/planted_errors.md`).
    """
    judged = {name: limit for name, limit in calibrated(good).items() if name not in UNJUDGED}
    return Limits(weights_sha256, described(good), judged)


def main() -> None:
    """Read the command line, measure and write the limits."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, type=Path, help="folder with mif and volumes")
    parser.add_argument("--output", required=True, type=Path, help="limits file, replaced if it exists")
    parser.add_argument("--cache", type=Path, help="folder for what was measured; is read from there if it exists")
    arguments = parser.parse_args()
    try:
        examiner = start_examiner(start_engine("medical", device="cpu"))
        good = keep(good_slices(examiner, good_cases(arguments.data)), arguments.cache, "good", Measured)
        limits = limits_from_good(good, examiner.engine.identity)
        write_json(as_record(limits), arguments.output, overwrite=True)
    except (ValueError, OSError) as error:
        sys.exit(f"Not calibrated: {error}")
    for name, limit in limits.limits.items():
        print(f"{name:16} amber {limit.amber:g}, red {limit.red:g}")


if __name__ == "__main__":
    main()
