"""Which way up a picture is to be seen, by the header of its file."""

from pathlib import Path
from typing import Final

from napari_refusion.io.picture.decoded import ORIENTATION

FORMATS: Final = ("PNG", "JPEG", "TIFF")


def stated_orientation(path: Path) -> int:
    """Return the EXIF orientation of a picture, 2 to 8; 1, as stored, for any other value and what is no such file."""
    from PIL import Image

    try:
        with Image.open(path, formats=FORMATS) as image:
            stated = image.getexif().get(ORIENTATION, 1)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):  # Pillow raises all of these
        return 1
    return stated if stated in range(2, 9) else 1
