"""One layer of a saved session: where its voxels are, and how it is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from napari_refusion.volume.acquisition import UNKNOWN, Acquisition

Text = Annotated[str, StringConstraints(max_length=4096, pattern=r"^[^\x00]*$")]
"""Names and paths; none holds a zero."""

Number = Annotated[float, Field(ge=-1e38, le=1e38, allow_inf_nan=False)]
"""What single precision can hold."""

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]

Digest = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{64})?$")]
"""SHA-256 in hexadecimal, or nothing."""

Row = tuple[Number, Number, Number, Number]

Matrix = tuple[Row, Row, Row, Row]
"""(4, 4), RAS+ mm."""

Kind = Literal["image", "labels", "shapes", "points"]

Result = Literal["", "grey", "colour", "compare"]
"""What is made again: the fused volume in grey, in colours, the picture of both sources."""

DTYPES: Final = ("bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64", "float32", "float64")
"""Types of voxels whose values are kept where single precision holds them."""

Blending = Literal["translucent", "translucent_no_depth", "additive", "minimum", "opaque", "multiplicative"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the files of a source lay when the session was saved, and what to look for once they are gone."""

    folder: Text
    """That holds all of them, absolute."""
    beside: Text
    """The way to it from the session's folder, with ``/``; empty where there is none, as on another disk."""
    names: tuple[Text, ...]
    """Of what was opened, in that folder, with ``/``: one file or folder, or several files of a series."""


@dataclass(frozen=True, slots=True)
class FileSource:
    """A source that is read from its own files again."""

    place: Place
    sha256: Annotated[str, StringConstraints(min_length=1, max_length=64 * 1024)]
    """`Origin.sha256` of it; of frames, those of all of them one after the other."""
    series: Text = ""
    """DICOM Series Instance UID."""
    part: Text = ""
    """`Acquisition.part`, where its series or file holds several volumes."""
    unit: Text = ""
    """That it is shown in."""


@dataclass(frozen=True, slots=True)
class KnownVolume:
    """What the plugin knows of voxels that are kept in the session's folder."""

    affine: Matrix
    modality: Literal["", "MR", "CT", "PT", "NM", "OT"] = ""
    unit: Text = ""
    name: Text = ""
    sha256: Digest = ""
    frame_of_reference: Text = ""
    stored_axes: tuple[str, str, str] = ("I", "P", "L")
    acquisition: Acquisition = UNKNOWN
    is_photograph: bool = False
    is_depth_unknown: bool = False
    findings: tuple[tuple[Literal["ok", "warn", "block"], Text, Text, Text], ...] = ()
    """Level, rule, sentence and value of each."""


@dataclass(frozen=True, slots=True)
class StoredArray:
    """Voxels in a NIfTI file of the session's folder: they were in memory alone."""

    file: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,40}\.nii\.gz$")]
    shape: Annotated[tuple[Annotated[int, Field(ge=1, le=32767)], ...], Field(min_length=1, max_length=4)]
    """Of the array in napari."""
    dtype: Literal[DTYPES]  # type: ignore[valid-type]  # one table
    rgb: bool = False
    volume: KnownVolume | None = None
    """None for a layer from elsewhere."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """Shapes or points, as numbers in the layer's own coordinates."""

    data: tuple[tuple[tuple[Number, ...], ...], ...]
    """Vertices of each shape; points one by one."""
    kinds: tuple[Literal["rectangle", "ellipse", "line", "path", "polygon"], ...] = ()
    """Of each shape; empty for points."""
    is_regions: bool = False
    """Whether the page Probe measures in them."""
    drawn_on: tuple[Annotated[int, Field(ge=0)], ...] = ()
    """Number of each layer whose image they were drawn on; none where that is not known."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a layer is drawn, in napari's words."""

    name: Text
    visible: bool = True
    opacity: Share = 1.0
    blending: Blending = "translucent"
    colormap: Text = ""
    """Empty where it has none, or one that has no name."""
    contrast_limits: tuple[Number, Number] | None = None
    gamma: Annotated[float, Field(gt=0, le=10)] = 1.0
    interpolation: Text = ""


@dataclass(frozen=True, slots=True)
class Transform:
    """Where napari draws a layer, as its own properties have it."""

    scale: tuple[Number, ...]
    translate: tuple[Number, ...]
    rotate: tuple[tuple[Number, ...], ...]
    shear: tuple[Number, ...]
    affine: tuple[tuple[Number, ...], ...]
    units: tuple[Text, ...]
    axis_labels: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class SavedLayer:
    """One layer; exactly one of `file`, `array`, `drawing` and `result` says what is in it."""

    look: Look
    kind: Kind = "image"
    file: FileSource | None = None
    array: StoredArray | None = None
    drawing: Drawing | None = None
    result: Result = ""
    transform: Transform | None = None
    """None for results, which lie on the grid of their pair."""
    task: Text = ""
    """That it is marked with, as samples are."""
    set_window: tuple[Number, Number] | None = None
    """Window that the plugin set, from which the reader may have gone on."""
