"""What a report says about the weights: the beginning of their model card, and its limits."""

import re
from pathlib import Path
from typing import Final

from napari_refusion.volume.finding import refuse

LIMITS: Final = "## Limits"
"""Heading in a model card under which the limits are listed."""

_ASIDE: Final = re.compile(r" \(\[[^\]]*\]\([^)]*\)\)")
"""A link that stands in brackets by itself, `` ([table](../page.md))``."""

_LINK: Final = re.compile(r"\[([^\]]*)\]\([^)]*\)")
"""A link within a sentence, ``[words](../page.md)``."""

_EMPHASIS: Final = re.compile(r"\*+([^*\s](?:[^*]*[^*\s])?)\*+")
"""Words in stars, ``*missed uptake*`` and ``**research use**``."""


def read_card(path: Path) -> tuple[str, ...]:
    """Return the first paragraph of a model card and the points of its limits, as plain text.

    Parameters
    ----------
    path
        Markdown beside the weights, as ``weights/medical.md``.

    Raises
    ------
    RefusedError
        If there is no such file, or it is not text.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise refuse("model card", f"The model card {path.name} cannot be read: install the package again.") from error
    parts = [part.strip() for part in text.split("\n\n")]
    first = next((part for part in parts if part and not part.startswith(("#", "|"))), "")
    return tuple(_plain(one) for one in (first, *_points(text.partition(LIMITS)[2])) if one)


def _points(section: str) -> list[str]:
    """Return the points of the list that a section begins with."""
    lines = section.partition("\n#")[0].strip()
    return [point for point in f"\n{lines}".split("\n- ") if point.strip()] if lines else []


def _plain(markdown: str) -> str:
    """Return a paragraph in one line, without marks of Markdown and without links in brackets: paper follows none."""
    words = _LINK.sub(r"\1", _ASIDE.sub("", " ".join(markdown.split())))
    return _EMPHASIS.sub(r"\1", words).replace("`", "")
