"""What a reader cannot see of a window: controls outside of it, texts that are cut, things over one another."""

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
    QProgressBar,
    QPushButton,
    QScrollArea,
    QScrollBar,
    QSlider,
    QStyle,
    QStyleOptionComboBox,
    QTableWidget,
    QTabWidget,
    QWidget,
)
from superqt import QElidingLabel

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


def shown(page: QWidget) -> list[QWidget]:
    """Return the controls that are to be seen, without those that are parts of others."""
    return [
        one for one in page.findChildren(QWidget) if isinstance(one, CONTROLS) and one.isVisible() and not _is_part(one)
    ]


def named(widget: QWidget) -> str:
    """Return what to call a widget."""
    text = getattr(widget, "text", lambda: "")() or getattr(widget, "currentText", lambda: "")() or widget.toolTip()
    return f"{type(widget).__name__} {text[:50]!r}"


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


def cut(widget: QWidget) -> Iterator[str]:
    """Yield what is cut off a widget's text."""
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
        for text in map(widget.itemText, range(widget.count())):
            if metrics.horizontalAdvance(text) > field.width():
                yield f"the entry {text!r} needs {metrics.horizontalAdvance(text)} of {field.width()} px"
    elif isinstance(widget, QCheckBox | QPushButton):
        needed = widget.minimumSizeHint().width() if isinstance(widget, QCheckBox) else _button_width(widget)
        if needed > room.width() + 1:
            yield f"needs {needed} of {room.width()} px"
        if metrics.height() > widget.height():
            yield f"needs {metrics.height()} of {widget.height()} px in height"
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


def _button_width(button: QPushButton) -> int:
    return button.fontMetrics().horizontalAdvance(button.text().replace("&", "")) + 6


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
