"""A path that is dropped on a line."""

from pathlib import Path

from pytestqt.qtbot import QtBot
from qtpy.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from qtpy.QtGui import QDragEnterEvent, QDropEvent
from qtpy.QtWidgets import QApplication

from napari_refusion.widgets.path_line import PathLine


def drop(line: PathLine, mime: QMimeData) -> None:
    action, button, held = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(line, QDragEnterEvent(QPoint(2, 2), action, mime, button, held))
    QApplication.sendEvent(line, QDropEvent(QPointF(2, 2), action, mime, button, held))


def test_a_dropped_folder_is_the_text_and_dropped_words_are_inserted(qtbot: QtBot, tmp_path: Path) -> None:
    line, mime, words = PathLine("another"), QMimeData(), QMimeData()
    qtbot.addWidget(line)
    mime.setUrls([QUrl.fromLocalFile(f"{tmp_path}/")])
    drop(line, mime)
    assert line.text() == str(tmp_path)
    line.clear()
    words.setText("words")
    drop(line, words)
    assert line.text() == "words"
