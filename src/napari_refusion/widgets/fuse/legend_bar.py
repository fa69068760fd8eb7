"""The colour bar of what is seen: which colour stands for which value of which source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from qtpy.QtWidgets import QLabel, QVBoxLayout, QWidget

from napari_refusion.evidence.colours import evidence_colours
from napari_refusion.evidence.map_kinds import KINDS
from napari_refusion.numerics.intensity import Window
from napari_refusion.widgets.review.colour_bar import ColourBar

if TYPE_CHECKING:
    from napari_refusion.fusion.colouring import Legend
    from napari_refusion.session.compare import CompareSession
    from napari_refusion.session.compare_state import CompareState

_TIP: Final = (
    "Hue and strength of colour show this source on any brightness of the fused image, from white (above) to black; "
    "white is shown as light grey, so that its colour is seen"
)


class LegendBar(QWidget):
    """A palette with its two values, unit and source; hidden while nothing in colour is seen."""

    def __init__(self, comparing: CompareSession) -> None:
        super().__init__()
        self._legend: Legend | None = None
        self._evidence: tuple[str, str] | None = None
        self._is_said = False
        self.title = QLabel()
        self.title.setWordWrap(True)
        self.colours = ColourBar(is_flat=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.title)
        layout.addWidget(self.colours)
        self._comparing = comparing
        comparing.changed.connect(self._follow)
        self.hide()

    def show_legend(self, legend: Legend | None) -> None:
        """Show what the colours of a result mean, unless something else is seen; None for one without colours."""
        self._legend = legend
        self._show(self._comparing.state)

    def show_evidence(self, name: str, title: str) -> None:
        """Show what the colours of an evidence map mean that lies over everything; an empty name for none."""
        self._evidence = (name, title) if name else None
        self._show(self._comparing.state)

    def leave_compared(self, *, is_said: bool) -> None:
        """Leave the colours of what is compared to the page that is open, or say them again."""
        self._is_said = is_said
        self._show(self._comparing.state)

    def _follow(self, before: CompareState, now: CompareState) -> None:
        if now.mode is not before.mode and now.mode is not None:
            self._evidence = None  # the picture covers it
        self._show(now)

    def _show(self, now: CompareState) -> None:
        """Show what the colours mean that are seen now."""
        if self._evidence is not None and not now.is_interrupted:
            self._show_evidence(*self._evidence)
        elif now.wanted() is not None or now.is_side_by_side:
            self._show_compared(now)
        else:
            self._show_result()

    def _show_compared(self, now: CompareState) -> None:
        scale = now.scale() if now.shows_scale() and not self._is_said else None
        self.setVisible(scale is not None)
        if scale is None:
            return
        mode = now.wanted()
        is_own = mode is not None and mode.scale is not None
        self._say("" if is_own else now.coloured_source()[0].name, has_bar=True)
        self.colours.show_map(scale.colour_map, scale.window, scale.unit or "a.u.", scale.tip)
        self.colours.show_threshold(scale.threshold)

    def _show_evidence(self, name: str, title: str) -> None:
        kind = KINDS[name]
        self.show()
        self._say(title, has_bar=True)
        self.colours.show_table(evidence_colours(is_signed=kind.is_signed), Window(*kind.limits), kind.sees)

    def _show_result(self) -> None:
        legend = self._legend
        self.setVisible(legend is not None)
        if legend is None:
            return
        if not legend.palette:
            self._say(f"Colours: those of {legend.source}", has_bar=False)
            return
        self._say(legend.source, has_bar=True)
        self.colours.show_uptake(legend.palette, legend.window, legend.unit or "a.u.", _TIP)
        self.colours.show_threshold(legend.threshold)

    def _say(self, words: str, *, has_bar: bool) -> None:
        """Show words below the bar, or alone."""
        self.colours.setVisible(has_bar)
        self.title.setVisible(not has_bar)
        self.title.setText(words)
        self.colours.title.setText(words)
        self.colours.title.setToolTip(words)
