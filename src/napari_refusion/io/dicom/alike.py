"""Whether the images of one volume are of one patient and one study, and show the same thing."""

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from typing import Final

from napari_refusion.io.dicom.slice import SEND_AGAIN, Slice, named
from napari_refusion.io.dicom.traits import TRAITS, Trait, classes_of, kind_words
from napari_refusion.volume.finding import Finding
from napari_refusion.volume.origin import what_differs

SETTLED: Final = 0.7
"""Part of the slices that share a setting from which the others are odd; below it the setting jitters, or the slices
were measured in several passes."""
RESAVED: Final = frozenset({"ORIGINAL", "DERIVED", "SECONDARY"})
"""Values of Image Type that change when an archive compresses some images with losses."""


def check_one_patient(slices: Sequence[Slice]) -> list[Finding]:
    """Return a block where the images of one series are of two patients or two studies; names stay out of it."""
    checks: tuple[tuple[str, str, Callable[[Slice, Slice], str]], ...] = (
        ("patient", "another patient", lambda one, other: what_differs(one.patient, other.patient)),
        ("patient", "another patient", _other_name),
        ("study", "another study", _other_study),
    )
    for rule, whose, differs in checks:
        usual = _usual(slices, rule)
        odd = [image for image in slices if differs(usual, image)]
        if odd:
            sentence = (
                f"{named(odd)} of {whose} than the other {len(slices) - len(odd)} image(s) of the series "
                f"({differs(usual, odd[0])} differs): they were mixed on the way. {SEND_AGAIN}"
            )
            return [Finding("block", rule, sentence, f"{len(odd)} of {len(slices)} images")]
    return []


def same_patient(volumes: Sequence[Sequence[Slice]]) -> bool:
    """Return whether volumes are of one patient and one study, by what most images of each name."""
    return not any(check_one_patient([_usual(images, rule) for images in volumes]) for rule in ("patient", "study"))


def _usual(slices: Sequence[Slice], rule: str) -> Slice:
    """Return an image of the patient or study that most images name."""

    def key(image: Slice) -> Hashable:
        return image.content.study if rule == "study" else (image.patient, image.content.name_mark)

    common = Counter(map(key, slices)).most_common(1)[0][0]
    return next(image for image in slices if key(image) == common)


def _other_name(one: Slice, other: Slice) -> str:
    """Return the name as what differs; where a number says that it is one patient, a name may be spelt in two ways."""
    same_number = one.patient and one.patient == other.patient
    names = (one.content.name_mark, other.content.name_mark)
    return "Patient's Name (0010,0010)" if not same_number and all(names) and names[0] != names[1] else ""


def _other_study(one: Slice, other: Slice) -> str:
    studies = (one.content.study, other.content.study)
    return "Study Instance UID (0020,000D)" if all(studies) and studies[0] != studies[1] else ""


def check_alike(slices: Sequence[Slice]) -> list[Finding]:
    """Return a block for each trait in which a few images of one volume differ from the rest."""
    found: dict[str, Finding] = {}
    for trait in TRAITS:
        if trait.weight != "order" and trait.rule not in found and (finding := _odd(slices, trait)):
            found[trait.rule] = finding
    return list(found.values())


def _odd(slices: Sequence[Slice], trait: Trait) -> Finding | None:
    values = _values(slices, trait)
    counts = Counter(value for value in values if value is not None)
    if len(counts) < 2:
        return None
    common, times = counts.most_common(1)[0]
    if trait.weight == "setting" and times < SETTLED * len(slices):
        return None
    odd = [(image, value) for image, value in zip(slices, values, strict=True) if value not in (None, common)]
    words = kind_words([common, *(value for _, value in odd)]) if trait.rule == "image type" else {}
    value, usual = (words.get(one) or trait.words(one) for one in (odd[0][1], common))
    sentence = (
        f"{named([image for image, _ in odd], 'shows', 'show')} something else than the other images of the series "
        f"({trait.rule}: {value}; {times} of {len(slices)} images: {usual}): read as "
        f"one volume, its slices would have two contrasts. {SEND_AGAIN}"
    )
    return Finding("block", trait.rule, sentence, value)


def _values(slices: Sequence[Slice], trait: Trait) -> list[Hashable]:
    values = [trait.of(image) for image in slices]
    if trait.rule == "image type" and any(image.pixels.lossy for image in slices):
        values = [value - RESAVED if isinstance(value, frozenset) else value for value in values]
    return classes_of(values, trait)
