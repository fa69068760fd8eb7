"""What a report in HTML shows: its text in lines, and its pictures as hashes."""

import binascii
from hashlib import sha256
from html.parser import HTMLParser
from io import BytesIO

import numpy as np
from PIL import Image

LINES = ("p", "tr", "h1", "h2", "h3", "h4", "li", "title", "div")
"""Elements that begin a line."""

_BASE64 = ";base64,"


class Page(HTMLParser):
    """The lines of a page: paragraphs, headings, rows with their cells parted by bars, and pictures."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._is_style = False
        self.feed(html)
        self.close()
        self.lines = [" ".join(line.split()).strip(" |") for line in self.lines]
        self.lines = [line for line in self.lines if line]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line, a cell or a picture; a style's name is shown, for colour means something."""
        found = dict(attrs)
        self._is_style = tag == "style"
        if tag in LINES:
            self.lines.append("")
        elif tag in ("td", "th"):
            self._add(" | ")
        elif tag in ("br", "del"):
            self._add(f" <{tag}> ")
        elif tag == "img":
            self._add(f" [{found.get('alt')}: {picture_digest(found.get('src') or '')}] ")
        if tag in ("td", "p") and found.get("class"):
            self._add(f"({found['class']}) ")

    def handle_endtag(self, tag: str) -> None:
        """End what is no text."""
        if tag == "style":
            self._is_style = False

    def handle_data(self, data: str) -> None:
        """Add text to the line."""
        if not self._is_style:
            self._add(data)

    def _add(self, text: str) -> None:
        if not self.lines:
            self.lines.append("")
        self.lines[-1] += text


def picture_digest(uri: str) -> str:
    """Return the SHA-256 of a picture inside a page: of the pixels of a PNG, of the text of an SVG."""
    head, _, content = uri.partition(_BASE64)
    if not content:
        return f"{head[:40]} without base64"
    data = binascii.a2b_base64(content)
    if head.endswith("svg+xml"):
        return f"SVG {sha256(data).hexdigest()}"
    with Image.open(BytesIO(data)) as picture:
        values = np.asarray(picture)
    return f"{head.removeprefix('data:')} {values.shape} {sha256(values.tobytes()).hexdigest()}"
