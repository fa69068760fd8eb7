"""The difference of two images of one quantity as a volume, with the record of how it was made."""

from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from napari_refusion import __version__
from napari_refusion.fusion.nameless import nameless_sentences, role
from napari_refusion.fusion.provenance import SourceRecord, nameless, record_of
from napari_refusion.notice import NOT_FOR_DIAGNOSIS
from napari_refusion.study.study import Study
from napari_refusion.volume.figures import in_figures
from napari_refusion.volume.finding import RefusedError, refuse
from napari_refusion.volume.volume import Volume


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """Source b minus source a."""

    volume: Volume
    """(I, P, L) float32 in the unit of both sources; NaN where only one of them has data."""
    a: SourceRecord
    b: SourceRecord
    reference: str
    """``a`` or ``b``: whose grid it is on."""
    two_patients: str
    """See `Study.two_patients`."""
    findings: tuple[str, ...]
    """Warnings that were open when it was made."""
    sources: tuple[Path, ...] = field(default=(), repr=False)
    """Files and folders that were read, which no result is written over; names may be patients'."""
    nameless: tuple[str, ...] = ()
    """The sentences of `findings` without names of sources."""

    @property
    def words(self) -> str:
        """Return what it is and how far it reaches, ``after minus before: -3.1 to 2.4 SUVbw``."""
        values = self.volume.data
        low, high = float(np.nanmin(values)), float(np.nanmax(values))
        return f"{self.volume.name}: {in_figures(low)} to {in_figures(high)} {self.volume.unit or 'in arbitrary units'}"

    def record(self, *, identified: bool = False) -> dict[str, Any]:
        """Return how it was made, as plain values that JSON can hold.

        Parameters
        ----------
        identified
            Whether sources have the names of their files and series, see `Provenance.record`.
        """
        a, b = role("a", self.a.modality), role("b", self.b.modality)
        return {
            "kind": "difference, b minus a",
            "a": asdict(self.a if identified else nameless(self.a, a, b)),
            "b": asdict(self.b if identified else nameless(self.b, b, a)),
            "unit": self.volume.unit,
            "reference": self.reference,
            "two_patients": self.two_patients,
            "findings": list(self.findings if identified else self.nameless),
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "versions": {"napari-refusion": __version__},
            "notice": NOT_FOR_DIAGNOSIS,
        }


def difference_of(study: Study) -> Difference:
    """Return the second source minus the first, in the order in which two images of one modality were given.

    Raises
    ------
    RefusedError
        If something forbids comparing the sources, or they are not of one quantity.
    """
    if not study.can_be_compared:
        raise RefusedError([one for one in study.findings if one.rule != "comparison"])
    a, b = study.a, study.b
    if not study.has_difference:
        raise refuse("comparison", _why_none(study))
    values = np.where(study.covered, b.volume.data - a.volume.data, np.float32(np.nan))
    doubts = tuple(one for one in study.findings if one.level == "warn")
    name = f"{b.source.title} minus {a.source.title}"
    return Difference(
        replace(study.fixed.with_data(values, name), unit=a.source.unit, findings=()),
        record_of(a),
        record_of(b),
        study.reference,
        study.two_patients,
        tuple(one.sentence for one in doubts),
        tuple(path for side in study.sides for path in side.source.origin.read),
        nameless_sentences(study, doubts),
    )


def _why_none(study: Study) -> str:
    """Return what to do where the values of one source minus those of the other mean nothing, and why they do not."""
    a, b = (f"{side.word} in {side.source.unit or 'arbitrary units'}" for side in study.sides)
    if a == b:
        return f"Look at both side by side: two {a} have no scale in common, so there is no difference of them."
    return f"Choose two images of one modality in one unit: there is no difference of {a} and {b}."
