"""The pages of the Fuse widget: fuse, compare, probe, lesions, register, review."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from qtpy.QtWidgets import QTabWidget

from napari_refusion.session.compare import CompareSession
from napari_refusion.session.lesions.source import are_pictures
from napari_refusion.session.projection import ProjectionSession
from napari_refusion.widgets.compare.keys import keys_of_compare
from napari_refusion.widgets.compare.panel import ComparePanel
from napari_refusion.widgets.fuse.page import FusePage
from napari_refusion.widgets.keys import Key
from napari_refusion.widgets.lesions.panel import LesionPanel
from napari_refusion.widgets.probe.panel import ProbePanel
from napari_refusion.widgets.register.panel import RegistrationPanel
from napari_refusion.widgets.review.panel import ReviewPanel
from napari_refusion.widgets.slider_grid import SliderGrid
from napari_refusion.widgets.worker import in_worker

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari.viewer import Viewer

    from napari_refusion.evidence.missed_uptake import MissedUptake
    from napari_refusion.fusion.partial import PartialFusion
    from napari_refusion.session.messages import Started
    from napari_refusion.session.present_names import PresentNames


_OF_PATIENTS: Final = {
    "Lesions": "Pictures have no size in a patient: nothing is measured in them",
    "Register": "Pictures are fused pixel by pixel: nothing is moved",
}
"""Page that pictures have no use for -> why."""


class Panels(QTabWidget):
    """Shows one pair on all its pages."""

    def __init__(self, viewer: Viewer) -> None:
        super().__init__()
        self.comparing = CompareSession()
        self.projecting = ProjectionSession(in_worker(self))
        self.page, self.compare = FusePage(), ComparePanel(viewer, self.comparing)
        self.probe, self.register = ProbePanel(viewer), RegistrationPanel(viewer)
        self.lesions = LesionPanel(viewer)
        self.review = ReviewPanel(viewer, self.comparing)
        self._sliders = SliderGrid(viewer)
        pages = (self.page, self.compare, self.probe, self.lesions, self.register, self.review)
        titles = ("Fuse", "Compare", "Probe", "Lesions", "Register", "Review")
        for title, page in zip(titles, pages, strict=True):
            self.addTab(page, title)
        self._connect_lesions()

    def _connect_lesions(self) -> None:
        """Keep the list of lesions in the record of a review while one is open."""
        self.lesions.spots = self._missed
        self.review.session_changed.connect(self.lesions.open_review)
        self.review.refreshed.connect(self.lesions.read_again)
        self.lesions.recorded.connect(self.review.refresh)

    def _missed(self) -> Sequence[MissedUptake]:
        """Return the missed uptake that is known: of the case, or of the slice that is looked at."""
        session = self.review.session
        examined = None if session is None else session.examination
        return self.page.picture.spots if examined is None else examined.missed

    def start(self) -> None:
        """Begin to follow the viewer."""
        self._sliders.start()
        self.compare.start()
        self.probe.start()
        self.lesions.start()
        self.review.start()

    def stop(self) -> None:
        """Let go of the viewer."""
        self._sliders.stop()
        self.register.session.close()
        for panel in (self.compare, self.probe, self.lesions, self.review):
            panel.stop()

    def show_pair(self, started: Started) -> None:
        """Show a pair from now on."""
        partial = started.partial
        self._sliders.follow(partial)
        self._offer_pages(partial)
        self.comparing.show_partial(partial)
        self.probe.show_partial(partial)
        self.lesions.show_pair(started)
        self.register.session.show_pair(partial)
        self.projecting.show_pair(partial, started.colouring)
        self.review.opened.show_pair(started)

    def _offer_pages(self, partial: PartialFusion | None) -> None:
        """Offer the pages that a pair has a use for."""
        is_of_patient = partial is None or not are_pictures(partial)
        if not is_of_patient and self.tabText(self.currentIndex()) in _OF_PATIENTS:
            self.setCurrentWidget(self.page)  # Qt would take the next one, whatever it is
        for index in range(self.count()):
            if (why := _OF_PATIENTS.get(self.tabText(index))) is not None:
                self.setTabEnabled(index, is_of_patient)
                self.setTabToolTip(index, "" if is_of_patient else why)

    def call(self, names: PresentNames) -> None:
        """Call the sources by these names from now on."""
        self.comparing.call(names)
        self.probe.call(names)
        self.register.call(names)

    def show_comparison(self, partial: PartialFusion | None) -> None:
        """Show a pair that is compared and not fused, None for no pair; a review goes on until it is left."""
        if partial is not None:
            self._sliders.follow(partial)
        self._offer_pages(partial)
        self.comparing.show_partial(partial)
        self.probe.show_partial(partial)
        self.lesions.show_comparison(partial)
        self.register.session.show_pair(partial)
        self.projecting.show_pair(partial)

    def compare_side_by_side(self) -> None:
        """Open the page Compare with the sources side by side."""
        self.setCurrentWidget(self.compare)
        if not self.comparing.state.is_side_by_side:
            self.comparing.toggle_side_by_side()

    def forget_pair(self) -> None:
        """Compare, measure and register nothing; a review goes on until it is left."""
        self.show_comparison(None)

    def leave_pair(self) -> None:
        """Register nothing and begin no review: what there is, is of layers that are not chosen any more."""
        self.register.session.show_pair(None)
        self.review.opened.forget_fusion()

    def keys(self, say: Callable[[str], object]) -> tuple[Key, ...]:
        """Return the keys with which the sources are compared, and lesions added; `say` shows why one does nothing."""
        return (*keys_of_compare(self.comparing, say), *self.lesions.keys())
