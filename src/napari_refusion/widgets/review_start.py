"""Where a review is kept and who reviews: asked once, remembered."""

from __future__ import annotations

from pathlib import Path

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QFileDialog, QFormLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from napari_refusion.widgets.preferences import preferred, remember

_ABOUT = (
    "A review is kept in a folder of your choice, in one file for each reader. Names and identifiers of patients are "
    "not written there. Who you are is what you type: nobody checks it."
)


class ReviewStart(QWidget):
    """Asks for the project folder and the reader."""

    wanted = Signal(object, str)
    """Emitted with the folder (a Path) and the reader."""

    def __init__(self) -> None:
        super().__init__()
        habits = preferred("review")
        self.folder, self.reader = QLineEdit(str(habits["folder"])), QLineEdit(str(habits["reader"]))
        self.folder.setPlaceholderText("Folder of the project")
        self.reader.setPlaceholderText("R1")
        self.reader.setToolTip("Letters, digits, - and _; a pseudonym is enough")
        self.browse = QPushButton("...")
        self.browse.setFixedWidth(28)
        self.browse.setToolTip("Choose the folder")
        self.browse.clicked.connect(self._browse)
        self.start = QPushButton("Start the review")
        self.start.clicked.connect(self._ask)
        self.told = QLabel()
        self.told.setWordWrap(True)
        about = QLabel(_ABOUT)
        about.setWordWrap(True)
        row = QHBoxLayout()
        row.addWidget(self.folder, stretch=1)
        row.addWidget(self.browse)
        form = QFormLayout()
        form.addRow("Project", row)
        form.addRow("Reader", self.reader)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(about)
        layout.addLayout(form)
        layout.addWidget(self.start)
        layout.addWidget(self.told)
        layout.addStretch()

    def _browse(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Folder of the review project", self.folder.text())
        if folder:
            self.folder.setText(folder)

    def _ask(self) -> None:
        folder, reader = self.folder.text().strip(), self.reader.text().strip()
        if not folder or not reader:
            self.told.setText("Choose a folder for the project, and say which reader you are.")
            return
        remember("review", folder=folder, reader=reader)
        self.told.clear()
        self.wanted.emit(Path(folder).expanduser(), reader)
