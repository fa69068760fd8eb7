"""A report as PDF: its HTML page set on A4 by Qt, with the notice and the number of the page at every foot."""

from __future__ import annotations

import re
from base64 import b64decode
from pathlib import Path
from typing import Any, Final

from qtpy.QtCore import QMarginsF, QRectF, QSizeF, Qt, QUrl
from qtpy.QtGui import (
    QFont,
    QImage,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QTextBlock,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextLength,
    QTextTable,
)
from qtpy.QtSvg import QSvgRenderer

from napari_refusion.io.whole_files import atomic
from napari_refusion.notice import RESEARCH_ONLY
from napari_refusion.volume.finding import refuse

DPI: Final = 96
"""Pixels of a page to the inch, as in browsers."""

MARGIN: Final = 14.0
"""Millimetres."""

FOOT: Final = 30
"""Pixels of each page for its foot."""

_SHARP: Final = 3
"""Plots are painted this many times as large as they are shown."""

_KEPT: Final = 3
"""Blocks after a heading that stay with it, if no table begins before."""

_PICTURE: Final = "\ufffc"
"""What Qt puts into a text in place of a picture."""

_SVG: Final = "data:image/svg+xml;base64,"
_PNG: Final = "data:image/png;base64,"


class ReportPages(QTextDocument):
    """A report set in pages; it loads pictures that are in its text and nothing else."""

    def __init__(self, html: str, width: int, height: int) -> None:
        super().__init__()
        font = QFont("Noto Sans", 10)
        font.setStyleHint(QFont.StyleHint.SansSerif)
        font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)  # widths of the screen do not fit on paper
        self.setDefaultFont(font)
        self.setDocumentMargin(0)
        self._screen = QImage(1, 1, QImage.Format.Format_RGB32)
        for set_dots in (self._screen.setDotsPerMeterX, self._screen.setDotsPerMeterY):
            set_dots(round(DPI / 0.0254))
        if layout := self.documentLayout():
            layout.setPaintDevice(self._screen)
        self.setMetaInformation(QTextDocument.MetaInformation.CssMedia, "print")
        self.setHtml(html)
        self._widen_tables()
        self.setPageSize(QSizeF(width, height))
        self._keep_headings(height)

    def loadResource(self, kind: int, url: QUrl) -> Any:  # noqa: ANN401, N802 - Qt's name
        """Return a picture whose bytes are in its address; an empty one for any other address."""
        del kind
        address = url.toString()
        if address.startswith(_SVG):
            return _painted(b64decode(address.removeprefix(_SVG)))
        return QImage.fromData(b64decode(address.removeprefix(_PNG))) if address.startswith(_PNG) else QImage()

    def _widen_tables(self) -> None:
        """Make tables as wide as the page, which Qt does not take from a style sheet."""
        frame = self.rootFrame()
        for table in frame.childFrames() if frame else ():
            if isinstance(table, QTextTable):
                look = table.format()
                look.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
                table.setFormat(look)

    def _keep_headings(self, height: int) -> None:
        """Begin a page before headings that would stand at the foot of one, apart from what they are about."""
        block = self.begin()
        while block.isValid():
            pages = (self._page(one, height) for one in (block, self._last_of(block)))
            if block.blockFormat().headingLevel() and len(set(pages)) > 1:
                self._begin_page(block)
            block = block.next()

    def _begin_page(self, block: QTextBlock) -> None:
        look = block.blockFormat()
        look.setPageBreakPolicy(QTextFormat.PageBreakFlag.PageBreak_AlwaysBefore)
        QTextCursor(block).setBlockFormat(look)
        self.markContentsDirty(0, self.characterCount())  # else Qt loses text between tables further down

    def _last_of(self, heading: QTextBlock) -> QTextBlock:
        """Return the last block that must stay with a heading: a picture, the first cell of a table, or some text."""
        last = heading
        for _ in range(_KEPT):
            following = last.next()
            is_enough = _PICTURE in last.text() or QTextCursor(last).currentTable() is not None
            if is_enough or not following.isValid() or following.blockFormat().headingLevel():
                break
            last = following
        return last

    def _page(self, block: QTextBlock, height: int) -> int:
        """Return the page that the first line of a block is on; its block may begin on the page before."""
        layout, lines = self.documentLayout(), block.layout()
        top = layout.blockBoundingRect(block).top() if layout else 0.0
        return int((top + (lines.lineAt(0).y() if lines and lines.lineCount() else 0.0)) // height)


def write_pdf(report: str | Path, path: Path, overwrite: bool = False) -> int:
    """Write a report as PDF on A4, whole or not at all, and return its number of pages.

    Needs a running Qt application.

    Parameters
    ----------
    report
        The HTML itself, see `report.page.report_html`, or the file that holds it.
    path
        Ends in ``.pdf``.
    overwrite
        Whether an existing file may be replaced.

    Raises
    ------
    RefusedError
        See `io.whole_files.atomic`; also if the report cannot be read or Qt cannot write there.
    """
    html = _read(report) if isinstance(report, Path) else report
    with atomic(path, overwrite) as temporary:
        writer = QPdfWriter(str(temporary))
        writer.setTitle(_title(html))
        writer.setCreator("napari-refusion")
        margins = QMarginsF(MARGIN, MARGIN, MARGIN, MARGIN)
        a4 = QPageSize(QPageSize.PageSizeId.A4)
        writer.setPageLayout(QPageLayout(a4, QPageLayout.Orientation.Portrait, margins, QPageLayout.Unit.Millimeter))
        painter = QPainter()
        if not painter.begin(writer):
            raise refuse("output", f"{path} cannot be written: choose another place.", str(path))
        try:
            return _paint(painter, writer, html)
        finally:
            painter.end()


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise refuse("report", f"{path} cannot be read: write the report again.", str(path)) from error


def _title(html: str) -> str:
    """Return the title of a page."""
    found = re.search("<title>([^<]*)</title>", html)
    return found[1] if found else "Report"


def _paint(painter: QPainter, writer: QPdfWriter, html: str) -> int:
    """Paint all pages, and return how many there are."""
    scale = writer.resolution() / DPI
    width, height = int(writer.width() / scale), int(writer.height() / scale)  # Qt sets text in whole pixels
    pages = ReportPages(html, width, height - FOOT)
    count = pages.pageCount()
    painter.scale(scale, scale)
    for number in range(count):
        if number:
            writer.newPage()
        painter.save()
        top = number * (height - FOOT)
        painter.translate(0, -top)
        pages.drawContents(painter, QRectF(0, top, width, height - FOOT))
        painter.restore()
        _paint_foot(painter, QRectF(0, height - FOOT, width, FOOT), f"page {number + 1} of {count}")
    return count


def _paint_foot(painter: QPainter, place: QRectF, page: str) -> None:
    font = QFont("Noto Sans")
    font.setStyleHint(QFont.StyleHint.SansSerif)
    font.setPixelSize(11)  # points would be those of the printer
    painter.setFont(font)
    sides = int(Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignHCenter)
    painter.drawText(place, sides, f"{RESEARCH_ONLY} - {page}")


def _painted(svg: bytes) -> QImage:
    """Return a plot as a picture that is sharp on paper."""
    renderer = QSvgRenderer(svg)
    size = renderer.defaultSize() * _SHARP
    image = QImage(size, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    return image
