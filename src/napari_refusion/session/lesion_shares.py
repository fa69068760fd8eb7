"""How much the fused image shows of lesions: computed in a worker, and known as long as their voxels are the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from psygnal import Signal

from napari_refusion.evidence.lesions_shown import lesions_shown
from napari_refusion.session.runner import Runner, run_at_once

if TYPE_CHECKING:
    from napari_refusion.evidence.lesions_shown import AskedLesion
    from napari_refusion.fusion.engine import Engine
    from napari_refusion.fusion.partial import PartialFusion
    from napari_refusion.lesion.lesion import Lesion
    from napari_refusion.lesion.shown import Shown
    from napari_refusion.lesion.voi import VolumeOfInterest
    from napari_refusion.session.runner import Running


@dataclass(frozen=True, slots=True, eq=False)
class KnownShares:
    """What was computed of one fused image."""

    known: Mapping[int, tuple[VolumeOfInterest, Shown | None]] = field(default_factory=lambda: MappingProxyType({}))
    """Number of a lesion -> its voxels then, and how much of them is shown; None where they lie outside."""

    def of(self, lesions: Iterable[Lesion]) -> Mapping[int, Shown | None]:
        """Return number -> how much is shown, of the lesions whose voxels are still the same."""
        found = ((one, self.known.get(one.number)) for one in lesions)
        return MappingProxyType(
            {one.number: old[1] for one, old in found if old is not None and old[0].equals(one.voi)}
        )

    def added(self, number: int, voi: VolumeOfInterest, shown: Shown | None) -> KnownShares:
        """Return it with one more lesion."""
        return KnownShares(MappingProxyType({**self.known, number: (voi, shown)}))


class LesionShares:
    """Computes for the lesions of one fused image what is not known yet."""

    changed = Signal()
    """Emitted when more is known, and when it begins or ends."""

    def __init__(self, runner: Runner = run_at_once) -> None:
        self._runner = runner
        self._job: Running | None = None
        self._asked_of: Mapping[int, VolumeOfInterest] = {}
        self.known = KnownShares()

    @property
    def is_computing(self) -> bool:
        """Whether it is at work."""
        return self._job is not None

    def compute(
        self, engine: Engine, partial: PartialFusion, lesions: Iterable[Lesion], asked: Sequence[AskedLesion]
    ) -> None:
        """Compute how much is shown of some lesions of a list; nothing while it is at work, or where none is asked."""
        if not asked or self.is_computing:
            return
        self._asked_of = {one.number: one.voi for one in lesions}
        self._job = self._runner(lesions_shown, (engine, partial, asked), self._receive, self._end)
        self._job.announce(len(asked), "How much of each lesion is shown")
        self.changed.emit()
        self._job.start()

    def cancel(self) -> None:
        """Stop; what is known stays."""
        if self._job is not None:
            self._job.cancel()

    def drop(self) -> None:
        """Stop and forget: another image is shown."""
        self.known = KnownShares()
        if self._job is not None:
            self._job.close()

    def _receive(self, message: tuple[int, Shown | None]) -> None:
        number, shown = message
        self.known = self.known.added(number, self._asked_of[number], shown)
        if self._job is not None:
            self._job.advance()
        self.changed.emit()

    def _end(self, _end: str) -> None:
        self._job = None
        self.changed.emit()
