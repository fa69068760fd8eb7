"""What a report says about the weights: the beginning of their model card, and its limits."""

from pathlib import Path
from typing import Final

from napari_refusion.volume.finding import refuse

LIMITS: Final = "## Limits"
"""Heading in a model card under which the limits are listed."""


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
    """Return a paragraph without marks for bold and code, in one line."""
    return " ".join(markdown.replace("**", "").replace("`", "").split())
