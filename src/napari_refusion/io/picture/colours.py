"""Whether the colours of a picture are those of a screen, sRGB (IEC 61966-2-1), as which they are read.

Sources: PNG (w3.org/TR/png-3, gAMA); ICC.1, profile description.
"""

import io
from typing import Final

SCREEN: Final = "srgb"
"""Part of the description of every profile of that kind."""

GAMMA: Final = 0.45455
"""Exponent of a PNG for a screen, 1 / 2.2."""

NEAR: Final = 0.05
"""How far an exponent may be from it; programs round, and write 0.45 or 0.5."""


def profile_note(profile: bytes | None) -> tuple[str, ...]:
    """Return what is to be said of the ICC profile of a colour picture, to follow the file's name in a sentence."""
    if not profile:
        return ()
    from PIL import ImageCms

    try:
        described = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(profile))).strip()
    except (OSError, ImageCms.PyCMSError):
        return ("has an unreadable colour profile: its colours were read as sRGB",)
    if SCREEN in described.casefold():
        return ()
    return (f"has the colour profile {described or 'without a name'}: its colours were read as sRGB, convert it first",)


def gamma_note(gamma: float | None) -> tuple[str, ...]:
    """Return what is to be said of the exponent that a PNG states, to follow the file's name in a sentence."""
    if gamma is None or abs(gamma - GAMMA) <= NEAR:
        return ()
    return (f"states an exponent of {gamma:.3g} instead of 0.455: its values were read as those of a screen",)
