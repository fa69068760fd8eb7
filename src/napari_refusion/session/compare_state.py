"""What is compared at one moment, and what follows from it: the picture that is wanted, and what is said about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from napari_refusion.fusion.compare_mode import Scale
from napari_refusion.fusion.compare_modes import COMPARE_MODES, find_mode
from napari_refusion.fusion.compared_volume import ComparedVolume
from napari_refusion.fusion.comparison import (
    Comparison,
    functional_source,
    usual_threshold,
    words_apart,
    words_of,
)
from napari_refusion.session.compare_choices import CompareChoices
from napari_refusion.session.present_names import PresentNames
from napari_refusion.volume.figures import in_figures

if TYPE_CHECKING:
    from napari_refusion.fusion.compare_mode import CompareMode
    from napari_refusion.fusion.partial import PartialFusion
    from napari_refusion.numerics.intensity import Window
    from napari_refusion.volume.volume import Volume

USUAL: Final = "overlay"
"""Name of the mode that is chosen as long as none was."""

INVERTED: Final = "inverted"
"""Name of the mode that shows the functional source in inverted grey."""

EDGES: Final = "edges of first"
"""Name of the mode with which a reader is asked how well the sources fit."""

SOURCES: Final = ("first", "second")
"""Names of the modes that show one source alone."""


@dataclass(frozen=True, slots=True, eq=False)
class CompareState:
    """What is compared, and how, at one moment.

    What is seen follows from four things, the first that is set: the sources side by side, a source that is peeked at,
    the source whose turn it is while they flicker, the chosen mode.
    """

    modes: tuple[CompareMode, ...] = COMPARE_MODES
    """All that there are."""
    partial: PartialFusion | None = None
    """Holds the sources, their windows and what is fused; None where there is no pair."""
    mode: CompareMode | None = None
    """The chosen one; None for Off."""
    last_mode: str = USUAL
    """The one that was chosen last."""
    amounts: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    """Name of a mode -> place of its slider in [0, 1], where it was moved."""
    colour_map: str = "hot"
    """Of the functional source, one of `numerics.colour_maps.COLOUR_MAPS`."""
    threshold: float | None = None
    """Value of the functional source, in its unit, below which an overlay is transparent; None for the usual one."""
    axis: int = 2
    """Array axis that runs from left to right on the screen."""
    peeked: int | None = None
    """Source, 0 or 1, that is seen as long as a key is held."""
    turn: int | None = None
    """Source, 0 or 1, that is seen while they flicker; None while they do not."""
    is_side_by_side: bool = False
    names: PresentNames = field(default_factory=PresentNames)
    """What the sources are called now."""
    is_inverted_beside: bool = False
    """Whether the functional source stands in inverted grey where it stands beside the others."""

    asked_over: CompareChoices | None = None
    """What the reader had chosen, while the mode is not a choice but shows what a question is about."""

    @property
    def choices(self) -> CompareChoices:
        """What was chosen by hand."""
        return self.asked_over or CompareChoices(
            None if self.mode is None else self.mode.name,
            self.last_mode,
            tuple(sorted(self.amounts.items())),
            self.colour_map,
            self.threshold,
            self.is_side_by_side,
            self.turn is not None,
            self.is_inverted_beside,
        )

    @property
    def is_interrupted(self) -> bool:
        """Whether something else than the chosen mode is seen for a while."""
        return self.is_side_by_side or self.peeked is not None or self.turn is not None

    @property
    def listed(self) -> tuple[CompareMode, ...]:
        """The modes that are in a list, in their order."""
        return tuple(mode for mode in self.modes if mode.is_listed)

    @property
    def offered(self) -> tuple[CompareMode, ...]:
        """Those of them that can be made of the pair; all of them as long as there is none."""
        return tuple(mode for mode in self.listed if self.partial is None or mode.is_for(self.partial.study))

    def amount(self, mode: CompareMode) -> float:
        """Return the place of a mode's slider, in [0, 1]."""
        return self.amounts.get(mode.name, mode.slider.default if mode.slider is not None else 0.0)

    def wanted(self) -> CompareMode | None:
        """Return what is to be seen in one picture; None for the layers as they are, also side by side."""
        if self.partial is None or self.is_side_by_side:
            return None
        source = self.turn if self.peeked is None else self.peeked
        return self.mode if source is None else find_mode(SOURCES[source], self.modes)

    def picture(self, mode: CompareMode) -> ComparedVolume:
        """Return the picture that a mode makes of the sources.

        Raises
        ------
        ValueError
            If there is no pair.
        """
        return ComparedVolume(self._comparison(mode), mode)

    def cells(self) -> tuple[CompareMode, ...]:
        """Return what stands side by side: the sources, and between them what is fused, if anything is."""
        partial = self.partial
        names = ("first", "fused", "second") if partial is not None and partial.done.any() else SOURCES
        cells = [find_mode(name, self.modes) for name in names]
        if self.is_inverted_beside and self.can_invert:
            cells[-functional_source(self._partial().study)] = find_mode(INVERTED, self.modes)
        return tuple(cells)

    @property
    def can_invert(self) -> bool:
        """Whether a source shows function in values, which inverted grey is for."""
        return self.partial is not None and any(
            side.volume.is_functional and not side.volume.is_rgb for side in self.partial.study.sides
        )

    def title(self, mode: CompareMode | None) -> str:
        """Return what a mode shows, with the names of the sources."""
        return "off" if mode is None else mode.title.format(**self._words())

    def caption(self, mode: CompareMode | None) -> str:
        """Return what a mode is called in a list, and above a picture."""
        title = self.title(mode)
        return title[0].upper() + title[1:]

    def cell_name(self, mode: CompareMode) -> str:
        """Return what a mode is called side by side.

        Raises
        ------
        ValueError
            If there is no pair.
        """
        return mode.cell.format(**words_apart(self._called()))

    def cell_word(self, mode: CompareMode) -> str:
        """Return what a mode is called where its cell has no room for a name: by the modality, if that is enough."""
        study = self._called().study
        first, second = study.names
        return mode.cell.format(first=first, second=second, coloured=study.names[functional_source(study)])

    def meaning(self) -> str:
        """Return what the slider's place means; empty where there is nothing to slide, or no pair."""
        mode = self.mode
        if self.partial is None or mode is None or mode.slider is None:
            return ""
        seen = self._comparison(mode)
        rest = f"{100 - 100 * seen.amount:.0f}%"
        meaning = mode.slider.meaning.format(amount=mode.slider.reading(seen), rest=rest, **self._words())
        threshold = self.shown_threshold()
        if not mode.has_threshold or threshold is None:
            return meaning
        return f"{meaning}, transparent below {in_figures(threshold)} {self.coloured_source()[0].unit}".rstrip()

    def slider_ends(self) -> str:
        """Return what is seen at both ends of the chosen mode's slider; empty where there is nothing to slide."""
        if self.mode is None or self.mode.slider is None:
            return ""
        words, slider = self._words(), self.mode.slider
        return f"Left: {slider.low.format(**words)}. Right: {slider.high.format(**words)}."

    def scale(self) -> Scale | None:
        """Return which colour stands for which value: the chosen mode's own, or of the source a colour map is for.

        None without a pair.
        """
        if self.partial is None:
            return None
        mode = self.wanted()
        if mode is not None and mode.scale is not None:
            return mode.scale(replace(self._comparison(mode), partial=self._called()))
        volume, window = self.coloured_source()
        tip = f"Values of {volume.name or 'the source'}" + ("" if volume.unit else ", arbitrary units")
        threshold = self.shown_threshold() if mode is not None and mode.has_threshold else None
        is_inverted = self.is_side_by_side and self.is_inverted_beside and self.can_invert
        return Scale("grey_inverted" if is_inverted else self.colour_map, window, volume.unit, tip, threshold)

    def shows_scale(self) -> bool:
        """Return whether the colours of `scale` can be seen now, or in a moment while the sources flicker."""
        mode = self.wanted()
        return (mode is not None and mode.scale is not None) or self.shows_colour_map()

    def coloured_source(self) -> tuple[Volume, Window]:
        """Return the source that a colour map is for, and its window.

        Raises
        ------
        ValueError
            If there is no pair.
        """
        study = self._called().study
        side = study.sides[functional_source(study)]
        return side.volume, side.window

    def shown_threshold(self) -> float | None:
        """Return the value below which the functional source is transparent in an overlay; None without such a source.

        In the source's unit.
        """
        usual = None if self.partial is None else usual_threshold(self.partial.study)
        return usual if usual is None or self.threshold is None else self.threshold

    def shows_colour_map(self) -> bool:
        """Return whether the colours of the map can be seen now, or in a moment while the sources flicker."""
        if self.partial is None:
            return False
        volume, _ = self.coloured_source()
        wanted = self.wanted()
        alternates = self.is_side_by_side or self.turn is not None
        colours = "functional" if alternates else "never" if wanted is None else wanted.colours
        return not volume.is_rgb and (colours == "always" or (colours == "functional" and volume.is_functional))

    def _comparison(self, mode: CompareMode) -> Comparison:
        return Comparison(self._partial(), self.amount(mode), self.colour_map, self.axis, self.threshold)

    def _words(self) -> dict[str, str]:
        """Return what titles of modes are filled in with."""
        return words_of(None if self.partial is None else self._called())

    def _called(self) -> PartialFusion:
        """Return the pair in the names of now, to be spoken of."""
        return self.names.partial(self._partial())

    def _partial(self) -> PartialFusion:
        if self.partial is None:
            raise ValueError("Show a pair first: there is nothing to compare.")
        return self.partial
