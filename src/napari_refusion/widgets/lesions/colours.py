"""Which colour a lesion has, on the canvas and in the table."""

from typing import Final

from napari_refusion.look import OVERLAY

COLOURS: Final = (OVERLAY, "#56b4e9", "#f0e442", "#cc79a7", "#00c08b", "#e6550d", "#b3a2ff", "#ffffff")
"""``#rrggbb``, told apart by colour-blind readers (after Okabe and Ito) and seen on black, grey and glowing uptake."""


def colour_of(number: int) -> str:
    """Return the colour of the lesion with a number from 1; after the last colour the first comes again."""
    return COLOURS[(number - 1) % len(COLOURS)]
