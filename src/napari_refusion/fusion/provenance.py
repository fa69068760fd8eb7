"""The record of how a fused volume was made."""

import platform
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version

from napari_refusion import __version__
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

    def without_names(self) -> "Provenance":
        """Return the record without what files and series are called, which may be the patient; hashes stay.

        The findings go as well, for their sentences name volumes.
        """
        return replace(self, a=_nameless(self.a), b=_nameless(self.b), findings=())


def describe_origin(study: Study, plan: Plan) -> Provenance:
    """Return the record of fusing a study by a plan."""
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
        findings=tuple(finding.sentence for finding in (*study.findings, *plan.findings) if finding.level != "ok"),
        order=study.order,
        two_patients=study.two_patients,
    )


def _nameless(source: SourceRecord) -> SourceRecord:
    move = replace(source.move, moving="", fixed="", frame_of_reference="") if source.move is not None else None
    # what follows "header" is text of the file
    origin = source.window_source.partition("header, ")
    return replace(source, name="", move=move, window_source=f"{origin[0]}header" if origin[1] else origin[0])


def record_of(side: Side) -> SourceRecord:
    """Return what is remembered of one side."""
    volume, limits = side.volume, (side.window.low, side.window.high)
    return SourceRecord(
        volume.name, volume.origin.sha256, volume.modality, volume.unit, limits, side.move, side.window_source
    )
