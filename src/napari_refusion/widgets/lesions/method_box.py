"""How a click draws: the method, its number, and the source that is measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from qtpy.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from napari_refusion.lesion.methods import METHODS
from napari_refusion.lesion.units import SUV_UNITS
from napari_refusion.volume.finding import refuse
from napari_refusion.volume.probe import unit_of
from napari_refusion.widgets.number_box import NumberValidator

if TYPE_CHECKING:
    from napari_refusion.volume.volume import Volume


class MethodBox(QWidget):
    """Offers what `METHODS` holds."""

    def __init__(self, beside: QWidget) -> None:
        """Offer the methods, and what begins them beside the source."""
        super().__init__()
        self._beside = beside
        self._sources: tuple[Volume, ...] = ()
        self._offered = ("", "")
        self.method, self.amount, self.label = QComboBox(), QComboBox(), QLabel()
        self.source = QComboBox()
        for key, known in METHODS.items():
            self.method.addItem(known.title, key)
        self.method.setToolTip("\n".join(filter(None, ("How a click draws a lesion.", *_cited()))))
        self.amount.setEditable(True)
        self.amount.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.amount.setValidator(NumberValidator(0.0, 1e12, 6))
        self.amount.setMinimumContentsLength(5)
        self.source.setToolTip("What is measured, in its own voxels, whatever image is clicked; never the fused image")
        self.source.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.source.setMinimumContentsLength(6)
        self.source.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._lay_out()
        self.method.currentIndexChanged.connect(self._offer_amounts)
        self.source.currentIndexChanged.connect(self._offer_amounts)
        self._offer_amounts()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        rows = (self.method, self.amount, self.label), (QLabel("in"), self.source, self._beside)
        for parts in rows:
            row = QHBoxLayout()
            row.setSpacing(4)
            for part in parts:
                row.addWidget(part)
                if isinstance(part, QLabel):
                    part.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
            layout.addLayout(row)

    def offer_sources(self, sources: Sequence[Volume]) -> None:
        """Offer these volumes, the first by default; one that was chosen and is still there stays chosen."""
        chosen = self.volume
        self._sources = tuple(sources)
        self.source.blockSignals(True)
        self.source.clear()
        self.source.addItems(_told_apart(sources))
        self.source.setCurrentIndex(_place_of(chosen, sources))
        self.source.blockSignals(False)
        self._offer_amounts()

    @property
    def volume(self) -> Volume | None:
        """The source that is measured; None without any."""
        index = self.source.currentIndex()
        return self._sources[index] if 0 <= index < len(self._sources) else None

    @property
    def index(self) -> int:
        """The place of the source among those that are offered, -1 without any."""
        return self.source.currentIndex()

    @property
    def key(self) -> str:
        """The chosen method, a name in `METHODS`."""
        return str(self.method.currentData())

    def number(self) -> float | None:
        """Return the number of the method; None for a method without one.

        Raises
        ------
        RefusedError
            If none is written, or what is no number.
        """
        known = METHODS[self.key]
        if not known.amounts:
            return None
        text = self.amount.currentText().strip().replace(",", ".")
        try:
            return float(text)
        except ValueError as error:
            sentence = f"Type a number beside {known.title}, in {self.label.text()}."
            raise refuse("volume of interest", sentence, text) from error

    def _offer_amounts(self, _index: int = 0) -> None:
        known, volume = METHODS[self.key], self.volume
        is_foreign = known.in_suv and volume is not None and volume.unit not in SUV_UNITS
        unit = "" if volume is None else unit_of(volume)
        words = known.label.replace("SUV", unit) if is_foreign else known.label
        if (self.key, words) == self._offered:
            return  # a number that was typed stays when the pair is fused again
        self._offered = (self.key, words)
        self.amount.clear()
        self.amount.addItems([] if is_foreign else [f"{one:g}" for one in known.amounts])
        self.amount.setVisible(bool(known.amounts))
        self.label.setText(words[words.find("(") + 1 :].removesuffix(")"))
        self.label.setVisible(bool(words))
        self.amount.setToolTip(f"{words[:1].upper()}{words[1:]}: offered, or any other that you type")


def _cited() -> list[str]:
    return [f"{one.title}: {one.source}" for one in METHODS.values() if one.source]


def _told_apart(sources: Sequence[Volume]) -> list[str]:
    """Return what each source is called, its kind in front: how a long name ends is not seen.

    Those of one name and kind are told apart by their place; a name that begins with its kind says it already.
    """
    kinds = [(one.title, one.word) for one in sources]
    words = []
    for place, (title, kind) in enumerate(kinds, 1):
        is_alone = [other for other, _ in kinds].count(title) == 1
        parts = [kind] * bool(kind) + [str(place)] * (kinds.count((title, kind)) > 1)
        is_said = is_alone and title.lower().startswith(kind.lower())
        words.append(title if is_said or not parts else f"{' '.join(parts)}: {title}")
    return words


def _place_of(chosen: Volume | None, sources: Sequence[Volume]) -> int:
    """Return where a source is among others: the same content, or else the same name and kind; -1 without any."""
    if chosen is None:
        return 0 if sources else -1
    same = [one.origin.sha256 == chosen.origin.sha256 and one.title == chosen.title for one in sources]
    alike = [(one.title, one.word) == (chosen.title, chosen.word) for one in sources]
    return next((found.index(True) for found in (same, alike) if True in found), 0 if sources else -1)
