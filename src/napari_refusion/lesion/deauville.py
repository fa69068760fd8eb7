"""The five-point score (Deauville) of a lesion against liver and blood pool.

A helper for the reader, who gives the score: it knows nothing of what is physiological, of the tracer, or of other
sites.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from napari_refusion.lesion.measured import Measured
from napari_refusion.lesion.units import SUV_UNITS, why_no_suv
from napari_refusion.volume.figures import in_figures
from napari_refusion.volume.finding import Finding, check_name, refuse
from napari_refusion.volume.volume import Volume

MARKEDLY: Final = 2.0
"""Times the liver, above which uptake is "markedly" higher (score 5). Barrington et al. (Journal of Clinical Oncology
32(27), 2014, DOI 10.1200/JCO.2013.53.5229) say two to three times: the lower bound is taken,
and the words of a score say where both disagree."""

OPEN_TO: Final = 3.0
"""Times the liver, above which both bounds give score 5."""


@dataclass(frozen=True, slots=True)
class Score:
    """Of a lesion on the five-point scale (Deauville)."""

    score: int
    """1 to 5."""
    words: str
    """What it follows from, with the numbers."""
    findings: tuple[Finding, ...] = ()


def why_no_score(volume: Volume) -> str:
    """Return why lesions of a source cannot be scored, as a sentence; empty where they can."""
    return why_no_suv(volume)


def deauville(
    lesion: Measured | None,
    blood_pool: Measured,
    liver: Measured,
    *,
    by: str = "maximum",
    markedly: float = MARKEDLY,
    is_new: bool = False,
) -> Score:
    """Return the score of a lesion on the five-point scale.

    1: no uptake; 2: up to the mediastinum; 3: up to the liver; 4: above the liver; 5: above `markedly` times the liver,
    or a new lesion. Of the lesion its maximum counts. Where the blood pool is not below the liver the liver alone
    decides: below it 2, equal to it 3 (Barrington et al., Eur J Nucl Med Mol Imaging 2010;37:1824-1833).

    Parameters
    ----------
    lesion
        What was measured in the hottest lesion; None where no uptake is left.
    blood_pool, liver
        What was measured in the reference regions, in the same unit.
    by
        What of the reference regions counts: ``maximum``, as Barrington et al. (2014) define 4 and 5, or ``mean``.
    is_new
        Whether the lesion is new and likely to be lymphoma, as the reader judges.

    Raises
    ------
    RefusedError
        If one of them is in no SUV or in another unit, has no value, or a choice is not known.
    """
    _check(tuple(one for one in (lesion, blood_pool, liver) if one is not None), by)
    if lesion is None:
        return Score(1, "no uptake above the background, as the reader judged")
    highest, blood, tissue = lesion.values["maximum"], blood_pool.values[by], liver.values[by]
    said = f"SUVmax {in_figures(highest)}, blood pool {in_figures(blood)}, liver {in_figures(tissue)} ({by})"
    findings = _implausible(blood, tissue, by)
    if is_new:
        return Score(5, f"a new lesion; {said}", findings)
    times = highest / tissue
    if times > markedly:
        doubt = f"; {in_figures(times)} times the liver, where the criteria say 2 to 3" if times <= OPEN_TO else ""
        return Score(5, f"more than {markedly:g} times the liver: {said}{doubt}", findings)
    if highest > tissue:
        return Score(4, f"above the liver, up to {markedly:g} times: {said}", findings)
    if blood >= tissue:
        return Score(
            3 if highest == tissue else 2, f"up to the liver, which is not above the blood pool: {said}", findings
        )
    if highest > blood:
        return Score(3, f"above the blood pool, up to the liver: {said}", findings)
    return Score(2, f"up to the blood pool: {said}", findings)


def _check(given: tuple[Measured, ...], by: str) -> None:
    check_name("volume of interest", by, ("maximum", "mean"), "measure of reference regions")
    units = {one.unit for one in given}
    if len(units) > 1 or not units <= set(SUV_UNITS):
        sentence = f"Score with SUV, all in one unit: these are in {' and '.join(sorted(units))}."
        raise refuse("volume of interest", sentence, ", ".join(sorted(units)))
    if any(not np.isfinite(one.values["maximum"]) for one in given) or not given[-1].values[by] > 0:
        raise refuse("volume of interest", "Place the reference regions where the source has uptake: one has no value.")


def _implausible(blood: float, liver: float, by: str) -> tuple[Finding, ...]:
    if blood < liver:
        return ()
    value = f"{in_figures(blood)} against {in_figures(liver)}"
    sentence = (
        f"Look where the reference regions lie: the {by} of the blood pool, {in_figures(blood)}, is not below that of "
        f"the liver, {in_figures(liver)}."
    )
    return (Finding("warn", "volume of interest", sentence, value),)
