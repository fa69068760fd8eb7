"""What of a widget is cut or hidden, compared with the size of its letters."""

from collections.abc import Iterator

from qtpy.QtCore import QRect
from qtpy.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QMainWindow,
    QTabBar,
    QTableWidget,
    QWidget,
)

SMALLEST = 12
"""Pixels of the smallest letters that are read without effort on a laptop."""

CONTROLS = (QAbstractButton, QAbstractSpinBox, QComboBox, QLineEdit, QTableWidget, QTabBar, QListWidget)


def controls(widget: QWidget) -> Iterator[QWidget]:
    """Yield what can be clicked or typed into, and is meant to be seen; not the arrows and lines inside of another."""
    for kind in CONTROLS:
        for one in widget.findChildren(kind):
            inside = isinstance(one.parentWidget(), (QAbstractSpinBox, QTabBar, QTableWidget, QComboBox))
            if one.isVisible() and not inside:
                yield one


def hidden(widget: QWidget, window: QMainWindow) -> list[str]:
    """Return the controls of a widget that are not whole inside the window, or that something covers."""
    found = []
    for one in controls(widget):
        place = QRect(one.mapTo(window, one.rect().topLeft()), one.size())
        if not window.rect().contains(place) or one.visibleRegion().boundingRect() != one.rect():
            found.append(f"{type(one).__name__} {words_of(one)!r}: {place}, seen {one.visibleRegion().boundingRect()}")
    return found


def cut(widget: QWidget) -> list[str]:
    """Return the texts of a widget that have less room than their letters need."""
    found = []
    for one in widget.findChildren(QWidget):
        if not one.isVisible():
            continue
        letters = one.fontMetrics()
        if isinstance(one, QAbstractButton) and one.text():
            lines = one.text().replace("&", "").split("\n")
            room = one.contentsRect()
            is_cut = max(map(letters.horizontalAdvance, lines)) > room.width()
            is_cut |= len(lines) * letters.height() > room.height()
        elif isinstance(one, QLabel) and one.text():
            needed = one.heightForWidth(one.width()) if one.wordWrap() else one.sizeHint().height()
            is_cut = needed > one.height() or (not one.wordWrap() and one.sizeHint().width() > one.width())
        elif isinstance(one, QComboBox):
            is_cut = letters.horizontalAdvance(one.currentText()) > one.width() - one.height() // 2
        elif isinstance(one, QTabBar):
            is_cut = any(
                letters.horizontalAdvance(one.tabText(place)) > one.tabRect(place).width()
                or not one.rect().contains(one.tabRect(place))
                for place in range(one.count())
            )
        else:
            continue
        if is_cut:
            found.append(f"{type(one).__name__} {words_of(one)!r}: {one.size()}")
    return found


def small(widget: QWidget) -> list[str]:
    """Return the texts of a widget with letters below `SMALLEST`, by the size that Qt draws them in."""
    return [
        f"{type(one).__name__} {words_of(one)!r}: {one.fontInfo().pixelSize()}"
        for one in widget.findChildren(QWidget)
        if one.isVisible() and words_of(one) and one.fontInfo().pixelSize() < SMALLEST
    ]


def words_of(one: QWidget) -> str:
    """Return the text on a widget, empty for none."""
    text = getattr(one, "text", None) or getattr(one, "currentText", None)
    return str(text()) if callable(text) else ""
