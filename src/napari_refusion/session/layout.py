"""How a pair is laid out on the screen, and with which layout each kind of pair begins. One table."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from types import MappingProxyType
from typing import Final, Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError

from napari_refusion.numerics.colour_maps import COLOUR_MAPS
from napari_refusion.volume.modality import MODALITIES
from napari_refusion.volume.preset import PLAIN_SUV, PRESETS, SUL, SUV
from napari_refusion.volume.two_numbers import two_numbers, two_texts

Plane = Literal["axial", "coronal", "sagittal"]

Page = Literal["Fuse", "Compare", "Probe", "Lesions", "Register"]
"""Pages of the Fuse widget that a pair can begin with; a review is begun on purpose."""

_SUVS: Final = (SUV, SUL, PLAIN_SUV)

QUANTITATIVE: Final = ("HU", *_SUVS)
"""Units in which a number means the same in every patient."""


@dataclass(frozen=True, slots=True)
class HabitualWindow:
    """A window that means the same in every patient."""

    choice: str = ""
    """As `volume.window.choose_window` takes it: a preset, percentiles, or ``LOW,HIGH``; empty for automatic."""
    unit: str = ""
    """What the volume must be in; empty for every volume."""

    def fits(self, unit: str) -> bool:
        """Return whether it can be used for a volume in a unit."""
        return bool(self.choice) and self.unit in ("", unit)


AUTOMATIC: Final = HabitualWindow()


@dataclass(frozen=True, slots=True)
class Layout:
    """How a pair is shown; nothing in it belongs to one patient."""

    __pydantic_config__ = ConfigDict(extra="ignore", strict=False)

    plane: Plane = "axial"
    """Of the slices on the large canvas."""
    planes: bool = False
    """Whether the two other planes are shown below it."""
    page: Page = "Fuse"
    mode: str = ""
    """Name of a way to compare, one of `fusion.compare_modes.COMPARE_MODES`; empty for none."""
    side_by_side: bool = False
    inverted: bool = False
    """Whether a source that shows function stands there in inverted grey."""
    colour_map: str = "hot"
    """Of the functional source on the page Compare, one of `numerics.colour_maps.COLOUR_MAPS`."""
    windows: tuple[HabitualWindow, HabitualWindow] = (AUTOMATIC, AUTOMATIC)
    """Of both sources, in the order of `PairKind.parts`."""
    colours: tuple[str, str] = ("", "")
    """napari's colour map of both layers, in the same order; empty for the one that a layer of its modality has."""


@dataclass(frozen=True, slots=True)
class PairKind:
    """A kind of pair that readers look at in the same way."""

    name: str
    title: str
    parts: tuple[str, str]
    """What its sources show: ``function``, ``CT``, ``MRI`` or ``picture``."""
    layout: Layout = Layout()
    """What such a pair begins with as long as the reader has no habit."""


_ALL: Final = (
    PairKind("function_mri", "PET or SPECT and MRI", ("function", "MRI")),
    # a body is searched in all planes, and read axially
    PairKind("function_ct", "PET or SPECT and CT", ("function", "CT"), Layout(planes=True)),
    PairKind("ct_mri", "CT and MRI", ("CT", "MRI")),
    PairKind("mri_mri", "two MRI", ("MRI", "MRI")),
    PairKind("pictures", "two pictures", ("picture", "picture")),
)

KINDS: Final[Mapping[str, PairKind]] = MappingProxyType({one.name: one for one in _ALL})
"""Name -> kind of pair. Another kind is one more entry, and one more preference of its name."""


def part_of(modality: str) -> str:
    """Return what a source of a DICOM Modality shows, as `PairKind.parts` calls it; empty where that is not known."""
    if modality not in MODALITIES:
        return ""
    return "function" if MODALITIES[modality].is_functional else MODALITIES[modality].name


def kind_of(modalities: Sequence[str], *, is_medical: bool = True) -> PairKind | None:
    """Return the kind of a pair by the DICOM Modality of both sources; None where there is no entry for it.

    Parameters
    ----------
    is_medical
        False where two pictures are fused.
    """
    parts = sorted(map(part_of, modalities)) if is_medical else ["picture", "picture"]
    return next((kind for kind in KINDS.values() if sorted(kind.parts) == parts), None)


def is_turned(kind: PairKind, modalities: Sequence[str]) -> bool:
    """Return whether the sources come in the other order than `PairKind.parts`."""
    return kind.parts[0] != kind.parts[1] and part_of(modalities[0]) == kind.parts[1]


def habitual_window(choice: str, unit: str) -> HabitualWindow:
    """Return a window that was chosen as a habit, or `AUTOMATIC` where it belongs to one patient.

    Numbers are a habit in HU and SUV only. Scales of PET that begin at 0 are kept elsewhere, for bodies and for brains.

    Parameters
    ----------
    choice
        As `volume.window.choose_window` takes it.
    unit
        Of the volume.
    """
    words = choice.strip().lower()
    if words in PRESETS:
        of_ct = PRESETS[words].unit == "HU"
        return HabitualWindow(words, "HU") if of_ct and unit == "HU" else AUTOMATIC
    try:
        if words.startswith("p"):
            return HabitualWindow(",".join(two_texts(words)))
        low, high = two_numbers(words)
    except ValueError:
        return AUTOMATIC
    if unit not in QUANTITATIVE:
        return AUTOMATIC
    is_scale = unit in _SUVS and low == 0
    return AUTOMATIC if is_scale else HabitualWindow(f"{low:.12g},{high:.12g}", unit)


def layout_text(layout: Layout, usual: Layout) -> str:
    """Return a layout as a preference: what is not usual of it, as JSON; empty for the usual one."""
    changed = {one.name: asdict(layout)[one.name] for one in fields(Layout) if _differs(layout, usual, one.name)}
    return json.dumps(changed) if changed else ""


def layout_of(text: str, usual: Layout) -> Layout:
    """Return the layout of a preference; the usual one where it cannot be understood."""
    try:
        changed = json.loads(text or "{}")
        if not isinstance(changed, dict):
            return usual
        layout = TypeAdapter(Layout).validate_python(asdict(usual) | changed)
    except (ValueError, RecursionError, ValidationError):
        return usual
    return layout if layout.colour_map in COLOUR_MAPS else usual


def _differs(layout: Layout, usual: Layout, name: str) -> bool:
    return bool(getattr(layout, name) != getattr(usual, name))
