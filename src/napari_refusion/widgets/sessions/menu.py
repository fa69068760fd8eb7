"""The button of the Fuse widget with the menu of sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QMenu, QToolButton

if TYPE_CHECKING:
    from napari_refusion.widgets.fuse.widget import FuseWidget


def session_button(widget: FuseWidget) -> QToolButton:
    """Return a button that saves and opens sessions of a widget, and takes the usual layout."""
    button = QToolButton()
    button.setText("\N{TRIGRAM FOR HEAVEN}")
    button.setFixedWidth(24)
    button.setStyleSheet("QToolButton::menu-indicator { image: none; }")
    button.setToolTip("Session: save everything that is open, open it again, take the usual layout")
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    menu = QMenu(button)
    menu.addAction("Save session ...", lambda: widget.sessions.save())
    menu.addAction("Open session ...", lambda: widget.sessions.open())
    menu.addSeparator()
    menu.addAction("Reset layout", lambda: widget.layout_habit.reset())
    button.setMenu(menu)
    return button
