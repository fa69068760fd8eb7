"""Which pairs a task is trained on: kinds of pairs, how often each is drawn, and the windows they are seen in."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Side:
    """One source of a kind of pairs."""

    channel: str
    """Name of the channel in its packed set."""
    low: tuple[float, float] = (0.0, 0.0)
    """What is shown black: smallest and largest value drawn, in the channel's unit."""
    high: tuple[float, float] = (1.0, 1.0)
    """What is shown white, likewise."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Pairs of one kind."""

    name: str
    packed: str
    """Name of the packed set."""
    first: Side
    second: Side
    often: float
    """How often it is drawn against the others."""
    functional: bool = False
    """Whether the first source shows uptake, and is often blurrier than the second."""


_SUV = {"low": (0.0, 0.0), "high": (3.0, 9.0)}
_SOFT_TISSUE = {"low": (-150.0, -90.0), "high": (150.0, 260.0)}

KINDS: Final = MappingProxyType(
    {
        "medical": (
            Kind("CT", "brain/CT", Side("CT"), Side("MRI"), 1.0),
            Kind("PET", "brain/PET", Side("luminance"), Side("MRI"), 0.6, functional=True),
            Kind("PET uptake", "brain/PET", Side("uptake"), Side("MRI"), 0.6, functional=True),
            Kind("SPECT", "brain/SPECT", Side("luminance"), Side("MRI"), 0.6, functional=True),
            Kind("SPECT uptake", "brain/SPECT", Side("uptake"), Side("MRI"), 0.6, functional=True),
            Kind("PET+CT", "body-ct", Side("PET", **_SUV), Side("CT", **_SOFT_TISSUE), 1.0, functional=True),
            Kind("PET+MR", "body-mr", Side("PET", **_SUV), Side("MRI", high=(0.8, 1.1)), 0.7, functional=True),
            Kind("CT+MR", "body-mr", Side("CT", **_SOFT_TISSUE), Side("MRI", high=(0.8, 1.1)), 0.4),
            Kind("MR+MR", "mr", Side("first MRI"), Side("second MRI"), 0.5),
        ),
        "infrared_visible": (Kind("infrared", "infrared_visible", Side("ir"), Side("vi"), 1.0),),
        "multi_focus": (Kind("focus", "multi_focus", Side("near"), Side("far"), 1.0),),
        "multi_exposure": (Kind("exposure", "multi_exposure", Side("under"), Side("over"), 1.0),),
    }
)
"""The kinds of pairs of each task."""

SHARP: Final = (
    Kind("MRI", "brain/CT", Side("MRI"), Side("MRI"), 1.0),
    Kind("visible", "infrared_visible", Side("vi"), Side("vi"), 2.0),
    Kind("exposure", "multi_exposure", Side("over"), Side("under"), 2.0),
)
"""Pictures that are sharp all over, which pairs of two focal planes are made from."""
