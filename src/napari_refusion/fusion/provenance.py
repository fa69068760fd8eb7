"""The record of how a fused volume was made."""

import platform
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any, Final

from napari_refusion import __version__
from napari_refusion.fusion.nameless import nameless_sentences, role
from napari_refusion.fusion.partial import PartialFusion
from napari_refusion.fusion.preparation import Plan
from napari_refusion.notice import NOTICE
from napari_refusion.study.study import Side, Study
from napari_refusion.volume.rigid import RigidMove


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """What is remembered of one source."""

    name: str
    sha256: str
    modality: str
    unit: str
    window: tuple[float, float]
    """Low and high in `unit`."""
    move: RigidMove | None = None
    """How registration moved it before it was fused; None where the file's place holds."""
    window_source: str = ""
    """Where its window came from, see `volume.chosen_window.ChosenWindow.source`."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """How a fused volume was made: enough to make it again."""

    a: SourceRecord
    b: SourceRecord
    reference: str
    """``a`` or ``b``: whose grid the result is on."""
    axis: str
    """Direction of the slices that were fused."""
    task: str
    weights: str
    """File name of the weights, or name of an engine without weights, see `engines.rule_in_words`."""
    weights_sha256: str
    """`Engine.identity`."""
    device: str
    created: str
    """Coordinated universal time, ISO 8601."""
    versions: dict[str, str]
    findings: tuple[str, ...]
    """Warnings that were open when it was made."""
    notice: str = NOTICE
    order: str = ""
    """Why a comes before b, see `Study.order`; empty in records of earlier versions."""
    two_patients: str = ""
    """Why the sources are fused although their files name two patients, as it was typed; empty where they do not."""
    engine: str = ""
    """What computed the slices, see `engine.Engine.made_with`; empty in records of earlier versions."""
    nameless: tuple[str, ...] = ()
    """The sentences of `findings` without names of sources; not part of the record, see `record`."""

    def record(self, *, identified: bool = False) -> dict[str, Any]:
        """Return it as plain values that JSON can hold.

        Parameters
        ----------
        identified
            Whether sources have the names of their files and series, which may be the patient's; else they are called
            by their part and modality.
        """
        content = asdict(self if identified else self.without_names())
        return {key: value for key, value in content.items() if key != _NOT_WRITTEN}

    def made_of(self, partial: PartialFusion) -> "Provenance":
        """Return the record with what computed the slices that are on a partial fusion."""
        return replace(self, engine=partial.engines)

    def without_names(self) -> "Provenance":
        """Return the record without what files and series are called, which may be the patient; hashes stay."""
        a, b = role("a", self.a.modality), role("b", self.b.modality)
        return replace(self, a=nameless(self.a, a, b), b=nameless(self.b, b, a), findings=self.nameless)


_NOT_WRITTEN: Final = "nameless"


def describe_origin(study: Study, plan: Plan) -> Provenance:
    """Return the record of fusing a study by a plan."""
    doubts = tuple(finding for finding in (*study.findings, *plan.findings) if finding.level != "ok")
    return Provenance(
        a=record_of(study.a),
        b=record_of(study.b),
        reference=study.reference,
        axis=plan.axis,
        task=plan.engine.task,
        weights=plan.engine.name,
        weights_sha256=plan.engine.identity,
        device=plan.engine.device_name,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        versions={"napari-refusion": __version__, "torch": version("torch"), "python": platform.python_version()},
        findings=tuple(finding.sentence for finding in doubts),
        order=study.order,
        two_patients=study.two_patients,
        nameless=nameless_sentences(study, doubts),
    )


def nameless(source: SourceRecord, word: str, other: str) -> SourceRecord:
    """Return what is remembered of a source with these words for its own name and that of the other source."""
    move = source.move
    if move is not None:
        move = replace(move, moving=word, fixed=other, frame_of_reference="")
    # what follows "header" is text of the file
    origin = source.window_source.partition("header, ")
    return replace(source, name=word, move=move, window_source=f"{origin[0]}header" if origin[1] else origin[0])


def record_of(side: Side) -> SourceRecord:
    """Return what is remembered of one side."""
    volume, limits = side.volume, (side.window.low, side.window.high)
    return SourceRecord(
        volume.name, volume.origin.sha256, volume.modality, volume.unit, limits, side.move, side.window_source
    )
