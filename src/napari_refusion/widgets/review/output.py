"""What a review leaves behind: the portable mirror, the report, and the fused volume with its record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, Signal

from napari_refusion.volume.finding import RefusedError
from napari_refusion.widgets.worker import Job

if TYPE_CHECKING:
    from napari_refusion.evidence.examination import Examination
    from napari_refusion.fusion.colouring import Colouring
    from napari_refusion.report.content import ReportContent
    from napari_refusion.session.messages import Started
    from napari_refusion.session.review import Session


class ReviewOutput(QObject):
    """Writes into the project's folder, one thing at a time."""

    told = Signal(str)
    """Emitted with what was written, or why it could not be."""
    written = Signal(str, object)
    """Emitted with what it is, ``report``, ``nifti`` or ``dicom``, and its files."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._job: Job | None = None

    def close(self) -> None:
        """Stop what is being written; files appear whole or not at all."""
        if self._job is not None:
            self._job.close()

    def write(self, kind: str, session: Session, started: Started, sources: tuple[Path, Path] | None) -> None:
        """Write a ``report``, or the fused volume as ``nifti`` or ``dicom``.

        Parameters
        ----------
        sources
            What the sources were opened from, in the pair's order; None where that is no file or folder.
        """
        if kind == "report":
            self._report(session, started)
        elif kind == "nifti":
            self._nifti(session, started)
        elif sources is not None:
            self._dicom(session, started, sources)
        else:
            self.told.emit("DICOM is written from DICOM sources that were opened from files: write NIfTI instead.")

    def mirror(self, session: Session) -> None:
        """Write the review as JSON and as a table."""
        from napari_refusion.record.mirror import mirror

        store, run = session.store, session.run
        try:
            summary, _ = mirror(
                session.project.exports,
                run,
                session.review,
                session.coverage(),
                store.reader,
                store.chain_head,
                len(session.events),
            )
        except RefusedError as error:
            self.told.emit(f"The verdict is recorded, its copy is not written: {error}")
        else:
            self.told.emit(f"The verdict is recorded; a copy to pass on is {summary.name} in {summary.parent}.")

    def _report(self, session: Session, started: Started) -> None:
        """Write the report as a page and as PDF."""
        from napari_refusion.report.gathering import gather

        if session.examination is None:
            self.told.emit("The evidence is still being computed: the report needs it.")
            return
        content = gather(session, started.provenance, started.findings)
        page = session.project.reports / f"{_stamped(session)}.html"
        self._start("report", _draw, content, session.examination, started.colouring, page)

    def _nifti(self, session: Session, started: Started) -> None:
        """Write the fused volume as NIfTI with a record of how it was made and judged."""
        folder = session.project.exports / f"{_stamped(session)}_nifti"
        self._start("nifti", _write_nifti, _fused(started), _judged(session), folder)

    def _dicom(self, session: Session, started: Started, sources: tuple[Path, Path]) -> None:
        """Write the fused volume as DICOM objects; `sources` are the series, in the pair's order."""
        folder = session.project.exports / f"{_stamped(session)}_dicom"
        secret = None if session.project.identified else (session.project.key, session.run.case_id)
        self._start("dicom", _write_dicom, _fused(started), sources, folder, session.check_failed(), secret)

    def _start(self, kind: str, work: Any, *arguments: object) -> None:  # noqa: ANN401 - a generator function
        self.close()
        self.told.emit("Writing ...")
        self._job = Job(self, work, *arguments)
        self._job.message.connect(lambda message: self._receive(kind, message))
        self._job.ended.connect(self._forget)
        self._job.start()

    def _forget(self, _end: str) -> None:
        self._job = None

    def _receive(self, kind: str, message: RefusedError | tuple[Path, ...]) -> None:
        if isinstance(message, RefusedError):
            self.told.emit(str(message))
            return
        files, fault = message, ""
        if kind == "report":
            fault = self._pdf(files[0])
            files = files if fault else (*files, files[0].with_suffix(".pdf"))
        self.written.emit(kind, files)
        self.told.emit(f"Written: {', '.join(file.name for file in files)} in {files[0].parent}. {fault}".strip())

    def _pdf(self, page: Path) -> str:
        """Set a page as PDF beside it, and return why it could not be; here, for Qt's fonts are the window's."""
        from napari_refusion.widgets.review.report_pdf import write_pdf

        try:
            write_pdf(page, page.with_suffix(".pdf"))
        except RefusedError as error:
            return str(error)
        return ""


def _stamped(session: Session) -> str:
    """Return a name for a file: the case, the reader and the moment; nothing of it says who the patient is."""
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    return f"{session.run.case_id}_{session.store.reader}_{moment}"


def _fused(started: Started) -> Any:  # noqa: ANN401 - a Fused, imported when it is needed
    from napari_refusion.fusion.fuse import Fused, fused_volume

    canvas, colouring = started.canvas, started.colouring
    volume = fused_volume(canvas.fused, canvas.study)
    return Fused(volume, started.provenance, legend=colouring.legend if colouring is not None else None)


def _judged(session: Session) -> dict[str, Any]:
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
    }


def _draw(
    content: ReportContent, examination: Examination, colouring: Colouring | None, page: Path
) -> Iterator[RefusedError | tuple[Path, ...]]:
    from napari_refusion.report.gathering import with_pictures
    from napari_refusion.report.page import write_report

    try:
        write_report(with_pictures(content, examination, colouring), page)
    except RefusedError as error:
        yield error
    else:
        yield (page,)


def _write_nifti(fused: Any, judged: dict[str, Any], folder: Path) -> Iterator[RefusedError | tuple[Path, ...]]:  # noqa: ANN401
    from napari_refusion.io.whole_folder import whole_folder
    from napari_refusion.io.write import research_only, write_json, write_nifti

    record = (fused if judged["identified"] else fused.without_names()).record()
    names = ("fused.nii.gz", "fused.json")
    try:
        with whole_folder(folder) as temporary:
            write_nifti(fused.volume, temporary / names[0], description=research_only(judged["check_failed"]))
            write_json(record | {"review": judged}, temporary / names[1])
    except RefusedError as error:
        yield error
    else:
        yield tuple(folder / name for name in names)


def _write_dicom(
    fused: Any,  # noqa: ANN401
    sources: tuple[Path, Path],
    folder: Path,
    check_failed: str,
    secret: tuple[str, str] | None,
) -> Iterator[RefusedError | tuple[Path, ...]]:
    from napari_refusion.io.dicom.export.objects import Pseudonym, export_dicom, possible_kinds, read_reference

    try:
        references = read_reference(sources[0]), read_reference(sources[1])
        pseudonym = None
        if secret is not None:
            pseudonym = Pseudonym(references[0].patient.strip() or secret[1], bytes.fromhex(secret[0]))
        kinds = possible_kinds(fused, references)
        yield export_dicom(fused, references, folder, check_failed=check_failed, pseudonym=pseudonym, kinds=kinds)
    except RefusedError as error:
        yield error
