"""The controls of the worklist: where the cases are, the list, and what is done with it."""

from typing import Final

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QCheckBox, QComboBox, QFormLayout, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from napari_refusion.cohort.work_case import UNREAD
from napari_refusion.widgets.fuse.findings_view import FindingsView
from napari_refusion.widgets.path_line import PathLine
from napari_refusion.widgets.preferences import preferred
from napari_refusion.widgets.review.buttons import button, row
from napari_refusion.widgets.review.start import PROJECT, folder_row
from napari_refusion.widgets.worklist.case_table import CaseTable

FILTERS: Final = {"all cases": (), "still to read": (UNREAD,), "discordant": ("discordant",)}
"""What the list can be narrowed to -> statuses, see `ReaderList.shown`; none for all."""


class WorklistForm(QWidget):
    """What can be seen and pressed; what it does is in `WorklistPanel`."""

    def __init__(self) -> None:
        super().__init__()
        habits = preferred("review")
        self.cases, self.folder = (PathLine(str(habits[name])) for name in ("cases", "folder"))
        self.reader = QLineEdit(str(habits["reader"]))
        self.filter, self.table, self.findings = QComboBox(), CaseTable(), FindingsView()
        self.load = button("List", "List the cases again, with what was said meanwhile (Enter in a line above)")
        self.open = button("Open", "Open the case of the selected row (Enter in the table)")
        self.next = button("Open next", "Open the case in bold letters (Ctrl+Alt+N everywhere)")
        self.summary = button("Summary", "One page and one table about all cases that were reviewed")
        for one in (self.load, self.open, self.next, self.summary):
            one.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # by a click the keys of a review stay where they are
        self.times, self.message = QCheckBox("Times"), QLabel()
        self._lay_out()

    def _lay_out(self) -> None:
        self.cases.setPlaceholderText("Folder, BIDS tree or manifest")
        self.cases.setToolTip("A folder with a folder for each case, a BIDS tree, or a manifest (.tsv, .csv, .json)")
        self.filter.addItems(list(FILTERS))
        self.times.setToolTip("Show how long you read each case, and how many slices in a minute")
        self.message.setWordWrap(True)
        self.findings.hide()
        form = QFormLayout()
        form.addRow("Cases", folder_row(self.cases, "Folder with the cases"))
        form.addRow("Project", folder_row(self.folder, PROJECT))
        form.addRow("Reader", self.reader)
        choices = QHBoxLayout()
        choices.addWidget(self.filter, stretch=1)
        choices.addWidget(self.times)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addLayout(row(self.load, self.open, self.next, self.summary))
        layout.addLayout(choices)
        layout.addWidget(self.table, stretch=1)
        layout.addWidget(self.message)
        layout.addWidget(self.findings)
