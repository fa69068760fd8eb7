"""Where a review is kept and who reviews: asked once, remembered."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QFileDialog, QFormLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from napari_refusion.widgets.path_line import PathLine
from napari_refusion.widgets.preferences import preferred, remember

if TYPE_CHECKING:
    from collections.abc import Mapping

PROJECT: Final = "Folder of the review project"

ANY_PAIR: Final = "The review goes on with the pair that is fused next, whichever it is."

THE_CASE: Final = "This review begins by itself with the first fused slice of the case."

_ABOUT: Final = (
    "A review is kept in a folder of your choice, in one file for each reader. Names and identifiers of patients are "
    "not written there. Reader names are not checked. Until you leave the review, every other pair that you fuse "
    "becomes a case of this project."
)


class ReviewStart(QWidget):
    """Asks for the project folder and the reader."""

    wanted = Signal(object, str)
    """Emitted with the folder (a Path) and the reader."""
    leave_wanted = Signal()
    """Emitted when a review shall not wait for the next pair any longer."""

    def __init__(self) -> None:
        super().__init__()
        habits = preferred("review")
        self.folder, self.reader = PathLine(str(habits["folder"])), QLineEdit(str(habits["reader"]))
        self.folder.setPlaceholderText("Folder of the project")
        self.reader.setPlaceholderText("R1")
        self.reader.setToolTip("Letters, digits, - and _; a pseudonym is enough")
        self.start = QPushButton("Start the review")
        self.start.clicked.connect(self._ask)
        self.message, self.leave = QLabel(), QPushButton("Leave the review")
        self.message.setWordWrap(True)
        self.leave.setToolTip("Let no further pair become a case; everything is kept")
        self.leave.clicked.connect(lambda: self.leave_wanted.emit())
        self.leave.hide()
        about = QLabel(_ABOUT)
        about.setWordWrap(True)
        form = QFormLayout()
        form.addRow("Project", folder_row(self.folder, PROJECT))
        form.addRow("Reader", self.reader)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(about)
        layout.addLayout(form)
        layout.addWidget(self.start)
        layout.addWidget(self.message)
        layout.addWidget(self.leave)
        layout.addStretch()

    def say(self, sentence: str, *, is_waiting: bool = False) -> None:
        """Say what the reader must know; while a review waits for its pair there is none to start, but one to leave."""
        self.message.setText(sentence)
        self.leave.setVisible(is_waiting)
        self.start.setEnabled(not is_waiting)

    def show_place(self, folder: Path, reader: str) -> None:
        """Offer the project and the reader of the last review, wherever it was begun: another may have sat down."""
        self.folder.setText(str(folder))
        self.reader.setText(reader)

    def prefer(self, preferences: Mapping[str, Any]) -> None:
        """Offer the project and the reader that are preferred, by name; what is not named stays as it was written."""
        for name, line in {"folder": self.folder, "reader": self.reader}.items():
            if name in preferences:
                line.setText(str(preferences[name]))

    def _ask(self) -> None:
        folder, reader = self.folder.text().strip(), self.reader.text().strip()
        if not folder or not reader:
            self.message.setText("Choose a folder for the project, and enter your reader name.")
            return
        remember("review", folder=folder, reader=reader)
        self.message.clear()
        self.wanted.emit(Path(folder).expanduser(), reader)


def folder_row(line: QLineEdit, title: str) -> QHBoxLayout:
    """Return a line for a folder with a button that lets it be chosen."""

    def browse() -> None:
        if folder := QFileDialog.getExistingDirectory(line, title, line.text()):
            line.setText(folder)

    button = QPushButton("...")
    button.setFixedWidth(28)
    button.setToolTip(title)
    button.clicked.connect(browse)
    row = QHBoxLayout()
    row.addWidget(line, stretch=1)
    row.addWidget(button)
    return row
