"""Which contrast an MRI has, as far as its names and its acquisition say so, and which of two comes first."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from napari_refusion.volume.acquisition import Acquisition
from napari_refusion.volume.volume import Volume


@dataclass(frozen=True, slots=True)
class Contrast:
    """One weighting of MRI. The order of the table is that of a pair: anatomy first, diffusion last."""

    name: str
    """The word used in sentences."""
    suffixes: tuple[str, ...]
    """Suffixes of BIDS file names, lower case."""
    words: str
    """Pattern of a whole word in a series description or a file name, lower case."""


CONTRASTS: Final = (
    Contrast(
        "T1",
        ("t1w", "t1map", "unit1", "inplanet1", "mp2rage"),
        r"s?(3d)?t1\w*|mprage|mp2?rage|i?r?f?spgr|bravo|vibe|lava|thrive",
    ),
    Contrast(
        "T1 with contrast agent",
        (),
        r"(t1w?)?(c|ce|gd|gad\w*|[ck]m|post|(post)?(gd|gad|km|contrast|kontrast))|t1\w+(gd|post|contrast)",
    ),
    Contrast("T2", ("t2w", "t2map", "inplanet2"), r"s?t2(?!star|s$)\w*|stir|haste|ssfse"),
    Contrast("T2*", ("t2starw", "t2starmap", "swi", "minip", "t2smap"), r"t2(star\w*|s)|swi|swan|venbold"),
    Contrast("FLAIR", ("flair",), r"\w*flair\w*|darkfluid"),
    Contrast("PD", ("pdw", "pdmap", "pdt2"), r"pd(w\w*|fs|fatsat)?|density"),
    Contrast("DWI", ("dwi", "trace", "sbref"), r"dwi\w*|diff\w*|dti\w*|trace\w*|b\d{2,4}"),
    Contrast("ADC", ("adc",), r"(?!eadc)\w*adc\w*"),
)
"""In the order in which two contrasts are fused."""

_GRADIENT_ECHO: Final = re.compile(r"t2w?ffe|ffe|fl[23]d\w*|gre|hemo|medic|merge")
"""Words beside T2 of sequences without a refocusing pulse, which are weighted by T2*."""

_BY_NAME: Final = {one.name: one for one in CONTRASTS}

_T1, _WITH_AGENT = CONTRASTS[0], CONTRASTS[1]

_BEFORE_AGENT: Final = re.compile(r"pre|native?|unenhanced|precontrast|plain")

_SHORT_REPETITION, _LONG_REPETITION = 750.0, 1500.0
"""ms; McRobbie et al., MRI from Picture to Proton, 3rd ed., chapter 3: short below, long above."""

_SHORT_ECHO, _LONG_ECHO = 40.0, 75.0
"""ms; from the same place."""

_NULLS_FLUID: Final = 1600.0
"""Inversion Time, ms, from which fluid is suppressed (1.5 T: about 2000, 3 T: up to 2800); T1 sequences stay below."""

_NULLS_FAT: Final = 300.0
"""Inversion Time, ms, below which it is fat that is suppressed."""


@dataclass(frozen=True, slots=True)
class KnownContrast:
    """A contrast, and what tells it."""

    contrast: Contrast
    by: str
    """``BIDS suffix``, ``series description``, ``name`` or ``acquisition``."""

    @property
    def words(self) -> str:
        """Return it in words, ``T2 (by its BIDS suffix)``."""
        return f"{self.contrast.name} (by its {self.by})"

    @property
    def place(self) -> int:
        """Return its place in a pair."""
        return CONTRASTS.index(self.contrast)


def known_contrast(volume: Volume) -> KnownContrast | None:
    """Return the contrast of an MRI: by its BIDS suffix, else its descriptions, else its acquisition; None for none."""
    how = volume.acquisition
    for contrast, by in _said(volume):
        if contrast is _T1 and by != "BIDS suffix" and how.agent and not _says_native(volume):
            return KnownContrast(_WITH_AGENT, by)
        return KnownContrast(contrast, by)
    return None


def _said(volume: Volume) -> Iterator[tuple[Contrast, str]]:
    """Yield what is said about the contrast, the most reliable first."""
    paths = volume.origin.paths
    names = [name.partition(".")[0].lower() for name in (*(path.name for path in paths[:1]), volume.name)]
    for name in names:
        if (found := _of_suffix(name)) is not None:
            yield found, "BIDS suffix"
    if (found := _of_words(volume.acquisition.description)) is not None:
        yield found, "series description"
    for name in (volume.name, names[0], volume.acquisition.part):
        if (found := _of_words(name)) is not None:
            yield found, "name"
    if (found := _of_acquisition(volume.acquisition)) is not None:
        yield found, "acquisition"


def _of_suffix(name: str) -> Contrast | None:
    """Return the contrast of a BIDS name in lower case, without its ending."""
    entities, _, suffix = name.rpartition("_")
    found = next((one for one in CONTRASTS if suffix in one.suffixes), None)
    return _WITH_AGENT if found is _T1 and re.search(r"(^|_)ce-", entities) else found


def _of_words(text: str) -> Contrast | None:
    """Return the one contrast that a description speaks of, None for none and for several."""
    words = _parted(text)
    found = [one for one in CONTRASTS if any(re.fullmatch(one.words, word) for word in words)]
    names = {one.name for one in found}
    if "ADC" in names:
        return _BY_NAME["ADC"]
    if "DWI" in names and not names & {"T1", "FLAIR", "PD"}:
        return _BY_NAME["DWI"]
    if "FLAIR" in names:
        # "T2 FLAIR" is FLAIR, while "T1 FLAIR" shortens the repetition of a T1
        names = names - {"FLAIR"} if "T1" in names else {"FLAIR"}
    if names == {"T2"} and any(_GRADIENT_ECHO.fullmatch(word) for word in words):
        names = {"T2*"}
    if "T1 with contrast agent" in names:
        is_native = any(_BEFORE_AGENT.fullmatch(word) for word in words)
        names -= {"T1 with contrast agent"} if is_native or not _says_t1(words) else {"T1"}
    return _BY_NAME[names.pop()] if len(names) == 1 else None


def _says_t1(words: list[str]) -> bool:
    return any(re.fullmatch(_T1.words, word) for word in words)


def _says_native(volume: Volume) -> bool:
    words = _parted(f"{volume.acquisition.description} {volume.name}")
    return any(_BEFORE_AGENT.fullmatch(word) for word in words)


def _parted(text: str) -> list[str]:
    """Return the words of a description in lower case; ``t2*`` counts as t2star, ``+C`` as contrast."""
    plain = re.sub(r"\b(no|w/?o|without|ohne)[ _-]*(contrast|gd|gad|km|kontrast)\b", " native ", text.lower())
    plain = re.sub(r"\bc[ _-]?spine\b", " cspine ", plain)
    plain = re.sub(r"\+ ?(c|gd|km|gad)\b|\bc ?\+", " contrast ", plain)
    plain = re.sub(r"apparent[ _]diffusion[ _]coefficient", " adc ", plain)
    plain = re.sub(r"t2 ?\*", "t2star", plain)
    plain = re.sub(r"dark[ _-]?fluid", "darkfluid", plain)
    return [word for word in re.split(r"[^a-z0-9]+", plain) if word]


def _of_acquisition(how: Acquisition) -> Contrast | None:
    """Return the contrast that the times of a sequence give; None between the textbook's ranges."""
    if how.b_value is not None:
        return _BY_NAME["DWI"]
    inversion, repetition, echo = how.inversion_time, how.repetition_time, how.echo_time
    if inversion and inversion >= _NULLS_FLUID:
        return _BY_NAME["FLAIR"]
    if echo is None or repetition is None:
        return None
    if inversion and inversion < _NULLS_FAT and repetition > _LONG_REPETITION:
        return _BY_NAME["T2"]
    if echo < _SHORT_ECHO and (repetition < _SHORT_REPETITION or inversion):
        return _T1
    if repetition > _LONG_REPETITION and not inversion:
        return _BY_NAME["PD"] if echo < _SHORT_ECHO else _BY_NAME["T2"] if echo > _LONG_ECHO else None
    return None
