"""The keys with which sources are compared, whatever page is open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from napari_refusion.widgets.keys import Key, key_for

if TYPE_CHECKING:
    from napari_refusion.session.compare import CompareSession

_STEP: Final = 0.1
"""Of the slider's length."""


def keys_of_compare(session: CompareSession) -> tuple[Key, ...]:
    """Return what each key of the viewer does: hold for one source, switch, and modes that have a key of their own."""
    own = tuple(
        Key(mode.key, mode.help, lambda name=mode.name: session.choose(name))  # type: ignore[misc]
        for mode in session.state.offered
        if mode.key
    )
    return (
        key_for("peek first", lambda: session.peek(0), session.unpeek),
        key_for("peek second", lambda: session.peek(1), session.unpeek),
        *switches_of_compare(session),
        *own,
    )


def switches_of_compare(session: CompareSession) -> tuple[Key, ...]:
    """Return the keys that switch something: these a review needs whatever part of the window has the focus."""
    return (
        key_for("flicker", session.toggle_flicker),
        key_for("next mode", session.next_mode),
        key_for("side by side", session.toggle_side_by_side),
        key_for("inverted beside", session.toggle_inverted_beside),
    )


def keys_beside_napari(session: CompareSession) -> tuple[Key, ...]:
    """Return the keys that work in a review alone: elsewhere they move the focus, or are a brush's of napari."""
    return (
        key_for("last mode", session.toggle_mode),
        key_for("less", lambda: session.step(-_STEP)),
        key_for("more", lambda: session.step(_STEP)),
    )
