"""What sources are called on the screen: as their layers are now. Records keep the names of the files."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from napari_refusion.volume.modality import MODALITIES

if TYPE_CHECKING:
    from napari_refusion.fusion.colouring import Legend
    from napari_refusion.fusion.partial import PartialFusion
    from napari_refusion.session.source import Request
    from napari_refusion.study.study import Side, Study
    from napari_refusion.volume.finding import Finding

_KINDS: Final = frozenset(word for code, one in MODALITIES.items() for word in (code, one.name))
"""Words that a sentence may use of itself, ``PET``: they stay true whatever a layer is called."""

_BEGIN: Final = r"(?:(?<=^)|(?<=[.:] ))"
"""Where a name that may be a common word, ``image``, is a name for sure if it is not written with a capital."""


@dataclass(frozen=True, slots=True)
class PresentNames:
    """What each source is called now."""

    of: Mapping[tuple[str, str], str] = field(default_factory=lambda: MappingProxyType({}))
    """Key of an image and name of a volume that was opened with it -> what it is called on the screen."""

    def name(self, side: Side, otherwise: str = "") -> str:
        """Return what a source is called now; where its image is gone `otherwise`, or what its file calls it."""
        name = side.volume.name
        return self.of.get((side.key, name), otherwise or name)

    def of_images(self, keys: Collection[str]) -> PresentNames:
        """Return the names of these images: another patient's may have one of them in its file as well."""
        return replace(self, of={about: now for about, now in self.of.items() if about[0] in keys})

    def since(self, request: Request) -> PresentNames:
        """Return those of its images, for texts that call them as they were called when the request was made."""
        old: dict[tuple[str, str], str] = {}
        for image in (request.first.image, request.second.image):
            now = {found for (key, _), found in self.of.items() if key == image.key}
            if len(now) == 1:  # of several frames it is not known which one is meant
                old[image.key, image.name] = now.pop()
        return replace(self, of={**old, **self.of_images(request.keys).of})

    def study(self, study: Study) -> Study:
        """Return the same study with the names and sentences of now, to be shown and never to be recorded."""
        a, b = (self._side(side) for side in study.sides)
        names = self.of_images([side.key for side in study.sides])
        return study if (a, b) == study.sides else replace(study, a=a, b=b, findings=names.findings(study.findings))

    def partial(self, partial: PartialFusion) -> PartialFusion:
        """Return the same partial fusion, with the same slices, of the study as `study` returns it."""
        return replace(partial, study=self.study(partial.study))

    def findings(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Return the same findings in the names of now."""
        return tuple(replace(one, sentence=self.in_text(one.sentence)) for one in findings)

    def legend(self, legend: Legend, study: Study) -> Legend:
        """Return the legend of a study in the names of now."""
        old, new = ([side.volume.name for side in sides] for sides in (study.sides, self.study(study).sides))
        words = {" and ".join(old): " and ".join(new), old[1]: new[1], old[0]: new[0]}
        return replace(legend, source=words.get(legend.source, legend.source))

    def in_text(self, text: str) -> str:
        """Return a text about a pair in the names of now.

        A name that two sources have stays, but where the sentence is about both, ``A and A``; and so does one that may
        be a word of the sentence rather than a name.
        """
        words: dict[str, str] = {}
        for name, called in self._called().items():
            words[name] = called[0] if len(called) == 1 else name
            if len(called) == 2:
                words[f"{name} and {name}"] = " and ".join(called)
        known = [name for name in sorted(words, key=len, reverse=True) if name and name not in _KINDS]
        if not known:
            return text
        return re.sub("|".join(map(_wanted, known)), lambda found: words[found[0]], text)

    def _called(self) -> dict[str, list[str]]:
        """Return what the sources of each name are called now, in the order of the images."""
        called: dict[str, list[str]] = {}
        for (_, name), now in self.of.items():
            if now not in called.setdefault(name, []):
                called[name].append(now)
        return called

    def _side(self, side: Side) -> Side:
        name = self.name(side)
        if name == side.volume.name:
            return side
        return replace(side, source=replace(side.source, name=name), volume=replace(side.volume, name=name))


def _wanted(name: str) -> str:
    """Return what finds a name in a sentence, and not within another name or that of a file."""
    whole = rf"(?<![\w./\\-]){re.escape(name)}(?![\w-])(?!\.\w)"
    return f"{_BEGIN}{whole}" if name.isalpha() else whole
