"""What a record says instead of names: what files and series are called may be the patient's name."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from napari_refusion.study.study import Side, Study
from napari_refusion.volume.finding import Finding
from napari_refusion.volume.modality import modality_name
from napari_refusion.volume.rigid import DISPLACED

SHORT: Final = 4
"""Characters; shorter names are only looked for as whole words, or ``T1`` would be found in ``T12``."""

_EITHER: Final = "one of the sources"
"""What a name that both sources have is replaced by: it does not say which of them is meant."""

_QUOTES_A_FILE: Final = "what was noticed quotes the file and is left out; check the source to read it"


def role(side: str, modality: str) -> str:
    """Return what a source is called by its part in the fusion, ``source a, CT``."""
    return ", ".join(word for word in (f"source {side}", modality_name(modality, "")) if word)


def without_names(names: Mapping[str, str]) -> Callable[[str], str]:
    """Return what replaces names in a text by words, whatever their case, the longest first.

    Parameters
    ----------
    names
        Name -> word; empty names are left out.
    """
    known = {name.casefold(): word for name, word in names.items() if name.strip()}
    if not known:
        return lambda text: text
    longest_first = sorted(known, key=len, reverse=True)
    pattern = re.compile("|".join(_wanted(name) for name in longest_first), re.IGNORECASE)
    return lambda text: pattern.sub(lambda found: known.get(found[0].casefold(), "..."), text)


def nameless_sentences(study: Study, findings: Iterable[Finding]) -> tuple[str, ...]:
    """Return the sentences of findings about a pair without names of sources.

    What a reader noticed in a file may quote anything in it: of that only the rule and the source are told.
    """
    in_a, in_b = _names("a", study.a), _names("b", study.b)
    plain = without_names({**in_b, **in_a, **dict.fromkeys(_shared(in_a, in_b), _EITHER)})
    of_files = {
        (one.rule, one.sentence): role(letter, side.volume.modality)
        for letter, side in (("b", study.b), ("a", study.a))
        for one in (*side.source.findings, *side.volume.findings)
        if one.rule not in DISPLACED
    }
    sentences = []
    for one in findings:
        source = of_files.get((one.rule, one.sentence))
        sentences.append(f"{source}, {one.rule}: {_QUOTES_A_FILE}." if source else plain(one.sentence))
    return tuple(sentences)


def _shared(in_a: Mapping[str, str], in_b: Mapping[str, str]) -> list[str]:
    """Return the names that both sources have, whatever their case: ``image.nii.gz`` of two folders."""
    folded = {name.casefold() for name in in_b}
    return [name for name in in_a if name.casefold() in folded]


def _names(letter: str, side: Side) -> dict[str, str]:
    """Return what sentences call a source -> its role."""
    word, opened = role(letter, side.volume.modality), side.source.origin.place
    names = {side.source.name, side.volume.name}
    # whoever calls a folder T1 has not named a patient, and T1 is found in words
    places = {opened.name, opened.name.partition(".")[0]} if opened is not None else set()
    return dict.fromkeys((*names, *(name for name in places if len(name) >= SHORT)), word)


def _wanted(name: str) -> str:
    return re.escape(name) if len(name) >= SHORT else rf"(?<!\w){re.escape(name)}(?!\w)"
