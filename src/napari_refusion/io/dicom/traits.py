"""The traits by which images of one series are told apart: one table, in the order in which a series is split by them.

A new trait is one entry here: how it is read from an image, when two values are the same, and what to call it.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from napari_refusion.io.dicom.slice import Slice

Weight = Literal["content", "setting", "order"]
"""``content``: one volume has one value. ``setting``: one volume has one value or one for each slice, as jitter has
it; a few slices with another value are odd. ``order``: varies within good volumes, and tells only images apart that
lie at one place."""


@dataclass(frozen=True, slots=True)
class Trait:
    """Something by which images differ."""

    rule: str
    """Name of the finding where a few images are odd; one of `volume.rule.RULES`."""
    weight: Weight
    of: Callable[[Slice], Hashable]
    """Its value of an image, None where the header does not say."""
    words: Callable[[Hashable], str]
    """What to call a value: ``echo time 20 ms``."""
    absolute: float = 0.0
    """Numbers closer than this are one value, with jitter..."""
    relative: float = 0.0
    """...or closer than this part of them."""
    is_time: bool = False
    """Whether its values are moments or phases of one and the same image: such volumes have a mean."""
    by_rank: bool = False
    """Whether the images at one place may be counted in its order where its values jitter from slice to slice."""
    counted: str = "frame"
    """What volumes are called that were told apart by counting."""
    interleaves: bool = False
    """Whether volumes are told apart by it also where no two images lie at one place, if they are even stacks that
    interleave."""
    own_places: bool = False
    """Whether volumes that are told apart by it have places of their own, and lack none of another's."""
    has_value: bool = True
    """Whether its values are the same in all images of a volume; else it only counts them, at enough places."""


def _measured(words: str, unit: str = "") -> Callable[[Hashable], str]:
    """Return words for a number with its unit."""
    return lambda value: f"{words} {value:g}{unit}" if isinstance(value, float | int) else f"{words} {value or 'none'}"


_KINDS: Final = {
    "M": "magnitude",
    "P": "phase",
    "PHASE_MAP": "phase",
    "R": "real",
    "I": "imaginary",
    "W": "water",
    "F": "fat",
    "IP": "in phase",
    "IN_PHASE": "in phase",
    "OP": "out of phase",
    "OPP_PHASE": "out of phase",
    "OUT_PHASE": "out of phase",
    "FF": "fat fraction",
}
"""Values of Image Type as radiologists call them; others are called as they stand there."""


def kind_words(values: Sequence[Hashable]) -> dict[Hashable, str]:
    """Return what tells some image types from each other: ``magnitude`` and ``phase``, not what they share."""
    kinds: list[frozenset[str]] = [value for value in values if isinstance(value, frozenset)]
    shared = frozenset.intersection(*kinds) if kinds else frozenset()
    words: dict[Hashable, str] = {}
    for kind in kinds:
        own = sorted(kind - shared)
        named = [_KINDS[word] for word in own if word in _KINDS]
        words[kind] = " ".join(dict.fromkeys(named or [word.lower().replace("_", " ") for word in own])) or "not marked"
    return words


def classes_of(values: Sequence[Hashable], trait: Trait) -> list[Hashable]:
    """Return for each value the one that stands for its class: numbers within the tolerance are one class."""
    numbers = sorted({value for value in values if isinstance(value, float)})
    first: dict[Hashable, Hashable] = {}
    for before, number in zip([None, *numbers], numbers, strict=False):
        near = before is not None and number - before <= max(trait.absolute, trait.relative * abs(before))
        first[number] = first[before] if near else number
    return [first.get(value, value) for value in values]


def frames_numbered(word: str) -> Callable[[Hashable], str]:
    """Return the mark of a trait whose values say nothing to a reader: its volumes are counted instead."""
    return lambda _value: f"{word} {NUMBER}"


NUMBER: Final = "{number}"
"""Stands in the words of such a trait for the number of the volume, from 0."""


def _content(name: str) -> Callable[[Slice], Hashable]:
    """Return what reads a field of `Content`; an empty one is not stated, but no contrast agent is one."""
    if name == "agent":
        return lambda image: image.content.agent
    return lambda image: None if (value := getattr(image.content, name)) in ("", ()) else value


def _gate(image: Slice) -> Hashable:
    """Return which phase of the heart a frame in nuclear medicine shows, as ``time slot 3``."""
    return ", ".join(f"{words} {one}" for words, one in image.frame_numbers if words != "energy window") or None


def _file(image: Slice) -> Hashable:
    return image.path.name if image.frames > 1 else None


def _instance(image: Slice) -> Hashable:
    """Return Instance Number (0020,0013) or the number of a frame: volumes that follow each other are told apart."""
    if image.frames > 1:
        return float(image.frame)
    return float(image.instance_number) if image.instance_number.isdecimal() else None


def _type_words(image: Slice) -> Hashable:
    return frozenset(word for word in image.content.type_words if word)


_FRAME: Final = frames_numbered("frame")

TRAITS: Final = (
    Trait("image type", "content", _content("kind"), lambda value: f"image type {value}"),
    Trait("echo", "content", _content("echo_time"), _measured("echo time", " ms"), 0.05, 0.01),
    Trait("echo", "content", _content("echo_number"), _measured("echo")),
    Trait("inversion time", "content", _content("inversion_time"), _measured("inversion time", " ms"), 5, 0.05),
    Trait("b-value", "content", _content("b_value"), _measured("b-value", " s/mm2"), 2, 0.03),
    Trait("contrast agent", "content", _content("agent"), _measured("contrast agent")),
    Trait("kernel", "content", _content("kernel"), _measured("kernel")),
    Trait(
        "energy window",
        "content",
        lambda image: dict(image.frame_numbers).get("energy window"),
        _measured("energy window"),
    ),
    Trait(
        "frames",
        "order",
        lambda image: image.place.thickness,
        _measured("slice thickness", " mm"),
        0.01,
        0.05,
        interleaves=True,
        own_places=True,
    ),
    Trait("frames", "order", _content("stack"), _measured("stack"), interleaves=True),
    Trait("frames", "order", _content("temporal_position"), _FRAME, is_time=True),
    Trait("frames", "order", _gate, str, is_time=True),
    Trait("frames", "order", _content("cardiac_phase"), _measured("cardiac phase", " %"), is_time=True),
    Trait("b-value", "order", _content("gradient"), frames_numbered("direction")),
    Trait("repetition time", "setting", _content("repetition_time"), _measured("repetition time", " ms"), 1, 0.2),
    Trait("flip angle", "setting", _content("flip_angle"), _measured("flip angle", " degrees"), 0.5),
    Trait("tube voltage", "setting", _content("voltage"), _measured("tube voltage", " kV"), 1),
    Trait("frames", "order", _content("reference_time"), _FRAME, 0.001, is_time=True, by_rank=True),
    Trait(
        "trigger time",
        "setting",
        _content("trigger_time"),
        _measured("trigger time", " ms"),
        1,
        0.01,
        True,
        by_rank=True,
    ),
    Trait("frames", "order", _content("acquired"), _FRAME, 0.001, is_time=True, by_rank=True),
    Trait("acquisition", "order", _content("acquisition"), _measured("acquisition"), interleaves=True),
    Trait("multi-frame", "order", _file, _measured("file")),
    Trait("image type", "order", _type_words, lambda value: f"image type {value}"),
    Trait("frames", "order", _instance, _measured("instance"), by_rank=True, counted="volume", has_value=False),
)
"""What an image shows first, then the time, then how it was acquired; last, where nothing is left, its number."""
