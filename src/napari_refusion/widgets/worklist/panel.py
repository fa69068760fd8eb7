"""The worklist: cases of a folder or a manifest, how far each is, and one key to the next."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from napari.viewer import Viewer
from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.modality import modality_name
from napari_refusion.widgets.fuse.findings_view import FindingsView
from napari_refusion.widgets.fuse.source_row import choose
from napari_refusion.widgets.layers import is_result, to_layer_data
from napari_refusion.widgets.preferences import preferred, remember
from napari_refusion.widgets.removing import remove_layer
from napari_refusion.widgets.review.start import PROJECT, folder_row
from napari_refusion.widgets.wheel import WheelNeedsFocus
from napari_refusion.widgets.worker import Job

if TYPE_CHECKING:
    from napari_refusion.cohort.progress import CaseProgress
    from napari_refusion.cohort.work_case import WorkCase
    from napari_refusion.record.project import Project
    from napari_refusion.widgets.fuse.widget import FuseWidget

COLUMNS: Final = ("Case", "Sources", "Status", "Warnings", "Flags", "Time", "Last activity")

FILTERS: Final = {"all cases": (), "still to read": ("new", "in review"), "discordant": ("discordant",)}
"""What the list can be narrowed to -> statuses; none for all."""


class WorklistPanel(QWidget):
    """Lists the cases of a project for one reader, in that reader's own order."""

    def __init__(self, viewer: Viewer) -> None:
        super().__init__()
        self._viewer = viewer
        self._job: Job | None = None
        self._project: Project | None = None
        self._cases: tuple[WorkCase, ...] = ()
        self._progress: dict[str, CaseProgress] = {}
        self._current = ""
        self._own_layers: tuple[str, ...] = ()
        habits = preferred("review")
        self.cases, self.folder, self.reader = QLineEdit(), QLineEdit(str(habits["folder"])), QLineEdit()
        self.cases.setText(str(habits["cases"]))
        self.reader.setText(str(habits["reader"]))
        self.filter, self.table, self.findings = QComboBox(), QTableWidget(0, len(COLUMNS)), FindingsView()
        self.load, self.open, self.next = QPushButton("List"), QPushButton("Open"), QPushButton("Open next")
        self.summary, self.message = QPushButton("Summary"), QLabel()
        self._lay_out()
        WheelNeedsFocus(self)
        self.load.clicked.connect(self.refresh)
        self.open.clicked.connect(self.open_chosen)
        self.next.clicked.connect(self.open_next)
        self.summary.clicked.connect(self.write_summary)
        self.filter.currentIndexChanged.connect(self._fill)
        self.table.itemDoubleClicked.connect(lambda _item: self.open_chosen())

    def _lay_out(self) -> None:
        self.cases.setPlaceholderText("Folder, BIDS tree, or manifest (.tsv, .json)")
        self.filter.addItems(list(FILTERS))
        self.table.setHorizontalHeaderLabels(COLUMNS)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.summary.setToolTip("One page and one table about all cases that were reviewed")
        self.message.setWordWrap(True)
        self.table.setMinimumHeight(140)
        header = self.table.horizontalHeader()
        assert header is not None
        # Qt begins with the first column downwards; the order is the reader's until a heading is clicked
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.findings.hide()
        form = QFormLayout()
        form.addRow("Cases", folder_row(self.cases, "Folder with the cases"))
        form.addRow("Project", folder_row(self.folder, PROJECT))
        form.addRow("Reader", self.reader)
        buttons = QHBoxLayout()
        for part in (self.load, self.filter, self.open, self.next, self.summary):
            buttons.addWidget(part)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addLayout(buttons)
        layout.addWidget(self.table, stretch=1)
        layout.addWidget(self.message)
        layout.addWidget(self.findings)

    def refresh(self) -> None:
        """List the cases again, with what was said meanwhile."""
        from napari_refusion.cohort.progress import project_progress
        from napari_refusion.cohort.repeats import with_repeats
        from napari_refusion.cohort.worklist import list_cases, shuffled
        from napari_refusion.record.project import check_reader, open_project

        cases, folder, reader = (line.text().strip() for line in (self.cases, self.folder, self.reader))
        if not cases or not folder or not reader:
            self.message.setText("Choose the cases, a folder for the project, and enter your reader name.")
            return
        try:
            check_reader(reader)
            self._project = open_project(Path(folder).expanduser())
            found = list_cases(Path(cases).expanduser())
            self._progress = {one.place: one for one in project_progress(self._project).values() if one.place}
        except RefusedError as error:
            self.message.setText(str(error))
            return
        remember("review", folder=folder, reader=reader, cases=cases)
        seed = self._project.seed
        self._cases = with_repeats(shuffled(found.cases, seed, reader), self._project.repeats, seed, reader)
        self.findings.show_findings(found.findings)
        self.findings.setVisible(bool(found.findings))
        self._fill()
        unsound = sorted({name for one in self._progress.values() for name in one.unsound})
        warning = f". RECORD NOT SOUND: {', '.join(unsound)}; see the summary" if unsound else ""
        self.message.setText(f"{len(self._cases)} cases, in the order of reader {reader}{warning}")

    def _case_progress(self, case: "WorkCase") -> "CaseProgress | None":
        from napari_refusion.cohort.progress import as_repeat
        from napari_refusion.record.project import place_mark

        assert self._project is not None
        found = self._progress.get(place_mark(self._project, (case.first, case.second)))
        return as_repeat(found, self.reader.text().strip()) if found is not None and case.is_repeat else found

    def _status(self, case: "WorkCase") -> str:
        progress = self._case_progress(case)
        return progress.status if progress is not None else "new"

    def _fill(self) -> None:
        wanted = FILTERS[self.filter.currentText()]
        shown = [case for case in self._cases if not wanted or self._status(case) in wanted]
        self.table.setSortingEnabled(False)
        self.table.setRowCount(len(shown))
        for row, case in enumerate(shown):
            for column, text in enumerate(self._row(case)):
                item = QTableWidgetItem(text)
                item.setData(Qt.ItemDataRole.UserRole, case.label)
                self.table.setItem(row, column, item)
            if case.label == self._current:
                self.table.selectRow(row)
        self.table.resizeColumnsToContents()
        self.table.setSortingEnabled(True)

    def _row(self, case: "WorkCase") -> tuple[str, ...]:
        """Return a case as the table shows it: of other readers only how far they are."""
        sources = " + ".join(modality_name(modality, "?") for modality in case.modalities)
        progress = self._case_progress(case)
        if progress is None:
            return (case.label, sources, "new", "", "", "", "")
        own = progress.readers.get(self.reader.text().strip())
        if own is None:
            return (case.label, sources, progress.status, "", "", "", "")
        flags = sum(one.verdict in ("flag", "reject") for one in own.review.slices.values())
        touched = own.touched[:16].replace("T", " ")
        return (
            case.label,
            sources,
            progress.status,
            str(own.warned),
            str(flags),
            f"{own.review.seconds:.0f} s",
            touched,
        )

    def open_chosen(self) -> None:
        """Open the case of the selected row."""
        row = self.table.currentRow()
        item = self.table.item(row, 0) if row >= 0 else None
        label = item.data(Qt.ItemDataRole.UserRole) if item is not None else None
        case = next((one for one in self._cases if one.label == label), None)
        if case is None:
            self.message.setText("Choose a row first.")
        else:
            self._open(case)

    def open_next(self) -> None:
        """Open the next case that this reader has not read."""
        from napari_refusion.cohort.worklist import next_case

        if self._project is None:
            self.refresh()
        if self._project is None:
            return
        reader = self.reader.text().strip()
        done = set()
        for case in self._cases:
            progress = self._case_progress(case)
            own = progress.readers.get(reader) if progress is not None else None
            if own is not None and own.review.verdict is not None:
                done.add(case.label)
        following = next_case(self._cases, done, self._current)
        if following is None:
            self.message.setText("All cases are read.")
        else:
            self._open(following)

    def _open(self, case: "WorkCase") -> None:
        if self._job is not None:
            self._job.close()
        self.message.setText(f"Opening {case.label} ...")
        self._job = Job(self, _read, case)
        self._job.message.connect(lambda found: self._show(case, found))
        self._job.ended.connect(self._forget)
        self._job.start()

    def _forget(self, _end: str) -> None:
        self._job = None

    def _show(self, case: "WorkCase", found: RefusedError | list[Any]) -> None:
        """Show a case in place of the one before, fuse it, and begin its review."""
        assert self._project is not None
        if isinstance(found, RefusedError):
            self.message.setText(f"{case.label}: {found}")
            return
        widget = self._fuse_widget()
        review = widget.panels.review
        review.begin_with_next(self._project.folder, self.reader.text().strip(), again=case.is_repeat)
        widget.clear()
        for layer in [one for one in self._viewer.layers if str(one.unique_id) in self._own_layers or is_result(one)]:
            if layer in self._viewer.layers:  # what compares two sources goes with the first of them
                remove_layer(self._viewer, layer)
        layers = [self._viewer.add_image(data, **properties) for data, properties, _ in found]
        self._own_layers = tuple(str(layer.unique_id) for layer in layers)
        for row, layer in zip((widget.page.first, widget.page.second), layers, strict=True):
            choose(row.layer, str(layer.unique_id))
        self._current = case.label
        widget.panels.setCurrentWidget(review)
        first = max(self._viewer.dims.ndim - 3, 0)  # before it are frames of 4-D layers
        self._viewer.dims.set_current_step(first, self._viewer.dims.nsteps[first] // 2)
        self._viewer.reset_view()
        widget.fuse(is_slice=False)
        self._fill()
        self.message.setText(f"{case.label} is open")

    def _fuse_widget(self) -> "FuseWidget":
        """Return the Fuse widget of this window, opened if it is not.

        It is opened as a tab: both below each other are higher than 720 pixels.
        """
        _, widget = self._viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse", tabify=True)
        return widget

    def write_summary(self) -> None:
        """Write one page and one table about all cases that were reviewed."""
        from napari_refusion.cohort.summary import write_summary

        if self._project is None:
            self.message.setText("List the cases first.")
            return
        try:
            page, *_ = write_summary(self._project)
        except RefusedError as error:
            self.message.setText(str(error))
            return
        self.message.setText(f"Written: {page.name} and the table beside it, in {page.parent}.")


def _read(case: "WorkCase") -> Iterator[RefusedError | list[Any]]:
    """Yield the layers of both sources, or why one cannot be read."""
    from napari_refusion.io.open import open_volume

    try:
        volumes = [
            open_volume(path, modality or None)
            for path, modality in zip((case.first, case.second), case.modalities, strict=True)
        ]
    except RefusedError as error:
        yield error
    else:
        yield [to_layer_data(volume) for volume in volumes]
