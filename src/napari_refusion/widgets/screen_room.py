"""How large a window may be to be seen whole."""

from __future__ import annotations

from typing import Final

from qtpy.QtCore import QSize

_TITLE: Final = 40
"""Pixels that a window's title takes at most."""


def below_title(available: QSize) -> QSize:
    """Return the pixels for what is within a window, of those that its screen has available."""
    return available - QSize(0, _TITLE)
