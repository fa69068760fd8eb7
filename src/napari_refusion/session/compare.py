"""Comparing two sources: what a reader does, one method each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from psygnal import Signal

from napari_refusion.fusion.compare_modes import COMPARE_MODES, find_mode
from napari_refusion.numerics.colour_maps import COLOUR_MAPS
from napari_refusion.session.compare_choices import CompareChoices
from napari_refusion.session.compare_state import EDGES, USUAL, CompareState

if TYPE_CHECKING:
    from napari_refusion.fusion.compare_mode import CompareMode
    from napari_refusion.fusion.partial import PartialFusion
    from napari_refusion.session.present_names import PresentNames

MOST_PER_SECOND: Final = 6.0
"""Changes of the picture; there and back is one flash, and more than three in a second may harm (WCAG 2.3.1)."""


class CompareSession:
    """Compares the sources of one pair after the other.

    Every change makes a new state, which says what is to be seen; showing it is left to a viewer.
    """

    changed = Signal(CompareState, CompareState)
    """Emitted with the state before and the state now."""

    def __init__(self, modes: Sequence[CompareMode] = COMPARE_MODES) -> None:
        self.state = CompareState(tuple(modes))

    def show_partial(self, partial: PartialFusion | None) -> None:
        """Compare the sources of a partial fusion, with its windows; None where there is no pair.

        The mode stays where it can be made of the pair.
        """
        if partial is None:
            self._become(partial=None, peeked=None, turn=None, is_side_by_side=False)
            return
        changes: dict[str, Any] = {"partial": partial, **_as_usable(replace(self.state, partial=partial))}
        if scale_of(partial) != scale_of(self.state.partial):
            changes["threshold"] = None  # the value is one of another source, or in another unit
        self._become(**changes)

    def call(self, names: PresentNames) -> None:
        """Call the sources by these names from now on."""
        if names != self.state.names:
            self._become(names=names)

    def choose(self, name: str | None) -> None:
        """Choose a mode by its name, None for Off; flicker and side by side end with another choice.

        Raises
        ------
        ValueError
            If there is no such mode.
        """
        mode = None if name is None else find_mode(name, self.state.offered)
        if mode is not self.state.mode:
            last = self.state.last_mode if mode is None else mode.name
            self._become(mode=mode, last_mode=last, turn=None, is_side_by_side=False, asked_over=None)

    def next_mode(self) -> None:
        """Choose the next mode, after the last one Off."""
        if self.state.partial is not None:
            order = [None, *(mode.name for mode in self.state.offered)]
            now = None if self.state.mode is None else self.state.mode.name
            self.choose(order[(order.index(now) + 1) % len(order)])

    def toggle_mode(self) -> None:
        """Go between Off and the mode that was chosen last."""
        if self.state.partial is not None:
            self.choose(self.state.last_mode if self.state.mode is None else None)

    def ask_with_edges(self) -> None:
        """Show the edges of the first source over the second, the best view to judge alignment, until `stop_asking`.

        This is no choice of the reader's, who may choose another way meanwhile.
        """
        state = self.state
        if state.partial is not None and state.mode is not (edges := find_mode(EDGES, state.offered)):
            seen = {"mode": edges, "last_mode": EDGES, "turn": None, "is_side_by_side": False}
            self._become(**seen, asked_over=state.choices)

    def stop_asking(self) -> None:
        """Compare as was chosen before the question, or in answer to it; the edges go with the question either way."""
        chosen = self.state.asked_over
        if chosen is not None:
            self._become(asked_over=None, **self._shown_by(chosen))
        elif self.state.mode is not None and self.state.mode.name == EDGES:
            self.choose(None)

    def set_amount(self, amount: float) -> None:
        """Move the slider of the chosen mode, if it has one, to a place in [0, 1]; beyond, to the end."""
        mode = self.state.mode
        if mode is not None and mode.slider is not None:
            place = min(max(round(amount, 2), 0.0), 1.0)
            self._become(amounts=MappingProxyType({**self.state.amounts, mode.name: place}))

    def step(self, by: float) -> None:
        """Move the slider of the chosen mode, if it has one, by a part of its length."""
        if self.state.mode is not None:
            self.set_amount(self.state.amount(self.state.mode) + by)

    def set_colour_map(self, name: str) -> None:
        """Show the functional source in other colours.

        Raises
        ------
        ValueError
            If there is no such colour map.
        """
        if name not in COLOUR_MAPS:
            raise ValueError(f"Choose one of these colour maps: {', '.join(COLOUR_MAPS)}; {name!r} is not known.")
        self._become(colour_map=name)

    def set_threshold(self, value: float | None) -> None:
        """Make the functional source transparent in the overlay below a value in its unit; None for the usual one."""
        self._become(threshold=value)

    def set_axis(self, axis: int) -> None:
        """Note which array axis runs from left to right on the screen."""
        if axis != self.state.axis:
            self._become(axis=axis)

    def restore(self, mode: str, last_mode: str, amounts: Mapping[str, float], colour_map: str) -> str:
        """Compare as at an earlier moment; return the first name that is not known, which changes nothing.

        Of a pair that the mode cannot be made of, none is shown.

        Parameters
        ----------
        mode
            Empty for Off.
        last_mode
            Empty for the usual one.
        """
        known = {one.name: one for one in self.state.modes}
        listed = {one.name for one in self.state.listed}
        if unknown := next((one for one in (mode, last_mode) if one and one not in listed), ""):
            return unknown
        if colour_map not in COLOUR_MAPS:
            return colour_map
        moved = {name: min(max(float(place), 0.0), 1.0) for name, place in amounts.items() if name in known}
        wanted = replace(self.state, mode=known[mode] if mode else None, last_mode=last_mode or USUAL)
        self._become(
            **_as_usable(wanted),
            amounts=MappingProxyType(moved),
            colour_map=colour_map,
            turn=None,
            asked_over=None,
        )
        return ""

    def choose_again(self, choices: CompareChoices) -> None:
        """Compare as was chosen at an earlier moment, as far as that can be made of the pair."""
        is_asked = self.state.asked_over is not None
        self._become(
            **({"asked_over": choices} if is_asked else self._shown_by(choices)),
            amounts=MappingProxyType(dict(choices.amounts)),
            colour_map=choices.colour_map,
            threshold=choices.threshold,
            is_inverted_beside=choices.is_inverted_beside,
            peeked=None,
        )

    def _shown_by(self, choices: CompareChoices) -> dict[str, Any]:
        """Return which picture was chosen at an earlier moment, as far as it can be made of the pair."""
        usable = {mode.name: mode for mode in self.state.offered}
        has_pair = self.state.partial is not None
        return {
            "mode": usable.get(choices.mode or ""),
            "last_mode": choices.last_mode if choices.last_mode in usable else self.state.last_mode,
            "is_side_by_side": choices.is_side_by_side and has_pair,
            "turn": 0 if choices.is_flickering and has_pair else None,
        }

    def peek(self, source: int) -> None:
        """Show only source 0 or 1 until `unpeek`; side by side, both are seen anyway."""
        state = self.state
        if state.partial is not None and not state.is_side_by_side and state.peeked != source:
            self._become(peeked=source)

    def unpeek(self) -> None:
        """Show again what was shown before `peek`."""
        if self.state.peeked is not None:
            self._become(peeked=None)

    def toggle_flicker(self) -> None:
        """Show the sources in turn, beginning with the first, or stop it."""
        if self.state.turn is not None:
            self._become(turn=None)
        elif self.state.partial is not None:
            self._become(turn=0, is_side_by_side=False)

    def take_turn(self) -> None:
        """Show the other source, where they flicker and none is peeked at."""
        if self.state.turn is not None and self.state.peeked is None:
            self._become(turn=1 - self.state.turn)

    def toggle_side_by_side(self) -> None:
        """Put the sources beside each other, or back."""
        if self.state.is_side_by_side:
            self._become(is_side_by_side=False)
        elif self.state.partial is not None:
            self._become(is_side_by_side=True, is_inverted_beside=False, peeked=None, turn=None)

    def toggle_inverted_beside(self) -> None:
        """Put the functional source in inverted grey beside the others, or end it; nothing without such a source."""
        if self.state.is_side_by_side and self.state.is_inverted_beside:
            self._become(is_side_by_side=False, is_inverted_beside=False)
        elif self.state.can_invert:
            self._become(is_side_by_side=True, is_inverted_beside=True, peeked=None, turn=None)

    def drop_picture(self) -> None:
        """Take the user's deleting the picture for choosing Off."""
        self._become(mode=None, peeked=None, turn=None, is_side_by_side=False, asked_over=None)

    def _become(self, **changes: Any) -> None:  # noqa: ANN401 - the fields of the state
        before, self.state = self.state, replace(self.state, **changes)
        self.changed.emit(before, self.state)


def _as_usable(state: CompareState) -> dict[str, Any]:
    """Return the modes of a state, chosen now and last, as far as they can be made of its pair, if it has one."""
    usable = state.offered if state.partial is not None else state.modes
    names = [mode.name for mode in usable]
    usual = USUAL if USUAL in names else names[0]
    return {
        "mode": state.mode if state.mode in usable else None,
        "last_mode": state.last_mode if state.last_mode in names else usual,
    }


def scale_of(partial: PartialFusion | None) -> tuple[str, ...] | None:
    """Return what tells the functional source and its unit from others; None without one."""
    side = None if partial is None else partial.study.functional
    return None if side is None else (side.key, side.source.origin.sha256, side.source.name, side.volume.unit)
