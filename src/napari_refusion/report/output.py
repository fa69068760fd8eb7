"""What a review leaves behind in its project's folder: the report, and the fused volume with how it was judged.

Each output is prepared at once and written by a generator that yields its files, whole or not at all: so it can be
written in a thread while the review goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from napari_refusion.fusion.fuse import fused_of
from napari_refusion.io.fused_files import write_recorded
from napari_refusion.io.whole_folder import whole_folder
from napari_refusion.io.write import research_only
from napari_refusion.report.gathering import gather, with_pictures
from napari_refusion.report.lesions import with_lesion_pictures
from napari_refusion.report.page import write_report
from napari_refusion.session.lesions.files import lesion_rows, possible_kinds, with_marks, write_lesions
from napari_refusion.volume.finding import check_name, refuse

if TYPE_CHECKING:
    from napari_refusion.evidence.examination import Examination
    from napari_refusion.fusion.colouring import Colouring
    from napari_refusion.fusion.fuse import Fused
    from napari_refusion.io.dicom.export.objects import References
    from napari_refusion.report.content import ReportContent
    from napari_refusion.report.lesions import LesionSection
    from napari_refusion.session.review import ReviewSession
    from napari_refusion.session.reviewed_fusion import ReviewedFusion
    from napari_refusion.volume.origin import Origin

Files = Iterator[tuple[Path, ...]]
"""Yields the files once they are there."""


def write_output(kind: str, session: ReviewSession, fusion: ReviewedFusion) -> Files:
    """Return the generator that writes an output of a review into its project's folder.

    Parameters
    ----------
    kind
        One of `OUTPUTS`.

    Raises
    ------
    RefusedError
        At once for a report before all slices are fused and their evidence is there, and for an output that is not
        known; by the generator for what cannot be read or written.
    """
    check_name("output", kind, OUTPUTS)
    return OUTPUTS[kind](session, fusion)


def _report(session: ReviewSession, fusion: ReviewedFusion) -> Files:
    done = fusion.partial.done
    if not fusion.partial.is_complete:
        here = f"{int(done.sum())} of {len(done)} slices are fused, and the report needs the evidence of all"
        raise refuse("report", f"Fuse the rest with Ctrl+Alt+F, then wait for its evidence: {here}.")
    if session.examination is None:
        raise refuse("report", "Wait until the evidence is computed: the report needs it.")
    content = gather(session, fusion.provenance.made_of(fusion.partial), fusion.findings)
    page = session.project.reports / f"{_stamped(session, session.project.reports, '.*')}.html"
    drawn = partial(with_lesion_pictures, content.lesions, session, tuple(session.review.lesions))
    return _draw(content, session.examination, fusion.colouring, page, drawn)


def _nifti(session: ReviewSession, fusion: ReviewedFusion) -> Files:
    folder = _new_folder(session, "nifti")
    return _write_nifti(_fused(fusion), _judged(session), folder)


def _dicom(session: ReviewSession, fusion: ReviewedFusion) -> Files:
    folder = _new_folder(session, "dicom")
    origins = [side.source.origin for side in fusion.partial.study.sides]
    return _write_dicom(_fused(fusion), origins, folder, session.check_failed(), session.secret)


def _lesions(session: ReviewSession, _fusion: ReviewedFusion) -> Files:
    drawn = session.drawn()
    if not drawn:
        raise refuse("output", "Draw a lesion first: the list of this case is empty.", "0 lesions")
    rows = lesion_rows(drawn, session.lesions.shown.shown, identified=session.project.identified)
    folder = _new_folder(session, "lesions")
    marked = with_marks(drawn, session.review.lesions_said.by_number)
    return write_lesions(possible_kinds(drawn), marked, rows, folder, session.secret)


OUTPUTS: Final[Mapping[str, Callable[[ReviewSession, ReviewedFusion], Files]]] = MappingProxyType(
    {"report": _report, "nifti": _nifti, "dicom": _dicom, "lesions": _lesions}
)
"""Kind of output -> what prepares it."""


def _new_folder(session: ReviewSession, kind: str) -> Path:
    folder = session.project.exports
    return folder / f"{_stamped(session, folder, f'_{kind}')}_{kind}"


def _stamped(session: ReviewSession, folder: Path, ending: str) -> str:
    """Return how a name begins that nothing in a folder has: the case, the reader and the moment, not the patient.

    What was written stands, also where the clock was put back: the next one of a moment has a number.

    Parameters
    ----------
    ending
        A pattern for the rest of the name.
    """
    name = f"{session.run.case_id}_{session.store.reader}_{datetime.now(UTC):%Y%m%dT%H%M%S}"
    names = (name if number == 1 else f"{name}_{number}" for number in count(1))
    return next(one for one in names if not any(folder.glob(f"{one}{ending}")))


def _fused(fusion: ReviewedFusion) -> Fused:
    return fused_of(fusion.partial, fusion.provenance, fusion.colouring, with_colour=False)


def _judged(session: ReviewSession) -> dict[str, Any]:
    """Return what goes into the record beside the fusion's provenance; no names unless the project keeps them."""
    verdict, review = session.review.verdict, session.review
    return {
        "case": session.run.case_id,
        "run": session.run.run_id,
        "reader": session.store.reader,
        "registration": review.registration,
        "verdict": verdict.value if verdict is not None else None,
        "check_failed": session.check_failed(),
        "overrides": dict(review.overrides),
        "identified": session.project.identified,
        # before its verdict, a reader must not be told
        **({"is_second_reading": True} if session.is_repeat and verdict is not None else {}),
    }


def _draw(
    content: ReportContent,
    examination: Examination,
    colouring: Colouring | None,
    page: Path,
    lesions: Callable[[Colouring | None, str], LesionSection],
) -> Files:
    drawn = replace(with_pictures(content, examination, colouring), lesions=lesions(colouring, content.check_failed))
    write_report(drawn, page)
    yield (page,)


def _write_nifti(fused: Fused, judged: dict[str, Any], folder: Path) -> Files:
    record = fused.record(identified=judged["identified"])
    names = ("fused.nii.gz", "fused.json")
    with whole_folder(folder) as temporary:
        image, beside = (temporary / name for name in names)
        described = research_only(judged["check_failed"])
        write_recorded({image: fused.volume}, beside, record | {"review": judged}, description=described)
    yield tuple(folder / name for name in names)


def _write_dicom(
    fused: Fused, origins: Sequence[Origin], folder: Path, check_failed: str, secret: tuple[str, str] | None
) -> Files:
    """Yield the DICOM objects; `secret` is the project's key and the case's identity, None for identified ones."""
    from napari_refusion.io.dicom.export.objects import Pseudonym, export_dicom, possible_kinds, read_reference

    references: References = read_reference(origins[0]), read_reference(origins[1])
    pseudonym = None
    if secret is not None:
        pseudonym = Pseudonym(references[0].patient.strip() or secret[1], bytes.fromhex(secret[0]))
    kinds = possible_kinds(fused, references)
    yield export_dicom(fused, references, folder, check_failed=check_failed, pseudonym=pseudonym, kinds=kinds)
