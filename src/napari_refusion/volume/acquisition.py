"""How an image was acquired, as far as its file says so: what windows, pair rules and choices depend on."""

from dataclasses import dataclass, field

from napari_refusion.numerics.intensity import Window


@dataclass(frozen=True, slots=True)
class HeaderWindow:
    """A window that the scanner or the reader of the original images stored with them."""

    window: Window
    """In the volume's unit."""
    words: str = ""
    """Window Center & Width Explanation (0028,1055), ``BRAIN``; empty where the file has none."""


@dataclass(frozen=True, slots=True)
class Acquisition:
    """What a file says about how its image was acquired; empty or None where it says nothing."""

    study: str = field(default="", repr=False)
    """DICOM Study Instance UID (0020,000D)."""
    description: str = field(default="", repr=False)
    """DICOM Series Description (0008,103E), or what a sidecar has of it."""
    body_part: str = ""
    """Body Part Examined (0018,0015), in capitals: ``HEAD``, ``WHOLEBODY``, ``EXTREMITY``."""
    windows: tuple[HeaderWindow, ...] = ()
    """VOI windows (0028,1050), (0028,1051) that all slices share, the one to begin with first."""
    echo_time: float | None = None
    """Echo Time (0018,0081), ms."""
    repetition_time: float | None = None
    """Repetition Time (0018,0080), ms."""
    inversion_time: float | None = None
    """Inversion Time (0018,0082), ms."""
    b_value: float | None = None
    """Diffusion b-value (0018,9087), s/mm2."""
    agent: str = ""
    """Contrast/Bolus Agent (0018,0010); empty where none was given."""
    corrected: tuple[str, ...] = ()
    """Corrected Image (0028,0051) of PET and SPECT: ``ATTN``, ``DECY``, ``SCAT``."""
    lean_factor: float | None = None
    """What SUVbw is multiplied by to give SUVlbm; None where height or sex is missing, or the unit is another."""
    part: str = ""
    """Which of several volumes of its series or file it is: ``echo time 20 ms``, ``frame 3, 02:00 to 03:00``."""
    space: str = ""
    """Space that its positions speak of: ``scanner``, or the template ``MNI 152``, ``Talairach``, ``other template``;
    empty where the file does not say, as for an image that was aligned to another."""
    time: tuple[float, float] | None = None
    """Start and end of a frame, s after the start of the first one."""


UNKNOWN = Acquisition()
"""Of an image whose file says nothing, or that came from no file."""
