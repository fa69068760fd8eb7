"""What is said about the pair that is chosen: it belongs to those two images, and goes with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from psygnal import Signal

from napari_refusion.session.present_names import PresentNames

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_refusion.fusion.colouring import Legend
    from napari_refusion.session.fusion import FusionSession
    from napari_refusion.session.result import Shown
    from napari_refusion.session.source import Request
    from napari_refusion.volume.finding import Finding

CHANGED: Final = "The sources or the choices have changed since: fuse again"


class PairStatements:
    """Keeps the findings of one pair, and says when another one is chosen.

    A pair is two images by their keys. A new pair starts clean; one that is still shown is spoken of again.
    """

    changed = Signal()
    """Emitted when `findings` or `legend` may be others."""
    left = Signal()
    """Emitted when the images that were spoken of are no longer those that are chosen."""
    replaced = Signal()
    """Emitted after `left` when two other images are chosen."""
    returned = Signal(object)
    """Emitted with the `Shown` of a pair that is chosen again."""

    def __init__(self, fusion: FusionSession) -> None:
        self._fusion = fusion
        self._about: Request | None = None
        self.keys: frozenset[str] = frozenset()
        """Of the images that are chosen; fewer than two where there is no pair."""
        self.findings: tuple[Finding, ...] = ()
        """What was noticed, in the names that the images had then."""
        self._names = PresentNames()

    @property
    def said(self) -> tuple[Finding, ...]:
        """What was noticed, in the names that the images have now."""
        return self.named(self.findings, self._about)

    @property
    def shown(self) -> Shown | None:
        """What is shown of the chosen pair."""
        shown = self._fusion.shown
        return shown if shown is not None and frozenset(shown.keys) == self.keys else None

    @property
    def legend(self) -> Legend | None:
        """What the colours stand for that are shown of the chosen pair, in the names of now."""
        shown = self.shown
        colouring = shown.started.colouring if shown is not None and shown.is_coloured else None
        if shown is None or colouring is None:
            return None
        return self._names.legend(colouring.legend, shown.started.partial.study)

    def named(self, findings: Sequence[Finding], about: Request | None) -> tuple[Finding, ...]:
        """Return what was noticed about the images of a request in the names that they have now."""
        names = self._names if about is None else self._names.since(about)
        return names.findings(findings)

    def call(self, names: PresentNames) -> None:
        """Call the images by these names from now on."""
        if names != self._names:
            self._names = names
            self.changed.emit()

    def choose(self, keys: frozenset[str]) -> bool:
        """Speak of these images from now on; return whether they are others.

        What is being fused of other images stops: its slices are kept for the time that they are chosen again.
        """
        if keys == self.keys:
            return False
        self.keys = keys
        running = self._fusion.request
        is_pair = len(keys) == 2
        self._say((), None)
        self.left.emit()
        if is_pair and running is not None and frozenset(running.keys) != keys:
            self._fusion.close("Another pair was chosen: fusing stops")
        if is_pair and (shown := self.shown) is not None:
            self.say(shown.started.findings, shown.started.kept.request)
            self.returned.emit(shown)
        elif is_pair:
            self.replaced.emit()
        return True

    def say(self, findings: Sequence[Finding], about: Request | None = None) -> None:
        """Say this about the chosen pair, in place of what was said before.

        Parameters
        ----------
        about
            What was asked for then; None where nothing was. What is said of other images than those that are chosen is
            dropped.
        """
        if about is None or frozenset(about.keys) == self.keys:
            self._say(tuple(findings), about)

    def add(self, findings: Sequence[Finding]) -> None:
        """Say this about what was spoken of already."""
        self._say(tuple(findings), self._about)

    def follow(self, request: Request) -> str:
        """Take note of what would be fused now, and return what is to be said about that; empty for nothing.

        Where the images themselves are others than those that were spoken of, nothing of it holds any longer.
        """
        decided = self._fusion.decided(request)
        if self._about is None or decided.is_same_work(self._about.with_axis(request.settings.axis)):
            return ""
        if not decided.is_same_pair(self._about):
            self._say((), None)
        return CHANGED

    def _say(self, findings: tuple[Finding, ...], about: Request | None) -> None:
        self.findings, self._about = findings, about
        self.changed.emit()
