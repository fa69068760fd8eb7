"""What a saved session holds: one dataclass for each part, plain values that JSON can hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, Literal

from pydantic import Field, StringConstraints

from napari_refusion.session.saved.layer import Digest, Matrix, Number, Place, SavedLayer, Share, StoredArray, Text
from napari_refusion.volume.rigid import RigidMove

SCHEMA: Final = "refusion-session/"
"""Before the number of the format."""

NEWEST: Final = 1
"""Format of sessions that are saved."""

Index = Annotated[int, Field(ge=0)]


@dataclass(frozen=True, slots=True)
class SavedChoice:
    """What was chosen for one source on the page Fuse."""

    modality: Text = ""
    window: Text = ""
    custom: Text = ""


@dataclass(frozen=True, slots=True)
class SavedPair:
    """The two sources, and what was chosen for their fusion."""

    first: Index
    """Number of its layer, from 0."""
    second: Index
    choices: tuple[SavedChoice, SavedChoice] = (SavedChoice(), SavedChoice())
    settings: Mapping[Text, Text] = field(default_factory=dict)
    """Name of a setting of `session.settings.FuseSettings` -> what was chosen."""
    is_coloured: bool = True
    scales: tuple[Number, Number] = (5.0, 10.0)
    """Upper ends of the scales of PET in SUV, body and brain, that were preferred."""
    was_shown: bool = False
    """Whether it was fused or compared."""
    two_patients: Text = ""
    """Why they were paired although they are of two patients, as it was typed."""


@dataclass(frozen=True, slots=True)
class SavedMove:
    """A registration that was accepted."""

    moving: Index
    """Number of the layer that moves, from 0."""
    fixed: Index
    move: RigidMove


@dataclass(frozen=True, slots=True)
class SavedFusion:
    """Slices that were fused, and of what."""

    array: StoredArray
    done: tuple[bool, ...]
    """Of each slice along `axis`: whether it is there."""
    axis: Literal["axial", "coronal", "sagittal"]
    affine: Matrix
    windows: tuple[tuple[Number, Number], tuple[Number, Number]]
    weights: Text
    """File name of the weights."""
    weights_sha256: Text
    made_with: tuple[Text, ...] = ()
    """What computed the slices; empty in sessions of earlier versions."""


@dataclass(frozen=True, slots=True)
class SavedView:
    """What was looked at, and how."""

    order: tuple[Index, ...] = ()
    """napari's order of the axes: which plane."""
    ndisplay: Literal[2, 3] = 2
    point: tuple[Number, ...] = ()
    """Place in napari's world, mm: which slice."""
    planes: bool = False
    page: Literal["Fuse", "Compare", "Probe", "Lesions", "Register", "Review"] = "Fuse"
    mode: Text = ""
    last_mode: Text = ""
    amounts: Mapping[Text, Share] = field(default_factory=dict)
    colour_map: Text = "hot"
    threshold: Number | None = None
    """Value of the functional source below which it is transparent in the overlay; None for the usual one."""
    side_by_side: bool = False


@dataclass(frozen=True, slots=True)
class SavedReview:
    """The review that was going on; what was said in it is in its project."""

    place: Place
    """Of its project."""
    reader: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
    case_id: Text
    """Which examination it is of, as a hash."""


@dataclass(frozen=True, slots=True)
class SavedReferences:
    """The reference regions of the pair, liver and blood pool."""

    reader: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{0,40}$")]
    """Who placed them; empty where no review said it."""
    regions: Mapping[str, Any]
    """As `lesion.written.to_json` has a list, each named after its tissue."""


@dataclass(frozen=True, slots=True)
class SavedSession:
    """Everything that opens again."""

    schema: str
    program: Text
    """Version of napari-refusion that saved it."""
    layers: tuple[SavedLayer, ...] = ()
    """From the lowest to the topmost."""
    pair: SavedPair | None = None
    moves: tuple[SavedMove, ...] = ()
    fusion: SavedFusion | None = None
    view: SavedView = SavedView()
    lesions: Mapping[str, Any] | None = None
    """The list of the pair as `lesion.written.to_json` has it; None where it is empty, or in the record of a review."""
    references: SavedReferences | None = None
    review: SavedReview | None = None
    files: Mapping[Text, Digest] = field(default_factory=dict)
    """Name of each other file of the folder -> its SHA-256."""
