"""What a reader cannot see of a window: what lies outside of it or under something, and texts that are cut or small."""

from collections.abc import Collection, Iterator
from itertools import combinations

from qtpy.QtCore import QPoint, QRect, Qt
from qtpy.QtGui import QTextDocument, QTextOption
from qtpy.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QMainWindow,
    QProgressBar,
    QScrollArea,
    QScrollBar,
    QSlider,
    QStyle,
    QStyleOptionComboBox,
    QTabBar,
    QTableWidget,
    QTabWidget,
    QWidget,
)
from superqt import QElidingLabel

SMALLEST = 12
"""Pixels of the smallest letters that are read without effort on a laptop."""

USED = (QAbstractButton, QComboBox, QLineEdit, QAbstractSpinBox, QTableWidget, QTabBar, QListWidget)
"""What is clicked or typed into."""

_AROUND_WORDS = 6
"""Pixels of a button beside its words."""

CONTROLS = (QAbstractButton, QComboBox, QLineEdit, QAbstractSpinBox, QSlider, QLabel, QProgressBar, QTableWidget)


def faults(page: QWidget, free: Collection[QWidget] = ()) -> list[str]:
    """Return everything that cannot be seen of a page in its window, in words.

    Parameters
    ----------
    free
        Boxes whose entries are names of the reader's, which may be longer than any box.
    """
    found = []
    for widget in shown(page):
        texts = () if widget in free else cut(widget)
        found += [f"{named(widget)}: {fault}" for fault in (*outside(widget), *texts)]
    return found + list(overlapping(page))


def hidden(page: QWidget, window: QMainWindow) -> list[str]:
    """Return what is to be used of a page and is not whole inside the window, or lies under something."""
    found = []
    for one in page.findChildren(QWidget):
        if not isinstance(one, USED) or not one.isVisible() or _is_part(one):
            continue
        place, seen = QRect(one.mapTo(window, one.rect().topLeft()), one.size()), one.visibleRegion().boundingRect()
        if not window.rect().contains(place) or seen != one.rect():
            found.append(f"{named(one)}: {place}, seen {seen}")
    return found


def texts_cut(page: QWidget) -> list[str]:
    """Return what is cut off the texts of a page; of a list what is chosen."""
    bars = [bar for bar in page.findChildren(QTabBar) if bar.isVisible()]
    found = ((one, fault) for one in (*shown(page), *bars) for fault in cut(one, is_list_of_names=True))
    return [f"{named(one)}: {fault}" for one, fault in found]


def small(page: QWidget) -> list[str]:
    """Return the texts of a page with letters below `SMALLEST`, by the size that Qt draws them in."""
    return [
        f"{named(one)}: {one.fontInfo().pixelSize()} px"
        for one in shown(page)
        if _text(one) and one.fontInfo().pixelSize() < SMALLEST
    ]


def shown(page: QWidget) -> list[QWidget]:
    """Return the controls that are to be seen, without those that are parts of others."""
    return [
        one for one in page.findChildren(QWidget) if isinstance(one, CONTROLS) and one.isVisible() and not _is_part(one)
    ]


def named(widget: QWidget) -> str:
    """Return what to call a widget."""
    return f"{type(widget).__name__} {(_text(widget) or widget.toolTip())[:50]!r}"


def outside(widget: QWidget) -> Iterator[str]:
    """Yield where a widget is outside of what it lies in; within an area that scrolls up and down, to the sides."""
    parent = widget.parentWidget()
    is_scrolled = False
    while parent is not None:
        area = parent.parentWidget()
        is_scrolled = is_scrolled or isinstance(area, QScrollArea)
        corner = widget.mapTo(parent, QPoint(0, 0))
        rect, room = QRect(corner, widget.size()), parent.rect()
        if rect.left() < room.left() - 1 or rect.right() > room.right() + 1:
            yield f"{rect.left()} to {rect.right()} of {room.width()} px in {type(parent).__name__}"
            return
        if not is_scrolled and (rect.top() < room.top() - 1 or rect.bottom() > room.bottom() + 1):
            yield f"{rect.top()} to {rect.bottom()} of {room.height()} px high in {type(parent).__name__}"
            return
        if parent.isWindow():
            return
        parent = area


def cut(widget: QWidget, *, is_list_of_names: bool = False) -> Iterator[str]:
    """Yield what is cut off a widget's text.

    Parameters
    ----------
    is_list_of_names
        Whether the entries of lists may be longer than their box, except for the one that is chosen.
    """
    metrics, room = widget.fontMetrics(), widget.contentsRect()
    if isinstance(widget, QElidingLabel):
        return  # made for names that are longer than any window
    if isinstance(widget, QLabel) and widget.text():
        yield from _cut_label(widget)
    elif isinstance(widget, QComboBox):
        option = QStyleOptionComboBox()
        widget.initStyleOption(option)
        field = widget.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, widget
        )
        entries = [widget.currentText()] if is_list_of_names else map(widget.itemText, range(widget.count()))
        for text in entries:
            if metrics.horizontalAdvance(text) > field.width():
                yield f"the entry {text!r} needs {metrics.horizontalAdvance(text)} of {field.width()} px"
    elif isinstance(widget, QTabBar):
        for place in range(widget.count()):
            needed, there = metrics.horizontalAdvance(widget.tabText(place)), widget.tabRect(place)
            if needed > there.width() or not widget.rect().contains(there):
                yield f"the tab {widget.tabText(place)!r} needs {needed} of {there.width()} px"
    elif isinstance(widget, QAbstractButton) and widget.text():
        lines = widget.text().replace("&", "").split("\n")
        words = max(map(metrics.horizontalAdvance, lines))
        needed = widget.minimumSizeHint().width() if isinstance(widget, QCheckBox) else words + _AROUND_WORDS
        if needed > room.width() + 1:
            yield f"needs {needed} of {room.width()} px"
        if len(lines) * metrics.height() > widget.height():
            yield f"needs {len(lines) * metrics.height()} of {widget.height()} px in height"
    elif isinstance(widget, QLineEdit) and widget.placeholderText() and not widget.text():
        needed = metrics.horizontalAdvance(widget.placeholderText())
        if needed + 4 > room.width():
            yield f"{widget.placeholderText()!r} needs {needed + 4} of {room.width()} px"


def overlapping(page: QWidget) -> Iterator[str]:
    """Yield pairs of controls that lie over one another."""
    placed = [(one, QRect(one.mapTo(page, QPoint(0, 0)), one.size())) for one in shown(page)]
    for (one, here), (other, there) in combinations(placed, 2):
        if one.isAncestorOf(other) or other.isAncestorOf(one):
            continue
        common = here.intersected(there)
        if common.width() > 1 and common.height() > 1 and _scrolled_in(one) is _scrolled_in(other):
            yield f"{named(one)} lies over {named(other)} by {common.width()} x {common.height()} px"


def tabs_that_are_cut(panels: QTabWidget) -> list[str]:
    """Return the tabs that do not fit beside each other."""
    bar = panels.tabBar()
    needed = sum(bar.tabRect(place).width() for place in range(bar.count()))
    return [f"tabs need {needed} of {panels.width()} px"] if needed > panels.width() + 1 else []


def _cut_label(label: QLabel) -> Iterator[str]:
    room = label.contentsRect()
    document = QTextDocument()
    document.setDefaultFont(label.font())
    document.setDocumentMargin(0)
    is_rich = label.textFormat() != Qt.TextFormat.PlainText and "<" in label.text()
    if label.wordWrap():
        option = document.defaultTextOption()
        option.setWrapMode(QTextOption.WrapMode.WordWrap)  # a label breaks between words; a document within them
        document.setDefaultTextOption(option)
        document.setTextWidth(room.width())
    (document.setHtml if is_rich else document.setPlainText)(label.text())
    width, height = document.idealWidth(), document.size().height()
    if width > room.width() + 1:
        yield f"needs {width:.0f} of {room.width()} px"
    if height > room.height() + 3:
        yield f"needs {height:.0f} of {room.height()} px in height"


def _text(widget: QWidget) -> str:
    """Return the text on a widget, empty for none."""
    for name in ("text", "currentText"):
        if callable(read := getattr(widget, name, None)) and (text := read()):
            return str(text)
    return ""


def _scrolled_in(widget: QWidget) -> QWidget | None:
    parent = widget.parentWidget()
    while parent is not None and not isinstance(parent, QScrollArea):
        parent = parent.parentWidget()
    return parent


def _is_part(widget: QWidget) -> bool:
    """Return whether a widget is a part of another control, such as the line of a spin box."""
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QComboBox | QAbstractSpinBox | QScrollBar) or (
            isinstance(parent, QAbstractScrollArea) and not isinstance(parent, QScrollArea)
        ):
            return True
        parent = parent.parentWidget()
    return False
