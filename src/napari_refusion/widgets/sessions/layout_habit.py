"""The reader's layout of each kind of pair: what the next pair of that kind begins with."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from qtpy.QtCore import QObject, QTimer

from napari_refusion.session.layout import Layout, layout_of, layout_text
from napari_refusion.widgets.preferences import preferred, remember
from napari_refusion.widgets.sessions.layout_shown import (
    ShownPair,
    forget_windows,
    layout_now,
    page_now,
    show_sources,
    show_usual_sources,
    show_view,
    shown_pair,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari.viewer import Viewer

    from napari_refusion.widgets.fuse.widget import FuseWidget

_RESTED: Final = 400
"""Milliseconds without a change after which the layout is taken for what the reader wants."""


class LayoutHabit(QObject):
    """Lays out each new pair as the last one of its kind was left, from `start` to `stop`.

    A pair that shares a layer with the one before is of the same examination: only its new layer gets its window and
    colours. Reviews have a layout of their own: none is taken over or remembered there.
    """

    def __init__(self, viewer: Viewer, widget: FuseWidget) -> None:
        super().__init__(widget)
        self._viewer, self._widget = viewer, widget
        self._begun: frozenset[str] = frozenset()
        self._kind = ""
        """Name of the kind of the pair that was begun last."""
        self._known: frozenset[str] = frozenset()
        self._unnamed: frozenset[str] = frozenset()
        """Ids of a pair of no kind: its reader says on the page Fuse of which modality it is."""
        self._is_held = False
        self._side_by_side = self._inverted = False
        self._connected: list[tuple[Any, Callable[..., object]]] = []
        self._coloured: list[tuple[Any, Callable[..., object]]] = []
        self._new, self._rested = QTimer(self), QTimer(self)
        for timer, time, action in ((self._new, 0, self._begin), (self._rested, _RESTED, self._note)):
            timer.setSingleShot(True)
            timer.setInterval(time)
            timer.timeout.connect(action)

    def start(self) -> None:
        """Begin to follow the viewer and the widget."""
        if self._connected:
            return
        widget = self._widget
        self._connect(widget.page.changed, self._look_for_pair)
        for signal in (widget.panels.currentChanged, widget.planes.all.toggled, self._viewer.dims.events.order):
            self._connect(signal, self._touch)
        self._connect(widget.panels.comparing.changed, self._follow_comparison)
        self._look_for_pair()

    def stop(self) -> None:
        """Let go of the viewer."""
        for signal, follow in (*self._connected, *self._coloured):
            signal.disconnect(follow)
        self._connected, self._coloured = [], []
        self._new.stop()
        self._rested.stop()

    def hold(self, is_held: bool) -> None:
        """Lay out and remember nothing for a while: a session that opens brings its own layout.

        What is there when it ends is taken as it is.
        """
        self._is_held = is_held
        self._new.stop()
        self._rested.stop()
        pair = None if is_held else self._pair()
        if pair is not None:
            self._take(pair)

    def reset(self) -> None:
        """Show the pair as such pairs are usually shown, and remember no layout of its kind."""
        if (pair := self._pair()) is None:
            return
        remember("layouts", **{pair.kind.name: ""})
        show_usual_sources(pair)
        show_view(self._viewer, self._widget, pair, pair.kind.layout)

    def _connect(self, signal: Any, follow: Callable[..., object]) -> None:  # noqa: ANN401 - of Qt, psygnal or napari
        signal.connect(follow)
        self._connected.append((signal, follow))

    def _pair(self) -> ShownPair | None:
        panels = self._widget.panels
        is_reviewed = self._is_reviewed() or panels.currentWidget() is panels.review
        return None if is_reviewed else shown_pair(self._viewer, self._widget)

    def _chosen(self) -> frozenset[str]:
        """Return the ids of the layers that are chosen, whatever they are."""
        page = self._widget.page
        return frozenset(str(row.layer.currentData()) for row in (page.first, page.second))

    def _is_reviewed(self) -> bool:
        """Return whether a review is going on, also behind another page: the edges that it asks with are its own."""
        return self._widget.panels.review.session is not None

    def _take(self, pair: ShownPair) -> None:
        """Take a pair as it is."""
        self._begun = self._known = pair.keys
        self._kind = pair.kind.name
        self._follow_colours(pair)

    def _look_for_pair(self) -> None:
        if not self._is_held:
            self._new.start()
            self._touch()

    def _touch(self, *_about: object) -> None:
        if not self._is_held:
            self._rested.start()

    def _follow_comparison(self, _before: object, now: Any) -> None:  # noqa: ANN401 - a `CompareState`
        """Put a new pair side by side as soon as it can be."""
        if self._side_by_side and now.partial is not None:
            self._side_by_side = False
            if not now.is_side_by_side:
                QTimer.singleShot(0, self._stand_side_by_side)
        self._touch()

    def _begin(self) -> None:
        """Lay out a pair that is new."""
        if self._is_reviewed() and (shown := shown_pair(self._viewer, self._widget)) is not None:
            self._take(shown)
        pair = self._pair()
        if pair is None or pair.keys == self._begun:
            self._unnamed = frozenset() if pair is not None or self._is_reviewed() else self._chosen()
            return
        layout, is_other = self._layout(pair), pair.keys.isdisjoint(self._begun)
        if pair.keys == self._unnamed:
            layout = replace(layout, page=page_now(self._widget, layout.page))
        self._follow_colours(pair)
        if is_other and self._kind not in ("", pair.kind.name):
            forget_windows(pair)  # they were chosen for pairs of another kind
        show_sources(pair, layout, self._known)
        self._begun, self._known, self._kind = pair.keys, self._known | pair.keys, pair.kind.name
        if is_other:
            show_view(self._viewer, self._widget, pair, layout)
            state = self._widget.panels.comparing.state
            self._side_by_side, self._inverted = layout.side_by_side and state.partial is None, layout.inverted
        self._rested.stop()
        self._widget.commands.history.adopt()

    def _stand_side_by_side(self) -> None:
        comparing = self._widget.panels.comparing
        if self._inverted and comparing.state.can_invert:
            comparing.toggle_inverted_beside()
        else:
            comparing.toggle_side_by_side()
        self._widget.commands.history.adopt()

    def _layout(self, pair: ShownPair) -> Layout:
        return layout_of(str(preferred("layouts")[pair.kind.name]), pair.kind.layout)

    def _note(self) -> None:
        """Remember how the pair is laid out."""
        pair = self._pair()
        if pair is None or pair.keys != self._begun or self._is_held or self._side_by_side:
            return
        before = self._layout(pair)
        now = layout_now(self._viewer, self._widget, pair, before)
        if now != before:
            remember("layouts", **{pair.kind.name: layout_text(now, pair.kind.layout)})

    def _follow_colours(self, pair: ShownPair) -> None:
        for signal, follow in self._coloured:
            signal.disconnect(follow)
        self._coloured = []
        for layer in pair.layers:
            if not layer.rgb:
                layer.events.colormap.connect(self._touch)
                self._coloured.append((layer.events.colormap, self._touch))
