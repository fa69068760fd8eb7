"""Registering the pair: what the self-test says, the optimiser at work, a preview, and the reader's decision."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape
from threading import Event
from typing import TYPE_CHECKING, Final

from qtpy.QtCore import QEvent, Qt, QTimer, Signal
from qtpy.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from napari_refusion.fusion.compare_modes import find_mode
from napari_refusion.fusion.compared_volume import ComparedVolume
from napari_refusion.fusion.comparison import Comparison
from napari_refusion.volume.align import align
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.rigid import VOXELS, RegistrationStep, RigidMove, moved, register_rigidly
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.fuse.findings_view import FindingsView
from napari_refusion.widgets.layers import KEY
from napari_refusion.widgets.picture_layer import MARK, PictureLayer
from napari_refusion.widgets.register.metric_plot import MetricPlot
from napari_refusion.widgets.worker import Job

if TYPE_CHECKING:
    from napari.viewer import Viewer

    from napari_refusion.fusion.canvas import Canvas

PREVIEW: Final = "registration preview"
"""What the layer of the preview is marked with under ``metadata[KEY]["compare"]``."""

_ENDS: Final = {"cancelled": "Stopped: nothing was moved.", "failed": "Failed: see the notification."}


@dataclass(frozen=True, slots=True, eq=False)
class Proposal:
    """A move that the reader may accept, and the pair as it would be."""

    move: RigidMove
    canvas: Canvas


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no move."""

    sentence: str


def propose(
    canvas: Canvas, fixed: Volume, moving: Volume, stopped: Event
) -> Iterator[RegistrationStep | Proposal | Refusal]:
    """Yield the steps of a registration, and at last a proposal or a refusal.

    Parameters
    ----------
    canvas
        The pair as it is now, on the grid of `fixed`.
    fixed, moving
        Its sources on their own grids.
    stopped
        Set it to stop the optimiser.
    """
    try:
        for step in register_rigidly(fixed, moving, stopped):
            if isinstance(step, RegistrationStep):
                yield step
                continue
            aligned = align(canvas.pair.fixed, moved(moving, step))
            pair = replace(canvas.pair, covered=aligned.covered)
            is_first = pair.reference == "b"
            pair = replace(pair, a=aligned.volume) if is_first else replace(pair, b=aligned.volume)
            yield Proposal(step, replace(canvas, pair=pair))
    except RefusedError as error:
        yield Refusal(str(error))


class RegistrationPanel(QWidget):
    """Lays one source on the other on request; nothing is moved before the reader has accepted it."""

    accepted = Signal(object)
    """Emitted with the `RigidMove` that the reader accepted."""
    undone = Signal()
    """Emitted when the reader takes an accepted move back."""

    def __init__(self, viewer: Viewer) -> None:
        super().__init__()
        self._canvas: Canvas | None = None
        self._volumes: tuple[Volume, Volume] | None = None
        self._job: Job | None = None
        self._stopped = Event()
        self._proposal: Proposal | None = None
        self._accepted: RigidMove | None = None
        self._preview = PictureLayer(viewer)
        self.findings = FindingsView()
        self.roles, self.status = QLabel(), QLabel()
        self.plot = MetricPlot()
        self.register, self.cancel = QPushButton("Register"), QPushButton("Cancel")
        self.accept, self.discard, self.undo = QPushButton("Accept"), QPushButton("Discard"), QPushButton("Undo")
        self._lay_out()
        self.register.clicked.connect(self._start)
        self.cancel.clicked.connect(self._cancel)
        self.accept.clicked.connect(self._accept)
        self.discard.clicked.connect(self._discard)
        self.undo.clicked.connect(self._undo)
        self.show_canvas(None, None)

    def _lay_out(self) -> None:
        self.setMinimumWidth(320)
        self.register.setToolTip("Look for the shift and rotation with which the two volumes agree best")
        self.cancel.setToolTip("Stop looking; nothing is moved")
        self.accept.setToolTip("Fuse with the volume where the preview shows it")
        self.discard.setToolTip("Leave the volume where it is")
        self.undo.setToolTip("Put the volume back to where its file places it")
        self.findings.setMaximumHeight(140)
        for label in (self.roles, self.status):
            label.setWordWrap(True)
        self.status.setTextFormat(Qt.TextFormat.PlainText)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 4)
        layout.addWidget(self.findings)
        layout.addWidget(self.roles)
        layout.addLayout(_row(self.register, self.cancel))
        layout.addWidget(self.plot)
        layout.addLayout(_row(self.accept, self.discard, self.undo))
        layout.addWidget(self.status)
        layout.addStretch()

    def show_canvas(self, canvas: Canvas | None, volumes: tuple[Volume, Volume] | None) -> None:
        """Offer to register the sources of a canvas; None where there is no pair.

        What runs, and a proposal that is open, end with the pair they belong to. An accepted move can be undone as
        long as the same two volumes are shown.

        Parameters
        ----------
        volumes
            The sources in the order of the canvas's pair, where their files place them and on their own grids: without
            an accepted move.
        """
        is_same = _identity(volumes) == _identity(self._volumes)
        is_same_grid = (
            self._canvas is not None and canvas is not None and canvas.pair.reference == self._canvas.pair.reference
        )
        self._canvas, self._volumes = canvas, volumes
        if not is_same:
            self._accepted = None
        if not (is_same and is_same_grid):
            self._drop()
            self.plot.clear()
            self.status.clear()
        self._tell_pair()
        self._allow()

    def stop(self) -> None:
        """Stop what runs and take the preview away."""
        self._drop()
        self._allow()

    def event(self, event: QEvent | None) -> bool:
        """Let go of the viewer when the panel is taken out of its dock."""
        if event is not None and event.type() == QEvent.Type.ParentChange and self.parent() is None:
            self.stop()
        return bool(super().event(event))

    def _tell_pair(self) -> None:
        """Say what the self-test found, and what would be moved."""
        if self._canvas is None or self._volumes is None:
            self.findings.show_findings(())
            self.roles.setText("Choose two volumes and fuse a slice first.")
            return
        pair = self._canvas.pair
        found = [finding for finding in pair.findings if finding.check == "Registration"]
        # the number is part of the sentence of a warning only
        self.findings.show_findings(
            [replace(one, sentence=f"{one.sentence} {one.value}.") if one.level == "ok" else one for one in found]
        )
        fixed, moving = self._roles(self._canvas, self._volumes)
        self.roles.setText(
            f"<b>{escape(moving.title)}</b> is laid on <b>{escape(fixed.title)}</b> (the reference, which stays)."
        )

    def _start(self) -> None:
        if self._job is not None or self._canvas is None or self._volumes is None:
            return
        self._drop()
        self.plot.clear()
        self.status.setText("Preparing the volumes ...")
        self._stopped = Event()
        self._job = Job(self, propose, self._canvas, *self._roles(self._canvas, self._volumes), self._stopped)
        self._job.message.connect(self._receive)
        self._job.ended.connect(self._end)
        self._job.start()
        self._allow()

    def _receive(self, message: RegistrationStep | Proposal | Refusal) -> None:
        match message:
            case RegistrationStep(level, metric):
                self.plot.add(message)
                self.status.setText(
                    f"Resolution {level + 1} of {len(VOXELS)} ({VOXELS[level]:g} mm): agreement {metric:.3f}"
                )
            case Proposal(move):
                self._proposal = message
                self._show_preview(message)
                self.status.setText(
                    f"Proposal: {move.moving} {move.words}. Agreement (mutual information) {move.metric_before:.3f} "
                    f"before, {move.metric_after:.3f} after. The lines in the picture are the edges of {move.moving} "
                    f"as it would lie: look whether they follow {move.fixed} on several slices, then accept or discard."
                )
            case Refusal(sentence):
                self.status.setText(sentence)

    def _end(self, end: str) -> None:
        self._job = None
        if end in _ENDS:
            self.status.setText(_ENDS[end])
        self._allow()

    def _cancel(self) -> None:
        if self._job is not None:
            self.cancel.setEnabled(False)
            self.status.setText("Stopping ...")
            self._stopped.set()
            self._job.cancel()

    def _accept(self) -> None:
        if self._proposal is None:
            return
        self._accepted = self._proposal.move
        self._drop()
        self.status.setText(
            f"Accepted: {self._accepted.moving} {self._accepted.words}. It is fused there; its own layer stays where "
            "the file places it."
        )
        self._allow()
        self.accepted.emit(self._accepted)

    def _discard(self) -> None:
        self._drop()
        self.status.setText("Discarded: nothing was moved.")
        self._allow()

    def _undo(self) -> None:
        if self._accepted is None:
            return
        self.status.setText(f"Undone: {self._accepted.moving} is fused again where its file places it.")
        self._accepted = None
        self._allow()
        self.undone.emit()

    def _show_preview(self, proposal: Proposal) -> None:
        """Show the edges of the moving volume over the reference, above all other layers."""
        pair = proposal.canvas.pair
        mode = find_mode("edges of first" if pair.reference == "b" else "edges of second")
        picture = ComparedVolume(Comparison(proposal.canvas), mode)
        layer = self._preview.show(picture, f"Registration preview: edges of {proposal.move.moving}")
        layer.metadata[KEY][MARK] = PREVIEW
        # after the panel that compares has put its own picture above the new layer
        QTimer.singleShot(0, self._preview.raise_to_top)

    def _drop(self) -> None:
        """End what runs, and forget the proposal with its preview."""
        self._stopped.set()
        if self._job is not None:
            self._job.close()
        self._proposal = None
        self._preview.remove()

    def _allow(self) -> None:
        """Enable what can be done now."""
        is_running, is_open = self._job is not None, self._proposal is not None
        self.register.setEnabled(self._canvas is not None and not is_running and self._accepted is None)
        self.cancel.setEnabled(is_running)
        for button in (self.accept, self.discard):
            button.setEnabled(is_open and not is_running)
        self.undo.setEnabled(self._accepted is not None and not is_running)

    @staticmethod
    def _roles(canvas: Canvas, volumes: tuple[Volume, Volume]) -> tuple[Volume, Volume]:
        """Return the source that stays and the one that moves."""
        return volumes if canvas.pair.reference == "a" else (volumes[1], volumes[0])


def _row(*buttons: QPushButton) -> QHBoxLayout:
    row = QHBoxLayout()
    for button in buttons:
        row.addWidget(button)
    return row


def _identity(volumes: tuple[Volume, Volume] | None) -> list[tuple[object, ...]]:
    """Return what tells two volumes from others; quick, voxels are not looked at."""
    return [(one.name, one.origin.sha256, one.modality, one.shape, one.affine.tobytes()) for one in volumes or ()]
