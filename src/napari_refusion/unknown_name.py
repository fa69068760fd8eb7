"""The sentence for a name that is not in a table: it lists the known names, or suggests the most alike."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

LISTED: Final = 12
"""Names that are all listed; of more, those that are written most alike are enough."""


def unknown_name(kind: str, name: str, known: Iterable[str]) -> str:
    """Return one sentence that says which names there are: all of a few, of many the most alike if any is.

    Parameters
    ----------
    kind
        What is named, without an article (``rule``).
    name
        The name that is not known.
    known
        The names of the table, in its order.
    """
    names = tuple(known)
    alike = get_close_matches(name, names, n=3) if len(names) > LISTED else ()
    return f"Use {' or '.join(alike) if alike else 'one of ' + ', '.join(names)}: there is no {kind} {name!r}."
