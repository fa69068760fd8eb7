"""What results are for, in one sentence, and its shorter forms for places with less room."""

from typing import Final

RESEARCH_ONLY: Final = "Research use only"
"""In a corner of each view, and at the foot of each page."""

NOT_FOR_DIAGNOSIS: Final = f"{RESEARCH_ONLY}, not for diagnosis"
"""In the Fuse widget, in the help of the command line, and on pages about many cases."""

NOTICE: Final = f"{NOT_FOR_DIAGNOSIS}. No HU, SUV or activity can be read from a fused image."
"""Travels with every result, in its record and its report, and in Image Comments (0020,4000) of DICOM objects."""

LOUD: Final = RESEARCH_ONLY.upper()
"""Burned into pictures and into the frames of secondary captures; at the top of reports."""

_MARK: Final = LOUD.replace(" USE", "")

DESCRIPTION: Final = f"ReFusion {_MARK}"
"""In image files: the NIfTI field ``descrip``, which holds 79 ASCII characters, and the PNG text ``Description``."""

SERIES_TITLE: Final = f"FUSED {_MARK}"
"""Begins the Series Description (0008,103E) of DICOM objects, at most 64 characters."""
