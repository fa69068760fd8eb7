"""What happens without being asked for: Live, and following the layers and the choices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QObject

from napari_refusion.volume.finding import RefusedError
from napari_refusion.widgets.fuse.choice_box import choose
from napari_refusion.widgets.fuse.live import Live, viewed_direction

if TYPE_CHECKING:
    from napari.viewer import Viewer
    from qtpy.QtWidgets import QWidget

    from napari_refusion.fusion.partial import Extent
    from napari_refusion.session.fusion import FusionSession
    from napari_refusion.session.runner import End
    from napari_refusion.widgets.fuse.answers import Answers
    from napari_refusion.widgets.fuse.commands import Commands
    from napari_refusion.widgets.fuse.panels import Panels


class Following(QObject):
    """Keeps the fusion up with what is looked at, what is chosen, and which layers there are."""

    def __init__(
        self,
        viewer: Viewer,
        session: FusionSession,
        answers: Answers,
        commands: Commands,
        panels: Panels,
        owner: QWidget,
    ) -> None:
        super().__init__(owner)
        self._viewer, self._session, self._answers = viewer, session, answers
        self._pair, self._history = commands.pair, commands.history
        self._panels, self._page = panels, panels.page
        self.live = Live(viewer, owner)

    def connect(self) -> None:
        """Follow from now on; after the answers, which say how a fusion ended."""
        # before the page says that something was chosen anew, which Live then follows
        self._page.live_toggled.connect(self._session.set_live)
        self._page.changed.connect(self._follow_choice)
        self._pair.offered.connect(self._follow_layers)
        self._session.ended.connect(self._rest)
        self.live.wanted.connect(self._fuse_live)
        self.live.rested.connect(self._fuse_ahead)

    def _fuse_live(self, extent: Extent = "slice") -> None:
        """Fuse the current slice, if that is wanted and there is one."""
        direction = viewed_direction(self._viewer)
        if not self._pair.is_running or direction is None:
            return
        if not self._session.is_live:
            self._notice_change()
            return
        try:
            request = self._pair.request(extent, is_live=True)
        except RefusedError as error:
            if self._page.has_pair:
                self._answers.show_findings(error.findings, "Not fused")
            return
        self._session.fuse_live(request, direction)

    def _notice_change(self) -> None:
        """Say what the reader did to sources or choices since they were fused, where Live does not fuse them anew."""
        try:
            words = self._answers.statements.follow(self._pair.request("slice"))
        except RefusedError:
            return  # said when it is asked for
        if words and self._session.is_idle:
            self._answers.status.setText(words)

    def _fuse_ahead(self) -> None:
        if self._session.is_idle:
            self._fuse_live("near")

    def _rest(self, end: End, was_ahead: bool) -> None:
        if end == "finished" and not was_ahead:
            self.live.rest()

    def _follow_layers(self) -> None:
        """Stop when a source was deleted, and forget a pair of which nothing is left, and what led back to it.

        What is said calls the others as they are called now.
        """
        self._answers.call(self._pair.names())
        self._history.follow_layers()
        self._session.history.prune(self._pair.there)
        self._page.undo.setEnabled(self._session.can_undo)
        compared = self._panels.comparing.state.partial
        if compared is not None and self._pair.is_gone(compared):
            self._panels.forget_pair()
        reviewed = self._panels.review.session
        if reviewed is not None and self._pair.is_gone(reviewed.partial):
            self._panels.review.opened.lose_images()
        request = self._session.request
        if request is not None and (gone := self._pair.missing(request)):
            self._session.close(f"{' and '.join(gone)} was deleted: fusing stops")

    def _follow_choice(self) -> None:
        # what was noticed about one pair must not stand below another one
        if self._answers.choose(self._pair.keys()) and (task := self._pair.task()) is not None:
            choose(self._page.form.task, task)
        self.live.follow(*self._pair.follow())
        self._answers.show_running()
        self.live.touch()
