"""A case of a worklist: two sources that are to be fused and reviewed, not opened yet."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from napari_refusion.volume.finding import Finding
from napari_refusion.volume.modality import modality_name, pair_place
from napari_refusion.volume.origin import what_was_asked

UNREAD: Final = "unread"
"""Beside its status: the reader whose list a case is in gave no verdict on it yet, whatever others did."""

_LEFT_OUT: Final = " was left out: "


@dataclass(frozen=True, slots=True)
class WorkCase:
    """Two sources that belong together."""

    label: str
    """What the folder or the manifest calls the case, each in a list once. It may hold a patient's name: it is shown,
    and written nowhere unless names may be; records name cases by `run.Run.case_id`."""
    first: Path
    """A file, or a folder of DICOM files."""
    second: Path
    """The same, and the same path where one DICOM folder holds both series; their modalities tell them apart."""
    modalities: tuple[str, str]
    """DICOM Modality of the first and the second source, as `io.open.open_volume` takes it; empty where unknown."""
    is_repeat: bool = False
    """Whether it is there a second time, which its reader is not told, see `repeats`."""
    fused: Path | None = None
    """The fused volume of both, where it was made before; its record lies beside it."""
    volumes: tuple[str, str] = ("", "")
    """Which of several volumes of the first and the second source is meant, see `io.choice`; empty for the only one."""

    @property
    def words(self) -> str:
        """Return the pair as ``PET + MRI``, with ``?`` where a modality is not known."""
        return " + ".join(modality_name(modality, "?") for modality in self.modalities)

    @property
    def asked(self) -> tuple[tuple[Path, str], tuple[Path, str]]:
        """Return place of both and what is asked for there, as `Study.places` has them once it is open."""
        first, second = ((place, what_was_asked(modality, volume=volume)) for place, modality, volume in self.sources)
        return first, second

    @property
    def sources(self) -> tuple[tuple[Path, str | None, str | None], tuple[Path, str | None, str | None]]:
        """Return place, modality and volume of both, as `io.open.open_volume` takes them."""
        first, second = (
            (place, modality or None, volume or None)
            for place, modality, volume in zip((self.first, self.second), self.modalities, self.volumes, strict=True)
        )
        return first, second


@dataclass(frozen=True, slots=True)
class Worklist:
    """The cases at a place."""

    cases: tuple[WorkCase, ...]
    """By label, or in the order of a manifest."""
    findings: tuple[Finding, ...]
    """What is no case and why, the level ``warn``; ``block`` if there is no worklist at all. They name files, so they
    are shown and not written."""
    is_ranked: bool = False
    """Whether the order of the cases is the one to read them in, as that of a cohort that was fused: worst first."""


Found = WorkCase | Finding
"""A case, or why something is none."""


def work_case(label: str, sources: Iterable[tuple[Path, str]], volumes: tuple[str, str] = ("", "")) -> WorkCase:
    """Return the case of two sources, each with its modality; PET and SPECT come first, then CT, then MRI.

    Parameters
    ----------
    volumes
        See `WorkCase.volumes`, in the order of `sources`.
    """
    ranked = sorted(zip(sources, volumes, strict=True), key=lambda one: pair_place(one[0][1]))
    ((first, modality), volume), ((second, other), another) = ranked
    return WorkCase(label, first, second, (modality, other), volumes=(volume, another))


def left_out(label: str, reason: str, remedy: str, value: str = "") -> Finding:
    """Return the finding that something is not a case."""
    return Finding("warn", "worklist", f"{label}{_LEFT_OUT}{reason}. {remedy}", value)


def unreadable(label: str, error: OSError) -> Finding:
    """Return the finding that something is not a case because the system does not hand it over."""
    place = Path(error.filename).name if error.filename else label
    reason = f"{place} cannot be read ({error.strerror or error})"
    return left_out(label, reason, "Check your permission to read it, or ask for it.")


def label_of(finding: Finding) -> str:
    """Return what `left_out` says was left out."""
    return finding.sentence.partition(_LEFT_OUT)[0]


def no_worklist(path: Path, reason: str) -> Worklist:
    """Return an empty worklist with the reason."""
    return Worklist((), (Finding("block", "worklist", f"This is not a worklist: {reason}: {path}"),))
