"""The Fuse widget: two layers in, one fused layer out, and what was noticed about the pair."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from napari.layers import Image
from napari.utils.notifications import show_warning
from napari.viewer import Viewer
from qtpy.QtCore import QEvent, Qt
from qtpy.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from napari_refusion.model.tasks import TASKS
from napari_refusion.volume.finding import Finding, RefusedError, blocking, refuse
from napari_refusion.widgets.findings_view import FindingsView
from napari_refusion.widgets.fuse_form import FuseForm
from napari_refusion.widgets.fuse_job import (
    Finished,
    FusedSlice,
    FuseSettings,
    Message,
    Prepared,
    Refused,
    Source,
    Stage,
    Started,
    fuse_layers,
)
from napari_refusion.widgets.layer_watch import LayerWatch
from napari_refusion.widgets.layers import oblique_notice
from napari_refusion.widgets.legend_bar import LegendBar
from napari_refusion.widgets.results import ResultLayers
from napari_refusion.widgets.source_row import SourceRow
from napari_refusion.widgets.worker import Job

if TYPE_CHECKING:
    from napari_refusion.fusion.fuse import Fused

NOTICE: Final = "Research use only, not for diagnosis"

_ENDS: Final = {"cancelled": "Cancelled", "failed": "Failed: see the notification"}


class FuseWidget(QWidget):
    """Controls to fuse two image layers; reading, aligning and the network run in a worker thread."""

    def __init__(self, viewer: Viewer) -> None:
        super().__init__()
        self._viewer = viewer
        self._job: Job | None = None
        self._results: ResultLayers | None = None
        self._prepared: Prepared | None = None
        self._is_slice = False
        self.setMinimumWidth(320)
        self.first, self.second = SourceRow("First source"), SourceRow("Second source")
        self.form = FuseForm()
        self.fuse_slice = QPushButton("Fuse slice")
        self.fuse_slice.setToolTip("Fuse the slice that the viewer is at")
        self.fuse_volume = QPushButton("Fuse volume")
        self.fuse_volume.setToolTip("Fuse all slices")
        self.progress = QProgressBar()
        self.cancel = QPushButton("Cancel")
        self.status = QLabel("Device: chosen at the first fusion")
        self.findings = FindingsView()
        self.legend = LegendBar()
        self._lay_out()
        self._connect()
        self._watch = LayerWatch(viewer, self._offer_layers)
        self._watch.start()

    def _lay_out(self) -> None:
        self._running_row = QWidget()
        running = QHBoxLayout(self._running_row)
        running.setContentsMargins(0, 0, 0, 0)
        running.addWidget(self.progress, stretch=1)
        running.addWidget(self.cancel)
        self._running_row.hide()
        buttons = QHBoxLayout()
        buttons.addWidget(self.fuse_slice)
        buttons.addWidget(self.fuse_volume)
        notice = QLabel(NOTICE)
        notice.setStyleSheet("font-weight: bold;")
        notice.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.status.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 4)
        for part in (self.first, self.second, self.form):
            layout.addWidget(part)
        layout.addLayout(buttons)
        layout.addWidget(self._running_row)
        layout.addWidget(self.status)
        layout.addWidget(self.findings, stretch=1)
        layout.addWidget(self.legend)
        layout.addWidget(notice)

    def _connect(self) -> None:
        self.fuse_slice.clicked.connect(lambda: self.fuse(is_slice=True))
        self.fuse_volume.clicked.connect(lambda: self.fuse(is_slice=False))
        self.cancel.clicked.connect(self._cancel)
        self.form.task.currentIndexChanged.connect(self._name_sources)
        for row in (self.first, self.second):
            row.changed.connect(self._follow_choice)

    def fuse(self, is_slice: bool) -> None:
        """Start to fuse the chosen layers: the slice that the viewer is at, or the whole volume."""
        if self._job is not None:
            return
        try:
            layers, sources = self._chosen()
        except RefusedError as error:
            self._show_refusal(error.findings)
            return
        point = self._viewer.dims.point[-3:]
        settings = self.form.settings((0.0,) * (3 - len(point)) + tuple(point) if is_slice else None)
        self._start(layers, sources, settings)

    def tell(self, findings: Sequence[Finding], fused: "Fused | None" = None, status: str = "") -> None:
        """Show what was noticed about a pair, and what the colours of its result mean."""
        self.findings.show_findings(findings)
        self.legend.show_legend(fused.legend if fused is not None else None)
        self.status.setText(status)

    def close_job(self) -> None:
        """Stop what is running; its thread ends by itself after the slice it is at."""
        if self._job is not None:
            self._job.close()

    def event(self, event: QEvent | None) -> bool:
        """Let go of the viewer when napari takes the widget out of its dock, and come back when it is docked again."""
        if event is not None and event.type() == QEvent.Type.ParentChange and hasattr(self, "_watch"):
            if self.parent() is None:
                self.close_job()
                self._watch.stop()
            else:
                self._watch.start()
        return bool(super().event(event))

    def _chosen(self) -> tuple[tuple[Image, Image], tuple[Source, Source]]:
        first, second = (self._watch.find(row.layer.currentData()) for row in (self.first, self.second))
        if first is None or second is None:
            raise refuse("layers", "Two image layers are needed: open both scans first.")
        if str(first.unique_id) == str(second.unique_id):
            raise refuse("layers", f"Both sources are the layer {first.name}: choose two different ones.")
        return (first, second), (self.first.source(first), self.second.source(second))

    def _start(self, layers: tuple[Image, Image], sources: tuple[Source, Source], settings: FuseSettings) -> None:
        self._is_slice = settings.point is not None
        ids = (str(layers[0].unique_id), str(layers[1].unique_id))
        name = f"{layers[0].name} + {layers[1].name} fused"
        self._results = ResultLayers(self._viewer, ids, name, self._is_slice)
        self._job = Job(self, fuse_layers, *sources, settings, self._prepared)
        self._job.message.connect(self._receive)
        self._job.ended.connect(self._end)
        self.progress.setRange(0, 0)
        self.cancel.setEnabled(True)
        self._show_running(True)
        self._job.start()

    def _receive(self, message: Message) -> None:
        if self._job is None or self._results is None:
            return
        match message:
            case Stage(sentence):
                self.status.setText(sentence)
            case Started():
                self._begin(message, self._job, self._results)
            case FusedSlice():
                self._job.advance()
                self.progress.setValue(self.progress.value() + 1)
                if not self._is_slice:
                    self._results.put(message)
            case Finished(fused):
                self._results.finish(fused, self.form.coloured.isChecked())
                self.legend.show_legend(fused.legend if self.form.coloured.isChecked() else None)
            case Refused(findings):
                self._show_refusal(findings)

    def _begin(self, started: Started, job: Job, results: ResultLayers) -> None:
        self._prepared = started.prepared
        oblique = oblique_notice(started.template)
        notes = (Finding("ok", "display", oblique),) if oblique else ()
        self.tell((*started.findings, *notes), status=f"Device: {started.device}")
        self.progress.setRange(0, started.count)
        self.progress.setValue(0)
        if not self._is_slice:
            job.announce(started.count, "ReFusion")
            results.begin(started)

    def _end(self, end: str) -> None:
        if end != "finished" and self._results is not None:
            self._results.stop()
        if end in _ENDS:
            self.status.setText(_ENDS[end])
        self._job = None
        self._show_running(False)

    def _cancel(self) -> None:
        if self._job is not None:
            self.cancel.setEnabled(False)
            self.status.setText("Stopping after this slice ...")
            self._job.cancel()

    def _show_refusal(self, findings: tuple[Finding, ...]) -> None:
        self.tell(findings, status="Not fused")
        for finding in blocking(findings):
            show_warning(finding.sentence)

    def _show_running(self, running: bool) -> None:
        self._running_row.setVisible(running)
        self._follow_choice()

    def _offer_layers(self) -> None:
        layers = self._watch.sources()
        for preferred, row in enumerate((self.first, self.second)):
            row.offer(layers, preferred)
        if len(layers) > 1 and self.first.layer.currentIndex() == self.second.layer.currentIndex():
            self.second.layer.setCurrentIndex(1 - min(1, self.first.layer.currentIndex()))

    def _follow_choice(self) -> None:
        for row in (self.first, self.second):
            row.tell_modality(self._watch.find(row.layer.currentData()))
        ready = self._job is None and self.first.layer.count() > 1
        for button in (self.fuse_slice, self.fuse_volume):
            button.setEnabled(ready)

    def _name_sources(self) -> None:
        task = self.form.task.currentData()
        # either order will do for medical sources: their modality tells which is which
        titles = ("First source", "Second source") if task == "medical" else TASKS[task]
        for row, title in zip((self.first, self.second), titles, strict=True):
            row.setTitle(title[0].upper() + title[1:])
            row.modality.setVisible(task == "medical")
