"""The keys with which sources are compared, whatever page is open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from napari_refusion.widgets.keys import Key, key_for, said_where_not

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_refusion.session.compare import CompareSession

_STEP: Final = 0.1
"""Of the slider's length."""

NO_PAIR: Final = "Choose two images first: there is nothing to compare."

_NO_FUNCTION: Final = "No source shows function in values: there is nothing to put beside them in inverted grey."


def keys_of_compare(session: CompareSession, say: Callable[[str], object]) -> tuple[Key, ...]:
    """Return what each key of the viewer does: hold for one source, switch, and modes that have a key of their own.

    Parameters
    ----------
    say
        Shows why a key does nothing.
    """
    own = tuple(
        Key(mode.key, mode.help, lambda name=mode.name: session.choose(name))  # type: ignore[misc]
        for mode in session.state.offered
        if mode.key
    )
    held = (
        key_for("peek first", lambda: session.peek(0), session.unpeek),
        key_for("peek second", lambda: session.peek(1), session.unpeek),
    )
    return (*said_where_not(held, lambda: _why_none(session), say), *switches_of_compare(session, say), *own)


def switches_of_compare(session: CompareSession, say: Callable[[str], object]) -> tuple[Key, ...]:
    """Return the keys that switch something: these a review needs whatever part of the window has the focus."""
    switches = (
        key_for("flicker", session.toggle_flicker),
        key_for("next mode", session.next_mode),
        key_for("side by side", session.toggle_side_by_side),
    )
    inverted = (key_for("inverted beside", session.toggle_inverted_beside),)
    return (
        *said_where_not(switches, lambda: _why_none(session), say),
        *said_where_not(inverted, lambda: _why_not_inverted(session), say),
    )


def _why_none(session: CompareSession) -> str:
    return NO_PAIR if session.state.partial is None else ""


def _why_not_inverted(session: CompareSession) -> str:
    return _why_none(session) or ("" if session.state.can_invert else _NO_FUNCTION)


def keys_beside_napari(session: CompareSession) -> tuple[Key, ...]:
    """Return the keys that work in a review alone: elsewhere they move the focus, or are a brush's of napari."""
    return (
        key_for("last mode", session.toggle_mode),
        key_for("less", lambda: session.step(-_STEP)),
        key_for("more", lambda: session.step(_STEP)),
    )
