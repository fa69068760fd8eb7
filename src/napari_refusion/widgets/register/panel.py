"""Registering the pair: what the self-test says, the optimiser at work, a preview, and the reader's decision."""

from __future__ import annotations

from functools import partial
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Final

from qtpy.QtCore import QEvent, Qt, QTimer
from qtpy.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from napari_refusion.fusion.compare_modes import find_mode
from napari_refusion.fusion.compared_volume import ComparedVolume
from napari_refusion.fusion.comparison import Comparison
from napari_refusion.session.present_names import PresentNames
from napari_refusion.session.proposing import Proposal, roles
from napari_refusion.session.registration import Action, RegistrationSession
from napari_refusion.widgets.fuse.findings_view import FindingsView
from napari_refusion.widgets.layer_marks import KEY
from napari_refusion.widgets.picture_layer import MARK, PictureLayer
from napari_refusion.widgets.register.metric_plot import MetricPlot
from napari_refusion.widgets.scrolled import Scrolled
from napari_refusion.widgets.worker import in_worker

if TYPE_CHECKING:
    from napari.viewer import Viewer

PREVIEW: Final = "registration preview"
"""What the layer of the preview is marked with under ``metadata[KEY]["compare"]``."""


class RegistrationPanel(QWidget):
    """Shows a `RegistrationSession`: its buttons are what can be done, its preview is the proposal."""

    def __init__(self, viewer: Viewer) -> None:
        super().__init__()
        self.session = RegistrationSession(in_worker(self))
        self._shown: Proposal | None = None
        self._names, self._said = PresentNames(), ""
        self._preview = PictureLayer(viewer)
        self.findings = FindingsView()
        self.roles, self.status = QLabel(), QLabel()
        self.plot = MetricPlot()
        self.register, self.cancel = QPushButton("Register"), QPushButton("Cancel")
        self.from_file, self.files = QPushButton("From file"), QMenu(self)
        self.accept, self.discard, self.undo = QPushButton("Accept"), QPushButton("Discard"), QPushButton("Undo")
        self._lay_out()
        self._connect()
        self._show()

    def _lay_out(self) -> None:
        self.register.setToolTip("Find the shift and rotation that align the two volumes best")
        self.from_file.setToolTip("Propose what a DICOM registration says about the two volumes")
        self.from_file.setMenu(self.files)
        self.cancel.setToolTip("Stop looking; nothing is moved")
        self.accept.setToolTip("Fuse with the volume where the preview shows it")
        self.discard.setToolTip("Leave the volume where it is")
        self.undo.setToolTip("Return the volume to its position in the file")
        self.findings.setMaximumHeight(140)
        for label in (self.roles, self.status):
            label.setWordWrap(True)
        self.status.setTextFormat(Qt.TextFormat.PlainText)
        area = _scrolled(self.roles, 3)
        area.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 4)
        layout.addWidget(self.findings)
        layout.addWidget(area)
        layout.addLayout(_row(self.register, self.from_file, self.cancel))
        layout.addWidget(self.plot)
        layout.addLayout(_row(self.accept, self.discard, self.undo))
        layout.addWidget(_scrolled(self.status, 2), stretch=1)

    def _connect(self) -> None:
        session = self.session
        self.register.clicked.connect(session.register)
        self.cancel.clicked.connect(self._cancel)
        self.accept.clicked.connect(session.accept)
        self.discard.clicked.connect(session.discard)
        self.undo.clicked.connect(session.undo)
        session.stage.connect(self._say)
        session.stepped.connect(self.plot.add)
        session.began.connect(self.plot.clear)
        session.changed.connect(self._show)

    def event(self, event: QEvent | None) -> bool:
        """Let go of the viewer when the panel is taken out of its dock."""
        if event is not None and event.type() == QEvent.Type.ParentChange and self.parent() is None:
            self.session.close()
        return bool(super().event(event))

    def call(self, names: PresentNames) -> None:
        """Call the volumes by these names from now on."""
        if names == self._names:
            return
        self._names = names
        self._say(self._said)
        self._show()
        if self._preview.layer is not None and self._shown is not None:
            self._preview.layer.name = self._preview_name(self._shown)

    def _say(self, words: str) -> None:
        """Show what is being done or was decided."""
        self._said = words
        self.status.setText(self._names_of_pair().in_text(words))

    def _names_of_pair(self) -> PresentNames:
        """Return what the two volumes are called now."""
        sides = () if (partial := self.session.partial) is None else partial.study.sides
        return self._names.of_images([side.key for side in sides])

    def _choose_file(self) -> None:
        sides = self.session.roles()
        place = None if sides is None else sides[1].source.origin.place
        folder = "" if place is None else str(place if place.is_dir() else place.parent)
        chosen, _ = QFileDialog.getOpenFileName(self, "DICOM registration", folder, "DICOM (*.dcm);;All files (*)")
        if chosen:
            self.session.read(Path(chosen))

    def _list_files(self) -> None:
        """List the registrations that lay beside the images, and the way to any other one."""
        self.files.clear()
        for path in self.session.beside:
            self.files.addAction(path.name, partial(self.session.read, path))
        self.files.addAction("Choose a file ...", self._choose_file)

    def _cancel(self) -> None:
        self.cancel.setEnabled(False)
        self.session.cancel()

    def _show(self) -> None:
        """Show what the session knows, and enable what can be done now."""
        session = self.session
        self.findings.show_findings(self._names_of_pair().findings(session.findings))
        self.roles.setText(self._roles_in_words())
        self._list_files()
        if session.proposal is not self._shown:
            self._shown = session.proposal
            self._show_preview()
        actions: dict[Action, QPushButton] = {
            "register": self.register,
            "read": self.from_file,
            "cancel": self.cancel,
            "accept": self.accept,
            "discard": self.discard,
            "undo": self.undo,
        }
        for action, button in actions.items():
            button.setEnabled(action in session.actions)

    def _roles_in_words(self) -> str:
        if (sides := self.session.roles()) is None:
            return "Choose two volumes and fuse a slice first."
        fixed, moving = (f"<b>{escape(self._names.name(side, side.source.title))}</b>" for side in sides)
        words = f"{moving} will be aligned to {fixed} (the reference, which stays)."
        if self.session.beside:
            names = escape(", ".join(path.name for path in self.session.beside))
            words += f" {names} lies beside the images and says how they fit: see <b>From file</b>."
        return words

    def _show_preview(self) -> None:
        """Show the edges of the moving volume over the reference, on top; nothing without a proposal."""
        if self._shown is None:
            self._preview.remove()
            return
        pair = self._shown.partial
        mode = find_mode("edges of first" if pair.study.reference == "b" else "edges of second")
        picture = ComparedVolume(Comparison(pair), mode)
        layer = self._preview.show(picture, self._preview_name(self._shown))
        layer.metadata[KEY][MARK] = PREVIEW
        # after the panel that compares has put its own picture above the new layer
        QTimer.singleShot(0, self._preview.raise_to_top)

    def _preview_name(self, proposal: Proposal) -> str:
        _, moving = roles(proposal.partial.study)
        return f"Registration preview: edges of {self._names.name(moving, moving.source.title)}"


def _scrolled(label: QLabel, lines: int) -> Scrolled:
    """Return an area in which all of a label can be read, however low the window."""
    label.setAlignment(Qt.AlignmentFlag.AlignTop)
    return Scrolled(label, lines)


def _row(*buttons: QPushButton) -> QHBoxLayout:
    row = QHBoxLayout()
    for button in buttons:
        row.addWidget(button)
    return row
